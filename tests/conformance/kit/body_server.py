"""An API with a body of every kind, whose checks can be left out one by one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

from tests.conformance.kit.applications import Asked

__all__ = ["CONTRACT", "server"]

CONTRACT = """
paths:
  /parcels:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: &parcel
              type: object
              required: [to, weight]
              properties:
                to: {type: string, minLength: 2}
                weight: {type: integer, minimum: 1, maximum: 30}
                kind: {type: string, enum: [letter, box]}
                fast: {type: boolean}
                grant: {type: string, nullable: true, pattern: '^password$'}
                secret: {anyOf: [{type: string, maxLength: 9}, {type: integer, maximum: 5}]}
                tags: {type: array, maxItems: 3, items: {type: string, pattern: '^[a-z]+$'}}
      responses: &responses
        '200': {description: ok}
        '400': {description: refused}
        '415': {description: type}
  /files:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary}
                title: {type: string, maxLength: 12}
                pages: {type: integer, minimum: 1}
                meta: {type: object, required: [n], properties: {n: {type: integer}}}
            encoding: {file: {contentType: 'image/png, image/gif'}}
      responses: *responses
  /notes:
    post:
      requestBody:
        required: true
        content: {text/plain: {schema: {type: string, minLength: 1, maxLength: 20}}}
      responses: *responses
  /events:
    post:
      requestBody:
        required: true
        content:
          application/x-ndjson:
            schema:
              type: object
              required: [id]
              properties: {id: {type: integer, minimum: 1}, name: {type: string, maxLength: 9}}
      responses: *responses
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/xml:
            schema:
              type: object
              xml: {name: order}
              required: [count, id]
              properties:
                id: {type: integer, xml: {attribute: true}}
                count: {type: integer, minimum: 1, maximum: 9, xml: {name: Count}}
                state: {type: string, enum: [new, old]}
                items:
                  type: array
                  maxItems: 3
                  xml: {wrapped: true}
                  items: {type: string, maxLength: 5, xml: {name: item}}
      responses: *responses
  /rows:
    post:
      requestBody:
        required: true
        content:
          text/csv:
            schema:
              type: array
              items: {type: object, required: [n], properties: {n: {type: integer, maximum: 9}}}
      responses: *responses
  /both:
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: *parcel}
          application/x-www-form-urlencoded: {schema: *parcel}
      responses: *responses
"""

Read = Callable[[Asked], Any]
Check = Callable[[Any], bool]


class RefusedError(Exception):
    """A request is answered with this status."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


def server(*faults: str) -> Callable[[Asked], tuple[int, Any]]:
    """The answers of a server that keeps the contract but for the clauses that are named."""
    lax = frozenset(faults)

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = asked.headers.get("content-type", "").split(";")[0].strip().lower()
        offered = _OPERATIONS.get(asked.path, {})
        if asked.method != "POST":
            return 405, None
        if sent not in offered or asked.headers.get("content-encoding"):
            return 415, None
        read, checks = offered[sent]
        prefix = f"{asked.path} {sent}"
        try:
            value = read(asked)
        except RefusedError as refused:
            return refused.status, None
        except (ValueError, LookupError, TypeError, ET.ParseError, AttributeError):
            return (200 if f"{prefix} syntax" in lax else 400), None
        broken = [name for name, holds in checks.items() if not _safely(holds, value)]
        return (400 if any(f"{prefix} {name}" not in lax for name in broken) else 200), None

    return answer


def _safely(holds: Check, value: Any) -> bool:
    try:
        return holds(value)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _utf_8(asked: Asked) -> str:
    charset = re.search(r'charset="?([^";]+)', asked.headers.get("content-type", ""))
    if charset and charset.group(1).lower() != "utf-8":
        raise RefusedError(415)
    return asked.body.decode().removeprefix("\ufeff")


def _form(asked: Asked) -> dict[str, Any]:
    text = _utf_8(asked)
    pairs = parse_qs(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    read: dict[str, Any] = {n: found if n == "tags" else found[0] for n, found in pairs.items()}
    if len(secret := read.get("secret", "")) > 9 and _whole(secret):
        read["secret"] = int(secret)  # no text of that length is one, and a number may be
    return read


def _json(asked: Asked) -> Any:
    def no(_constant: str) -> Any:
        raise ValueError

    try:
        value = json.loads(_utf_8(asked), parse_constant=no)
    except RecursionError:
        raise ValueError from None
    if not isinstance(value, dict):
        raise ValueError
    if "weight" not in value:
        return value
    weight = value["weight"]
    return {**value, "weight": str(weight) if _integer(weight) else "none"}


def _parts(asked: Asked) -> dict[str, Any]:
    kind = asked.headers["content-type"].encode()
    message = message_from_bytes(b"Content-Type: " + kind + b"\r\n\r\n" + asked.body)
    if not message.is_multipart() or message.defects:
        raise ValueError
    found: dict[str, Any] = {}
    for part in message.get_payload():
        data: Any = part.get_payload(decode=True)  # type: ignore[union-attr]
        name = part.get_param("name", header="Content-Disposition")  # type: ignore[union-attr]
        found[str(name)] = part.get_content_type() if name == "file" else data.decode()  # type: ignore[union-attr]
    return found


def _lines(asked: Asked) -> list[Any]:
    return [json.loads(line) for line in _utf_8(asked).split("\n") if line.strip()]


def _xml(asked: Asked) -> ET.Element:
    return ET.fromstring(asked.body)


def _rows(asked: Asked) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_utf_8(asked)), strict=True))


def _whole(value: str | None) -> bool:
    return value is None or bool(re.fullmatch(r"-?(0|[1-9][0-9]*)", value))


def _number(value: str | None, least: int, most: int) -> bool:
    return value is None or not _whole(value) or least <= int(value) <= most


_BOOLEANS = ("true", "false", "1", "0", "on", "off", "yes", "no")
_PARCEL: Mapping[str, Check] = {
    "to.required": lambda v: "to" in v,
    "to.minLength": lambda v: len(v.get("to", "xx")) >= 2,
    "weight.required": lambda v: "weight" in v,
    "weight.type": lambda v: _whole(v.get("weight")),
    "weight.minimum": lambda v: _number(v.get("weight"), 1, 10**99),
    "weight.maximum": lambda v: _number(v.get("weight"), -(10**99), 30),
    "kind.enum": lambda v: v.get("kind", "box") in ("letter", "box"),
    "fast.type": lambda v: str(v.get("fast", "on")).lower() in _BOOLEANS,
    "grant.pattern": lambda v: not isinstance(v.get("grant"), str) or v["grant"] == "password",
    "secret.anyOf": lambda v: _secret(v.get("secret", "")),
    "tags.maxItems": lambda v: len(v.get("tags", [])) <= 3,
    "tags[].pattern": lambda v: all(re.fullmatch("[a-z]+", one) for one in v.get("tags", [])),
}
_JSON_TYPES: Mapping[str, Check] = {
    "to.type": lambda v: isinstance(v.get("to", ""), str),
    "fast.type": lambda v: isinstance(v.get("fast", True), bool),
    "grant.type": lambda v: isinstance(v.get("grant"), str | None),
    "kind.type": lambda v: isinstance(v.get("kind", ""), str),
    "tags.type": lambda v: isinstance(v.get("tags", []), list),
    "tags[].type": lambda v: all(isinstance(one, str) for one in v.get("tags", [])),
}
_FILE: Mapping[str, Check] = {
    "file.required": lambda v: "file" in v,
    "file.encoding": lambda v: v.get("file", "image/png") in ("image/png", "image/gif"),
    "title.maxLength": lambda v: len(v.get("title", "")) <= 12,
    "pages.type": lambda v: _whole(v.get("pages")),
    "pages.minimum": lambda v: _number(v.get("pages"), 1, 10**99),
    "meta.type": lambda v: isinstance(_meta(v), dict),
    "meta.n.required": lambda v: not isinstance(_meta(v), dict) or "n" in _meta(v),
    "meta.n.type": lambda v: not isinstance(_meta(v), dict) or type(_meta(v).get("n", 1)) is int,
}
_EVENT: Mapping[str, Check] = {
    "type": lambda v: all(isinstance(one, dict) for one in v),
    "id.required": lambda v: all("id" in one for one in _objects(v)),
    "id.type": lambda v: all(_integer(one.get("id", 1)) for one in _objects(v)),
    "id.minimum": lambda v: all(not _integer(one.get("id")) or one["id"] >= 1 for one in v),
    "name.type": lambda v: all(isinstance(one.get("name", ""), str) for one in _objects(v)),
    "name.maxLength": lambda v: all(len(one.get("name", "")) <= 9 for one in _objects(v)),
}
_ORDER: Mapping[str, Check] = {
    "syntax.root": lambda v: v.tag == "order",
    "id.required": lambda v: "id" in v.attrib,
    "id.type": lambda v: _whole(v.attrib.get("id")),
    "count.required": lambda v: v.find("Count") is not None,
    "count.type": lambda v: _whole(v.findtext("Count")),
    "count.minimum": lambda v: _number(v.findtext("Count"), 1, 10**99),
    "count.maximum": lambda v: _number(v.findtext("Count"), -(10**99), 9),
    "state.enum": lambda v: v.findtext("state") in (None, "new", "old"),
    "items.maxItems": lambda v: len(v.findall("items/item")) <= 3,
    "items[].maxLength": lambda v: all(len(i.text or "") <= 5 for i in v.findall("items/item")),
}
_ROW: Mapping[str, Check] = {
    "[].n.required": lambda v: all(one.get("n") not in (None, "") for one in v),
    "[].n.type": lambda v: all(_whole(one.get("n") or None) for one in v),
    "[].n.maximum": lambda v: all(_number(one.get("n") or None, -(10**99), 9) for one in v),
}
_FORM = "application/x-www-form-urlencoded"
_OPERATIONS: Mapping[str, Mapping[str, tuple[Read, Mapping[str, Check]]]] = {
    "/parcels": {_FORM: (_form, _PARCEL)},
    "/files": {"multipart/form-data": (_parts, _FILE)},
    "/notes": {
        "text/plain": (
            _utf_8,
            {"minLength": lambda v: len(v) >= 1, "maxLength": lambda v: len(v) <= 20},
        )
    },
    "/events": {"application/x-ndjson": (_lines, _EVENT)},
    "/orders": {"application/xml": (_xml, _ORDER)},
    "/rows": {"text/csv": (_rows, _ROW)},
    "/both": {"application/json": (_json, {**_PARCEL, **_JSON_TYPES}), _FORM: (_form, _PARCEL)},
}


def _meta(value: Mapping[str, Any]) -> Any:
    return json.loads(value["meta"]) if "meta" in value else {"n": 1}


def _secret(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 9
    return _integer(value) and value <= 5


def _objects(value: list[Any]) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)]


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

"""Houses: reads alone, with parameters of every place and style, behind a bearer token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.backend.exchange import Ask
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.proof import shows
from tests.conformance.backend.tokens import ADMIN
from tests.conformance.services.service import (
    Planted,
    Route,
    Service,
    fields,
    http_faults,
    query,
)

__all__ = ["Search"]

FIND, ONE = "GET /houses", "GET /houses/{id}"
KINDS, SORTS = ("flat", "barn"), ("price", "rooms")
CONTRACT = """
openapi: 3.0.3
info: {title: Houses, version: '1'}
security: [{key: []}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  responses:
    refused:
      description: refused
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    House:
      type: object
      required: [id, kind, price]
      properties:
        id: {type: integer}
        kind: {type: string, enum: [flat, barn]}
        price: {type: number, minimum: 0}
        sold: {type: boolean}
paths:
  /houses:
    get:
      parameters:
        - {name: kind, in: query, required: true, schema: {type: string, enum: [flat, barn]}}
        - {name: rooms, in: query, schema: {type: integer, minimum: 1, maximum: 20}}
        - {name: q, in: query, schema: {type: string, maxLength: 30}}
        - {name: cheap, in: query, schema: {type: boolean}}
        - name: sort
          in: query
          explode: false
          schema: {type: array, items: {type: string, enum: [price, rooms]}}
        - name: near
          in: query
          style: deepObject
          explode: true
          schema:
            type: object
            required: [lat]
            properties: {lat: {type: number, maximum: 90}, km: {type: integer, minimum: 1}}
        - {name: X-Trace, in: header, schema: {type: string, pattern: '^[a-f0-9]{4}$'}}
      responses:
        '200':
          description: some of them
          content:
            application/json:
              schema:
                type: object
                required: [items, total]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/House'}}
                  total: {type: integer}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
  /houses/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}, example: 7}
      responses:
        '200':
          description: one
          content: {application/json: {schema: {$ref: '#/components/schemas/House'}}}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
        '404': {$ref: '#/components/responses/refused'}
"""


def get(path: str, **headers: str) -> Ask:
    """A GET with the token."""
    ask = query(path, ADMIN)
    for name, value in headers.items():
        ask = ask.header(name.replace("_", "-"), value)
    return ask


def planted(name: str, breaks: str, what: str, ask: Ask, **more: Any) -> Planted:
    """A fault that one request shows."""
    proof = shows(ask, was=more.pop("was", 400), becomes=more.pop("becomes", 200))
    operation = more.pop("operation", FIND)
    return Planted(name=name, operation=operation, breaks=breaks, what=what, shows=proof, **more)


FAULTS = (
    planted("kind-optional", r"query\.kind\.required", "All kinds.", get("/houses")),
    planted("kind-any", r"query\.kind\.enum", "Any kind.", get("/houses?kind=tent")),
    planted("rooms-any", r"query\.rooms\.maximum", "No most.", get("/houses?kind=flat&rooms=21")),
    planted(
        "rooms-word-crashes",
        r"query\.rooms\.type",
        "`int(rooms)`, and nobody catches it.",
        get("/houses?kind=flat&rooms=many"),
        becomes=500,
        code="server-error",
    ),
    planted("q-long", r"query\.q\.maxLength", "No end.", get(f"/houses?kind=flat&q={'q' * 31}")),
    planted(
        "q-percent-crashes",
        r"query\.q\.(free|type|optional|maxLength)",
        "A percent sign breaks the pattern.",
        get("/houses?kind=flat&q=%25"),
        was=200,
        becomes=500,
        code="server-error",
        also=r"http\.|query\.",
    ),
    planted("cheap-any", r"query\.cheap\.type", "Any word.", get("/houses?kind=flat&cheap=maybe")),
    planted(
        "sort-any",
        r"query\.sort\[\]\.enum",
        "Any.",
        get("/houses?kind=flat&sort=age"),
        also=r"query\.sort\.",
    ),
    planted(
        "lat-any", r"query\.near\.lat\.maximum", "No most.", get("/houses?kind=flat&near[lat]=91")
    ),
    planted(
        "lat-optional",
        r"query\.near\.lat\.required",
        "Near to nothing.",
        get("/houses?kind=flat&near[km]=1"),
    ),
    planted(
        "trace-any",
        r"header\.X-Trace\.pattern",
        "Any trace.",
        get("/houses?kind=flat", x_trace="zz"),
    ),
    planted(
        "unknown-query-refused",
        r"http\.query",
        "What it does not know is refused.",
        get("/houses?kind=flat&x=1"),
        was=200,
        becomes=400,
        level="warning",
    ),
    planted(
        "total-text",
        r"response\.200\.total\.type",
        "Text.",
        get("/houses?kind=flat"),
        was=200,
    ),
    planted(
        "item-without-price",
        r"response\.200\.items\[\]\.price\.required",
        "The list leaves the price out.",
        get("/houses?kind=flat"),
        was=200,
    ),
    planted(
        "house-kind-other",
        r"response\.200\.kind\.enum",
        "A kind that the contract does not name.",
        get("/houses/7"),
        was=200,
        operation=ONE,
    ),
    planted(
        "house-id-crashes",
        r"path\.id\.type",
        "`int(id)`, and nobody catches it.",
        get("/houses/seven"),
        also=r"http\.escapes",
        becomes=500,
        code="server-error",
        operation=ONE,
    ),
    planted(
        "house-open",
        r"security\.(missing|malformed|wrong)",
        "One house is open to everybody.",
        query("/houses/7"),
        was=401,
        operation=ONE,
        also=r"security\.",
    ),
    planted(
        "no-challenge",
        r"security\.challenge",
        "401 does not say what is wanted.",
        query("/houses?kind=flat"),
        was=401,
        becomes=401,
        level="warning",
    ),
    *http_faults("search", FIND),
)


class Search(Service):
    """An API of reads."""

    name, contract, faults, secured = "search", CONTRACT, FAULTS, True

    def routing(self) -> Mapping[str, Route]:
        return {FIND: Route(handler=self.find), ONE: Route(handler=self.one)}

    def authorize(self, request: Request, operation: str) -> None:
        if self.has("house-open") and operation != FIND:
            return
        try:
            super().authorize(request, operation)
        except Refusal as refusal:
            if not (self.has("no-challenge") and operation == FIND):
                raise
            raise Refusal(401, *refusal.problems) from refusal

    def find(self, request: Request) -> Answer:
        given = dict(fields(request.query))
        if "%" in given.get("q", "") and self.has("q-percent-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        rooms = given.get("rooms", "1")
        if not _whole(rooms) and self.has("rooms-word-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        if problems := tuple(self._problems(given, request.header("x-trace", "00ff"))):
            raise Refusal(400, *problems)
        known = {"kind", "rooms", "q", "cheap", "sort", "near[lat]", "near[km]"}
        if self.has("unknown-query-refused") and given.keys() - known:
            raise Refusal(400, "a parameter is unknown")
        item: dict[str, Any] = {"id": 7, "kind": given.get("kind", "flat"), "price": 9.5}
        if item["kind"] not in KINDS:
            item["kind"] = "flat"
        if self.has("item-without-price"):
            del item["price"]
        return json_answer({"items": [item], "total": "1" if self.has("total-text") else 1})

    def _problems(self, given: dict[str, str], trace: str) -> list[str]:
        found = []
        if "kind" not in given and not self.has("kind-optional"):
            found.append("kind is missing")
        if given.get("kind", "flat") not in KINDS and not self.has("kind-any"):
            found.append("kind is none of ours")
        found += _bounded(given, "rooms", 1, 10**12 if self.has("rooms-any") else 20)
        if len(given.get("q", "")) > 30 and not self.has("q-long"):
            found.append("q is too long")
        if given.get("cheap", "true") not in ("true", "false") and not self.has("cheap-any"):
            found.append("cheap is neither true nor false")
        wanted = given["sort"].split(",") if given.get("sort") else []
        if not set(wanted) <= set(SORTS) and not self.has("sort-any"):
            found.append("sort is none of ours")
        if not re.fullmatch("[a-f0-9]{4}", trace) and not self.has("trace-any"):
            found.append("X-Trace is none")
        return [*found, *self._near(given)]

    def _near(self, given: dict[str, str]) -> list[str]:
        found = _bounded(given, "near[km]", 1, 10**12)
        lat = given.get("near[lat]")
        if lat is None:
            lacks = "near[km]" in given and not self.has("lat-optional")
            return [*found, *(["near has no lat"] if lacks else [])]
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?", lat):
            return [*found, "lat is no number"]
        if float(lat) > 90 and not self.has("lat-any"):
            found.append("lat is too large")
        return found

    def one(self, request: Request, text: str) -> Answer:
        if not _whole(text):
            if self.has("house-id-crashes"):
                return json_answer({"error": "Internal Server Error"}, 500)
            raise Refusal(400, "id is no number")
        if float(text) < 1:
            raise Refusal(400, "id is too small")
        if float(text) != 7:
            raise Refusal(404, "There is no such house.")
        kind = "castle" if self.has("house-kind-other") else "barn"
        return json_answer({"id": 7, "kind": kind, "price": 9})


def _whole(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,30}(\.0+)?", text) is not None


def _bounded(given: dict[str, str], name: str, least: int, most: int) -> list[str]:
    text = given.get(name, str(least))
    if not _whole(text):
        return [f"{name} is no number"]
    return [] if least <= float(text) <= most else [f"{name} is out of bounds"]

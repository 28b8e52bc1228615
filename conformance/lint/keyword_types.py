"""Keywords that say nothing of the type beside them: `minLength` on an integer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec.model.near_names import near_names
from spec.model.pointers import join
from spec.schemas.keywords import EVERY_TYPE

__all__ = ["keyword_remarks", "types_of"]

_NUMBERS = ("number", "integer")
_TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        [
            *("properties", "required", "additionalProperties", "patternProperties"),
            *("minProperties", "maxProperties", "propertyNames", "dependentRequired"),
            *("dependentSchemas", "unevaluatedProperties"),
        ],
        ("object",),
    ),
    **dict.fromkeys(
        [
            *("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
            *("minContains", "maxContains", "unevaluatedItems"),
        ],
        ("array",),
    ),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string",)),
    **dict.fromkeys(("contentEncoding", "contentMediaType"), ("string",)),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBERS
    ),
}
"""What a keyword limits (JSON Schema Validation 2020-12, section 6); all else it lets through."""
_BOUNDS: Mapping[str, Mapping[str, str]] = {
    "string": {"minimum": "minLength", "maximum": "maxLength"},
    "array": {"minimum": "minItems", "maximum": "maxItems"},
    "object": {"minimum": "minProperties", "maximum": "maxProperties"},
    **{number: {"minimum": "minimum", "maximum": "maximum"} for number in _NUMBERS},
}
"""How each type calls its least and its most."""
_FORMATS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16", "uint32"), _NUMBERS),
    **dict.fromkeys(("float", "double"), _NUMBERS),
    **dict.fromkeys(
        [
            *("date", "date-time", "time", "duration", "email", "idn-email", "hostname"),
            *("idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference"),
            *("uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex"),
            *("byte", "binary", "password", "base64url", "html", "commonmark", "char"),
        ],
        ("string",),
    ),
}
"""The types of the formats that have one (OpenAPI Format Registry)."""
_OTHER_FORMATS = frozenset(
    {"int64", "uint64", "decimal", "decimal128", "double-int", "single", "unixtime", "http-date"}
    | {"date-time-local", "time-local", "media-range", "sf-string", "sf-token", "sf-integer"}
    | {"sf-decimal", "sf-boolean", "sf-binary"}
)
"""Registered as well, for more than one type or without a meaning for every reader."""
_OTHER_NAMES: Mapping[str, str] = {
    "datetime": "date-time",
    "timestamp": "date-time",
    "url": "uri",
    "guid": "uuid",
    "int": "int32",
    "long": "int64",
    "base64": "byte",
    "ip": "ipv4",
    "mail": "email",
}
"""What other languages call a format, and what OpenAPI calls it."""
_SEPARATOR = re.compile(r"[-_ ]")


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names, `nullable` of OpenAPI 3.0 included; () where it names none."""
    written = schema.get("type")
    names = written if isinstance(written, list) else [written]
    types = tuple(one for one in names if isinstance(one, str))
    return (*types, "null") if types and schema.get("nullable") is True else types


def keyword_remarks(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on the keywords of one schema that its `type` makes idle, and on its format."""
    types = tuple(one for one in types_of(schema) if one != "null")
    if types:
        for keyword in schema:
            meant = _TYPES.get(keyword)
            # `required: true` has the wrong shape, and is reported as such.
            if meant and not set(meant) & set(types) and schema[keyword] is not True:
                yield _idle(pointer, keyword, types, meant)
    written = schema.get("format")
    if isinstance(written, str):
        yield from _format(pointer, written, types)


def _idle(pointer: str, keyword: str, types: tuple[str, ...], meant: tuple[str, ...]) -> Remark:
    named = " or ".join(types)
    return Remark(
        code=FindingCode.KEYWORD_WITHOUT_EFFECT,
        pointer=join(pointer, keyword),
        what=f"`{keyword}` says nothing of a value of `type: {named}`",
        remedy=_meant(keyword, types, meant),
    )


def _meant(keyword: str, types: tuple[str, ...], meant: tuple[str, ...]) -> str:
    """What the author of an idle keyword probably wanted."""
    if keyword == "properties" and "array" in types:
        return "write it below `items`, or write `type: object`"
    end = "minimum" if keyword.lower().startswith(("min", "exclusivemin")) else "maximum"
    is_bound = keyword.lower().startswith(("min", "max", "exclusive"))
    instead = _BOUNDS.get(types[0], {}).get(end) if is_bound else None
    change = f"write `type: {meant[0]}`, or remove it"
    return f"write `{instead}`, or `type: {meant[0]}`" if instead else change


def _format(pointer: str, written: str, types: tuple[str, ...]) -> Iterator[Remark]:
    meant = _FORMATS.get(written)
    if meant and types and not set(meant) & set(types):
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "format"),
            what=f"`format: {written}` says nothing of a value of `type: {' or '.join(types)}`",
            remedy=f"write `type: {meant[0]}`, or remove it",
        )
    elif written in EVERY_TYPE:
        yield Remark(
            code=FindingCode.MISSPELT_FORMAT,
            pointer=join(pointer, "format"),
            what=f"`{written}` is a type, not a format",
            remedy="remove it" if written in types else f"write `type: {written}`",
        )
    elif meant is None and written not in _OTHER_FORMATS and (near := _near(written)):
        yield Remark(
            code=FindingCode.MISSPELT_FORMAT,
            pointer=join(pointer, "format"),
            what=f"the format `{written}` is unknown, so nothing checks it",
            remedy=f"did you mean `{near}`?",
        )


def _near(written: str) -> str:
    """The registered format that an unknown one is meant for; "" where none is."""
    plain = _letters(written)
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain]
    near = near_names(written, (*_FORMATS, "int64", "uint64"), cutoff=0.8, folded=_letters)
    # A longer name, such as `uuid4`, is a format of the author's own.
    own = bool(near) and _letters(near[0]) in plain and _letters(near[0]) != plain
    return near[0] if near and not own else ""


def _letters(name: str) -> str:
    return _SEPARATOR.sub("", name).lower()

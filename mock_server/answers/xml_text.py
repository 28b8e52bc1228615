"""JSON values as XML (OpenAPI 3.0 section 4.7.26), for contracts whose answers are XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from spec import Contract, Schema

__all__ = ["escaped", "write"]

_UNFIT = re.compile(r"[^A-Za-z0-9_.\-]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_Resolve = Callable[[Any], tuple[str, Mapping[str, Any]]]


def write(value: Any, schema: Schema | None, contract: Contract) -> str:
    """The XML document of a value; the schema's `xml` keyword names, wraps and places its parts."""

    def resolve(raw: Any) -> tuple[str, Mapping[str, Any]]:
        return _resolved(raw, contract)

    name, shape = resolve(schema.value if schema else {})
    root = _named(shape, name or "root")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, value, shape, resolve)}'


def escaped(text: str) -> str:
    """Text for an element or an attribute."""
    return escape(_CONTROLS.sub("", text), {'"': "&quot;", "'": "&apos;"})


def _resolved(raw: Any, contract: Contract) -> tuple[str, Mapping[str, Any]]:
    """The name that a `$ref` gives to a schema, and the schema itself."""
    if not isinstance(raw, Mapping):
        return "", {}
    reference = raw.get("$ref")
    if not isinstance(reference, str):
        return "", raw
    target = contract.resolve(Schema(pointer="", value=raw)).value
    return reference.rpartition("/")[2], target if isinstance(target, Mapping) else {}


def _element(name: str, value: Any, shape: Mapping[str, Any], resolve: _Resolve) -> str:
    if isinstance(value, Mapping):
        return _object(name, value, shape, resolve)
    if isinstance(value, list):
        item_name, items = resolve(shape.get("items"))
        inner = _named(items, item_name or "item")
        content = "".join(_element(inner, item, items, resolve) for item in value)
        return f"<{name}>{content}</{name}>"
    return f"<{name}>{escape(_text(value))}</{name}>"


def _object(
    name: str, value: Mapping[str, Any], shape: Mapping[str, Any], resolve: _Resolve
) -> str:
    attributes, children = "", ""
    properties = shape.get("properties", {})
    for key, member in value.items():
        _, part = resolve(properties.get(key))
        called = _named(part, key)
        if part.get("xml", {}).get("attribute") and not isinstance(member, (list, Mapping)):
            attributes += f" {called}={quoteattr(_text(member))}"
        elif isinstance(member, list):
            children += "".join(_repeated(called, key, member, part, resolve))
        else:
            children += _element(called, member, part, resolve)
    return f"<{name}{attributes}>{children}</{name}>"


def _repeated(
    called: str, key: str, items: list[Any], shape: Mapping[str, Any], resolve: _Resolve
) -> Iterator[str]:
    """A list is its repeated element, inside another one only where it is `wrapped`."""
    _, item = resolve(shape.get("items"))
    wrapped = bool(shape.get("xml", {}).get("wrapped"))
    inner = _named(item, _fit(key) if wrapped else called)
    if wrapped:
        yield f"<{called}>"
    for one in items:
        yield _element(inner, one, item, resolve)
    if wrapped:
        yield f"</{called}>"


def _named(shape: Mapping[str, Any], name: str) -> str:
    return _fit(str(shape.get("xml", {}).get("name") or name))


def _fit(name: str) -> str:
    fitting = _UNFIT.sub("_", name)
    return fitting if re.match("[A-Za-z_]", fitting) else f"_{fitting}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _CONTROLS.sub("", str(value))

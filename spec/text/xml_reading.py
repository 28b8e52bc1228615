"""XML documents as JSON values, by the names of a schema's `xml` keyword (OpenAPI, XML Object).

What the schema does not name keeps the name of its element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

from spec.model.contract_model import Schema
from spec.schemas.shapes import ANYTHING, Shape
from spec.text.json_values import StyleError, coerce
from spec.text.long_json import LONG
from spec.text.media_types import MediaRange

__all__ = ["UnjudgedError", "is_xml", "read_xml"]

# What is beyond is taken unread: no other thread does anything while such a document is freed.
_MOST_TAGS, _MOST_ATTRIBUTES = 2_000_000, 1000
_APPLIED = ("allOf", "oneOf", "anyOf")
_DEEPEST = 8
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_Resolve = Callable[[Schema], Schema]


class UnjudgedError(Exception):
    """A body that may be good and is not read: it has a DOCTYPE, an unknown charset or too much."""


def is_xml(kind: MediaRange) -> bool:
    """Whether bodies of a media type are XML documents (RFC 7303)."""
    return kind.subtype == "xml" or kind.suffix == "xml"


def read_xml(raw: bytes, schema: Schema | None, shape: Shape, resolve: _Resolve) -> Any:
    """The value that a document says. Raises StyleError where it is not well formed.

    Raises UnjudgedError for a document with a DOCTYPE: its entities may stand for anything.
    """
    # Before it is parsed: nested entities would grow to gigabytes (CWE-776).
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise UnjudgedError("it has a document type declaration")
    if raw.count(b"<") > _MOST_TAGS:
        raise UnjudgedError(f"it has more than {_MOST_TAGS} tags")
    parser = XMLParser()
    try:
        for at in range(0, len(raw), LONG):
            parser.feed(_checked(raw[at : at + LONG]))
        root = parser.close()
    except ParseError as error:
        raise StyleError(f"is not well-formed XML: {error}") from None
    except (ValueError, LookupError) as error:  # an unknown encoding
        raise UnjudgedError(str(error)) from None
    names = _Names(layers=tuple(_layers(schema.value if schema else {}, resolve)), resolve=resolve)
    if names.own and names.own != _local(root.tag):
        raise StyleError(f"has the root element {_local(root.tag)!r}, not {names.own!r}")
    if len(root) and shape.is_primitive and not shape.is_object and not shape.is_array:
        raise UnjudgedError("its schema is a text, but it contains elements")
    try:
        return _element_value(root, shape, names)
    except RecursionError:
        raise StyleError("is nested too deep to be read") from None


def _checked(piece: bytes) -> bytes:
    """A part of a document; the parser takes seconds for a tag of very many attributes."""
    if b">" not in piece and piece.count(b"=") > _MOST_ATTRIBUTES:
        raise UnjudgedError(f"it has a tag of more than {LONG // 1024} KiB")
    return piece


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What a place of a schema says of XML: its own name, and its properties.

    It is looked at for every element of a document, and read once.
    """

    layers: tuple[Mapping[str, Any], ...]
    resolve: _Resolve

    def _xml_keyword(self, key: str) -> Any:
        said = (layer.get("xml") for layer in self.layers)
        found = (one.get(key) for one in said if isinstance(one, Mapping))
        return next((one for one in found if one), None)

    @cached_property
    def own(self) -> str:
        return str(self._xml_keyword("name") or "")

    @cached_property
    def is_attribute(self) -> bool:
        return bool(self._xml_keyword("attribute")) or self._xml_keyword("nodeType") == "attribute"

    @cached_property
    def is_wrapped(self) -> bool:
        return bool(self._xml_keyword("wrapped")) or self._xml_keyword("nodeType") == "element"

    @cached_property
    def is_text(self) -> bool:
        """Whether it has no element or attribute of its own (OpenAPI 3.2, `nodeType`)."""
        return self._xml_keyword("nodeType") in ("text", "cdata", "none")

    @cached_property
    def properties(self) -> dict[str, _Names]:
        return {
            name: self._below(below)
            for layer in self.layers
            for name, below in (layer.get("properties") or {}).items()
        }

    @cached_property
    def required(self) -> set[str]:
        return {str(name) for layer in self.layers for name in layer.get("required") or ()}

    @cached_property
    def items(self) -> _Names:
        return self._below(next((one["items"] for one in self.layers if "items" in one), {}))

    def _below(self, raw: Any) -> _Names:
        return _Names(layers=tuple(_layers(raw, self.resolve)), resolve=self.resolve)


def _layers(raw: Any, resolve: _Resolve, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """A schema, and what is applied to the same value; what is nearest comes first."""
    if not isinstance(raw, Mapping) or depth > _DEEPEST:
        return
    yield raw
    target = resolve(Schema(pointer="", value=raw)).value if "$ref" in raw else raw
    if isinstance(target, Mapping) and target is not raw:
        yield from _layers(target, resolve, depth + 1)
    for keyword in _APPLIED:
        for below in raw.get(keyword) or ():
            yield from _layers(below, resolve, depth + 1)


def _element_value(element: Element, shape: Shape, names: _Names) -> Any:
    if element.get(_NIL) in ("true", "1"):
        return None
    if shape.is_array and not shape.is_primitive and not shape.is_object:
        return [_element_value(one, shape.element, names.items) for one in element]
    if shape.is_object or (len(element) and (shape.is_anything or not shape.is_primitive)):
        return _object(element, shape, names)
    return _scalar(element.text or "", shape)


def _scalar(text: str, shape: Shape) -> Any:
    """What text says; space around what is no string means nothing (XML Schema, whiteSpace)."""
    value = coerce(text, shape)
    return value if shape.admits(value) or text.strip() == text else coerce(text.strip(), shape)


def _object(element: Element, shape: Shape, names: _Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    left_attributes = {_local(name): text for name, text in element.attrib.items()}
    left: dict[str, list[Element]] = {}
    for one in element:
        left.setdefault(_local(one.tag), []).append(one)
    for name, below in names.properties.items():
        called, member = below.own or name, shape.member(name)
        if below.is_text and not member.is_array:
            raise UnjudgedError(f"it has no separate element for `{name}`")
        if below.is_attribute:
            if called in left_attributes:
                found[name] = _scalar(left_attributes.pop(called), member)
            continue
        if member.is_array and not member.is_object and not below.is_wrapped:
            called = below.items.own or called
            mine = left.pop(called, [])
            if mine or name in names.required:
                found[name] = [_element_value(one, member.element, below.items) for one in mine]
        elif mine := left.pop(called, []):
            read = [_element_value(one, member, below) for one in mine]
            # A repeated element of no list stays a list, so that validation refuses it.
            found[name] = read[0] if len(read) == 1 else read
    # An element with the name of an attribute, or the inner name of another one, is neither.
    others = {tag: mine[-1] for tag, mine in left.items() if tag not in names.properties}
    return found | {name: _other(one, shape.member(name)) for name, one in others.items()}


def _other(element: Element, shape: Shape) -> Any:
    """What the schema does not name: text, or what is in it."""
    if not len(element):
        return _scalar(element.text or "", shape)
    return {_local(one.tag): _other(one, ANYTHING) for one in element}


def _local(tag: str) -> str:
    """The name without its namespace: prefixes are the writer's choice."""
    return tag.rpartition("}")[2]

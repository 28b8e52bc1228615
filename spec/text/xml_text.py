"""JSON values as XML documents (OpenAPI 3.0 section 4.7.26)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from spec.model.contract_model import Schema

__all__ = ["escaped", "write"]

_UNFIT = re.compile(r"[^A-Za-z0-9_.\-]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_Raw: TypeAlias = "Sequence[Any]"
"""Everything that the contract says of one place, as written."""


def write(value: Any, schema: Schema | None, resolve: Callable[[Schema], Schema]) -> str:
    """The XML document of a value; the schema's `xml` keyword names, wraps and places its parts.

    `resolve` gives the schema that a `$ref` leads to.
    """
    writer = _XmlWriter(resolve)
    said = writer.said([schema.value if schema else {}])
    root = said.tag(said.reference or "root")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{writer.element(root, value, said)}'


def escaped(text: str) -> str:
    """Text for an element or an attribute."""
    return escape(_CONTROLS.sub("", text), {'"': "&quot;", "'": "&apos;"})


@dataclass(frozen=True, slots=True)
class _XmlName:
    """The name of an element or attribute, and the namespace that it declares."""

    name: str
    namespace: str = ""

    @property
    def opening(self) -> str:
        """The name with its declaration, if it has one."""
        prefix, colon, _ = self.name.partition(":")
        declared = f"xmlns:{prefix}" if colon else "xmlns"
        return self.name + (f" {declared}={quoteattr(self.namespace)}" if self.namespace else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """The schema objects that hold for one place; `reference` is the name by which it is known."""

    layers: Sequence[Mapping[str, Any]]
    reference: str

    @property
    def xml(self) -> dict[str, Any]:
        """The XML Object; what an outer schema says goes before what it is made of."""
        found: dict[str, Any] = {}
        for layer in self.layers:
            own = layer.get("xml")
            found = {**(own if isinstance(own, Mapping) else {}), **found}
        return found

    @property
    def node_type(self) -> str:
        """What a value is: OpenAPI 3.2 says it by `nodeType`, and before by flags of their own."""
        xml = self.xml
        said = "attribute" if xml.get("attribute") else "element" if xml.get("wrapped") else ""
        return str(xml.get("nodeType") or said)

    def tag(self, name: str) -> _XmlName:
        """How the place is named, where `name` is what it is called without an XML Object."""
        xml = self.xml
        own, prefix = _fit(str(xml.get("name") or name)), xml.get("prefix")
        return _XmlName(
            f"{_fit(str(prefix))}:{own}" if prefix else own, str(xml.get("namespace") or "")
        )

    def property(self, name: str) -> list[Any]:
        """What is said of a property."""
        named = [
            one["properties"] for one in self.layers if isinstance(one.get("properties"), Mapping)
        ]
        found = [one[name] for one in named if name in one]
        return found or self.of("additionalProperties")

    def of(self, key: str) -> list[Any]:
        """What the schemas have under a keyword."""
        return [one[key] for one in self.layers if key in one]


@dataclass(frozen=True, slots=True)
class _XmlWriter:
    resolve: Callable[[Schema], Schema]

    def said(self, raw: _Raw) -> _Said:
        """All that is said of a place, through references and `allOf`, `oneOf`, `anyOf`."""
        layers: dict[int, Mapping[str, Any]] = {}
        reference = ""
        pending = [(one, True) for one in raw]
        while pending:
            one, is_outer = pending.pop(0)
            if not isinstance(one, Mapping) or id(one) in layers:
                continue
            if isinstance(one.get("$ref"), str):
                reference = reference or (one["$ref"].rpartition("/")[2] if is_outer else "")
                target = self.resolve(Schema(pointer="", value=one)).value
                layers[id(one)] = {key: child for key, child in one.items() if key != "$ref"}
                if target is not one:
                    pending.insert(0, (target, False))
                continue
            layers[id(one)] = one
            for key in ("allOf", "oneOf", "anyOf"):
                pending += [(part, False) for part in one.get(key) or ()]
        return _Said(layers=tuple(layers.values()), reference=reference)

    def element(self, tag: _XmlName, value: Any, said: _Said) -> str:
        if isinstance(value, Mapping):
            return self.object(tag, value, said)
        if isinstance(value, list):
            item = self.said(said.of("items"))
            inner = item.tag(item.reference or "item")
            content = "".join(self.element(inner, one, item) for one in value)
        else:
            content = escape(_element_text(value))
        return f"<{tag.opening}>{content}</{tag.name}>"

    def object(self, tag: _XmlName, value: Mapping[str, Any], said: _Said) -> str:
        attributes, children = "", ""
        for key, member in value.items():
            part = self.said(said.property(key))
            called = part.tag(key)
            is_single = not isinstance(member, (list, Mapping))
            if part.node_type in ("text", "cdata") and is_single:
                text = _element_text(member)
                children += _cdata(text) if part.node_type == "cdata" else escape(text)
            elif part.node_type == "attribute" and is_single:
                declared = called.opening.removeprefix(called.name)
                attributes += f"{declared} {called.name}={quoteattr(_element_text(member))}"
            elif isinstance(member, list):
                children += "".join(self.repeated(called, key, member, part))
            else:
                children += self.element(called, member, part)
        return f"<{tag.opening}{attributes}>{children}</{tag.name}>"

    def repeated(
        self, called: _XmlName, key: str, items: Iterable[Any], said: _Said
    ) -> Iterator[str]:
        """A list is its repeated element, inside another one only where it is `wrapped`."""
        item = self.said(said.of("items"))
        wrapped = said.node_type == "element"
        # Without a wrapper the name of the list itself has no place (OpenAPI 3.0 4.7.26.2).
        inner = item.tag(key if wrapped or item.xml.get("name") else called.name.rpartition(":")[2])
        if not wrapped and not item.xml:
            inner = called
        if wrapped:
            yield f"<{called.opening}>"
        for one in items:
            yield self.element(inner, one, item)
        if wrapped:
            yield f"</{called.name}>"


def _cdata(text: str) -> str:
    # What would end the section is cut in two (XML 1.0 section 2.7).
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _fit(name: str) -> str:
    fitting = _UNFIT.sub("_", name)
    return fitting if re.match("[A-Za-z_]", fitting) else f"_{fitting}"


def _element_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _CONTROLS.sub("", str(value))

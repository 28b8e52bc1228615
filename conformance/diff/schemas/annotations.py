"""What two contracts say of one place in a value that no validator asserts.

`contentEncoding`, `xml`, `x-extensible-enum`, `deprecated` and their like refuse no value. Who
reads or writes the value uses them all the same, so a change of one is reported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from conformance.diff.inclusion.subschemas import JsonSchema
from conformance.report.codes.finding_code import FindingCode
from spec import Contract

__all__ = ["Annotated", "AnnotationChange", "Written", "differences"]

Raw: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """How the place travels: `is_xml` where its media type is one of XML.

    `holds_data` where `contentSchema` is that of an event's data, which is compared by itself.
    `name` is that of the property, "" where the place is none.
    """

    is_request: bool
    is_xml: bool = False
    holds_data: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationChange:
    """One annotation that changed: the code, the end of a sentence, and what each side says."""

    code: FindingCode
    keyword: str
    said: str
    old: str
    new: str


class Written:
    """The subschemas of one standalone schema as the contract writes them."""

    def __init__(
        self,
        contract: Contract,
        origin: Callable[[tuple[str | int, ...]], str],
        standalone: JsonSchema,
    ) -> None:
        self._contract, self._origin = contract, origin
        self._paths: dict[int, tuple[str | int, ...]] = {}
        self._fill(standalone)

    def _fill(self, standalone: JsonSchema) -> None:
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), standalone)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, Mapping):
                # By identity: equal schemas stand in several places, and each has its own.
                self._paths.setdefault(id(value), path)
                waiting.extend(((*path, str(key)), child) for key, child in value.items())
            elif isinstance(value, list):
                waiting.extend(((*path, index), child) for index, child in enumerate(value))

    def pointer(self, node: JsonSchema | None) -> str:
        """Where a subschema is in the contract; "" where it is none of these."""
        path = self._paths.get(id(node))
        return "" if path is None else self._origin(path)

    def of(self, node: JsonSchema) -> Raw:
        """A subschema with all its keys; empty where it cannot be found again."""
        pointer = self.pointer(node)
        try:
            found = self._contract.find(pointer) if pointer else {}
        except KeyError:
            return {}
        return found if isinstance(found, Mapping) else {}


def differences(
    old: Iterable[Raw], new: Iterable[Raw], place: Annotated
) -> Iterator[AnnotationChange]:
    """Every annotation that differs between the schemas that speak of one place."""
    was, now = list(old), list(new)
    for compare in _COMPARED:
        yield from compare(was, now, place)


def _content(old: list[Raw], new: list[Raw], place: Annotated) -> Iterator[AnnotationChange]:
    for keyword in ("contentEncoding", "contentMediaType", "contentSchema"):
        if not any(keyword in node for node in (*old, *new)):
            # `format: byte` alone is an assertion, and compared as one.
            continue
        if keyword == "contentSchema" and place.holds_data:
            continue
        was, now = _of_content(old, keyword), _of_content(new, keyword)
        if was != now:
            reader = "servers" if place.is_request else "clients"
            yield AnnotationChange(
                code=FindingCode.CONTENT_ENCODING_CHANGED,
                keyword=keyword,
                said=f"holds other content: {reader} that go by `{keyword}` misread it",
                old=_keyword_said(keyword, was),
                new=_keyword_said(keyword, now),
            )


def _of_content(nodes: list[Raw], keyword: str) -> Any:
    """The keyword, whether it is written as OpenAPI 3.1 has it or as a `format` of 3.0."""
    written = next((node[keyword] for node in nodes if keyword in node), None)
    formats = {node.get("format") for node in nodes}
    if keyword == "contentEncoding":
        written = "base64" if written is None and "byte" in formats else written
        # RFC 2045, section 6.1: the names of encodings are case-insensitive.
        return str(written).lower() if written is not None else None
    if keyword == "contentMediaType" and str(written).lower() == "application/octet-stream":
        # What `format: binary` says; it promises nothing of the bytes.
        return None
    return written


def _xml(old: list[Raw], new: list[Raw], place: Annotated) -> Iterator[AnnotationChange]:
    was, now = (_first_xml(nodes, place.name) for nodes in (old, new))
    if place.is_xml and was != now:
        yield AnnotationChange(
            code=FindingCode.XML_CHANGED,
            keyword="xml",
            said="is written otherwise in XML",
            old=_keyword_said("xml", was or None),
            new=_keyword_said("xml", now or None),
        )


def _first_xml(nodes: list[Raw], name: str) -> Raw:
    found: Raw = next((node["xml"] for node in nodes if isinstance(node.get("xml"), Mapping)), {})
    # A member at its default says what no member says (OpenAPI, XML Object).
    written = {key: value for key, value in found.items() if value not in (False, "", None)}
    return {key: value for key, value in written.items() if (key, value) != ("name", name)}


def _known_values(old: list[Raw], new: list[Raw], place: Annotated) -> Iterator[AnnotationChange]:
    was, now = _extensible_members(old), _extensible_members(new)
    gone = [value for value in was if value not in now]
    added = [value for value in now if value not in was]
    for values, code, said in (
        (gone, FindingCode.KNOWN_VALUE_WITHDRAWN, "is no longer a value that is known"),
        (added, FindingCode.KNOWN_VALUE_ADDED, "is a new known value; others were always possible"),
    ):
        if values:
            yield AnnotationChange(
                code=code,
                keyword="x-extensible-enum",
                said=f"`{', '.join(map(str, values))}` {said}",
                old=_keyword_said("x-extensible-enum", was),
                new=_keyword_said("x-extensible-enum", now),
            )


def _extensible_members(nodes: list[Raw]) -> list[Any]:
    found = (node["x-extensible-enum"] for node in nodes if "x-extensible-enum" in node)
    return [value for one in found if isinstance(one, list) for value in one]


def _deprecated(old: list[Raw], new: list[Raw], place: Annotated) -> Iterator[AnnotationChange]:
    was, now = (any(node.get("deprecated") is True for node in nodes) for nodes in (old, new))
    if was != now:
        yield AnnotationChange(
            code=FindingCode.PROPERTY_DEPRECATED if now else FindingCode.PROPERTY_REINSTATED,
            keyword="deprecated",
            said="is deprecated" if now else "is no longer deprecated",
            old=_keyword_said("deprecated", was or None),
            new=_keyword_said("deprecated", now or None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discriminator:
    """What a value is told apart by: a property, and the name of an alternative for its values.

    `mapping` is what is written; an alternative that it leaves out has its own name as a value.
    """

    key: str
    mapping: Mapping[str, str]
    alternatives: tuple[str, ...]

    @property
    def implied(self) -> set[str]:
        """The values that nothing maps (OpenAPI 3.1.1 section 4.8.25.3)."""
        return set(self.alternatives) - set(self.mapping.values()) if self.key else set()

    @property
    def values(self) -> set[str]:
        """Every value that has a meaning."""
        return self.implied | self.mapping.keys()


def _discriminator(old: list[Raw], new: list[Raw], place: Annotated) -> Iterator[AnnotationChange]:
    was, now = (_discriminated_by(nodes) for nodes in (old, new))
    lost = was.values - now.values
    if len(now.alternatives) < len(was.alternatives):
        # An alternative that is gone is a change of its own.
        lost -= was.implied
    # Where the old name means no alternative any more, that one was renamed.
    lost |= {
        value
        for value in was.mapping.keys() & now.mapping.keys()
        if was.mapping[value] != now.mapping[value]
        and (was.mapping[value] in now.alternatives or not now.alternatives)
    }
    added = now.mapping.keys() - was.values
    if was.key == now.key and not lost and not added:
        return
    said = "has another discriminator"
    if was.key == now.key and lost:
        said = f"no longer maps `{', '.join(sorted(lost))}` to the same schema"
    yield AnnotationChange(
        code=FindingCode.DISCRIMINATOR_CHANGED,
        keyword="discriminator",
        said=said,
        old=_discriminator_said(was),
        new=_discriminator_said(now),
    )


def _discriminated_by(nodes: list[Raw]) -> _Discriminator:
    found = (n["discriminator"] for n in nodes if isinstance(n.get("discriminator"), Mapping))
    one: Raw = next(found, {})
    mapping = one.get("mapping")
    targets = dict(mapping) if isinstance(mapping, Mapping) else {}
    if "defaultMapping" in one:
        targets["any other"] = one["defaultMapping"]
    listed = (n.get(key) for n in nodes if "discriminator" in n for key in ("oneOf", "anyOf"))
    references = [
        alternative["$ref"]
        for alternatives in listed
        for alternative in (alternatives if isinstance(alternatives, list) else ())
        if isinstance(alternative, Mapping) and isinstance(alternative.get("$ref"), str)
    ]
    return _Discriminator(
        key=str(one.get("propertyName", "")),
        # A bare name and a reference to the same component are the same.
        mapping={str(name): _name(str(to)) for name, to in targets.items()},
        alternatives=tuple(map(_name, references)),
    )


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _discriminator_said(told: _Discriminator) -> str:
    written = {**{name: name for name in sorted(told.implied)}, **told.mapping}
    maps = f", mapping {json.dumps(written, ensure_ascii=False)}" if written else ""
    return f"discriminator `{told.key}`{maps}" if told.key else "no discriminator"


def _keyword_said(keyword: str, value: Any) -> str:
    if value is None:
        return f"no `{keyword}`"
    return f"`{keyword}`: {json.dumps(value, ensure_ascii=False, default=str)}"


_Compare: TypeAlias = Callable[[list[Raw], list[Raw], Annotated], Iterator[AnnotationChange]]
_COMPARED: tuple[_Compare, ...] = (
    _content,
    _xml,
    _known_values,
    _deprecated,
    _discriminator,
)

"""Keys beside a `$ref` that are ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.model.pointers import join
from spec.reading.grammar import OBJECTS

__all__ = ["sibling_remarks"]

_PROSE = frozenset({"summary", "description", "title", "example", "externalDocs", "$comment"})
"""Keys that promise nothing: losing them costs documentation only."""
_REFERENCE = frozenset({"summary", "description"})
"""What a Reference Object may have beside its `$ref` since OpenAPI 3.1."""


def sibling_remarks(
    pointer: str, kind: str, value: Mapping[str, Any], *, is_30: bool
) -> Iterator[Remark]:
    """The remarks on one object that is a reference.

    A path item is left out: it may have both, and JSON Schema 2020-12 lets a schema have both.
    """
    if not isinstance(value.get("$ref"), str) or kind == "PathItem":
        return
    if kind == "Schema" and not is_30:
        return
    kept = frozenset[str]() if is_30 else _REFERENCE
    for key in value:
        if key == "$ref" or key in kept or key.startswith("x-") or key not in OBJECTS[kind]:
            continue
        is_prose = key in _PROSE
        yield Remark(
            code=FindingCode.IGNORED_SIBLING,
            pointer=join(pointer, key),
            what=f"`{key}` beside a `$ref` is ignored{' in OpenAPI 3.0' if is_30 else ''}",
            remedy=_instead(kind, key),
            level=Level.NOTE if is_prose else None,
        )


def _instead(kind: str, key: str) -> str:
    if kind != "Schema":
        return "write it where the reference leads"
    if key == "nullable":
        return "write `allOf` with the reference, and `type` and `nullable` beside it"
    return "write it where the reference leads, or beside an `allOf` with the reference"

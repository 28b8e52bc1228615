"""Parts of `allOf` whose `additionalProperties: false` refuses the properties of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, Schema
from spec.model.pointers import join

__all__ = ["closed_part_remarks"]

_MOST_NAMED = 5
"""Names in a sentence."""


def closed_part_remarks(
    contract: Contract, pointer: str, schema: Mapping[str, Any]
) -> Iterator[Remark]:
    """The remarks on the `allOf` of one schema, at the part that is closed."""
    listed = schema.get("allOf")
    if not isinstance(listed, list) or not listed:
        return
    written = [
        (one.pointer, one.value)
        for index, part in enumerate(listed)
        if isinstance(
            (
                one := contract.resolve(Schema(pointer=join(pointer, "allOf", index), value=part))
            ).value,
            Mapping,
        )
    ]
    written.append((pointer, schema))
    names = {at: _names(part) for at, part in written}
    for at, part in written:
        # With patterns, names alone do not say what is refused.
        if part.get("additionalProperties") is not False or "patternProperties" in part:
            continue
        others = [(name, must) for to in names if to != at for name, must in names[to].items()]
        refused = dict(one for one in others if one[0] not in names[at])
        if refused:
            yield _refusing(contract, at, refused, pointer)


def _names(schema: Mapping[str, Any]) -> dict[str, bool]:
    """The properties that a schema declares or requires, and whether it requires them."""
    required, declared = schema.get("required"), schema.get("properties")
    needed = [one for one in required if isinstance(one, str)] if isinstance(required, list) else []
    properties = declared if isinstance(declared, Mapping) else {}
    return {**dict.fromkeys(properties, False), **dict.fromkeys(needed, True)}


def _refusing(contract: Contract, pointer: str, refused: Mapping[str, bool], whole: str) -> Remark:
    named = ", ".join(f"`{name}`" for name in list(refused)[:_MOST_NAMED])
    more = ", …" if len(refused) > _MOST_NAMED else ""
    instead = (
        "remove it: OpenAPI 3.0 cannot close a composed schema"
        if contract.openapi.startswith("3.0")
        else "remove it, and write `unevaluatedProperties: false` beside the `allOf`"
    )
    return Remark(
        code=FindingCode.CLOSED_PART,
        pointer=join(pointer, "additionalProperties"),
        what=f"`additionalProperties: false` in a part of `allOf` refuses {named}{more} of "
        "another part",
        remedy=instead,
        # What another part requires can be neither sent nor left out.
        level=Level.ERROR if any(refused.values()) else None,
        explains=whole if any(refused.values()) else "",
    )

"""What the comparison of two schemas found, as changes of an operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.diff.cuts.identity import SETS
from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.inclusion.incompatibilities import Gap
from conformance.diff.inclusion.wording import REFUSED, named
from conformance.diff.model.change import Change
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.declarations import DECLARED, WITHDRAWN, Declaration, shown_path
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.errors import Place

__all__ = ["Met", "SchemaDifferences", "changes_of", "met", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A gap with all that is the same wherever it is met: words, and where its cause stands.

    `said` is the end of a sentence, `old` and `new` are what each contract says under the keyword.
    """

    gap: Gap
    said: str
    old: str
    new: str
    origin: str
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDifferences:
    """All that was found between two schemas, whichever operation has them.

    `forward` is what the receiver refuses, `backward` what it takes or promises in addition.
    `root` is the pointer of a definition that was compared by itself.
    """

    contracts: tuple[Contract, Contract]
    forward: tuple[Met, ...]
    backward: tuple[Met, ...]
    declarations: tuple[Declaration, ...]
    undecided: str = ""
    root: str = ""


def changes_of(subject: ComparedSchemas, compared: SchemaDifferences) -> Iterator[Change]:
    """The changes of an operation whose schemas compare so."""
    refused = {_place(one.gap) for one in compared.forward}
    withdrawn = {one.path: one for one in compared.declarations if one.code == WITHDRAWN}
    for one in compared.forward:
        # What NEW still declares was not removed, and no announcement covers it.
        removed = withdrawn.get(_place(one.gap))
        yield replace(
            _broken(subject, one),
            written=_written(compared.contracts[0], removed.origin) if removed else {},
        )
    if compared.undecided:
        place = compared.contracts[1].place(compared.root) if compared.root else None
        yield undecided(subject, compared.undecided, compared.root, place)
    declared = {one.path for one in compared.declarations if one.code == DECLARED}
    for one in compared.backward:
        # A property that is declared now is reported as new already.
        if one.gap.keyword not in REFUSED or _place(one.gap) not in declared:
            yield _allowed(subject, one)
    for declaration in compared.declarations:
        if declaration.code != WITHDRAWN or declaration.path not in refused:
            yield _declared(subject, compared, declaration)


def undecided(subject: ComparedSchemas, why: str, origin: str, place: Place | None) -> Change:
    """The change of which nothing is known but that there is one."""
    where = named(subject.under, subject.where)
    return Change(
        code=FindingCode.UNDECIDED,
        operation=subject.operation,
        part=_at(subject.part, subject.under),
        what=f"{where} changed, and whether that breaks anybody is undecided: {why}",
        old="another schema",
        new="another schema",
        origin=origin,
        place=place,
    )


def _broken(subject: ComparedSchemas, met: Met) -> Change:
    code = _code_of(met.gap.keyword, subject.is_request)
    return replace(_change(subject, met, code), show=lambda: subject.show(met.gap.witness))


def _allowed(subject: ComparedSchemas, met: Met) -> Change:
    is_request = subject.is_request
    code = FindingCode.REQUEST_WIDENED if is_request else FindingCode.RESPONSE_NARROWED
    return _change(subject, met, code)


def _change(subject: ComparedSchemas, met: Met, code: FindingCode) -> Change:
    gap = met.gap
    path = (*gap.path, gap.detail) if gap.keyword == "required" else gap.path
    return Change(
        code=code,
        operation=subject.operation,
        part=_clause(subject, gap),
        what=f"{named((*subject.under, *path), subject.where)} {met.said}",
        old=met.old,
        new=met.new,
        origin=met.origin,
        detail=gap.detail,
        place=met.place,
    )


def _declared(subject: ComparedSchemas, compared: SchemaDifferences, found: Declaration) -> Change:
    withdrawn = found.code == WITHDRAWN
    schema = subject.old if withdrawn else subject.new
    contract = compared.contracts[0 if withdrawn else 1]
    path = (*subject.under, *found.path)
    return Change(
        code=found.code,
        operation=subject.operation,
        part=" ".join(one for one in (f"{subject.part}{shown_path(path)}", found.detail) if one),
        what=f"{named(path, subject.where)} {found.said}",
        undone=f"{named(path, subject.where)} {found.undone}" if found.undone else "",
        old=found.old,
        new=found.new,
        origin=found.origin,
        detail=found.detail,
        place=contract.place(found.origin or schema.pointer) if schema else None,
        written=_written(contract, found.origin) if withdrawn else {},
    )


def met(gap: Gap, schemas: tuple[Any, Any], said: str, origin: str, contract: Contract) -> Met:
    """The gap in words; `origin` is a pointer of the contract that refuses."""
    old, new = (_keyword_in(gap, one) for one in schemas)
    place = contract.place(origin) if origin else None
    return Met(gap=gap, said=said, old=old, new=new, origin=origin, place=place)


def _keyword_in(gap: Gap, schema: Mapping[str, Any]) -> str:
    """What one contract says under the keyword of a gap."""
    keyword, path = gap.keyword, gap.path
    if keyword in ("falseSchema", "additionalProperties"):
        path, keyword = gap.path[:-1], "additionalProperties"
        if Position.of(schema, [schema]).reaches(path).declares(gap.detail):
            return f"declares {gap.detail!r}"
    return _constraint_in_words(Position.of(schema, [schema]).reaches(path), keyword, gap.detail)


def _constraint_in_words(position: Position, keyword: str, detail: str) -> str:
    if keyword == "required":
        return f"{detail!r} is {'' if position.requires(detail) else 'not '}required"
    values = position.values(keyword)
    if not values:
        return f"no `{keyword}`"
    if keyword in ("anyOf", "oneOf", "allOf"):
        return f"`{keyword}` of {len(values[0])}"
    if keyword in SETS:
        # A waiver knows the change by these words: in another order it is the same one.
        values = [sorted(one, key=_json) if isinstance(one, list) else one for one in values]
    return " and ".join(f"`{keyword}`: {_json(value)}" for value in values)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_FAMILIES = {
    "required": (FindingCode.REQUEST_PROPERTY_REQUIRED, FindingCode.RESPONSE_PROPERTY_OPTIONAL),
    "additionalProperties": (
        FindingCode.REQUEST_PROPERTY_REFUSED,
        FindingCode.RESPONSE_PROPERTY_UNPROMISED,
    ),
    "unevaluatedProperties": (
        FindingCode.REQUEST_PROPERTY_REFUSED,
        FindingCode.RESPONSE_PROPERTY_UNPROMISED,
    ),
    "propertyNames": (
        FindingCode.REQUEST_PROPERTY_REFUSED,
        FindingCode.RESPONSE_PROPERTY_UNPROMISED,
    ),
    "falseSchema": (FindingCode.REQUEST_PROPERTY_REFUSED, FindingCode.RESPONSE_PROPERTY_UNPROMISED),
    "type": (FindingCode.REQUEST_TYPE_NARROWED, FindingCode.RESPONSE_TYPE_WIDENED),
    "enum": (FindingCode.REQUEST_ENUM_NARROWED, FindingCode.RESPONSE_ENUM_WIDENED),
    "const": (FindingCode.REQUEST_ENUM_NARROWED, FindingCode.RESPONSE_ENUM_WIDENED),
    "anyOf": (FindingCode.REQUEST_ALTERNATIVE_REMOVED, FindingCode.RESPONSE_ALTERNATIVE_ADDED),
    "oneOf": (FindingCode.REQUEST_ALTERNATIVE_REMOVED, FindingCode.RESPONSE_ALTERNATIVE_ADDED),
    "not": (FindingCode.REQUEST_ALTERNATIVE_REMOVED, FindingCode.RESPONSE_ALTERNATIVE_ADDED),
}
"""The code for requests and the one for responses, by the keyword that refuses."""
_CONSTRAINTS = (FindingCode.REQUEST_CONSTRAINT_TIGHTENED, FindingCode.RESPONSE_CONSTRAINT_LOOSENED)
"""Those of all other keywords."""


def _code_of(keyword: str, is_request: bool) -> FindingCode:
    return _FAMILIES.get(keyword, _CONSTRAINTS)[0 if is_request else 1]


def _clause(subject: ComparedSchemas, gap: Gap) -> str:
    at = _at(subject.part, (*subject.under, *gap.path))
    return " ".join(part for part in (at, gap.keyword, gap.detail) if part)


def _at(part: str, path: tuple[str | int, ...]) -> str:
    return f"{part} {shown_path(path)}".strip()


def _place(gap: Gap) -> tuple[str, ...]:
    path = (*gap.path, gap.detail) if gap.keyword == "required" else gap.path
    return tuple("*" if isinstance(step, int) else step for step in path)


def _written(contract: Contract, pointer: str) -> Mapping[str, Any]:
    """A schema as it stands in a contract, with what it refers to where it is a bare reference."""
    try:
        found = contract.resolve(contract.schema(pointer)).value if pointer else {}
        own = contract.find(pointer) if pointer else {}
    except KeyError:
        return {}
    merged = {**found, **own} if isinstance(found, Mapping) else {}
    return merged if isinstance(own, Mapping) else {}

"""Two schemas of the same place: what clients or consumers meet that they were not promised."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.diff.annotations import Annotated, Written
from conformance.diff.applicable_schemas import Position
from conformance.diff.change import Change
from conformance.diff.closed_schemas import travelling
from conformance.diff.declarations import WITHDRAWN, Declaration, Sides, declarations, shown_path
from conformance.diff.identity import Identity
from conformance.diff.incompatibilities import Gap, Gaps, gaps
from conformance.diff.linked import Linked, alone
from conformance.diff.spelling import same_spelling
from conformance.diff.subschemas import JsonSchema
from conformance.diff.textual import as_text
from conformance.diff.witness import Witness
from conformance.diff.wording import named, sentence
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, Schema
from spec.model.errors import Place

__all__ = ["Pair", "SchemaComparison", "Subject"]


BACKWARD = 4_000
"""The effort for what NEW allows in addition: a note is worth less waiting than an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two contracts, and what is known of both together.

    `reverse` is True for requests that the API sends: OLD stands for NEW then, and NEW for OLD.
    """

    old: Contract
    new: Contract
    identity: Identity
    reverse: bool = False

    def place(self, contract: Contract, pointer: str) -> Place:
        """The line of a pointer in one of the two."""
        return contract.place(pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Two schemas that speak of the same place, and how a value there is shown.

    `where` is the place in words: `the body of POST /orders`.
    `show` makes a verified witness of a value of the sender, or None. A `textual` value travels
    as text (a parameter, a form), so that what is read may not be what was written. `holds_data`
    where it is an event whose data is compared by itself.
    """

    operation: str
    part: str
    where: str
    old: Schema | None
    new: Schema | None
    direction: Direction
    show: Callable[[Any], Witness | None]
    textual: bool = False
    is_xml: bool = False
    holds_data: bool = False

    def is_shown(self, value: Any) -> bool:
        """Whether a value makes a witness."""
        return self.show(value) is not None

    @property
    def is_request(self) -> bool:
        """Whether clients send the value."""
        return self.direction is Direction.REQUEST


class SchemaComparison:
    """Compares schemas, each pair once, however many operations use it."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._known: dict[tuple[Any, ...], _Compared] = {}
        self._linked = Linked(identity=pair.identity, operations=len(pair.old.operations))

    def changes(self, subject: Subject) -> Iterator[Change]:
        """Every difference between the subject's two schemas."""
        old, new = _value(subject.old), _value(subject.new)
        if self._pair.identity.same(old, new):
            return
        if self._linked.is_too_large(old):
            yield from self._part_by_part(subject, old, new)
            return
        compared = self._compared(subject)
        refused = {_place(gap) for gap in compared.forward.found}
        for gap in compared.forward.found:
            yield self._broken(subject, compared, gap)
        if compared.forward.undecided:
            yield _undecided(subject, compared.forward.undecided)
        for gap in compared.backward.found:
            yield self._allowed(subject, compared, gap)
        for declaration in compared.declarations:
            if declaration.code != WITHDRAWN or declaration.path not in refused:
                yield self._declared(subject, compared, declaration)

    def _part_by_part(self, subject: Subject, old: Any, new: Any) -> Iterator[Change]:
        """The changes of each schema that is reached and changed, seen by itself.

        What is found so has no witness, since none is made of the whole value: it is told, and not
        claimed.
        """
        pairs = self._linked.changed(old, new)
        if pairs is None:
            yield _undecided(subject, "it refers to too many others, and not to the same ones")
        for was, now in pairs or ():
            name = now.rpartition("/")[2]
            inner = replace(
                subject,
                part=f"{subject.part} {name}",
                where=f"the schema {name} in {subject.where}",
                old=self._pair.old.schema(was),
                new=self._pair.new.schema(now),
                show=_unshown,
            )
            compared = self._compared_alone(inner)
            yield from (self._broken(inner, compared, gap) for gap in compared.forward.found)
            yield from (self._allowed(inner, compared, gap) for gap in compared.backward.found)
            if not (compared.forward.found or compared.backward.found):
                why = "it is one of too many to be compared with all they refer to"
                yield replace(_undecided(inner, why), origin=now, place=self._pair.new.place(now))

    def _compared_alone(self, subject: Subject) -> _Compared:
        key = ("alone", *self._names(subject), subject.direction)
        if key not in self._known:
            (old, was), (new, now) = (
                alone(_standalone(contract, schema, subject.direction))
                for contract, schema in (
                    (self._pair.old, subject.old), (self._pair.new, subject.new),
                )
            )  # fmt: skip
            mark = "readOnly" if subject.is_request else "writeOnly"
            known_as = same_spelling(_mapping(old), _mapping(new))
            sender, receiver = known_as if subject.is_request else known_as[::-1]
            paths = (now, was) if subject.is_request else (was, now)
            self._known[key] = _Compared(
                old=known_as[0],
                new=known_as[1],
                forward=gaps(travelling(sender, mark), receiver).below(paths[0]),
                backward=gaps(travelling(receiver, mark), sender, effort=BACKWARD).below(paths[1]),
                declarations=(),
            )
        return self._known[key]

    def _compared(self, subject: Subject) -> _Compared:
        key = (
            *self._names(subject),
            subject.direction,
            subject.is_xml,
            subject.operation + subject.part if subject.textual else "",
        )
        if key not in self._known:
            self._known[key] = self._compare(subject)
        return self._known[key]

    def _names(self, subject: Subject) -> tuple[Any, ...]:
        """What is equal for equal pairs of schemas."""
        identity = self._pair.identity
        if identity.is_known:
            return (identity.key(0, _value(subject.old)), identity.key(1, _value(subject.new)))
        return tuple(one.pointer if one else "" for one in (subject.old, subject.new))

    def _compare(self, subject: Subject) -> _Compared:
        mark = "readOnly" if subject.is_request else "writeOnly"
        was = _standalone(self._pair.old, subject.old, subject.direction)
        now = _standalone(self._pair.new, subject.new, subject.direction)
        old, new = same_spelling(was, now)
        sender, receiver = (old, new) if subject.is_request else (new, old)
        if subject.textual:
            forward = gaps(travelling(sender, mark), as_text(receiver), confirm=subject.is_shown)
        else:
            forward = gaps(travelling(sender, mark), receiver)
        accepting = as_text(sender) if subject.textual else sender
        return _Compared(
            old=old,
            new=new,
            forward=forward,
            backward=gaps(travelling(receiver, mark), accepting, effort=BACKWARD),
            declarations=tuple(self._declarations(subject, was, now, mark)),
        )

    def _declarations(
        self, subject: Subject, old: JsonSchema, new: JsonSchema, mark: str
    ) -> list[Declaration]:
        sides = Sides(
            old=old,
            new=new,
            old_written=Written(self._pair.old, subject.old, subject.direction, old),
            new_written=Written(self._pair.new, subject.new, subject.direction, new),
            place=Annotated(
                is_request=subject.is_request,
                is_xml=subject.is_xml,
                holds_data=subject.holds_data,
            ),
        )
        return [
            replace(
                one,
                origin=(sides.old_written if one.code == WITHDRAWN else sides.new_written).pointer(
                    one.node
                ),
            )
            for one in declarations(sides, mark)
        ]

    def _broken(self, subject: Subject, compared: _Compared, gap: Gap) -> Change:
        contract = self._pair.new if subject.is_request else self._pair.old
        schema = subject.new if subject.is_request else subject.old
        origin = contract.origin(schema, subject.direction, list(gap.schema_path)) if schema else ""
        told = _Told.of(gap, compared)
        return Change(
            code=_code_of(gap.keyword, subject.is_request),
            operation=subject.operation,
            part=_clause(subject, gap),
            what=sentence(
                gap,
                compared.new if subject.is_request else compared.old,
                subject.where,
                to_client=subject.is_request == self._pair.reverse,
            ),
            old=told.old,
            new=told.new,
            origin=origin,
            detail=gap.detail,
            place=contract.place(origin) if origin else None,
            show=lambda: subject.show(gap.witness),
        )

    def _allowed(self, subject: Subject, compared: _Compared, gap: Gap) -> Change:
        contract = self._pair.old if subject.is_request else self._pair.new
        schema = subject.old if subject.is_request else subject.new
        origin = contract.origin(schema, subject.direction, list(gap.schema_path)) if schema else ""
        told = _Told.of(gap, compared)
        verb = "allows more" if subject.is_request != self._pair.reverse else "promises more"
        return Change(
            code=FindingCode.REQUEST_WIDENED
            if subject.is_request
            else FindingCode.RESPONSE_NARROWED,
            operation=subject.operation,
            part=_clause(subject, gap),
            what=f"{named(gap.path, subject.where)} {verb}: `{gap.keyword}`",
            old=told.old,
            new=told.new,
            origin=origin,
            detail=gap.detail,
            place=contract.place(origin) if origin else None,
        )

    def _declared(self, subject: Subject, compared: _Compared, found: Declaration) -> Change:
        withdrawn = found.code == WITHDRAWN
        schema = subject.old if withdrawn else subject.new
        contract = self._pair.old if withdrawn else self._pair.new
        origin = found.origin
        return Change(
            code=found.code,
            operation=subject.operation,
            part=" ".join(
                one for one in (f"{subject.part}{shown_path(found.path)}", found.detail) if one
            ),
            what=f"{named(found.path, subject.where)} {found.said}",
            old=found.old,
            new=found.new,
            origin=origin,
            detail=found.detail,
            place=contract.place(origin or schema.pointer) if schema else None,
            written=_written(contract, origin) if withdrawn else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    forward: Gaps
    backward: Gaps
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What each contract says under the keyword of a gap."""

    old: str
    new: str

    @classmethod
    def of(cls, gap: Gap, compared: _Compared) -> _Told:
        keyword, path = gap.keyword, gap.path
        if keyword in ("required", "falseSchema", "additionalProperties"):
            path = gap.path if keyword == "required" else gap.path[:-1]
        keyword = "additionalProperties" if keyword == "falseSchema" else keyword
        sides = (Position.of(side, [side]).reaches(path) for side in (compared.old, compared.new))
        old, new = (_said(side, keyword, gap.detail) for side in sides)
        return cls(old=old, new=new)


def _said(position: Position, keyword: str, detail: str) -> str:
    if keyword == "required":
        return f"{detail!r} is {'' if position.requires(detail) else 'not '}required"
    values = position.values(keyword)
    if not values:
        return f"no `{keyword}`"
    if keyword in ("anyOf", "oneOf", "allOf"):
        return f"`{keyword}` of {len(values[0])}"
    return " and ".join(f"`{keyword}`: {_json(value)}" for value in values)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else f"{text[:119]}…"


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
_CONSTRAINTS = (FindingCode.REQUEST_CONSTRAINT_TIGHTENED, FindingCode.RESPONSE_CONSTRAINT_LOOSENED)


def _code_of(keyword: str, is_request: bool) -> FindingCode:
    return _FAMILIES.get(keyword, _CONSTRAINTS)[0 if is_request else 1]


def _clause(subject: Subject, gap: Gap) -> str:
    return " ".join(part for part in (_at(subject.part, gap.path), gap.keyword, gap.detail) if part)


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


def _undecided(subject: Subject, why: str) -> Change:
    return Change(
        code=FindingCode.UNDECIDED,
        operation=subject.operation,
        part=subject.part,
        what=f"{subject.where} changed, and whether that breaks anybody is undecided: {why}",
        old="another schema",
        new="another schema",
        origin="",
    )


def _unshown(value: Any) -> None:
    """No witness."""


def _mapping(schema: JsonSchema) -> Mapping[str, Any]:
    return ({} if schema else {"not": {}}) if isinstance(schema, bool) else schema


def _value(schema: Schema | None) -> Any:
    return True if schema is None else schema.value


def _standalone(
    contract: Contract, schema: Schema | None, direction: Direction
) -> Mapping[str, Any]:
    return {} if schema is None else contract.standalone(schema, direction)

"""Two schemas of the same place: what clients or consumers meet that they were not promised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from conformance.diff.cuts.identity import Identity
from conformance.diff.cuts.linked import Ends, Links, Reached, is_large
from conformance.diff.inclusion.closed_schemas import travelling
from conformance.diff.inclusion.incompatibilities import Gap, Gaps, gaps
from conformance.diff.inclusion.spelling import same_spelling
from conformance.diff.inclusion.textual import as_text, not_taken_as_text
from conformance.diff.inclusion.wording import gained, verb
from conformance.diff.model.change import Change
from conformance.diff.model.witness import Witness
from conformance.diff.schemas.annotations import Annotated, Written
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.declarations import WITHDRAWN, Declaration, Sides, declarations
from conformance.diff.schemas.gap_changes import Met, SchemaDifferences, changes_of, met
from spec import Contract, Direction, Schema, SpecError

__all__ = ["Pair", "SchemaComparison"]

BACKWARD = 4_000
"""The effort for what NEW allows in addition, which breaks nobody: a note is worth less waiting."""

Origin: TypeAlias = Callable[[int, tuple[str | int, ...]], str]
"""The pointer in OLD (0) or NEW (1) for a path into the schema that is compared; "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two contracts, and what is known of both together.

    `reverse` is True for requests that the API sends: OLD stands for NEW then, and NEW for OLD.
    """

    old: Contract
    new: Contract
    identity: Identity
    reverse: bool = False

    @property
    def contracts(self) -> tuple[Contract, Contract]:
        """OLD and NEW."""
        return self.old, self.new


class SchemaComparison:
    """Compares schemas, each pair once, however many operations use it."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._known: dict[tuple[Any, ...], SchemaDifferences] = {}
        self._links = Links(contracts=pair.contracts, identity=pair.identity)

    def changes(self, subject: ComparedSchemas) -> Iterator[Change]:
        """Every difference between the subject's two schemas."""
        old, new = _value(subject.old), _value(subject.new)
        if self._pair.identity.same(old, new):
            return
        if subject.old and subject.new and self._is_large(subject, old):
            ends = Ends(old=subject.old, new=subject.new, direction=subject.direction)
            for reached in self._links.reached(ends):
                yield from self._part(subject, reached)
            return
        yield from changes_of(subject, self._whole(subject))

    def _is_large(self, subject: ComparedSchemas, old: Any) -> bool:
        identity = self._pair.identity
        return (
            identity.is_known
            and not subject.textual
            and is_large(identity, old, len(self._pair.old.operations))
        )

    def _part(self, subject: ComparedSchemas, reached: Reached) -> Iterator[Change]:
        key = ("part", *reached.key, subject.is_xml, subject.holds_data)
        # A part without names is of this operation alone.
        if reached.cut.names == ("", "") or key not in self._known:
            root = reached.origin(1, ()) if any(reached.cut.names) else ""
            made = self._compare(subject, reached.cut.old, reached.cut.new, reached.origin)
            self._known[key] = replace(made, root=root)
        inner = replace(subject, under=reached.under, show=partial(_lifted, subject, reached))
        yield from changes_of(inner, self._known[key])

    def _whole(self, subject: ComparedSchemas) -> SchemaDifferences:
        key = (
            *self._names(subject),
            subject.direction,
            subject.is_xml,
            subject.holds_data,
            # A witness in text depends on its parameter's style: such pairs are not shared.
            subject.operation + subject.part if subject.textual else "",
        )
        if key not in self._known:
            was = _standalone(self._pair.old, subject.old, subject.direction)
            now = _standalone(self._pair.new, subject.new, subject.direction)
            self._known[key] = self._compare(subject, was, now, partial(self._origin, subject))
        return self._known[key]

    def _origin(self, subject: ComparedSchemas, side: int, path: tuple[str | int, ...]) -> str:
        schema = (subject.old, subject.new)[side]
        if schema is None:
            return ""
        return self._pair.contracts[side].origin(schema, subject.direction, list(path))

    def _names(self, subject: ComparedSchemas) -> tuple[Any, ...]:
        """What is equal for equal pairs of schemas."""
        identity = self._pair.identity
        if identity.is_known:
            return (identity.key(0, _value(subject.old)), identity.key(1, _value(subject.new)))
        return tuple(one.pointer if one else "" for one in (subject.old, subject.new))

    def _compare(
        self,
        subject: ComparedSchemas,
        was: Mapping[str, Any],
        now: Mapping[str, Any],
        origin: Origin,
    ) -> SchemaDifferences:
        mark = "readOnly" if subject.is_request else "writeOnly"
        spelled = same_spelling(was, now)
        # Clients send what OLD says and NEW reads; answers go the other way.
        sender, receiver = spelled if subject.is_request else spelled[::-1]
        forward, backward = (
            _textual_gaps(subject, sender, receiver, mark)
            if subject.textual
            else (
                gaps(travelling(sender, mark), receiver),
                gaps(travelling(receiver, mark), sender, effort=BACKWARD),
            )
        )
        reader = 1 if subject.is_request else 0
        tell = partial(self._met, subject, spelled, origin)
        return SchemaDifferences(
            contracts=self._pair.contracts,
            forward=tuple(tell(verb, reader, gap) for gap in forward.found),
            backward=tuple(tell(gained, 1 - reader, gap) for gap in backward.found),
            declarations=tuple(self._declarations(subject, (was, now), mark, origin)),
            undecided=forward.undecided,
        )

    def _met(
        self,
        subject: ComparedSchemas,
        schemas: tuple[Any, Any],
        origin: Origin,
        say: Callable[..., str],
        refuser: int,
        gap: Gap,
    ) -> Met:
        to_client = subject.is_request == self._pair.reverse
        said = say(gap, schemas[refuser], to_client=to_client)
        contract = self._pair.contracts[refuser]
        return met(gap, schemas, said, origin(refuser, gap.schema_path), contract)

    def _declarations(
        self, subject: ComparedSchemas, schemas: tuple[Any, Any], mark: str, origin: Origin
    ) -> Iterator[Declaration]:
        old, new = (
            Written(contract, partial(origin, side), schemas[side])
            for side, contract in enumerate(self._pair.contracts)
        )
        sides = Sides(
            old=schemas[0],
            new=schemas[1],
            old_written=old,
            new_written=new,
            place=Annotated(
                is_request=subject.is_request,
                is_xml=subject.is_xml,
                holds_data=subject.holds_data,
            ),
        )
        for one in declarations(sides, mark):
            writer = old if one.code == WITHDRAWN else new
            yield replace(one, origin=writer.pointer(one.node))


def _textual_gaps(
    subject: ComparedSchemas, sender: Mapping[str, Any], receiver: Mapping[str, Any], mark: str
) -> tuple[Gaps, Gaps]:
    """The gaps of values that travel as text, both ways."""
    sent = not_taken_as_text(travelling(sender, mark), receiver)
    received = not_taken_as_text(travelling(receiver, mark), sender)
    return (
        gaps(sent, as_text(receiver), confirm=subject.is_shown),
        gaps(received, as_text(sender), effort=BACKWARD),
    )


def _lifted(subject: ComparedSchemas, reached: Reached, value: Any) -> Witness | None:
    """The witness of the whole value around a value of a part."""
    try:
        return subject.show(reached.whole(value))
    except (SpecError, KeyError):
        return None


def _value(schema: Schema | None) -> Any:
    return True if schema is None else schema.value


def _standalone(
    contract: Contract, schema: Schema | None, direction: Direction
) -> Mapping[str, Any]:
    return {} if schema is None else contract.standalone(schema, direction)

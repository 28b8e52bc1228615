"""The operation under test, with its known valid requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.cases.body_wire import Wire, wire_of
from conformance.cases.case import Case, Expect
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.ids import body_prefix, clause_id
from conformance.clauses.item_addresses import selector
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import SchemaNode
from conformance.http.credentials import Credentials, Placed
from conformance.http.request_drafts import NOTHING, Draft
from spec import Contract
from spec.model.contract_model import MediaType, Operation, Parameter
from spec.text.media_types import concrete, is_json

__all__ = ["Carrier", "Subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An accepted request on which single faults are laid; `body` is its value."""

    draft: Draft

    @property
    def body(self) -> Any:
        """The value of its body, or NOTHING."""
        return self.draft.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`control` is the good request; `accepted` says whether it was seen to succeed.

    `least` is the accepted request with the fewest optional properties, where that is another one.

    `carriers` are accepted requests too, with more in them than the control. `inert` says that the
    control is no good request but one that changes nothing (see `inert_cases`). `leads` says that
    the operation speaks for the other methods of its path, which are `undeclared_methods`. `alone`:
    nothing of anybody else is there, since the run has made what the control's item is part of.
    `vouched` says that a header of every request may be a credential, undeclared as it is.
    """

    contract: Contract
    operation: Operation
    credentials: Credentials
    control: Draft
    least: Draft | None = None
    accepted: bool = False
    carriers: tuple[Carrier, ...] = ()
    allow_writes: bool = False
    inert: bool = False
    leads: bool = True
    alone: bool = False
    vouched: bool = False
    undeclared_methods: tuple[str, ...] = ()
    builder: ValidValueBuilder = field(compare=False)

    @property
    def chooses_its_path(self) -> bool:
        """Whether any thing may be asked for: what is changed or removed is nobody else's."""
        return self.operation.safe or "{" not in self.operation.path

    def is_kept(self, parameter: Parameter) -> bool:
        """Whether a parameter keeps its value: another one may be a thing of somebody else.

        In a query it may be all things: a filter that is missing, or not understood, takes any.
        """
        if parameter.location == "path":
            return not self.chooses_its_path
        own = selector(self.operation)
        return own is not None and own.name == parameter.name and not self.alone

    @property
    def minimal(self) -> Draft:
        """The accepted request with the fewest optional properties."""
        return self.control if self.least is None else self.least

    @property
    def request_schemas(self) -> tuple[MediaType, ...]:
        """The request's media types, that of the control first."""
        content = self.operation.request_content
        own = self.control.media_type
        # A range is declared, and a type of it is sent; what is declared by its name comes first.
        return tuple(sorted(content, key=lambda o: (o.name != own, concrete(o.name) != own)))

    @property
    def media_type(self) -> MediaType | None:
        """The media type of the control; None without a body."""
        return next(iter(self.request_schemas), None)

    @property
    def body_clause(self) -> str:
        """How the clauses of the control's body begin: by the media type that declares it."""
        media_type = self.media_type
        return body_prefix(media_type.name if media_type else self.control.media_type)

    @property
    def json_body(self) -> MediaType | None:
        """The control's media type where its body is JSON and has a schema."""
        media_type = self.media_type
        if media_type is None or not is_json(media_type.name) or media_type.schema is None:
            return None
        return None if self.control.body is NOTHING else media_type

    @property
    def wire(self) -> Wire | None:
        """How the control's body travels; None where no schema judges it."""
        media_type, body = self.media_type, self.operation.request_body
        if media_type is None or body is None:
            return None
        return wire_of(self.contract, media_type, self.control, required=body.required)

    @property
    def new_name(self) -> str:
        """The property that may be the id of what the operation creates; "" where none is.

        An id that is known may be somebody's, and one that no path can have stays for ever.
        """
        names = (node.steps[0] for node in self.body_nodes() if len(node.steps) == 1)
        resources = collection_operations(self.contract)
        return resources.new_name(self.operation, (one for one in names if isinstance(one, str)))

    def body_nodes(self) -> tuple[SchemaNode, ...]:
        """The places of the control's body schema."""
        wire = self.wire
        return () if wire is None else wire.nodes()

    def id(self, local: str) -> str:
        """The full name of one of the operation's clauses."""
        return clause_id(self.operation.id, local)

    def but(self, **changes: Any) -> Subject:
        """The same with other fields."""
        return replace(self, **changes)

    def anonymous(self) -> Draft:
        """The control without its credential."""
        return self.control.but(credential=Placed())

    def case(
        self,
        local: str | tuple[str, ...],
        family: ClauseKind,
        label: str,
        draft: Draft,
        **more: Any,
    ) -> Case:
        """A case for one of the operation's clauses."""
        locals_ = (local,) if isinstance(local, str) else local
        return Case(
            operation=self.operation.id,
            clauses=tuple(self.id(one) for one in locals_),
            family=family,
            label=label,
            request=draft.request(),
            draft=draft,
            expect=more.pop("expect", Expect.ANYTHING),
            inert=self.inert,
            authorized=more.pop("authorized", bool(draft.credential.schemes)),
            **more,
        )

    def all_carriers(self) -> Iterator[Carrier]:
        """The least that was accepted, and what carries more; the fullest first in a form.

        A form without fields is no form for many readers, whatever is required in it.
        """
        first = [self.control] if self.least is None else [self.least, self.control]
        found = [*(Carrier(draft=one) for one in first), *self.carriers]
        is_text = self.control.codec is not None and self.control.codec.kind.of_text
        yield from (*self.carriers, *found[: len(first)]) if is_text else found

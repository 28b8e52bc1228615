"""Inputs of which only some values are known to the deployment: a model, a voice, a tenant.

That the empty text or a long one is refused there says nothing of a limit on texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.draft_parameters import (
    good_value,
    is_allowed,
    value_in,
    with_parameter,
)
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import local_part, node_clause, parameter_prefix
from conformance.clauses.keyword_sentences import free_keywords
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import root_node
from conformance.clauses.value_paths import Path, expand, get, put
from conformance.http.request_drafts import Draft
from conformance.judgement.listings import is_mark
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.evidence import Evidence
from conformance.run.sending.prober import Prober
from conformance.run.things.thing_references import references
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter
from spec.text.styles import Absent, StyleError

__all__ = ["only_known"]

_PLAIN: Final = "another", 2
"""Ordinary values, as a person would write them."""
WHY = (
    "every value but that of the accepted request was refused: the deployment may know only some, "
    "which the contract does not list"
)

NOT_THERE = "it names another thing, and what it named was not there (404)"
_OPTIONAL: Final = (".optional",)
_OF_ANY_TEXT: Final = (*_OPTIONAL, ".type", ".minLength", ".maxLength")
"""The ends of clauses that say of a text what it is, and nothing of which texts there are."""
NOT_HANDED_OUT = "no answer has handed it out, and the contract does not say which values are good"


async def only_known(prober: Prober, subject: Subject) -> frozenset[str]:
    """Take back the refusals of odd values where an ordinary one is refused in the same way.

    Ordinary are a plain value, and one that is written as the accepted one is (`vendor/name`). If
    either is accepted, the limit on the odd ones is real. Returns the clauses that were taken
    back: further odd values would show nothing.
    """
    found = set[str]()
    _without_others(prober, subject)
    _without_marks(prober, subject)
    for free, ordinary in (*_of_body(subject), *_of_parameters(subject)):
        refused = _refused(prober, subject, free)
        drafts = list(ordinary) if refused else []
        if drafts and await _all_refused(prober, subject, free, refused[0], drafts):
            for clause in map(subject.id, refused):
                prober.ledger.withdraw(clause, FindingCode.REFUSED_FREE, WHY)
            prober.ledger.excuse_clauses(map(subject.id, free), WHY)
            found.update(map(subject.id, free))
    return frozenset(found)


def _of_body(subject: Subject) -> Iterator[tuple[list[str], Iterator[Draft]]]:
    """The clauses that no keyword bounds, and drafts with ordinary values, of each place."""
    wire, body = subject.wire, subject.control.body
    for node in wire.nodes() if wire is not None else ():
        free = [node_clause(subject.body_clause, node.name, one) for one in free_keywords(node)]
        path = next(iter(expand(body, node.steps, tuple(node.properties))), None)
        yield free, iter(()) if path is None else _with_body(subject, path)


def _with_body(subject: Subject, path: Path) -> Iterator[Draft]:
    wire, body = subject.wire, subject.control.body
    for value in _ordinary(get(body, path)):
        other = put(body, path, value)
        if wire is not None and wire.valid(subject.builder, other):
            yield subject.control.but(body=other)


def _of_parameters(subject: Subject) -> Iterator[tuple[list[str], Iterator[Draft]]]:
    """The same of each parameter; one that the good request does not have is added to it."""
    contract = subject.contract
    for parameter in subject.operation.inputs:
        schema = parameter.value_schema
        node = root_node(contract, schema)
        if schema is None or node is None or parameter.location == "path":
            continue
        way = parameter_codec(contract, subject.operation, parameter)
        prefix = parameter_prefix(parameter.location, parameter.name)
        free = [node_clause(prefix, node.name, one) for one in free_keywords(node)]
        value = value_in(subject.control, parameter, way)
        if isinstance(value, Absent):
            value = good_value(subject.builder, parameter, schema)
        yield free, _with_parameter(subject, parameter, way, _ordinary(value))


def _with_parameter(
    subject: Subject, parameter: Parameter, way: ParameterCodec, values: Iterable[Any]
) -> Iterator[Draft]:
    for value in values:
        if is_allowed(subject.contract, parameter, value):
            with suppress(StyleError, ValueError):
                yield with_parameter(subject.control, parameter, way, value)


def _without_others(prober: Prober, subject: Subject) -> None:
    """Take back the 404 to values that name another thing, which is not there.

    A documented 404 to a body says nothing else, since the path is that of the good request.
    """
    named = references(subject.contract)
    places = [f"{subject.body_clause}.", f"{subject.body_clause}["] + [
        node_clause(parameter_prefix(one.location, one.name), "", "")
        for one in subject.operation.inputs
        if one.location != "path" and named.may_name(one.name) is not None
    ]
    for one in _free_refusals(prober, subject, places):
        if one.answer.status == 404:
            prober.ledger.withdraw(one.observation.clause, one.observation.code, NOT_THERE)


def _without_marks(prober: Prober, subject: Subject) -> None:
    """Take back the documented refusals of made-up cursors."""
    operation = subject.operation
    marks = [one for one in operation.inputs if is_mark(one)]
    places = [node_clause(parameter_prefix(one.location, one.name), "", "") for one in marks]
    for one in _free_refusals(prober, subject, places, _OF_ANY_TEXT):
        if operation.response_for(one.answer.status) is not None:
            prober.ledger.withdraw(one.observation.clause, one.observation.code, NOT_HANDED_OUT)


def _free_refusals(
    prober: Prober, subject: Subject, places: Sequence[str], examples: tuple[str, ...] = _OPTIONAL
) -> Iterator[Evidence]:
    """The refusals of values, in places of the request, that the contract neither names nor bounds.

    That a property may be sent is promised, and not that its example is there: `examples` are the
    ends of the clauses for which one speaks.
    """
    for one in list(prober.ledger.deviations):
        clause, code = one.observation.clause, one.observation.code
        free = code == FindingCode.REFUSED_FREE or (
            code == FindingCode.REFUSED_VALID and clause.endswith(examples)
        )
        own = one.operation == subject.operation.id
        if free and own and local_part(clause).startswith(tuple(places)):
            yield one


def _ordinary(accepted: Any) -> list[Any]:
    """Values that need not be known, the plainest first."""
    if isinstance(accepted, str):
        return [_PLAIN[0], f"{accepted}-{_PLAIN[0]}"]
    if isinstance(accepted, int) and not isinstance(accepted, bool):
        return [_PLAIN[1], accepted + 1]
    return []


def _refused(prober: Prober, subject: Subject, free: Sequence[str]) -> list[str]:
    """The kinds of odd values of which one was refused; none where one of any kind was accepted.

    An empty text may be taken for none.
    """
    said = (local for local in free if not local.endswith(".empty"))
    if any(prober.ledger.seen_held(subject.id(local), refusal=False) for local in said):
        return []
    refused = {
        one.observation.clause
        for one in prober.ledger.deviations
        if one.observation.code == FindingCode.REFUSED_FREE
    }
    return [local for local in free if subject.id(local) in refused]


async def _all_refused(
    prober: Prober, subject: Subject, free: Sequence[str], refused: str, drafts: Sequence[Draft]
) -> bool:
    """Whether each of the drafts, with an ordinary value in it, is refused."""
    for draft in drafts:
        case = _ordinary_case(subject, refused, draft)
        if not prober.budget.affords(case):
            return False
        answer = await prober.send(case)
        if answer.status >= 500:
            # It is told as a failure, and says nothing of a limit nor of empty texts.
            await prober.record(_ordinary_case(subject, free[0], draft), answer)
            return False
        if prober.accepted(answer):
            await prober.record(case, answer)
            return False
        if not answer.status:
            return False
    return True


def _ordinary_case(subject: Subject, local: str, draft: Draft) -> Case:
    label = "an ordinary value"
    unit = Unit(
        clause=subject.id(local),
        label=label,
        slot=(),
        apply=lambda _: draft,
        called=f"{label} of {{}}",
    )
    return subject.case(
        local,
        ClauseKind.EDGES,
        label,
        draft,
        units=(unit,),
        expect=Expect.ACCEPTED,
        code=FindingCode.REFUSED_FREE,
        strength=Strength.FREE,
    )

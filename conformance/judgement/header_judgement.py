"""The headers of an answer against what the contract documents for its status."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.clauses.ids import clause_id, response_prefix
from conformance.http.exchange import Answer
from conformance.http.masking import is_hidden
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction
from spec.model.contract_model import Header, Operation, Response
from spec.text.styles import Absent, StyleError, codec

__all__ = ["header_observations"]


def header_observations(
    contract: Contract, operation: Operation, response: Response, answer: Answer
) -> Iterator[Observation]:
    """What an answer shows of each documented header; Content-Type is judged with the body."""
    for header in response.headers:
        if header.name.lower() == "content-type":
            continue
        local = f"{response_prefix(response.status)}.header.{header.name}"
        clause, sent = clause_id(operation.id, local), answer.header(header.name)
        problem = _problem(contract, header, sent)
        if problem and sent is not None and is_hidden(sent):
            yield inconclusive(clause, f"the recording hides the value of {header.name}")
        elif problem:
            yield broken(
                clause,
                FindingCode.RESPONSE_HEADER,
                expected=f"{header.name} as {header.pointer} has it",
                got=problem,
                cause=f"response-header|{header.pointer}",
                pointer=header.pointer,
            )
        elif sent is not None:
            yield held(clause)


def _problem(contract: Contract, header: Header, sent: str | None) -> str:
    """What is wrong with a header; "" where nothing is."""
    if sent is None:
        return f"no {header.name}" if header.required else ""
    schema = header.value_schema
    if schema is None:
        return ""
    try:
        way = codec(header, lambda one: contract.standalone(one, Direction.RESPONSE))
        value = way.decode(((header.name, sent),))
    except StyleError as error:
        return f"{header.name}: {sent} {error}"
    if isinstance(value, Absent):
        return ""
    violations = contract.violations(schema, Direction.RESPONSE, value)
    return f"{header.name}: {sent}: {violations[0].message}" if violations else ""

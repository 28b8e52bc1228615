"""What an operation leaves unsaid: how it refuses, and which media type counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.messages import body_remarks
from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, MediaType, Operation, Schema
from spec.model.pointers import join
from spec.text.media_types import parse

__all__ = ["operation_remarks"]


def operation_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on all operations."""
    for operation in contract.operations:
        yield from _refusals(operation)
        yield from body_remarks(operation)
        answers = (response.content for response in operation.responses)
        for content in (operation.request_content, *answers):
            yield from _ambiguities(content)
        for holder in (operation.pointer, operation.pointer.rpartition("/")[0]):
            yield from _repeated_parameters(contract, holder)


def _refusals(operation: Operation) -> Iterator[Remark]:
    if operation.secured and operation.response_for(401) is None:
        yield Remark(
            code=FindingCode.UNDOCUMENTED_401,
            pointer=operation.pointer,
            what=f"{operation.id} requires a credential and documents no 401",
            remedy="document 401, 4XX or default",
            many="operations require a credential and document no 401",
        )
    if not operation.documents_success:
        yield Remark(
            code=FindingCode.UNDOCUMENTED_SUCCESS,
            pointer=operation.pointer,
            what=f"{operation.id} documents only refusals, so no client knows what success is",
            remedy="document 200, 2XX, a redirection or default",
            many="operations document only refusals, so no client knows what success is",
        )
    statuses = [response.status for response in operation.responses]
    refuses = any(status.startswith("4") or status == "default" for status in statuses)
    if operation.request_body is not None and not refuses:
        yield Remark(
            code=FindingCode.UNDOCUMENTED_REFUSAL,
            pointer=operation.pointer,
            what=f"{operation.id} reads a body and documents no 4xx for an invalid one",
            remedy="document 400, 422, 4XX or default",
            many="operations read a body and document no 4xx for an invalid one",
        )


def _ambiguities(content: tuple[MediaType, ...]) -> Iterator[Remark]:
    alike: dict[str, list[MediaType]] = {}
    for other in content:
        second = parse(other.name)
        if second is None:
            continue
        # What covers each other has one essence: content of 1,000 types is no million pairs.
        for one in alike.setdefault(second.essence, []):
            first = parse(one.name)
            if first is None or not (first.covers(second) and second.covers(first)):
                continue
            yield Remark(
                code=FindingCode.AMBIGUOUS_MEDIA_TYPE,
                pointer=other.pointer,
                what=f"{other.name} covers the same messages as {one.name}",
                remedy="remove one of them",
            )
        alike[second.essence].append(other)


def _repeated_parameters(contract: Contract, holder: str) -> Iterator[Remark]:
    """A list of parameters in which one name stands twice in one location."""
    listed = contract.find(holder).get("parameters")
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        pointer = join(holder, "parameters", index)
        if isinstance(one, Mapping):
            # What follows the references of schemas follows those of parameters.
            one = contract.resolve(Schema(pointer=pointer, value=one)).value
        key = _key(one) if isinstance(one, Mapping) and "name" in one else ("", str(index))
        if key in seen:
            yield Remark(
                code=FindingCode.INVALID_OPENAPI,
                pointer=pointer,
                what=f"the {key[1]} parameter {key[0]!r} is listed twice",
                remedy="remove one of them",
            )
        seen.add(key)


def _key(parameter: Mapping[str, Any]) -> tuple[str, str]:
    """What tells parameters apart; a name that is no text is a slip of its own."""
    name, where = str(parameter.get("name")), str(parameter.get("in"))
    # The names of header fields are case-insensitive (RFC 9110 section 5.1).
    return (name.lower() if where == "header" else name), where

"""Names of operations: each is unique, and links lead to one that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.near_names import as_code, did_you_mean
from spec.model.pointers import join, split

__all__ = ["name_remarks"]


def name_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on `operationId`s, those of webhooks and callbacks included, and on links."""
    objects = list(contract.objects())
    named = [
        (pointer, value["operationId"])
        for pointer, kind, value in objects
        if kind == "Operation" and isinstance(value.get("operationId"), str)
    ]
    # What a YAML alias repeats is one object, and as many operations as places.
    named += [(one.pointer, one.operation_id) for one in contract.operations if one.operation_id]
    first: dict[str, str] = {}
    # The walk goes through a document from its end.
    for pointer, name in sorted(set(named), key=lambda one: contract.place(one[0])):
        if first.setdefault(name, pointer) != pointer:
            yield Remark(
                code=FindingCode.INVALID_OPENAPI,
                pointer=join(pointer, "operationId"),
                what=f"the operationId {name!r} is already used by {_called(first[name])}",
                remedy="an operationId must be unique among all operations; choose another one",
            )
    for pointer, kind, value in objects:
        if kind == "Link":
            yield from _link(contract, pointer, value, first)


def _called(pointer: str) -> str:
    """An operation as messages name it: `GET /a`; `GET webhooks/new` where it is no path's."""
    *holders, path, method = split(pointer)
    return f"{method.upper()} {path if holders == ['paths'] else '/'.join([*holders, path])}"


def _link(
    contract: Contract, pointer: str, link: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Remark]:
    name, reference = link.get("operationId"), link.get("operationRef")
    if isinstance(name, str) and name not in names:
        yield Remark(
            code=FindingCode.UNRESOLVED_LINK,
            pointer=join(pointer, "operationId"),
            what=f"the link leads to the operationId {name!r}, which no operation has",
            remedy=did_you_mean(name, names, "write the one that is meant", quoted=repr),
        )
    yield from _link_parameters(contract, pointer, link)
    # Another document is not opened for a link: it may be that of another API.
    if isinstance(reference, str) and reference.startswith("#") and not _leads(contract, reference):
        yield Remark(
            code=FindingCode.UNRESOLVED_LINK,
            pointer=join(pointer, "operationRef"),
            what=f"the link leads to {reference}, where no operation stands",
            remedy="write `#/paths/~1PATH/METHOD`, each `/` of the path as `~1` (RFC 6901)",
            explains=pointer,
        )


def _link_parameters(contract: Contract, pointer: str, link: Mapping[str, Any]) -> Iterator[Remark]:
    """Values for parameters that the operation does not have, and misspelt expressions."""
    given, name = link.get("parameters"), link.get("operationId")
    operation = contract.operation(name) if isinstance(name, str) else None
    known = (
        {key for one in operation.inputs for key in (one.name, f"{one.location}.{one.name}")}
        if operation
        else set()
    )
    for key, value in given.items() if isinstance(given, Mapping) else ():
        here = join(pointer, "parameters", key)
        if operation and key not in known:
            yield Remark(
                code=FindingCode.UNRESOLVED_LINK,
                pointer=here,
                what=f"the link has a value for `{key}`, which is no parameter of {operation.id}",
                remedy=did_you_mean(key, known, "name one of its parameters", quoted=as_code),
            )
        if isinstance(value, str) and value.startswith("$") and not _EXPRESSION.match(value):
            yield Remark(
                code=FindingCode.UNRESOLVED_LINK,
                pointer=here,
                what=f"{value!r} is no runtime expression",
                remedy="begin it with $url, $method, $statusCode, $request. or $response.",
            )


_EXPRESSION = re.compile(
    r"\$(?:url|method|statusCode|(?:request|response)\.(?:header\.|query\.|path\.|body(?:#|\Z)))"
)
"""OpenAPI 3.1, section 4.8.20.4."""


def _leads(contract: Contract, reference: str) -> bool:
    try:
        return isinstance(contract.find(join("#", *split(reference))), Mapping)
    except KeyError:
        return False

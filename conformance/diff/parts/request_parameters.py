"""What clients of an operation send as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.model.witness import Witness
from conformance.diff.parts.media import travels_as_text
from conformance.diff.parts.parameter_serialization import style_witness
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.schema_comparison import SchemaComparison
from conformance.messages.disallowed import refusal
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, Operation, Parameter, SpecError
from spec.model.path_templates import template_names

__all__ = ["parameter_changes"]


def parameter_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in the parameters; path parameters are matched by where they stand."""
    old, new = _parameters_by_key(matched.before), _parameters_by_key(matched.after)
    for key, parameter in old.items():
        if key in new:
            yield from _parameter(matched, schemas, parameter, new[key])
        elif parameter.location != "path":
            yield _simple(
                matched,
                FindingCode.PARAMETER_WITHDRAWN,
                parameter,
                "is no longer declared",
                new=False,
                undone="is new",
            )
    for key, parameter in new.items():
        # A name in NEW's path stands for what is written out in OLD's: it is sent already.
        if key not in old and parameter.location != "path":
            yield _added(matched, parameter)


def _parameters_by_key(operation: Operation) -> dict[tuple[str, str], Parameter]:
    order = dict(_path_places(operation.path))
    return {_key(parameter, order): parameter for parameter in operation.inputs}


def _key(parameter: Parameter, order: dict[str, str]) -> tuple[str, str]:
    if parameter.location == "path":
        return parameter.location, order.get(parameter.name, parameter.name)
    if parameter.location == "querystring":
        return parameter.location, ""  # there is one, and its name is not sent
    if parameter.location == "header":
        return parameter.location, parameter.name.lower()
    return parameter.location, parameter.name


def _path_places(path: str) -> Iterator[tuple[str, str]]:
    """The names in a path, each with its segment from the end and its number in it.

    From the end: a path that moved to another server path has more segments before or fewer.
    """
    for number, segment in enumerate(reversed(path.split("/"))):
        for index, name in enumerate(template_names(segment)):
            yield name, f"{number}.{index}"


def _part(parameter: Parameter) -> str:
    return f"{parameter.location} parameter {parameter.name}"


def _simple(
    matched: Matched,
    code: FindingCode,
    parameter: Parameter,
    verb: str,
    *,
    new: bool = True,
    undone: str = "",
) -> Change:
    contract = matched.new if new else matched.old
    part = _part(parameter)
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=f"the {part} of {matched.id} {verb}",
        old="declared" if not new else "",
        new="not declared" if not new else verb,
        origin=parameter.pointer,
        place=contract.place(parameter.pointer),
        written=None if new else matched.old.find(parameter.pointer),
        undone=f"the {part} of {matched.id} {undone}" if undone else "",
    )


def _added(matched: Matched, parameter: Parameter) -> Change:
    if not parameter.required:
        verb, undone = "is new and optional", "is no longer declared"
        return _simple(matched, FindingCode.PARAMETER_ADDED, parameter, verb, undone=undone)
    return _required(matched, parameter, "not declared")


def _required(matched: Matched, parameter: Parameter, before: str) -> Change:
    part = _part(parameter)
    return Change(
        code=FindingCode.PARAMETER_REQUIRED,
        operation=matched.id,
        part=part,
        what=f"the {part} of {matched.id} must now be sent",
        old=before,
        new="required",
        origin=parameter.pointer,
        place=matched.new.place(parameter.pointer),
        show=lambda: matched.request(matched.plain),
    )


def _parameter(
    matched: Matched, schemas: SchemaComparison, old: Parameter, new: Parameter
) -> Iterator[Change]:
    if new.required and not old.required:
        yield _required(matched, new, "optional")
    elif old.required and not new.required:
        yield _simple(matched, FindingCode.PARAMETER_OPTIONAL, new, "need not be sent any more")
    if new.deprecated and not old.deprecated:
        undone = "is no longer deprecated"
        yield _simple(
            matched, FindingCode.PARAMETER_DEPRECATED, new, "is deprecated", undone=undone
        )
    if (change := _style_change(matched, old, new)) is not None:
        yield change
        # The schemas speak of values, and the text is read as another value now.
        return
    if old.allow_reserved != new.allow_reserved:
        yield _reserved(matched, new)
    yield from _empty_value(matched, old, new)
    yield from schemas.changes(
        ComparedSchemas(
            operation=matched.id,
            part=_part(old),
            where=f"the {_part(old)} of {matched.id}",
            old=old.value_schema,
            new=new.value_schema,
            direction=Direction.REQUEST,
            textual=old.content is None or travels_as_text(old.content),
            show=partial(_parameter_witness, matched, old),
        )
    )


def _style_change(matched: Matched, old: Parameter, new: Parameter) -> Change | None:
    """That the text is written otherwise, if a request shows it: two styles may write the same."""
    if _style(old) == _style(new):
        return None
    show = partial(style_witness, matched, old, new)
    if show() is None:
        return None
    return Change(
        code=FindingCode.PARAMETER_STYLE_CHANGED,
        operation=matched.id,
        part=_part(old),
        what=f"the {_part(old)} of {matched.id} is now written with "
        f"{_style_said(new)} instead of {_style_said(old)}",
        old=_style_said(old),
        new=_style_said(new),
        origin=new.pointer,
        place=matched.new.place(new.pointer),
        show=show,
    )


def _reserved(matched: Matched, new: Parameter) -> Change:
    now = "may stand" if new.allow_reserved else "must no longer stand"
    part = _part(new)
    return Change(
        code=FindingCode.ALLOW_RESERVED_CHANGED,
        operation=matched.id,
        part=part,
        what=f"reserved characters {now} unescaped in the {part} of {matched.id}",
        old=f"allowReserved: {str(not new.allow_reserved).lower()}",
        new=f"allowReserved: {str(new.allow_reserved).lower()}",
        origin=new.pointer,
        place=matched.new.place(new.pointer),
    )


def _empty_value(matched: Matched, old: Parameter, new: Parameter) -> Iterator[Change]:
    """`?name=` is allowed by `allowEmptyValue`, whatever the schema (OpenAPI 3.0.4, Parameter)."""
    was, now = (_allows_empty(*one) for one in ((matched.old, old), (matched.new, new)))
    if was == now:
        return
    part = _part(new)
    if now:
        yield _simple(matched, FindingCode.REQUEST_WIDENED, new, "may be empty")
        return
    witness = partial(_empty_witness, matched, old)
    if witness() is not None:
        yield Change(
            code=FindingCode.EMPTY_VALUE_REFUSED,
            operation=matched.id,
            part=part,
            what=f"the {part} of {matched.id} may no longer be empty",
            old="allowEmptyValue: true",
            new="no `allowEmptyValue`",
            origin=new.pointer,
            place=matched.new.place(new.pointer),
            show=witness,
        )


def _allows_empty(contract: Contract, parameter: Parameter) -> bool:
    written = contract.find(parameter.pointer)
    return parameter.location == "query" and written.get("allowEmptyValue") is True


def _empty_witness(matched: Matched, parameter: Parameter) -> Witness | None:
    try:
        call = matched.plain()
        key = (parameter.location, parameter.name)
        values = {at: value for at, value in call.values.items() if at != key}
        request = request_of(matched.old, replace(call, values=values))
    except SpecError:
        return None
    target = request.target + ("&" if "?" in request.target else "?")
    sent = replace(request, target=f"{target}{quote(parameter.name)}=")
    reason = refusal(matched.new, matched.moved(sent))
    if not reason:
        return None
    return Witness(
        operation=matched.id,
        request=sent,
        old="allows it by allowEmptyValue",
        new=f"refuses it: {reason}",
    )


def _style(parameter: Parameter) -> tuple[Any, ...]:
    content = parameter.content.name if parameter.content else ""
    return (parameter.style, parameter.explode, parameter.allow_reserved, content)


def _style_said(parameter: Parameter) -> str:
    if parameter.content:
        return f"content {parameter.content.name}"
    more = ", allowReserved" if parameter.allow_reserved else ""
    return f"style {parameter.style}, explode {str(parameter.explode).lower()}{more}"


def _parameter_witness(matched: Matched, parameter: Parameter, value: Any) -> Witness | None:
    return matched.request(lambda: matched.plain().with_value(parameter, value))

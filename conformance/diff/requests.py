"""What clients of an operation send: parameters and the body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from conformance.diff.change import Change
from conformance.diff.encodings import part_changes
from conformance.diff.matched import Matched
from conformance.diff.media import paired, travels_as_text, uncovered, writes_xml
from conformance.diff.schemas import SchemaComparison
from conformance.diff.sequences import compared
from conformance.diff.styles import form_witness, style_witness
from conformance.diff.subject import Subject
from conformance.diff.witness import Witness
from conformance.messages.calls import Call, sampled
from conformance.messages.disallowed import refusal
from conformance.messages.operation_finder import path_names
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, MediaType, Operation, Parameter, RequestBody, SpecError
from spec.text.forms import is_form

__all__ = ["body_changes", "parameter_changes"]


def parameter_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in the parameters; path parameters are matched by where they stand."""
    old, new = _named(matched.before), _named(matched.after)
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


def _named(operation: Operation) -> dict[tuple[str, str], Parameter]:
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
        for index, name in enumerate(path_names(segment)):
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
        written={} if new else matched.old.find(parameter.pointer),
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
    if _style(old) != _style(new):
        show = partial(style_witness, matched, old, new)
        if show() is not None:
            yield Change(
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
            return
        if old.allow_reserved != new.allow_reserved:
            yield _reserved(matched, new)
    yield from _empty_value(matched, old, new)
    yield from schemas.changes(
        Subject(
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


def body_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in the request body."""
    old, new = matched.before.request_body, matched.after.request_body
    if old is None and new is None:
        return
    if old is None:
        assert new is not None
        yield _body_added(matched, new)
        return
    if new is not None:
        yield from _demanded(matched, old, new)
    pairs = paired(old.content, new.content if new else ())
    for media_type in pairs.removed:
        yield _media_type_removed(matched, media_type)
    for media_type in pairs.added:
        yield _body_change(
            matched,
            FindingCode.REQUEST_MEDIA_TYPE_ADDED,
            f"request body {media_type.name}",
            "may now be sent",
        )
    for before, after in pairs.both:
        part = f"request body {before.name}" if len(old.content) > 1 else "request body"
        if is_form(before.name) and before.encoding != after.encoding:
            yield from _encoding(matched, before, after, part)
        if is_form(before.name):
            yield from part_changes(matched, before, after, part, Direction.REQUEST)
        yield from _contents(matched, schemas, before, after, part)


def _encoding(matched: Matched, old: MediaType, new: MediaType, part: str) -> Iterator[Change]:
    show = partial(form_witness, matched, old, new)
    if show() is not None:
        yield Change(
            code=FindingCode.PARAMETER_STYLE_CHANGED,
            operation=matched.id,
            part=f"{part} encoding",
            what=f"the fields of the {part} of {matched.id} are written otherwise",
            old=f"`encoding`: {json.dumps(old.encoding)}",
            new=f"`encoding`: {json.dumps(new.encoding)}",
            place=matched.new.place(new.pointer),
            show=show,
        )


def _contents(
    matched: Matched, schemas: SchemaComparison, old: MediaType, new: MediaType, part: str
) -> Iterator[Change]:
    for one in compared((matched.old, old), (matched.new, new), Direction.REQUEST):
        yield from schemas.changes(
            Subject(
                operation=matched.id,
                part=f"{part}{one.part}",
                where=f"the body of {matched.id}",
                old=one.old,
                new=one.new,
                direction=Direction.REQUEST,
                textual=travels_as_text(old),
                is_xml=writes_xml(old),
                holds_data=one.holds_data,
                show=partial(_body_witness, matched, old, one.body),
            )
        )


def _body_witness(
    matched: Matched, media_type: MediaType, body: Callable[[Any], Any], value: Any
) -> Witness | None:
    return matched.request(lambda: matched.plain().with_body(media_type, body(value)))


def _body_added(matched: Matched, new: RequestBody) -> Change:
    if not new.required:
        return _body_change(
            matched, FindingCode.REQUEST_BODY_ADDED, "request body", "is new and optional"
        )
    return _body_required(matched, "no request body")


def _body_required(matched: Matched, before: str) -> Change:
    return _body_change(
        matched, FindingCode.REQUEST_BODY_REQUIRED, "request body", "must now be sent", before
    )


def _demanded(matched: Matched, old: RequestBody, new: RequestBody) -> Iterator[Change]:
    if new.required and not old.required:
        yield _body_required(matched, "optional")
    elif old.required and not new.required:
        yield _body_change(
            matched, FindingCode.REQUEST_BODY_OPTIONAL, "request body", "need not be sent any more"
        )


def _body_change(
    matched: Matched, code: FindingCode, part: str, verb: str, before: str = "not declared"
) -> Change:
    body = matched.after.request_body
    pointer = body.pointer if body else matched.after.pointer
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=f"the {part} of {matched.id} {verb}",
        old=before,
        new=verb,
        origin=pointer,
        place=matched.new.place(pointer),
        show=lambda: matched.request(matched.plain),
    )


def _media_type_removed(matched: Matched, media_type: MediaType) -> Change:
    body = matched.after.request_body
    declared = [one.name for one in body.content] if body else []

    def lost() -> Call:
        lost_type = uncovered(media_type, body.content if body else ())
        value = sampled(matched.old, media_type, Direction.REQUEST)
        return matched.plain().with_body(lost_type, value)

    return Change(
        code=FindingCode.REQUEST_MEDIA_TYPE_REMOVED,
        operation=matched.id,
        part=f"request body {media_type.name}",
        what=f"{matched.id} no longer reads {media_type.name}",
        old="declared",
        new=", ".join(declared) or "no request body",
        origin=media_type.pointer,
        place=matched.old.place(media_type.pointer),
        show=lambda: matched.request(lost),
    )

"""What clients of an operation send: parameters and the body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from conformance.diff.change import Change
from conformance.diff.matched import Matched
from conformance.diff.media import paired, travels_as_text, uncovered
from conformance.diff.schemas import SchemaComparison, Subject
from conformance.diff.styles import form_witness, style_witness
from conformance.diff.witness import (
    Call,
    Witness,
    sampled,
    schema_of,
)
from spec import Direction, MediaType, Parameter, RequestBody
from spec.text.forms import is_form

__all__ = ["body_changes", "parameter_changes"]


def parameter_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in the parameters; path parameters are matched by their order."""
    old, new = _named(matched.before, matched), _named(matched.after, matched)
    for key, parameter in old.items():
        if key in new:
            yield from _parameter(matched, schemas, parameter, new[key])
        else:
            yield _simple(
                matched, "parameter-withdrawn", parameter, "is no longer declared", new=False
            )
    for key, parameter in new.items():
        if key not in old:
            yield _added(matched, parameter)


def _named(operation: Any, matched: Matched) -> dict[tuple[str, str], Parameter]:
    order = {name: str(i) for i, name in enumerate(_path_names(operation.path))}
    return {_key(parameter, order): parameter for parameter in operation.parameters}


def _key(parameter: Parameter, order: dict[str, str]) -> tuple[str, str]:
    if parameter.location == "path":
        return parameter.location, order.get(parameter.name, parameter.name)
    if parameter.location == "header":
        return parameter.location, parameter.name.lower()
    return parameter.location, parameter.name


def _path_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _part(parameter: Parameter) -> str:
    return f"{parameter.location} parameter {parameter.name}"


def _simple(
    matched: Matched, code: str, parameter: Parameter, verb: str, *, new: bool = True
) -> Change:
    contract = matched.new if new else matched.old
    part = _part(parameter)
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=f"{part} {verb}",
        old="declared" if not new else "",
        new="not declared" if not new else verb,
        origin=parameter.pointer,
        place=contract.place(parameter.pointer),
    )


def _added(matched: Matched, parameter: Parameter) -> Change:
    if not parameter.required:
        return _simple(matched, "parameter-added", parameter, "is new and optional")
    return _required(matched, parameter, "not declared")


def _required(matched: Matched, parameter: Parameter, before: str) -> Change:
    part = _part(parameter)
    return Change(
        code="parameter-required",
        operation=matched.id,
        part=part,
        what=f"{part} must be sent",
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
        yield _simple(matched, "parameter-optional", new, "need not be sent any more")
    if new.deprecated and not old.deprecated:
        yield _simple(matched, "parameter-deprecated", new, "is deprecated")
    if _style(old) != _style(new):
        show = partial(style_witness, matched, old, new)
        if show() is not None:
            yield Change(
                code="parameter-style-changed",
                operation=matched.id,
                part=_part(old),
                what=f"{_part(old)} is written otherwise",
                old=_style_said(old),
                new=_style_said(new),
                origin=new.pointer,
                place=matched.new.place(new.pointer),
                show=show,
            )
            return
    yield from schemas.changes(
        Subject(
            operation=matched.id,
            part=_part(old),
            old=schema_of(old),
            new=schema_of(new),
            direction=Direction.REQUEST,
            textual=True,
            show=partial(_parameter_witness, matched, old),
        )
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
            matched, "request-media-type-added", f"request body {media_type.name}", "is new"
        )
    for before, after in pairs.both:
        part = f"request body {before.name}" if len(old.content) > 1 else "request body"
        if is_form(before.name) and before.encoding != after.encoding:
            yield from _encoding(matched, before, after, part)
        yield from _contents(matched, schemas, before, after, part)


def _encoding(matched: Matched, old: MediaType, new: MediaType, part: str) -> Iterator[Change]:
    show = partial(form_witness, matched, old, new)
    if show() is not None:
        yield Change(
            code="parameter-style-changed",
            operation=matched.id,
            part=f"{part} encoding",
            what=f"the fields of the {part} are written otherwise",
            old=f"`encoding`: {json.dumps(old.encoding)}",
            new=f"`encoding`: {json.dumps(new.encoding)}",
            place=matched.new.place(new.pointer),
            show=show,
        )


def _contents(
    matched: Matched, schemas: SchemaComparison, old: MediaType, new: MediaType, part: str
) -> Iterator[Change]:
    yield from schemas.changes(
        Subject(
            operation=matched.id,
            part=part,
            old=old.schema,
            new=new.schema,
            direction=Direction.REQUEST,
            textual=travels_as_text(old),
            show=partial(_body_witness, matched, old),
        )
    )


def _body_witness(matched: Matched, media_type: MediaType, value: Any) -> Witness | None:
    return matched.request(lambda: matched.plain().with_body(media_type, value))


def _body_added(matched: Matched, new: RequestBody) -> Change:
    if not new.required:
        return _body_change(matched, "request-body-added", "request body", "is new and optional")
    return _body_required(matched, "no request body")


def _body_required(matched: Matched, before: str) -> Change:
    return _body_change(matched, "request-body-required", "request body", "must be sent", before)


def _demanded(matched: Matched, old: RequestBody, new: RequestBody) -> Iterator[Change]:
    if new.required and not old.required:
        yield _body_required(matched, "optional")
    elif old.required and not new.required:
        yield _body_change(
            matched, "request-body-optional", "request body", "need not be sent any more"
        )


def _body_change(
    matched: Matched, code: str, part: str, verb: str, before: str = "not declared"
) -> Change:
    body = matched.after.request_body
    pointer = body.pointer if body else matched.after.pointer
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=f"{part} {verb}",
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
        code="request-media-type-removed",
        operation=matched.id,
        part=f"request body {media_type.name}",
        what=f"request body {media_type.name} is no longer declared",
        old="declared",
        new=", ".join(declared) or "no request body",
        origin="",
        place=matched.old.place(media_type.pointer),
        show=lambda: matched.request(lost),
    )

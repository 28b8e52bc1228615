"""What clients of an operation send as the body: whether one, and which media types and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.model.witness import Witness
from conformance.diff.parts.encodings import part_changes
from conformance.diff.parts.media import paired, travels_as_text, uncovered, writes_xml
from conformance.diff.parts.parameter_serialization import form_witness
from conformance.diff.parts.sequences import compared
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.schema_comparison import SchemaComparison
from conformance.messages.request_values import RequestValues, sampled
from conformance.report.codes.finding_code import FindingCode
from spec import Direction, MediaType, RequestBody
from spec.text.forms import is_form

__all__ = ["body_changes"]


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
        # With one media type its name says nothing, and a waiver survives that it changes.
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
            ComparedSchemas(
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
    content = matched.after.request_content
    declared = [one.name for one in content]

    def lost() -> RequestValues:
        lost_type = uncovered(media_type, content)
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

"""What Schemathesis generates, as requests of an operation, and whether the contract allows it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, unquote

from conformance.cases.body_wire import LOST, Wire
from conformance.cases.draft_parameters import allows, is_allowed, stands_alone, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import without
from conformance.cases.unused_ids import under_unused_id, unused_number
from conformance.clauses.value_paths import expand
from conformance.http.request_drafts import Draft
from conformance.run.generated.known_values import KnownValues
from conformance.run.generated.value_ranges import in_order
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter
from spec.text.body_codecs import BodyKind
from spec.text.styles import StyleError

__all__ = ["document_for", "generated_draft", "is_valid", "mended"]

_FULL_VERSION = re.compile(r"\d\.\d\.\d")


def document_for(subject: Subject) -> dict[str, Any]:
    """The contract, with the body of the operation as JSON of the schema that judges it.

    Schemathesis writes some media types and no others, and draws among several: here it is asked
    for values alone, which the media type of the control then carries.
    """
    operation, promises = subject.operation, dict(subject.contract.promises)
    if not _FULL_VERSION.match(str(promises["openapi"])):
        # YAML reads `openapi: 3.0` as a number, which lint reports; Schemathesis wants three.
        promises["openapi"] = f"{subject.contract.openapi[:3]}.0"
    wire, body = subject.wire, operation.request_body
    single = body is not None and len(body.content) == 1
    if wire is None or (wire.kind is BodyKind.JSON and single):
        return promises
    paths: Any = promises.get("paths", {})
    item: Any = paths.get(operation.path)
    method = operation.method.lower()
    stated: Any = item.get(method) if isinstance(item, dict) else None
    if not isinstance(stated, dict):
        return promises  # what is stated elsewhere is drawn as it stands
    content = {"application/json": {"schema": wire.schema.value}}
    made = {**stated, "requestBody": {"required": True, "content": content}}
    return {**promises, "paths": {**paths, operation.path: {**item, method: made}}}


def generated_draft(
    subject: Subject, generated: Any, known: KnownValues, *, made_up: bool
) -> Draft | None:
    """The control with the generated body and parameters; its credential and `known` values stay.

    Unless it may be `made_up`, what the path names stays as well where the generated one is good:
    a request for a missing resource is refused for that reason, not for its other faults.
    """
    draft = subject.control
    wire = subject.wire
    if wire is not None:
        body = _body(wire, generated)
        if body is LOST:
            return None
        body = in_order(body) if isinstance(body, dict) else body
        own = under_unused_id(subject, body, unused_number())
        draft = draft.but(body=known.kept(subject, own))
    places = {"path": generated.path_parameters, "query": in_order(generated.query or {})}
    for parameter in subject.operation.parameters:
        values = places.get(parameter.location) or {}
        stays = made_up and (parameter.location, parameter.name) in known.parameters
        stays = stays or subject.is_kept(parameter)
        if parameter.name not in values or stays:
            continue
        value = values[parameter.name]
        if parameter.location == "path" and isinstance(value, str):
            value = unquote(str(value))  # Schemathesis hands path values out percent-encoded
        if (
            parameter.location == "path"
            and not made_up
            and is_allowed(subject.contract, parameter, value)
        ):
            continue
        changed = _with_value(subject, draft, parameter, value)
        if changed is None:
            return None
        draft = changed
    try:
        draft.request()
    except (ValueError, UnicodeError):
        return None
    return draft


def _with_value(subject: Subject, draft: Draft, parameter: Parameter, value: Any) -> Draft | None:
    """The draft with a generated value; None where it cannot travel as that."""
    way = parameter_codec(subject.contract, subject.operation, parameter)
    value = _undivided(way, parameter, value)
    if stands_alone(subject.contract, parameter) and not isinstance(value, dict):
        return None
    try:
        changed = with_parameter(draft, parameter, way, value)
    except (StyleError, ValueError, TypeError, UnicodeError):
        return None
    # An empty segment, and one of dots, makes another path of it (RFC 3986 section 5.2.4).
    text = changed.segments.get(parameter.name, "x")
    leads_elsewhere = parameter.location == "path" and (not text or set(text) <= set("./"))
    return None if leads_elsewhere else changed


def _undivided(way: ParameterCodec, parameter: Parameter, value: Any) -> Any:
    """The list or object of which Schemathesis hands out the text, with its delimiters.

    Written as one text they would be escaped, and an escaped comma divides nothing (RFC 6570
    section 3.2.1).
    """
    if not isinstance(value, str) or "," not in value:
        return value
    read = way.decode(((parameter.name, quote(value, safe=",")),))
    return read if isinstance(read, (list, dict)) else value


def _body(wire: Wire, generated: Any) -> Any:
    """The generated value as it arrives; LOST where it is none, or the media type cannot carry it.

    What Schemathesis draws for bytes is a class of its own; JSON makes it a plain text.
    """
    try:
        body = json.loads(json.dumps(generated.body))
    except (TypeError, ValueError):
        return LOST
    return wire.arrived([body] if wire.of_items else body)


def _has_empty_field(wire: Wire, body: Any) -> bool:
    """Whether a form has a field that a reader may take for none."""
    is_form = wire.kind in (BodyKind.FORM, BodyKind.PARTS) and isinstance(body, dict)
    return is_form and any(value in ("", [], [""]) for value in body.values())


def _nests_deeply(subject: Subject, body: Any) -> bool:
    """Whether a field of brackets has a list or an object in a property: OpenAPI gives it no form.

    Readers ignore `f[a][0]=x`, or refuse it.
    """
    encoding = subject.media_type.encoding if subject.media_type else {}
    deep = [name for name, said in encoding.items() if said.get("style") == "deepObject"]
    fields = [body[name] for name in deep if isinstance(body, dict) and name in body]
    return any(
        isinstance(value, (list, dict))
        for field in fields
        for value in (field.values() if isinstance(field, dict) else ())
    )


def _without_read_only(subject: Subject, body: Any) -> Any:
    """The body without the properties that are readOnly (OpenAPI 3.0.4, Schema Object)."""
    for node in subject.body_nodes():
        if node.keywords.get("readOnly") is True and node.steps:
            body = without(body, list(expand(body, node.steps)))
    return body


def is_valid(subject: Subject, draft: Draft) -> bool | None:
    """Whether the contract allows the request; None where that is undecided."""
    wire = subject.wire
    if wire is not None and _nests_deeply(subject, draft.body):
        return None
    if wire is not None and not wire.valid(subject.builder, draft.body):
        # A discriminator that names no schema may be refused, and need not be; nor must what
        # is only wrong in properties that a server may ignore in a request.
        return False if wire.violations(_without_read_only(subject, draft.body)) else None
    if wire is not None and _has_empty_field(wire, draft.body):
        return None
    for parameter in subject.operation.parameters:
        allowed = _allows(subject, draft, parameter)
        if not allowed:
            return allowed
    return True


def mended(subject: Subject, draft: Draft) -> Draft:
    """The draft with the control's own parts in the place of those that the contract forbids."""
    wire, control = subject.wire, subject.control
    if wire is not None and not wire.valid(subject.builder, draft.body):
        draft = draft.but(body=control.body)
    for parameter in subject.operation.parameters:
        if _allows(subject, draft, parameter) is False:
            name = parameter.name
            others = [pair for pair in draft.query if pair[0] != name]
            good = [pair for pair in control.query if pair[0] == name]
            own = {key: text for key, text in control.segments.items() if key == name}
            draft = draft.but(query=(*others, *good), segments={**draft.segments, **own})
    return draft


def _allows(subject: Subject, draft: Draft, parameter: Parameter) -> bool | None:
    """Whether the contract allows what a draft has of a parameter; None where that is undecided."""
    schema = parameter.value_schema
    if schema is None or parameter.location not in ("path", "query"):
        return True
    way = parameter_codec(subject.contract, subject.operation, parameter)
    raw = draft.segments.get(parameter.name)
    named = tuple(pair for pair in draft.query if pair[0] == parameter.name)
    pairs = ((parameter.name, raw),) if raw is not None else named or draft.query
    try:
        return allows(subject.contract, schema, way, pairs)
    except (StyleError, ValueError):
        return None

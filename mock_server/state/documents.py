"""Documents as requests make and change them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.model.request import MISSING
from mock_server.plan.operation_plan import OperationPlan
from mock_server.state.outlines import request_shape, shape_for, success_response, writable
from mock_server.state.resources import Resource
from spec import Direction, SpecError
from spec.schemas.shapes import ANYTHING, Shape

__all__ = [
    "defaults",
    "id_text",
    "identified",
    "is_partial_put",
    "is_storable",
    "merged",
    "new_id",
    "owned",
    "sent",
]


def sent(
    resource: Resource, plan: OperationPlan, body: Mapping[str, Any], content_type: str
) -> dict[str, Any]:
    """What of a body a client may decide on.

    That is all but what is `readOnly`, and what a thing has and the body's schema does not name.
    """
    shape = request_shape(plan, content_type)
    settable = writable(shape)
    servers = resource.shape.properties if shape.properties else {}
    # Where additional properties are allowed, what nobody declares is the client's to keep.
    unknown = body.keys() - shape.properties.keys() - servers.keys()
    return {k: v for k, v in body.items() if k in settable or k in unknown}


def owned(resource: Resource, plan: OperationPlan, *bases: Any) -> dict[str, Any]:
    """The properties that the server decides on, from the contract's own answers.

    They are those that no body of the operation can have. Where a body may have any, there is none.
    """
    settable = writable(request_shape(plan))
    # A body without a schema says nothing about who decides on what.
    if not settable:
        return {}
    found: dict[str, Any] = {}
    for base in bases:
        given = base if isinstance(base, dict) else {}
        found |= {k: v for k, v in given.items() if k in resource.shape.properties}
    return {name: value for name, value in found.items() if name not in settable}


def merged(document: Any, patch: Any, shape: Shape, *, strict: bool) -> Any:
    """A document after a merge patch (RFC 7396).

    Unless the patch is `strict`ly one, by its media type, a null is a value where the schema
    takes it.
    """
    if not isinstance(patch, dict):
        return patch
    made = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        part = shape.member(name)
        # Under `application/json` most services take null for a value; only RFC 7396 makes it a
        # removal.
        keeps_null = not strict and not part.is_anything and "null" in part.types
        if value is None and not keeps_null:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value, part, strict=strict)
    return made


def is_partial_put(resource: Resource, plan: OperationPlan) -> bool:
    """Whether a PUT changes what it names and leaves the rest, as `minProperties: 1` tells.

    That is so where its body asks for no property and is not of the kind that is answered.
    """
    shape = request_shape(plan)
    asks = any(layer.get("required") for layer in shape.layers)
    is_other = {*shape.properties} != {*resource.shape.properties} or any(
        one.types.isdisjoint(resource.shape.properties[name].types)
        for name, one in shape.properties.items()
    )
    return bool(shape.properties) and not asks and is_other


def identified(
    resource: Resource, id_: str, document: dict[str, Any], before: dict[str, Any] | None
) -> dict[str, Any]:
    """The document with its own id: no change gives a thing another one."""
    name = resource.id_name
    if name is None:
        return document
    if before is not None and name in before:
        return {**document, name: before[name]}
    shape = resource.shape.member(name)
    # More digits may be beyond 64 bits, in which services keep numbers.
    number = int(id_) if id_.isdecimal() and len(id_) < 19 else id_
    is_number = not shape.is_anything and shape.admits(number) and not shape.admits(id_)
    return {**document, name: number if is_number else id_}


def new_id(resource: Resource, place: str, number: int) -> str | int:
    """The plainest id for a new thing that satisfies what the contract says of it."""
    inside = resource.shape.member(resource.id_name) if resource.id_name else ANYTHING
    in_path = _parameter_shape(resource)
    # Made from the place, not at random: the same requests give the same ids in every run.
    unique = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place}/{number}"))
    candidates: list[str | int] = [number, str(number), unique]
    if "uuid" in {layer.get("format") for layer in (*inside.layers, *in_path.layers)}:
        candidates.insert(0, unique)
    if inside.is_anything and "integer" not in in_path.types:
        candidates.remove(number)
    fitting = [one for one in candidates if inside.admits(one)]
    # An id has to fit twice: as the property of the thing, and as the parameter that finds it
    # again.
    best = (one for one in fitting if in_path.admits(one) or in_path.admits(id_text(one)))
    return next((found for found in (*best, *_sampled(resource, number), *fitting)), str(number))


def defaults(resource: Resource, plan: OperationPlan) -> dict[str, Any]:
    """The values that a new thing has where nothing was sent."""
    return {
        name: layer["default"]
        for shape in (resource.shape, request_shape(plan))
        for name, part in shape.properties.items()
        for layer in part.layers
        if "default" in layer
    }


def _parameter_shape(resource: Resource) -> Shape:
    """What the contract says of the id as it stands in the path."""
    plan = resource.reading or next(iter(resource.writers), None)
    for one in plan.operation.parameters if plan else ():
        if plan and one.location == "path" and one.name == resource.parameter:
            return shape_for(plan, one.value_schema, Direction.REQUEST)
    return ANYTHING


def _sampled(resource: Resource, number: int) -> Iterator[str | int]:
    """An id from a value that is generated for the whole thing."""
    plan = resource.reading
    response = success_response(plan) if plan else None
    schema = next((one.schema for one in response.content), None) if response else None
    if plan is None or schema is None or resource.id_name is None:
        return
    try:
        value = plan.contract.sample(schema, Direction.RESPONSE, number)
    except SpecError:
        return
    found = value.get(resource.id_name) if isinstance(value, dict) else None
    if isinstance(found, (str, int)):
        yield found


def id_text(value: Any) -> str:
    """An id as it stands in a path."""
    return value if isinstance(value, str) else json.dumps(value)


def is_storable(value: Any) -> bool:
    """Whether a body can be kept, as it can where there is none: a file of a form cannot."""
    if value is MISSING:
        return True
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True

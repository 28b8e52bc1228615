"""What an operation takes and answers, as far as state needs it: the shapes of its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from mock_server.model.definitions import definition
from mock_server.plan.operation_plan import OperationPlan
from spec import Contract, Direction, MediaType, Response, Schema
from spec.schemas.shapes import ANYTHING, Shape, shape_of
from spec.text import forms, media_types
from spec.text.name_words import words_of

__all__ = [
    "answer_shape",
    "enveloped",
    "is_kin",
    "list_in",
    "media_type",
    "request_shape",
    "shape_for",
    "success_response",
    "writable",
    "written_values",
]

_shapes: WeakKeyDictionary[Contract, dict[tuple[str, Direction], Shape]] = WeakKeyDictionary()
_ENVELOPES = ("data", "result", "item", "record", "resource")
_LISTS = ("items", "data", "results", "records", "entries", "content", "list", "values", "rows")


def success_response(plan: OperationPlan) -> Response | None:
    """The response of a good request; None where the contract has none."""
    return plan.response_of(plan.success_key)


def answer_shape(plan: OperationPlan) -> Shape:
    """The shape of the JSON that answers a good request; anything where there is none."""
    medium = _json_medium(success_response(plan))
    return shape_for(plan, medium.schema if medium else None, Direction.RESPONSE)


def request_shape(plan: OperationPlan, content_type: str = "") -> Shape:
    """The shape of the body that it takes, as that type, or else as JSON or as a form."""
    content = plan.operation.request_content
    sent = media_types.match(content_type, [one.name for one in content])
    known = (one for one in content if media_types.is_json(one.name) or forms.is_form(one.name))
    named = (one for one in content if one.name == sent)
    schema = next((one.schema for one in (*named, *known)), None)
    return shape_for(plan, schema, Direction.REQUEST)


def shape_for(plan: OperationPlan, schema: Schema | None, direction: Direction) -> Shape:
    """The shape of a schema of its contract."""
    if schema is None:
        return ANYTHING
    contract = plan.contract
    # By contract, weakly: a reload makes another contract, and the shapes of the old one go with
    # it.
    kept, schema = _shapes.setdefault(contract, {}), definition(schema, contract)
    key = (schema.pointer, direction)
    if key not in kept:
        kept[key] = shape_of(contract.standalone(schema, direction))
    return kept[key]


def media_type(plan: OperationPlan, status: str, medium: str) -> MediaType | None:
    """The entry of a response's `content` by which an answer is judged."""
    response = plan.response_of(status)
    content = response.served_content if response else ()
    names = [one.name for one in content]
    found = medium if medium in names else media_types.match(medium, names)
    return next((one for one in content if one.name == found), None)


def written_values(plan: OperationPlan) -> list[Any]:
    """The examples of its good answer that a person wrote and no condition limits, as JSON."""
    medium = _json_medium(success_response(plan))
    return [one.value for one in medium.examples if one.when is None] if medium else []


def _json_medium(response: Response | None) -> MediaType | None:
    content = response.served_content if response else ()
    return next((one for one in content if media_types.is_json(one.name)), None)


def writable(shape: Shape) -> frozenset[str]:
    """The names of the properties that are not `readOnly`."""
    return frozenset(
        name
        for name, one in shape.properties.items()
        if not any(layer.get("readOnly") is True for layer in one.layers)
    )


def is_kin(one: Shape, other: Shape) -> bool:
    """Whether two shapes are of the same kind of thing: their properties have the same names."""
    return bool(one.properties) and one.properties.keys() == other.properties.keys()


def enveloped(shape: Shape, nouns: Iterable[str]) -> str | None:
    """The property that holds the thing itself (`{data: …}`); None where the shape is the thing."""
    if not shape.is_object or shape.is_array:
        return None
    objects = [name for name, one in shape.properties.items() if one.is_object and one.properties]
    wanted = {*_ENVELOPES, *nouns}
    named = [name for name in objects if name.lower() in wanted]
    # With an id of its own the object is the thing itself, and `data` is one of its properties.
    has_id = any(words_of(name)[-1:] == ["id"] for name in shape.properties)
    return named[0] if len(named) == 1 and not has_id else None


def list_in(shape: Shape, nouns: Iterable[str] = ()) -> tuple[str | None, Shape] | None:
    """Where an answer has its list (None: it is the list) and what an item is; None without one."""
    if shape.is_array and not shape.is_object:
        return None, shape.element
    lists: Mapping[str, Shape] = {
        name: one.element for name, one in shape.properties.items() if one.is_array
    }
    # `{users: […], tags: […]}` of `/users`: what is called like the path goes first.
    names = [*(name for name in lists if name.lower() in set(nouns)), *_LISTS]
    named = next((name for name in names if name in lists), None)
    if named is None:
        of_things = [name for name, element in lists.items() if element.properties]
        named = of_things[0] if len(of_things) == 1 else None
    return (named, lists[named]) if named is not None else None

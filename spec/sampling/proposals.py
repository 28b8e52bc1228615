"""Values that a schema proposes: its types, members and examples, and our two extension keys.

`x-mock-value` and `x-mock-length` stand beside the keywords and promise nothing. The former is a
constant, a list to choose from, or a string with runtime expressions, which is filled when a
request is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from spec.sampling.search import DeadEndError
from spec.schemas.shapes import Shape
from spec.text.json_identity import identity

__all__ = [
    "LENGTH",
    "TYPES",
    "VALUE",
    "choices",
    "expressed",
    "fits",
    "given_by",
    "is_among",
    "is_clean",
    "is_expression",
    "is_partial",
    "lengths",
    "members_left",
    "proposals",
    "types_left",
]

Layer: TypeAlias = Mapping[str, Any]


TYPES = ("object", "array", "string", "number", "boolean", "null")


def types_left(types: Sequence[str], layer: Layer) -> Sequence[str]:
    """The types that are left when one more layer is laid on, in the order that it names them.

    Raises DeadEndError where none is left.
    """
    written = layer.get("type")
    if written is not None:
        types = _common(types, [written] if isinstance(written, str) else written)
    barred = layer.get("not")
    if isinstance(barred, dict) and barred.keys() == {"type"}:
        names = [barred["type"]] if isinstance(barred["type"], str) else barred["type"]
        types = [name for name in types if name not in names]
    if not types:
        raise DeadEndError
    return types


def _common(types: Sequence[str], asked: Sequence[str]) -> list[str]:
    common = []
    for name in asked:
        if name in types or (name == "integer" and "number" in types):
            common.append(name)
        elif name == "number" and "integer" in types:
            common.append("integer")
    return common


def members_left(layers: Sequence[Layer]) -> list[Any] | None:
    """The members that `enum` and `const` leave, or None where they do not speak."""
    members: list[Any] | None = None
    for layer in layers:
        if "const" in layer:
            own = [layer["const"]]
        elif isinstance(layer.get("enum"), list):
            own = layer["enum"]
        else:
            continue
        if members is None:
            members = own
        else:
            # By what can be looked up: two enums of 100,000 members are 10^10 comparisons.
            allowed = set(map(identity, own))
            members = [one for one in members if identity(one) in allowed]
    if members is None:
        return None
    return [one for one in members if not any(_is_barred(one, layer) for layer in layers)]


def _is_barred(value: Any, layer: Layer) -> bool:
    barred = layer.get("not")
    if not isinstance(barred, dict):
        return False
    members = [barred["const"]] if barred.keys() == {"const"} else barred.get("enum", ())
    return barred.keys() <= {"const", "enum"} and is_among(value, members)


def is_among(value: Any, members: Any) -> bool:
    """Whether a value is one of the members; `true` is not 1."""
    return any(one == value and isinstance(one, bool) is isinstance(value, bool) for one in members)


def proposals(layers: Sequence[Layer]) -> list[Any]:
    """Values that the schema itself proposes."""
    found: list[Any] = []
    for layer in layers:
        if "example" in layer:
            found.append(layer["example"])
        examples = layer.get("examples")
        found += examples if isinstance(examples, list) else ()
    # After the examples: a default is often empty, and shows nothing.
    return found + [layer["default"] for layer in layers if "default" in layer]


def given_by(layers: Sequence[Layer]) -> dict[str, Any]:
    """The properties that examples of parts of an object give; the first example of each part."""
    given: dict[str, Any] = {}
    for layer in layers:
        for one in proposals([layer])[:1]:
            if isinstance(one, dict) and is_clean(one):
                given = one | given
    return given


def is_partial(example: Mapping[str, Any], layers: Sequence[Layer]) -> bool:
    """Whether an example of an object is one of a part of it: others declare what it lacks."""
    own = [one for one in layers if any(example == shown for shown in proposals([one]))]
    others = [one for one in layers if not any(one is each for each in own)]
    return any(
        name not in example for layer in others for name in layer.get("required", ())
    ) and bool(own)


def fits(value: Any, types: Sequence[str]) -> bool:
    """Whether a value is of one of the types."""
    match value:
        case None:
            return "null" in types
        case bool():
            return "boolean" in types
        case int():
            return "number" in types or "integer" in types
        case float():
            return "number" in types or ("integer" in types and value.is_integer())
        case str():
            return "string" in types
        case list():
            return "array" in types
    return isinstance(value, dict) and "object" in types


def is_clean(value: Any) -> bool:
    """Whether JSON can say it in UTF-8: no NaN, no lone surrogate, no date of YAML's."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


LENGTH, VALUE = "x-mock-length", "x-mock-value"
_EXPRESSION = re.compile(r"\{\$[^{}]+\}")


def choices(layers: Sequence[Mapping[str, Any]], types: Sequence[str]) -> list[Any]:
    """The values that are asked for and of these types; what an expression will give is none."""
    for layer in layers:
        if VALUE in layer and not is_expression(layer[VALUE]):
            return [one for one in choices_of(layer[VALUE], types) if fits(one, types)]
    return []


def choices_of(value: Any, types: Sequence[str]) -> list[Any]:
    """A list is to choose from, unless only the list itself is of the types."""
    if not isinstance(value, list):
        return [value]
    # For an array, `[1, 2]` is the value; for a number, it offers two.
    if fits(value, types) and not any(fits(one, types) for one in value):
        return [value]
    return value


def lengths(layers: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The least and the most items that are asked for; None where they are not."""
    for layer in layers:
        wished = layer.get(LENGTH)
        if isinstance(wished, Mapping):
            least, most = wished.get("min", 0), wished.get("max", wished.get("min", 0))
        else:
            least = most = wished
        if type(least) is int and type(most) is int and 0 <= least <= most:
            return least, most
    return None


def is_expression(value: Any) -> bool:
    """Whether a value is made of the request that is answered."""
    return isinstance(value, str) and _EXPRESSION.search(value) is not None


def expressed(value: Any, shape: Shape) -> Any:
    """The value with the expressions put in that are asked for; itself where there are none."""
    for layer in shape.layers:
        if is_expression(layer.get(VALUE)):
            return layer[VALUE]
    if isinstance(value, list):
        items = [expressed(item, shape.element) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        made = {name: expressed(item, shape.member(name)) for name, item in value.items()}
        return made if any(made[name] is not value[name] for name in made) else value
    return value

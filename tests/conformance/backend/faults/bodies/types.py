"""Values of another type, which are converted or not looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.exchange import chat, config, embed, image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.bodies.reading import (
    USER,
    as_float,
    called,
    fault,
    parsing,
    tool,
)
from tests.conformance.backend.patching import accepting, reshaped
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import Anything, Items

__all__ = ["FAULTS"]


def coerced(operation: str, name: str, cast: Callable[[Any], Any]) -> Patch:
    """A property is converted before it is looked at."""

    def read(body: bytes) -> Any:
        value = parse(body)
        if isinstance(value, dict) and name in value:
            value[name] = cast(value[name])
        return value

    return parsing(operation, read)


def text(value: Any) -> Any:
    """`str(value)`."""
    return value if isinstance(value, str) else json.dumps(value, default=as_float)


def boolean(value: Any) -> Any:
    """The strings that query parsers take for booleans."""
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower(), value)


def number(value: Any) -> Any:
    """`Number(value)`."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def whole(value: Any) -> Any:
    """`parseInt(value)`: fractions are cut off."""
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def nothing_is_null(operation: str, *names: str) -> Patch:
    """A null stands for a property that was left out; required ones become empty strings."""

    def read(body: bytes) -> Any:
        value = parse(body)
        if isinstance(value, dict):
            value.update({name: "" for name in names if value.get(name, "") is None})
        return value

    return parsing(operation, read)


def without_nulls(operation: str) -> Patch:
    """Every property whose value is null is dropped."""

    def read(body: bytes) -> Any:
        value = parse(body)
        kept = (
            {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value
        )
        return kept if kept or not value else {"nothing": 1}

    return parsing(operation, read)


def only_first(shape: Any) -> Items:
    """Only the first member of an array is looked at."""

    class First(Items):
        def problems(self, value: Any, where: str = "") -> Any:
            return shape.problems(value[:1] if isinstance(value, list) else value, where)

    return First(of=shape.of)


FAULTS = (
    fault(
        name="model-number-accepted",
        operations=(op.IMAGE,),
        what="`str(model)`: a number, an array or an object is a model's name.",
        finds="request: type of model",
        patch=coerced(op.IMAGE, "model", text),
        shows=shows(image(model=7), was=400, becomes=200),
    ),
    fault(
        name="prompt-number-accepted",
        operations=(op.IMAGE,),
        what="Numbers, and only they, are converted to strings (Pydantic's lax mode).",
        finds="request: type of prompt",
        patch=coerced(
            op.IMAGE,
            "prompt",
            lambda value: str(value) if isinstance(value, int | Decimal) else value,
        ),
        shows=shows(image(prompt=7), was=400, becomes=200),
    ),
    fault(
        name="prompt-null-accepted",
        operations=(op.IMAGE,),
        what="A prompt that is null is taken for an empty one.",
        finds="request: type of prompt (null)",
        patch=nothing_is_null(op.IMAGE, "prompt"),
        shows=shows(image(prompt=None), was=400, becomes=200),
    ),
    fault(
        name="nulls-dropped",
        also=r"body\.toolChoice\.oneOf",  # null is none of its alternatives
        operations=(op.CHAT,),
        what="Optional properties may be null: every null is dropped before validation.",
        finds="request: type of an optional property (null)",
        patch=without_nulls(op.CHAT),
        shows=shows(chat(temperature=None), was=400, becomes=200),
    ),
    fault(
        name="key-null-accepted",
        also=r"body\.managementKey\.type",
        operations=(op.PUT_CONFIG,),
        what="A key of null means that it is to be deleted.",
        finds="request: type of apiKey (null)",
        patch=without_nulls(op.PUT_CONFIG),
        shows=shows(config({"apiKey": None}), was=400, becomes=200),
    ),
    fault(
        name="key-number-accepted",
        operations=(op.PUT_CONFIG,),
        what="A number is stored as a key.",
        finds="request: type of apiKey",
        patch=coerced(op.PUT_CONFIG, "apiKey", text),
        shows=shows(config(apiKey=7), was=400, becomes=200),
    ),
    fault(
        name="stream-string-accepted",
        operations=(op.CHAT,),
        what='`stream: "true"` is taken for true.',
        finds="request: type of stream",
        patch=coerced(op.CHAT, "stream", boolean),
        shows=shows(chat(stream="true"), was=400, becomes=200),
    ),
    fault(
        name="stream-number-accepted",
        operations=(op.CHAT,),
        what="`if (body.stream)`: whatever is not falsy streams.",
        finds="request: type of stream",
        patch=coerced(op.CHAT, "stream", lambda value: value if value is None else bool(value)),
        shows=shows(chat(stream=1), was=400, becomes=200),
    ),
    fault(
        name="temperature-string-accepted",
        operations=(op.CHAT,),
        what='`Number("1")`: digits in a string are a number.',
        finds="request: type of temperature",
        patch=coerced(op.CHAT, "temperature", number),
        shows=shows(chat(temperature="1"), was=400, becomes=200),
    ),
    fault(
        name="temperature-boolean-accepted",
        operations=(op.CHAT,),
        what="In Python a bool is an int: `isinstance(True, int)`.",
        finds="request: type of temperature (boolean)",
        patch=accepting(op.CHAT, "temperature", lambda value: isinstance(value, bool)),
        shows=shows(chat(temperature=True), was=400, becomes=200),
    ),
    fault(
        name="fraction-accepted",
        operations=(op.CHAT,),
        what="`parseInt(maxTokens)`: one and a half tokens are one.",
        finds="request: type of maxTokens",
        patch=coerced(op.CHAT, "maxTokens", whole),
        shows=shows(chat(maxTokens=1.5), was=400, becomes=200),
    ),
    fault(
        name="dimensions-fraction-accepted",
        operations=(op.EMBEDDINGS,),
        what="A fraction of a dimension is rounded.",
        finds="request: type of dimensions",
        patch=coerced(op.EMBEDDINGS, "dimensions", whole),
        shows=shows(embed(dimensions=1.5), was=400, becomes=200),
    ),
    fault(
        name="single-message-accepted",
        operations=(op.CHAT,),
        what="A message that is not in an array is put into one.",
        finds="request: type of messages",
        patch=coerced(
            op.CHAT, "messages", lambda value: [value] if isinstance(value, dict) else value
        ),
        shows=shows(chat(messages=USER), was=400, becomes=200),
    ),
    fault(
        name="tools-unchecked",
        also=r"body\.tools",
        operations=(op.CHAT,),
        what="Tools are passed through to the provider without a look.",
        finds="request: type of tools",
        patch=reshaped(op.CHAT, "tools", lambda shape: Anything()),
        shows=shows(chat(tools="none"), was=400, becomes=200),
    ),
    fault(
        name="tool-calls-unchecked",
        operations=(op.CHAT,),
        what="The history's tool calls are not looked at.",
        finds="request: messages[].tool_calls",
        patch=reshaped(op.CHAT, "messages * tool_calls", lambda shape: Anything()),
        shows=shows(called(id=1), was=400, becomes=200),
    ),
    fault(
        name="tool-parameters-unchecked",
        operations=(op.CHAT,),
        what="A tool's parameters may be an array.",
        finds="request: type of tools[].function.parameters",
        patch=reshaped(op.CHAT, "tools * function parameters", lambda shape: Anything()),
        shows=shows(tool(function={"name": "f", "parameters": []}), was=400, becomes=200),
    ),
    fault(
        name="file-parser-unchecked",
        operations=(op.CHAT,),
        what="fileParser is passed through without a look.",
        finds="request: fileParser",
        patch=reshaped(op.CHAT, "fileParser", lambda shape: Anything()),
        shows=shows(chat(fileParser={"enabled": 1}), was=400, becomes=200),
    ),
    fault(
        name="token-ids-accepted",
        operations=(op.EMBEDDINGS,),
        what="Numbers are taken as token ids, as the provider itself would.",
        finds="request: type of input[] (oneOf)",
        patch=coerced(
            op.EMBEDDINGS,
            "input",
            lambda value: [text(member) for member in value] if isinstance(value, list) else value,
        ),
        shows=shows(embed(input=[1]), was=400, becomes=200),
    ),
    fault(
        name="later-messages-unchecked",
        operations=(op.CHAT,),
        what="Only the first message is validated.",
        finds="request: messages[] beyond the first",
        patch=reshaped(op.CHAT, "messages", only_first),
        shows=shows(chat(messages=[USER, {"role": "nobody"}]), was=400, becomes=200),
    ),
    fault(
        name="later-inputs-unchecked",
        operations=(op.EMBEDDINGS,),
        what="Only the first text is validated; the rest is converted.",
        finds="request: input[] beyond the first",
        patch=coerced(
            op.EMBEDDINGS,
            "input",
            lambda value: [*value[:1], *map(text, value[1:])] if isinstance(value, list) else value,
        ),
        shows=shows(embed(input=["a", 1]), was=400, becomes=200),
    ),
)

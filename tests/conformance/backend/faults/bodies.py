"""What the contract forbids in a body and real backends let through, or refuse in a wrong way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import Call
from tests.conformance.backend.behaviour import Behaviour, Handler, parse
from tests.conformance.backend.exchange import CONTROLS, Ask, chat, config, embed, get, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.gateway import Gateway
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.patching import (
    accepting,
    after,
    instead,
    is_call,
    layer,
    reshaped,
    server_error,
)
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import Anything, Items, Record

__all__ = ["FAULTS"]

BODIES = (op.PUT_CONFIG, op.CHAT, op.IMAGE, op.EMBEDDINGS)
USER = {"role": "user", "content": "Hello"}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "f"}}

fault = partial(Fault, family=Family.BODIES)


def optional(operation: str, path: str, name: str) -> Patch:
    """A required property may be left out."""
    return reshaped(
        operation,
        path,
        lambda shape: replace(shape, required=[n for n in shape.required if n != name]),
    )


def defaulted(operation: str, name: str, value: Any) -> Patch:
    """A required property may be left out, and a default stands in for it."""

    def patch_parse(body: bytes) -> Any:
        parsed = parse(body)
        return {name: value} | parsed if isinstance(parsed, dict) else parsed

    return parsing(operation, patch_parse)


def parsing(operation: str, read: Callable[[bytes], Any]) -> Patch:
    """Another parser for one operation: its output is written anew for the correct one."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            if is_call(request, operation):
                try:
                    body = json.dumps(read(request.body), default=_number).encode()
                    request = replace(request, body=body)
                except (Refusal, ValueError):
                    pass
            return await handler(request)

        return handle

    return layer(wrap)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


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
    return value if isinstance(value, str) else json.dumps(value, default=_number)


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


def lenient(operation: str, read: Callable[[str], Any]) -> Patch:
    """A parser that takes more than JSON."""
    return parsing(operation, lambda body: read(body.decode("utf-8", "replace")))


def first_value(source: str) -> Any:
    """The first document; what comes after it is never read."""
    return json.JSONDecoder().raw_decode(source.lstrip())[0]


def relaxed(source: str) -> Any:
    """Trailing commas and comments, as in JSON5."""
    lines = [line.partition("//")[0] if "://" not in line else line for line in source.split("\n")]
    joined = "\n".join(lines)
    for bracket in "}]":
        while (start := joined.rstrip().replace(f", {bracket}", f",{bracket}")) != joined:
            joined = start
        joined = joined.replace(f",{bracket}", bracket)
    return json.loads(joined)


def not_a_number(source: str) -> Any:
    """Python's own parser knows NaN and Infinity; every comparison with NaN is false."""
    value = json.loads(source)
    if not isinstance(value, dict):
        return value
    return {k: 1 if isinstance(v, float) and v != v else v for k, v in value.items()}


def wrapped(operation: str) -> Patch:
    """An array is unwrapped: its first member is the body."""

    def read(body: bytes) -> Any:
        value = parse(body)
        return value[0] if isinstance(value, list) and value else value

    return parsing(operation, read)


def accepted(operation: str, when: Callable[[Request], bool]) -> Patch:
    """Some bodies are answered like the control, whatever they hold."""
    control = CONTROLS[operation].body or b""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            if is_call(request, operation) and when(request):
                request = replace(request, body=control)
                request = request.with_header("content-type", "application/json")
            return await handler(request)

        return handle

    return layer(wrap)


def empty(request: Request) -> bool:
    """No body, or nothing in it."""
    return not request.body.strip()


def literal(*sources: bytes) -> Callable[[Request], bool]:
    """A body that is exactly one of these."""
    return lambda request: request.body.strip() in sources


def restatus(status: int, *operations: str) -> Patch:
    """Another status than 400."""

    def change(request: Request, answer: Answer) -> Answer:
        here = any(is_call(request, operation) for operation in operations)
        return replace(answer, status=status) if here and answer.status == 400 else answer

    return after(change)


def reading(request: Request) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return parse(request.body)
    except Refusal:
        return None


def crashing(operation: str, when: Callable[[Any], bool]) -> Patch:
    """An uncaught exception for some bodies of callers who were let in."""

    def change(request: Request, answer: Answer) -> Answer:
        hit = is_call(request, operation) and answer.status == 400 and when(reading(request))
        return server_error(request) if hit else answer

    return after(change)


def malformed(request: Request) -> bool:
    """A body that no parser reads."""
    try:
        parse(request.body)
    except Refusal:
        return bool(request.body.strip())
    return False


def replaced_utf8(source: bytes) -> Any:
    """Bytes that are no UTF-8 become question marks."""
    return json.loads(source.decode("utf-8", "replace"))


def only_first(shape: Any) -> Items:
    """Only the first member of an array is looked at."""

    class First(Items):
        def problems(self, value: Any, where: str = "") -> Any:
            return shape.problems(value[:1] if isinstance(value, list) else value, where)

    return First(of=shape.of)


def any_case(*members: str) -> Callable[[Any], bool]:
    """One of the members, in any case."""
    return lambda value: isinstance(value, str) and value.lower() in members


def is_text(value: Any) -> bool:
    """Any string."""
    return isinstance(value, str)


def above(limit: int, most: int) -> Callable[[Any], bool]:
    """A number a little beyond its bound."""
    return lambda value: (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and limit < value <= most
    )


def below(limit: int) -> Callable[[Any], bool]:
    """A number under its bound."""
    return lambda value: (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and value < limit
    )


def half_stored(behaviour: Behaviour) -> Behaviour:
    """Each property is validated just before it is stored."""
    strict = behaviour.shapes[op.PUT_CONFIG]

    async def update(gateway: Gateway, call: Call) -> Answer:
        for name in ("apiKey", "managementKey"):
            part = {key: value for key, value in call.body.items() if key == name}
            if part and (problems := tuple(strict.problems(part))):
                raise Refusal(400, *problems)
            gateway.update(part.get("apiKey"), part.get("managementKey"))
        return await behaviour.answers[op.GET_CONFIG](gateway, call)

    return replace(
        behaviour,
        shapes={**behaviour.shapes, op.PUT_CONFIG: Record(fewest=1)},
        answers={**behaviour.answers, op.PUT_CONFIG: update},
    )


def tool(**changes: Any) -> Ask:
    """A chat with one tool."""
    return chat(tools=[TOOL | changes])


def called(**changes: Any) -> Ask:
    """A chat whose history holds a tool call."""
    return chat(messages=[{"role": "assistant", "tool_calls": [CALL | changes]}, USER])


MISSING = (
    fault(
        name="prompt-optional",
        operations=(op.IMAGE,),
        what="An image without a prompt is made of nothing.",
        finds="request: required prompt",
        patch=defaulted(op.IMAGE, "prompt", ""),
        shows=shows(image({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="image-model-optional",
        operations=(op.IMAGE,),
        what="A default model stands in for a missing one.",
        finds="request: required model",
        patch=defaulted(op.IMAGE, "model", "openai/dall-e-3"),
        shows=shows(image({"prompt": "p"}), was=400, becomes=200),
    ),
    fault(
        name="messages-optional",
        operations=(op.CHAT,),
        what="A chat without messages is answered.",
        finds="request: required messages",
        patch=defaulted(op.CHAT, "messages", []),
        shows=shows(chat({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="role-optional",
        operations=(op.CHAT,),
        what="A message without a role is the user's.",
        finds="request: required messages[].role",
        patch=optional(op.CHAT, "messages *", "role"),
        shows=shows(chat(messages=[{"content": "x"}]), was=400, becomes=200),
    ),
    fault(
        name="tool-name-optional",
        operations=(op.CHAT,),
        what="A tool without a name is passed on.",
        finds="request: required tools[].function.name",
        patch=optional(op.CHAT, "tools * function", "name"),
        shows=shows(tool(function={}), was=400, becomes=200),
    ),
    fault(
        name="call-arguments-optional",
        operations=(op.CHAT,),
        what="A tool call without arguments is passed on, five levels deep.",
        finds="request: required messages[].tool_calls[].function.arguments",
        patch=optional(op.CHAT, "messages * tool_calls * function", "arguments"),
        shows=shows(called(function={"name": "f"}), was=400, becomes=200),
    ),
    fault(
        name="web-search-enabled-optional",
        operations=(op.CHAT,),
        what="webSearch without `enabled` means that it is on.",
        finds="request: required webSearch.enabled",
        patch=optional(op.CHAT, "webSearch", "enabled"),
        shows=shows(chat(webSearch={}), was=400, becomes=200),
    ),
    fault(
        name="tool-choice-function-optional",
        operations=(op.CHAT,),
        what="The object form of toolChoice is taken without its function.",
        finds="request: required toolChoice.function (oneOf)",
        patch=optional(op.CHAT, "toolChoice 1", "function"),
        shows=shows(chat(toolChoice={"type": "function"}), was=400, becomes=200),
    ),
    fault(
        name="input-optional",
        operations=(op.EMBEDDINGS,),
        what="Nothing is embedded where no input was given.",
        finds="request: required input",
        patch=defaulted(op.EMBEDDINGS, "input", []),
        shows=shows(embed({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="empty-config-accepted",
        operations=(op.PUT_CONFIG,),
        what="An update of nothing is a success.",
        finds="request: minProperties",
        patch=reshaped(op.PUT_CONFIG, "", lambda shape: replace(shape, fewest=0)),
        shows=shows(config({}), was=400, becomes=200),
    ),
)

TYPES = (
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
        operations=(op.CHAT,),
        what="Optional properties may be null: every null is dropped before validation.",
        finds="request: type of an optional property (null)",
        patch=without_nulls(op.CHAT),
        shows=shows(chat(temperature=None), was=400, becomes=200),
    ),
    fault(
        name="key-null-accepted",
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

BOUNDS = (
    fault(
        name="temperature-unbounded",
        operations=(op.CHAT,),
        what="A temperature above 2 is passed on.",
        finds="request: maximum of temperature",
        patch=accepting(op.CHAT, "temperature", above(2, 100)),
        shows=shows(chat(temperature=3), was=400, becomes=200),
    ),
    fault(
        name="temperature-negative",
        operations=(op.CHAT,),
        what="A temperature below 0 is passed on.",
        finds="request: minimum of temperature",
        patch=accepting(op.CHAT, "temperature", below(0)),
        shows=shows(chat(temperature=-1), was=400, becomes=200),
    ),
    fault(
        name="top-p-above-one",
        operations=(op.CHAT,),
        what="topP is taken for a percentage.",
        finds="request: maximum of topP",
        patch=accepting(op.CHAT, "topP", above(1, 100)),
        shows=shows(chat(topP=50), was=400, becomes=200),
    ),
    fault(
        name="eleven-results",
        operations=(op.CHAT,),
        what="`<= 11`: one result too many.",
        finds="request: maximum of webSearch.maxResults",
        patch=accepting(op.CHAT, "webSearch maxResults", lambda value: value == 11),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 11}), was=400, becomes=200),
    ),
    fault(
        name="no-results",
        operations=(op.CHAT,),
        what="Zero results are asked for.",
        finds="request: minimum of webSearch.maxResults",
        patch=accepting(
            op.CHAT, "webSearch maxResults", lambda value: value == 0 and value is not False
        ),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 0}), was=400, becomes=200),
    ),
    fault(
        name="dimensions-negative",
        operations=(op.EMBEDDINGS,),
        what="Fewer than no dimensions.",
        finds="request: minimum of dimensions",
        patch=accepting(op.EMBEDDINGS, "dimensions", below(0)),
        shows=shows(embed(dimensions=-1), was=400, becomes=200),
    ),
    fault(
        name="key-one-too-long",
        operations=(op.PUT_CONFIG,),
        what="maxLength is off by one.",
        finds="request: maxLength of apiKey",
        patch=accepting(op.PUT_CONFIG, "apiKey", lambda v: is_text(v) and len(v) == 513),
        shows=shows(config(apiKey="k" * 513), was=400, becomes=200),
    ),
    fault(
        name="key-any-length",
        operations=(op.PUT_CONFIG,),
        what="No limit stands on the management key.",
        finds="request: maxLength of managementKey",
        patch=accepting(op.PUT_CONFIG, "managementKey", lambda v: is_text(v) and len(v) > 512),
        shows=shows(config(managementKey="k" * 600), was=400, becomes=200),
    ),
    fault(
        name="key-empty-accepted",
        operations=(op.PUT_CONFIG,),
        what="An empty key is stored.",
        finds="request: minLength of apiKey",
        patch=accepting(op.PUT_CONFIG, "apiKey", lambda v: v == ""),
        shows=shows(config(apiKey=""), was=400, becomes=200),
    ),
    fault(
        name="key-blank-accepted",
        operations=(op.PUT_CONFIG,),
        what="A key of spaces is stored.",
        finds="request: pattern of apiKey",
        patch=accepting(
            op.PUT_CONFIG, "apiKey", lambda v: is_text(v) and v != "" and not v.strip()
        ),
        shows=shows(config(apiKey="  "), was=400, becomes=200),
    ),
)

MEMBERS = (
    fault(
        name="role-any-case",
        operations=(op.CHAT,),
        what="`User` is as good as `user`.",
        finds="request: enum of messages[].role, another case",
        patch=accepting(
            op.CHAT, "messages * role", any_case("user", "assistant", "system", "tool")
        ),
        shows=shows(chat(messages=[{"role": "USER"}]), was=400, becomes=200),
    ),
    fault(
        name="role-any-text",
        operations=(op.CHAT,),
        what="Any role is passed on, because providers invent new ones.",
        finds="request: enum of messages[].role",
        patch=accepting(op.CHAT, "messages * role", is_text),
        shows=shows(chat(messages=[{"role": "developer"}]), was=400, becomes=200),
    ),
    fault(
        name="encoding-any-text",
        operations=(op.EMBEDDINGS,),
        what="An unknown encoding falls back to floats.",
        finds="request: enum of encoding_format",
        patch=accepting(op.EMBEDDINGS, "encoding_format", is_text),
        shows=shows(embed(encoding_format="hex"), was=400, becomes=200),
    ),
    fault(
        name="encoding-any-case",
        operations=(op.EMBEDDINGS,),
        what="`Float` is as good as `float`.",
        finds="request: enum of encoding_format, another case",
        patch=accepting(op.EMBEDDINGS, "encoding_format", any_case("float", "base64")),
        shows=shows(embed(encoding_format="FLOAT"), was=400, becomes=200),
    ),
    fault(
        name="search-engine-any-text",
        operations=(op.CHAT,),
        what="Any search engine is passed on.",
        finds="request: enum of webSearch.engine",
        patch=accepting(op.CHAT, "webSearch engine", is_text),
        shows=shows(chat(webSearch={"enabled": True, "engine": "bing"}), was=400, becomes=200),
    ),
    fault(
        name="pdf-engine-any-text",
        operations=(op.CHAT,),
        what="Any PDF engine is passed on.",
        finds="request: enum of fileParser.pdf.engine",
        patch=accepting(op.CHAT, "fileParser pdf engine", is_text),
        shows=shows(
            chat(fileParser={"enabled": True, "pdf": {"engine": "x"}}), was=400, becomes=200
        ),
    ),
    fault(
        name="tool-choice-any-text",
        operations=(op.CHAT,),
        what="toolChoice may be any word.",
        finds="request: toolChoice (oneOf)",
        patch=accepting(op.CHAT, "toolChoice", is_text),
        shows=shows(chat(toolChoice="any"), was=400, becomes=200),
    ),
    fault(
        name="tool-type-any-text",
        operations=(op.CHAT,),
        what="A tool's type is not looked at.",
        finds="request: enum of tools[].type",
        patch=accepting(op.CHAT, "tools * type", is_text),
        shows=shows(tool(type="code"), was=400, becomes=200),
    ),
)

DOCUMENTS = (
    fault(
        name="empty-body-accepted",
        operations=(op.PUT_CONFIG,),
        what="No body is an empty update, and that is a success.",
        finds="request: body required",
        patch=accepted(op.PUT_CONFIG, empty),
        shows=shows(config(b""), was=400, becomes=200),
    ),
    fault(
        name="null-body-accepted",
        operations=(op.PUT_CONFIG,),
        what="A body of null is an empty update.",
        finds="request: type of the body",
        patch=accepted(op.PUT_CONFIG, literal(b"null")),
        shows=shows(config(b"null"), was=400, becomes=200),
    ),
    fault(
        name="null-body-crashes",
        operations=(op.IMAGE,),
        what="`None.get('model')`.",
        finds="request: type of the body (null)",
        patch=crashing(op.IMAGE, lambda value: value is None),
        shows=shows(image(b"null"), was=400, becomes=500),
    ),
    fault(
        name="array-body-crashes",
        operations=(op.EMBEDDINGS,),
        what="`body['model']` on a list.",
        finds="request: type of the body (array)",
        patch=crashing(op.EMBEDDINGS, lambda value: isinstance(value, list)),
        shows=shows(embed(b"[]"), was=400, becomes=500),
    ),
    fault(
        name="array-body-unwrapped",
        operations=(op.IMAGE,),
        what="A list of one request is taken for the request.",
        finds="request: type of the body (array)",
        patch=wrapped(op.IMAGE),
        shows=shows(image([{"model": "m", "prompt": "p"}]), was=400, becomes=200),
    ),
    fault(
        name="empty-body-crashes",
        operations=(op.CHAT,),
        what="The parser is called on nothing.",
        finds="request: body required",
        patch=instead(
            lambda r: is_call(r, op.CHAT) and empty(r) and r.has("authorization"), server_error
        ),
        shows=shows(chat(b""), was=400, becomes=500),
    ),
    fault(
        name="malformed-crashes",
        operations=(op.IMAGE,),
        what="The parser's exception is not caught.",
        finds="request: malformed JSON",
        patch=instead(
            lambda r: is_call(r, op.IMAGE) and malformed(r) and r.has("authorization"), server_error
        ),
        shows=shows(image(b'{"model": '), was=400, becomes=500),
    ),
    fault(
        name="trailing-data-accepted",
        operations=(op.IMAGE,),
        what="A streaming parser stops after the first document.",
        finds="request: trailing garbage",
        patch=lenient(op.IMAGE, first_value),
        shows=shows(image(b'{"model": "m", "prompt": "p"} x'), was=400, becomes=200),
    ),
    fault(
        name="nan-accepted",
        operations=(op.CHAT,),
        what="NaN is read, and is neither below 0 nor above 2.",
        finds="request: NaN",
        patch=lenient(op.CHAT, not_a_number),
        shows=shows(
            chat(b'{"model": "m", "messages": [], "temperature": NaN}'), was=400, becomes=200
        ),
    ),
    fault(
        name="invalid-utf8-accepted",
        operations=(op.IMAGE,),
        what="`errors='replace'`: broken bytes become question marks.",
        finds="request: invalid UTF-8",
        patch=parsing(op.IMAGE, replaced_utf8),
        shows=shows(image(b'{"model": "m", "prompt": "\xff"}'), was=400, becomes=200),
    ),
    fault(
        name="invalid-utf8-crashes",
        operations=(op.EMBEDDINGS,),
        what="UnicodeDecodeError is not among the exceptions that are caught.",
        finds="request: invalid UTF-8",
        patch=instead(
            lambda r: is_call(r, op.EMBEDDINGS) and b"\xff" in r.body and r.has("authorization"),
            server_error,
        ),
        shows=shows(embed(b'{"model": "m", "input": "\xff"}'), was=400, becomes=500),
    ),
    fault(
        name="json5-accepted",
        operations=(op.IMAGE,),
        what="Trailing commas and comments are read.",
        finds="request: malformed JSON",
        patch=lenient(op.IMAGE, relaxed),
        shows=shows(image(b'{"model": "m", "prompt": "p",}'), was=400, becomes=200),
    ),
)

STATUSES = (
    fault(
        name="unprocessable",
        operations=(op.IMAGE,),
        what="422 (FastAPI's default) where the contract documents 400.",
        finds="request: status of a refusal",
        patch=restatus(422, op.IMAGE),
        shows=shows(image(prompt=1), was=400, becomes=422),
    ),
    fault(
        name="unprocessable-config",
        operations=(op.PUT_CONFIG,),
        what="422 on one route alone.",
        finds="request: status of a refusal",
        patch=restatus(422, op.PUT_CONFIG),
        shows=shows(config({}), was=400, becomes=422),
    ),
    fault(
        name="success-with-error",
        operations=(op.EMBEDDINGS,),
        what="A refusal is told in a 200.",
        finds="request: status of a refusal",
        patch=restatus(200, op.EMBEDDINGS),
        shows=shows(embed(input=1), was=400, becomes=200),
    ),
    fault(
        name="refusal-is-403",
        operations=(op.CHAT,),
        what="A firewall answers 403 for what it does not like.",
        finds="request: status of a refusal",
        patch=restatus(403, op.CHAT),
        shows=shows(chat(messages=1), was=400, becomes=403),
    ),
    fault(
        name="missing-property-crashes",
        operations=(op.CHAT,),
        what="KeyError: 'messages'.",
        finds="request: required messages",
        patch=crashing(op.CHAT, lambda v: isinstance(v, dict) and "messages" not in v),
        shows=shows(chat({"model": "m"}), was=400, becomes=500),
    ),
    fault(
        name="wrong-type-crashes",
        operations=(op.IMAGE,),
        what="`prompt.trim is not a function`.",
        finds="request: type of prompt",
        patch=crashing(
            op.IMAGE,
            lambda v: isinstance(v, dict) and not isinstance(v.get("prompt", ""), str | None),
        ),
        shows=shows(image(prompt=1), was=400, becomes=500),
    ),
    fault(
        name="deep-type-crashes",
        operations=(op.CHAT,),
        what="A message that is no object crashes the loop over them.",
        finds="request: type of messages[]",
        patch=crashing(
            op.CHAT,
            lambda v: (
                isinstance(v, dict)
                and isinstance(v.get("messages"), list)
                and not all(isinstance(message, dict) for message in v["messages"])
            ),
        ),
        shows=shows(chat(messages=["x"]), was=400, becomes=500),
    ),
    fault(
        name="too-long-key-crashes",
        operations=(op.PUT_CONFIG,),
        what="The database's column is the only limit: value too long for type varchar(512).",
        finds="request: maxLength of apiKey",
        patch=crashing(
            op.PUT_CONFIG,
            lambda v: (
                isinstance(v, dict) and any(is_text(key) and len(key) > 512 for key in v.values())
            ),
        ),
        shows=shows(config(apiKey="k" * 513), was=400, becomes=500),
    ),
    fault(
        name="refused-after-half",
        operations=(op.PUT_CONFIG,),
        what="PUT is not atomic: a good apiKey is stored before a bad managementKey is refused.",
        finds="request: state after a refusal",
        patch=half_stored,
        shows=shows(
            config(apiKey="sk-or-v1-quite-another-one", managementKey=""),
            get("config"),
            was=200,
            becomes=200,
        ),
    ),
)

FAULTS = (*MISSING, *TYPES, *BOUNDS, *MEMBERS, *DOCUMENTS, *STATUSES)

"""What the contract allows and real backends refuse, or break on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.exchange import chat, config, embed, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.patching import (
    after,
    before,
    instead,
    is_call,
    refusing,
    server_error,
)
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import is_blank

__all__ = ["FAULTS"]

BODIES = (op.PUT_CONFIG, op.CHAT, op.IMAGE, op.EMBEDDINGS)
USER = {"role": "user", "content": "Hello"}

fault = partial(Fault, family=Family.EDGES)


def reading(request: Request) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return parse(request.body)
    except Refusal:
        return None


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, names of properties among them."""
    match value:
        case str():
            yield value
        case list():
            for member in value:
                yield from strings(member)
        case dict():
            for name, member in value.items():
                yield name
                yield from strings(member)


def depth(value: Any) -> int:
    """How many arrays and objects stand one within another."""
    deepest, level = 0, [value]
    while level := [v for v in level if isinstance(v, dict | list)]:
        deepest += 1
        level = [m for v in level for m in (v.values() if isinstance(v, dict) else v)]
    return deepest


def integers(value: Any) -> Iterator[int]:
    """Every integer in a value."""
    match value:
        case bool():
            return
        case int():
            yield value
        case list() | dict():
            for member in value.values() if isinstance(value, dict) else value:
                yield from integers(member)


def once_let_in(operation: str, when: Callable[[Any], bool], status: int) -> Patch:
    """Bodies that the correct server would answer with 200 get something else."""

    def change(request: Request, answer: Answer) -> Answer:
        if not is_call(request, operation) or answer.status != 200 or not when(reading(request)):
            return answer
        return server_error(request) if status == 500 else json_answer({"error": "no"}, status)

    return after(change)


def crashing(operation: str, when: Callable[[Any], bool]) -> Patch:
    """An uncaught exception."""
    return once_let_in(operation, when, 500)


def prompt(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body whose prompt is so."""
    return lambda value: isinstance(value, dict) and fits(str(value.get("prompt", "")))


def model(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body whose model is so."""
    return lambda value: isinstance(value, dict) and fits(str(value.get("model", "")))


def having(*names: str) -> Callable[[Any], bool]:
    """A body that has one of these properties."""
    return lambda value: isinstance(value, dict) and any(name in value for name in names)


def named(name: str, fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A body one of whose properties is so."""
    return lambda value: isinstance(value, dict) and name in value and fits(value[name])


def longer(limit: int) -> Callable[[str], bool]:
    """More characters than that."""
    return lambda text: len(text) > limit


def unknown(*known: str) -> Callable[[Any], bool]:
    """A body with a property that the contract does not name."""
    return lambda value: isinstance(value, dict) and bool(set(value) - set(known))


def merged(request: Request, answer: Answer) -> Answer:
    """`{...result, ...req.body}`: the caller's properties cover the server's."""
    if not (is_call(request, op.IMAGE) and answer.status == 200):
        return answer
    ours = answer.json
    theirs = {name: value for name, value in reading(request).items() if name in ours}
    return answer.carrying(json.dumps(ours | theirs, default=str).encode())


def nested(levels: int) -> Any:
    """Arrays one within another."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


def raw(text: str) -> bytes:
    """A body with something written just as given."""
    return b'{"model": "m", "prompt": "p", "extra": ' + text.encode() + b"}"


def bodiless(request: Request) -> Request:
    """Without Content-Length there is thought to be no body."""
    chunked = request.has("transfer-encoding")
    return replace(request, body=b"") if chunked else request


def starts_otherwise(request: Request) -> bool:
    """White space stands before the document."""
    return bool(request.body) and request.body[:1].isspace() and request.has("authorization")


def escaped(request: Request) -> bool:
    """An escape that is not one of the short ones."""
    return b"\\u" in request.body and request.has("authorization")


def reordered(request: Request) -> bool:
    """The model is not the first property."""
    body = reading(request)
    return isinstance(body, dict) and "model" in body and next(iter(body)) != "model"


def has_any(*characters: str) -> Callable[[str], bool]:
    """One of the characters is there."""
    return lambda text: any(character in text for character in characters)


def astral(text: str) -> bool:
    """A character beyond the Basic Multilingual Plane."""
    return any(ord(character) > 0xFFFF for character in text)


def whole_body(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body with such a string anywhere."""
    return lambda value: any(map(fits, strings(value)))


EMPTY = (
    fault(
        name="prompt-empty-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`if (!body.prompt)` takes an empty prompt for a missing one.",
        finds="edge: empty string",
        patch=refusing(op.IMAGE, "prompt", lambda value: value == ""),
        shows=shows(image(prompt=""), was=200, becomes=400),
    ),
    fault(
        name="prompt-blank-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`if (!prompt.trim())`: white space alone is nothing.",
        finds="edge: white space",
        patch=refusing(op.IMAGE, "prompt", is_blank),
        shows=shows(image(prompt="\n"), was=200, becomes=400),
    ),
    fault(
        name="image-model-empty-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`z.string().min(1)` on a model that the contract leaves free.",
        finds="edge: empty string",
        patch=refusing(op.IMAGE, "model", lambda value: value == ""),
        shows=shows(image(model=""), was=200, becomes=400),
    ),
    fault(
        name="input-empty-refused",
        level="warning",
        operations=(op.EMBEDDINGS,),
        what="An empty text is not embedded.",
        finds="edge: empty string",
        patch=refusing(op.EMBEDDINGS, "input", lambda value: value == ""),
        shows=shows(embed(input=""), was=200, becomes=400),
    ),
    fault(
        name="no-messages-refused",
        level="warning",
        operations=(op.CHAT,),
        what="`messages: []` is refused, although nothing forbids it.",
        finds="edge: empty array",
        patch=refusing(op.CHAT, "messages", lambda value: value == []),
        shows=shows(chat(messages=[]), was=200, becomes=400),
    ),
    fault(
        name="no-inputs-crash",
        operations=(op.EMBEDDINGS,),
        what="`input[0]` of an empty array.",
        finds="edge: empty array",
        patch=crashing(op.EMBEDDINGS, named("input", lambda value: value == [])),
        shows=shows(embed(input=[]), was=200, becomes=500),
    ),
    fault(
        name="empty-prompt-crashes",
        operations=(op.IMAGE,),
        what="`prompt[0]` of an empty string.",
        finds="edge: empty string",
        patch=crashing(op.IMAGE, prompt(lambda text: not text)),
        shows=shows(image(prompt=""), was=200, becomes=500),
    ),
)

LENGTHS = (
    fault(
        name="model-over-100-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A model's name has at most 100 characters, says nobody but the code.",
        finds="edge: 101 characters",
        patch=refusing(op.IMAGE, "model", longer(100)),
        shows=shows(image(model="m" * 101), was=200, becomes=400),
    ),
    fault(
        name="model-over-255-crashes",
        operations=(op.IMAGE,),
        what="The usage table's column is a varchar(255).",
        finds="edge: 256 characters",
        patch=crashing(op.IMAGE, model(longer(255))),
        shows=shows(image(model="m" * 256), was=200, becomes=500),
    ),
    fault(
        name="prompt-over-64k-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A prompt has at most 65,535 characters.",
        finds="edge: 65,537 characters",
        patch=refusing(op.IMAGE, "prompt", longer(65_535)),
        shows=shows(image(prompt="p" * 65_537), was=200, becomes=400),
    ),
    fault(
        name="body-over-64k-refused",
        operations=(op.CHAT,),
        what="The body parser's own limit answers 413, which the contract does not know.",
        finds="edge: 65,537 characters",
        patch=instead(
            lambda r: is_call(r, op.CHAT) and len(r.body) > 65_536 and r.has("authorization"),
            lambda request: json_answer({"error": "request entity too large"}, 413),
        ),
        shows=shows(
            chat(messages=[{"role": "user", "content": "p" * 65_537}]), was=200, becomes=413
        ),
    ),
    fault(
        name="key-512-refused",
        operations=(op.PUT_CONFIG,),
        what="`< 512`: the longest allowed key is refused.",
        finds="edge: maxLength",
        patch=refusing(op.PUT_CONFIG, "apiKey", longer(511)),
        shows=shows(config(apiKey="k" * 512), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="key-length-in-utf16",
        operations=(op.PUT_CONFIG,),
        what="JavaScript's length counts a character beyond the BMP twice.",
        finds="edge: maxLength in characters",
        patch=refusing(op.PUT_CONFIG, "apiKey", lambda v: len(v.encode("utf-16-le")) > 1024),
        shows=shows(config(apiKey="\U0001f511" * 512), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="key-of-one-refused",
        operations=(op.PUT_CONFIG,),
        what="A key must look like a key, says the code alone.",
        finds="edge: minLength",
        patch=refusing(op.PUT_CONFIG, "managementKey", lambda v: len(v) < 8),
        shows=shows(config(managementKey="k"), was=200, becomes=400),
        writes=True,
    ),
)

CHARACTERS = (
    fault(
        name="astral-crashes",
        operations=(op.IMAGE,),
        what="MySQL's utf8 has three bytes: an emoji is an incorrect string value.",
        finds="edge: non-BMP characters",
        patch=crashing(op.IMAGE, prompt(astral)),
        shows=shows(image(prompt="\U0001f308"), was=200, becomes=500),
    ),
    fault(
        name="non-latin-model-crashes",
        operations=(op.CHAT,),
        what="The model is put into a response header, which is Latin-1.",
        finds="edge: non-Latin characters",
        patch=crashing(op.CHAT, model(lambda text: any(ord(c) > 255 for c in text))),
        shows=shows(chat(model="模型"), was=200, becomes=500),
    ),
    fault(
        name="non-ascii-refused",
        level="warning",
        operations=(op.EMBEDDINGS,),
        what="Only ASCII is embedded.",
        finds="edge: non-Latin characters",
        patch=refusing(op.EMBEDDINGS, "input", lambda v: isinstance(v, str) and not v.isascii()),
        shows=shows(embed(input="你好"), was=200, becomes=400),
    ),
    fault(
        name="quote-crashes",
        operations=(op.IMAGE,),
        what="The prompt is put into SQL without a parameter.",
        finds="edge: ' in a string",
        patch=crashing(op.IMAGE, prompt(lambda text: text.count("'") % 2 == 1)),
        shows=shows(image(prompt="it's"), was=200, becomes=500),
    ),
    fault(
        name="doubled-quote-crashes",
        operations=(op.IMAGE,),
        what="Quotes are doubled by hand, and doubled ones are taken for that.",
        finds="edge: '' in a string",
        patch=crashing(op.IMAGE, prompt(has_any("''"))),
        shows=shows(image(prompt="it''s"), was=200, becomes=500),
    ),
    fault(
        name="percent-crashes",
        operations=(op.IMAGE,),
        what="`log.info(prompt % ())`: not enough arguments for format string.",
        finds="edge: % in a string",
        patch=crashing(op.IMAGE, prompt(lambda text: text.replace("%%", "").count("%") > 0)),
        shows=shows(image(prompt="100% wool"), was=200, becomes=500),
    ),
    fault(
        name="braces-crash",
        operations=(op.CHAT,),
        what="The system prompt is made with `str.format`.",
        finds="edge: { } in a string",
        patch=crashing(op.CHAT, whole_body(has_any("{", "}"))),
        shows=shows(chat(messages=[{"role": "user", "content": "{name}"}]), was=200, becomes=500),
    ),
    fault(
        name="angle-bracket-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A sanitiser takes < for an attack.",
        finds="edge: < in a string",
        patch=refusing(op.IMAGE, "prompt", has_any("<")),
        shows=shows(image(prompt="a < b"), was=200, becomes=400),
    ),
    fault(
        name="firewall-forbids",
        operations=(op.IMAGE,),
        what="A firewall answers 403 to a dollar and a brace.",
        finds="edge: $ in a string",
        patch=once_let_in(op.IMAGE, prompt(has_any("${", "$")), 403),
        shows=shows(image(prompt="${HOME}"), was=200, becomes=403),
    ),
    fault(
        name="newline-in-model-crashes",
        operations=(op.CHAT,),
        what="The model is put into a response header, which may have no line break.",
        finds="edge: newline in a string",
        patch=crashing(op.CHAT, model(has_any("\n", "\r"))),
        shows=shows(chat(model="a\nb"), was=200, becomes=500),
    ),
    fault(
        name="backslash-refused",
        level="warning",
        operations=(op.EMBEDDINGS,),
        what="A backslash is taken for the start of an escape.",
        finds="edge: \\ in a string",
        patch=refusing(op.EMBEDDINGS, "input", lambda v: isinstance(v, str) and "\\" in v),
        shows=shows(embed(input="a\\b"), was=200, becomes=400),
    ),
    fault(
        name="model-without-slash-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A model must be written as vendor/name, says the code alone.",
        finds="edge: characters of a free string",
        patch=refusing(op.IMAGE, "model", lambda value: value.count("/") != 1),
        shows=shows(image(model="gpt"), was=200, becomes=400),
    ),
    fault(
        name="nul-crashes",
        operations=(op.IMAGE,),
        what="PostgreSQL stores no NUL in a text.",
        finds="edge: NUL",
        patch=crashing(op.IMAGE, prompt(has_any("\0"))),
        shows=shows(image(prompt="a\0b"), was=200, becomes=500),
    ),
    fault(
        name="lone-surrogate-crashes",
        operations=(op.IMAGE,),
        what="A lone surrogate cannot be encoded for the provider.",
        finds="edge: lone surrogate",
        patch=instead(
            lambda r: (
                is_call(r, op.IMAGE) and b"\\ud8" in r.body.lower() and r.has("authorization")
            ),
            server_error,
        ),
        shows=shows(image(prompt="\ud800"), was=400, becomes=500),
    ),
)

VALUES = (
    fault(
        name="content-null-refused",
        operations=(op.CHAT,),
        what="`content: null` is refused although it is nullable.",
        finds="edge: null where nullable",
        patch=refusing(op.CHAT, "messages * content", lambda value: value is None),
        shows=shows(chat(messages=[{"role": "assistant", "content": None}]), was=200, becomes=400),
    ),
    fault(
        name="content-missing-crashes",
        operations=(op.CHAT,),
        what="`message.content.length` of a message without content.",
        finds="edge: optional property left out",
        patch=crashing(
            op.CHAT,
            named("messages", lambda value: any("content" not in message for message in value)),
        ),
        shows=shows(chat(messages=[{"role": "user"}]), was=200, becomes=500),
    ),
    fault(
        name="role-tool-refused",
        operations=(op.CHAT,),
        what="The role `tool` came later, and nobody added it.",
        finds="edge: enum member",
        patch=refusing(op.CHAT, "messages * role", lambda value: value == "tool"),
        shows=shows(
            chat(messages=[{"role": "tool", "content": "1", "tool_call_id": "1"}]),
            was=200,
            becomes=400,
        ),
    ),
    fault(
        name="engine-exa-refused",
        operations=(op.CHAT,),
        what="The second search engine is not wired.",
        finds="edge: enum member",
        patch=refusing(op.CHAT, "webSearch engine", lambda value: value == "exa"),
        shows=shows(chat(webSearch={"enabled": True, "engine": "exa"}), was=200, becomes=400),
    ),
    fault(
        name="encoding-base64-refused",
        operations=(op.EMBEDDINGS,),
        what="base64 is not implemented.",
        finds="edge: enum member",
        patch=refusing(op.EMBEDDINGS, "encoding_format", lambda value: value == "base64"),
        shows=shows(embed(encoding_format="base64"), was=200, becomes=400),
    ),
    fault(
        name="temperature-zero-refused",
        operations=(op.CHAT,),
        what="`if (!temperature)`: zero is taken for missing.",
        finds="edge: minimum",
        patch=refusing(op.CHAT, "temperature", lambda value: value == 0),
        shows=shows(chat(temperature=0), was=200, becomes=400),
    ),
    fault(
        name="temperature-two-refused",
        operations=(op.CHAT,),
        what="`< 2`: the maximum itself is refused.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "temperature", lambda value: value == 2),
        shows=shows(chat(temperature=2), was=200, becomes=400),
    ),
    fault(
        name="top-p-one-refused",
        operations=(op.CHAT,),
        what="`< 1`: the maximum itself is refused.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "topP", lambda value: value == 1),
        shows=shows(chat(topP=1), was=200, becomes=400),
    ),
    fault(
        name="ten-results-refused",
        operations=(op.CHAT,),
        what="`range(1, 10)` ends at nine.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "webSearch maxResults", lambda value: value == 10),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 10}), was=200, becomes=400),
    ),
    fault(
        name="dimensions-zero-crash",
        operations=(op.EMBEDDINGS,),
        what="Division by the number of dimensions.",
        finds="edge: minimum",
        patch=crashing(op.EMBEDDINGS, named("dimensions", lambda value: value == 0)),
        shows=shows(embed(dimensions=0), was=200, becomes=500),
    ),
    fault(
        name="stream-false-refused",
        operations=(op.CHAT,),
        what="`stream` may only be true: `z.literal(true).optional()`.",
        finds="edge: both booleans",
        patch=refusing(op.CHAT, "stream", lambda value: value is False),
        shows=shows(chat(stream=False), was=200, becomes=400),
    ),
    fault(
        name="tool-choice-object-refused",
        operations=(op.CHAT,),
        what="The object form of toolChoice is not known.",
        finds="edge: alternative of oneOf",
        patch=refusing(op.CHAT, "toolChoice", lambda value: isinstance(value, dict)),
        shows=shows(
            chat(toolChoice={"type": "function", "function": {"name": "f"}}), was=200, becomes=400
        ),
    ),
    fault(
        name="input-array-refused",
        operations=(op.EMBEDDINGS,),
        what="One text at a time.",
        finds="edge: alternative of oneOf",
        patch=refusing(op.EMBEDDINGS, "input", lambda value: isinstance(value, list)),
        shows=shows(embed(input=["a", "b"]), was=200, becomes=400),
    ),
    fault(
        name="management-key-alone-refused",
        operations=(op.PUT_CONFIG,),
        what="The apiKey is required although each may be updated alone.",
        finds="edge: optional property alone",
        patch=refusing(op.PUT_CONFIG, "", lambda v: isinstance(v, dict) and "apiKey" not in v),
        shows=shows(config(managementKey="sk-or-management"), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="tools-crash",
        operations=(op.CHAT,),
        what="A tool without parameters crashes their translation.",
        finds="edge: optional property left out",
        patch=crashing(
            op.CHAT,
            named("tools", lambda v: any("parameters" not in tool["function"] for tool in v)),
        ),
        shows=shows(
            chat(tools=[{"type": "function", "function": {"name": "f"}}]), was=200, becomes=500
        ),
    ),
    fault(
        name="thinking-crashes",
        operations=(op.CHAT,),
        what="`thinking` alone crashes: the model's suffix is looked up and is not there.",
        finds="edge: optional property alone",
        patch=crashing(op.CHAT, named("thinking", lambda value: value is True)),
        shows=shows(chat(thinking=True), was=200, becomes=500),
    ),
)

DOCUMENTS = (
    fault(
        name="unknown-property-refused",
        operations=(op.IMAGE,),
        what="`extra='forbid'`: a client of tomorrow is refused today.",
        finds="edge: unknown property",
        patch=refusing(op.IMAGE, "", unknown("model", "prompt")),
        shows=shows(image(size="1024x1024"), was=200, becomes=400),
    ),
    fault(
        name="deep-unknown-property-refused",
        operations=(op.CHAT,),
        what="The same, in messages alone.",
        finds="edge: unknown property",
        patch=refusing(
            op.CHAT, "messages *", unknown("role", "content", "tool_calls", "tool_call_id")
        ),
        shows=shows(chat(messages=[USER | {"name": "Ann"}]), was=200, becomes=400),
    ),
    fault(
        name="proto-crashes",
        operations=(op.IMAGE,),
        what="`Object.assign` with `__proto__`.",
        finds="edge: unknown property __proto__",
        patch=crashing(op.IMAGE, having("__proto__")),
        shows=shows(image(__proto__={}), was=200, becomes=500),
    ),
    fault(
        name="constructor-refused",
        operations=(op.EMBEDDINGS,),
        what="A guard against prototype pollution refuses `constructor`.",
        finds="edge: unknown property constructor",
        patch=refusing(op.EMBEDDINGS, "", having("constructor")),
        shows=shows(embed(constructor={}), was=200, becomes=400),
    ),
    fault(
        name="body-covers-answer",
        operations=(op.IMAGE,),
        what="`{...result, ...body}`: a caller's own `images` covers the server's.",
        finds="edge: unknown property named like one of the response",
        patch=after(merged),
        shows=shows(image(images="mine", count="mine"), was=200, becomes=200),
    ),
    fault(
        name="depth-32-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A parser that stops at 32 levels.",
        finds="edge: nesting",
        patch=refusing(op.IMAGE, "", lambda value: depth(value) > 32),
        shows=shows(image(extra=nested(100)), was=200, becomes=400),
    ),
    fault(
        name="depth-crashes",
        operations=(op.CHAT,),
        what="A recursive copy of the body overflows at 100 levels.",
        finds="edge: nesting",
        patch=crashing(op.CHAT, lambda value: depth(value) > 100),
        shows=shows(chat(extra=nested(120)), was=200, becomes=500),
    ),
    fault(
        name="great-depth-crashes",
        operations=(op.EMBEDDINGS,),
        what="RecursionError in the parser, at a depth that it may well refuse.",
        finds="edge: nesting beyond what must be accepted",
        patch=instead(
            lambda r: (
                is_call(r, op.EMBEDDINGS)
                and max(r.body.count(b"["), r.body.count(b"{")) > 1000
                and r.has("authorization")
            ),
            server_error,
        ),
        shows=shows(embed(b"[" * 100_000 + b"]" * 100_000), was=400, becomes=500),
    ),
    fault(
        name="big-integer-crashes",
        operations=(op.IMAGE,),
        what="The body is stored in MongoDB, whose integers have eight bytes.",
        finds="edge: integers beyond 2^63",
        patch=crashing(op.IMAGE, lambda v: any(abs(number) >= 2**63 for number in integers(v))),
        shows=shows(image(raw("1" * 30)), was=200, becomes=500),
    ),
    fault(
        name="big-integer-refused",
        operations=(op.EMBEDDINGS,),
        level="warning",
        what="Integers of more than 19 digits are refused.",
        finds="edge: integers beyond 2^63",
        patch=refusing(
            op.EMBEDDINGS, "", lambda v: any(abs(number) >= 2**63 for number in integers(v))
        ),
        shows=shows(
            embed(b'{"model": "m", "input": "i", "extra": ' + b"1" * 30 + b"}"),
            was=200,
            becomes=400,
        ),
    ),
    fault(
        name="escape-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A hand-made parser knows no \\u escapes.",
        finds="edge: escapes",
        patch=instead(
            lambda request: is_call(request, op.IMAGE) and escaped(request),
            lambda request: json_answer({"error": "bad escape"}, 400),
        ),
        shows=shows(image(b'{"model": "m", "\\u0070rompt": "p"}'), was=200, becomes=400),
    ),
    fault(
        name="leading-space-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A body must begin with a brace.",
        finds="edge: white space",
        patch=instead(
            lambda request: is_call(request, op.IMAGE) and starts_otherwise(request),
            lambda request: json_answer({"error": "bad body"}, 400),
        ),
        shows=shows(image(b' \n{"model": "m", "prompt": "p"}'), was=200, becomes=400),
    ),
    fault(
        name="order-refused",
        operations=(op.EMBEDDINGS,),
        level="warning",
        what="A hand-made parser wants the model first.",
        finds="edge: order of keys",
        patch=instead(
            lambda r: is_call(r, op.EMBEDDINGS) and reordered(r) and r.has("authorization"),
            lambda request: json_answer({"error": "model expected"}, 400),
        ),
        shows=shows(embed(b'{"input": "i", "model": "m"}'), was=200, becomes=400),
    ),
    fault(
        name="chunked-ignored",
        level="warning",
        operations=BODIES,
        what="A body sent in chunks is taken for a missing one.",
        finds="edge: chunked transfer",
        patch=before(bodiless),
        shows=shows(image().but(chunked=True), was=200, becomes=400),
    ),
    fault(
        name="length-required",
        operations=BODIES,
        what="411 to a body sent in chunks.",
        finds="edge: chunked transfer",
        patch=instead(
            lambda r: r.has("transfer-encoding") and r.has("authorization"),
            lambda request: json_answer({"error": "length required"}, 411),
        ),
        shows=shows(image().but(chunked=True), was=200, becomes=411),
    ),
)

FAULTS = (*EMPTY, *LENGTHS, *CHARACTERS, *VALUES, *DOCUMENTS)

"""Characters that mean something elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, embed, image
from tests.conformance.backend.faults.edges.triggers import (
    crashing,
    fault,
    model,
    once_let_in,
    prompt,
)
from tests.conformance.backend.patching import instead, is_call, refusing, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


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


def has_any(*characters: str) -> Callable[[str], bool]:
    """One of the characters is there."""
    return lambda text: any(character in text for character in characters)


def astral(text: str) -> bool:
    """A character beyond the Basic Multilingual Plane."""
    return any(ord(character) > 0xFFFF for character in text)


def whole_body(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body with such a string anywhere."""
    return lambda value: any(map(fits, strings(value)))


FAULTS = (
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

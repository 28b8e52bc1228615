"""Runtime expressions in canned answers: `{$request.body#/model}` (OpenAPI 3.0 section 4.7.20.4).

A string may hold several, with text around them; a string that is one expression alone takes the
value with its type. Beside the standard's own there is `{$mock.problem}`: one sentence that names
everything that is wrong with the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from mock_server.model.request import MISSING
from spec.model.pointers import split
from spec.text.long_json import write_long
from spec.text.runtime_expressions import EXPRESSION

__all__ = [
    "Facts",
    "Resolver",
    "Text",
    "as_text",
    "compile_expression",
    "compile_expressions",
]


class Facts(Protocol):
    """What is known of a request when its answer is made. Values are decoded.

    `headers` have lower-case names. `body` is MISSING where there is none, `problem` is "" for a
    request that breaks nothing.
    """

    @property
    def method(self) -> str:
        """The method of the request."""

    @property
    def url(self) -> str:
        """The URL of the request, with its query."""

    @property
    def path(self) -> Mapping[str, Any]:
        """The path parameters, read as the contract says."""

    @property
    def query(self) -> Mapping[str, Any]:
        """The query parameters, read as the contract says."""

    @property
    def headers(self) -> Mapping[str, Any]:
        """The header parameters, read as the contract says."""

    @property
    def body(self) -> Any:
        """The body, read as the contract says."""

    @property
    def problem(self) -> str:
        """Why the request is refused; "" where it is not."""


_PLAIN = json.JSONEncoder(ensure_ascii=False)

Resolver: TypeAlias = Callable[[Facts], Any]
"""Gives the value of one expression, or MISSING."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string with expressions in it: alternately literal text and expressions."""

    literals: tuple[str, ...]
    resolvers: tuple[Resolver, ...]

    @property
    def is_single(self) -> bool:
        """Whether it is one expression and nothing else, so that the value keeps its type."""
        return self.literals == ("", "")

    def fill(self, facts: Facts) -> str:
        """The text with every expression's value in it; what is missing leaves nothing behind."""
        parts = [self.literals[0]]
        for resolver, literal in zip(self.resolvers, self.literals[1:], strict=True):
            parts.append(as_text(resolver(facts)))
            parts.append(literal)
        return "".join(parts)


def compile_expressions(text: str) -> Text | None:
    """Read a canned string; None where nothing in it is an expression."""
    if "{$" not in text:
        return None
    resolvers = tuple(compile_expression(found) for found in EXPRESSION.findall(text))
    return Text(tuple(EXPRESSION.split(text)), resolvers) if resolvers else None


def compile_expression(expression: str) -> Resolver:
    """Make the look-up of one expression, braces included."""
    inner = expression[2:-1]
    # A closure for each expression: what has to be read of it is read here, once, and not per
    # request.
    if inner == "url":
        return lambda facts: facts.url
    if inner == "method":
        return lambda facts: facts.method
    if inner == "mock.problem":
        return lambda facts: facts.problem or MISSING
    place, _, rest = inner.removeprefix("request.").partition(".")
    if place == "query":
        return lambda facts: facts.query.get(rest, MISSING)
    if place == "path":
        return lambda facts: facts.path.get(rest, MISSING)
    if place == "header":
        name = rest.lower()
        return lambda facts: facts.headers.get(name, MISSING)
    return _body_resolver(inner.partition("#")[2])


def as_text(value: Any) -> str:
    """A value inside other text: strings as they are, the rest as JSON, what is missing as ""."""
    if isinstance(value, str):
        return value
    return "" if value is MISSING else write_long(value, _PLAIN)


def _body_resolver(pointer: str) -> Resolver:
    keys = split(pointer)
    if len(keys) == 1:
        only = keys[0]

        def member(facts: Facts) -> Any:
            body = facts.body
            # Nearly every pointer has one token, and nearly every body is an object.
            return body.get(only, MISSING) if type(body) is dict else _step(body, only)

        return member

    def descend(facts: Facts) -> Any:
        value = facts.body
        for key in keys:
            value = _step(value, key)
        return value

    return descend


def _step(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, MISSING)
    # RFC 6901 section 4. A longer index is that of no list, and would take its time to be read.
    if isinstance(value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", key, re.ASCII):
        return value[int(key)] if int(key) < len(value) else MISSING
    return MISSING

"""A JSON text (RFC 8259) to nodes; the standard library's reader knows no lines."""

from __future__ import annotations

import json
import re

from spec.errors import ContractError, Place
from spec.limits import MAX_DEPTH, finite, too_deep
from spec.nodes import Node, Scalar

__all__ = ["read_json"]

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<punctuation>[{}\[\],:])
      | (?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
      | (?P<word>true|false|null)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_JSON_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


def read_json(text: str, name: str) -> Node:
    """The tree of a JSON text; `name` is the file in its messages.

    Raises:
        ContractError: it is no JSON, has a key twice, or is over a limit.
    """
    return _JsonReader(text, name).read()


class _JsonReader:
    """Goes through the tokens; recursion is bounded by the limit on depth."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.position, self.line, self.counted = 0, 1, 0
        self.kind, self.token = "", ""

    def read(self) -> Node:
        self._advance()
        node = self._value(0)
        if self.kind != "end":
            raise self._unexpected()
        return node

    def _advance(self) -> None:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self.kind, self.token = "", self.text[self.position :].lstrip()[:20]
            raise self._unexpected()
        self.kind = str(match.lastgroup)
        self.token = match.group(self.kind)
        self.line += self.text.count("\n", self.counted, match.start(self.kind))
        self.counted = match.start(self.kind)
        self.position = match.end()

    def _unexpected(self) -> ContractError:
        got = repr(self.token) if self.token else "the end of the file"
        return self._wrong(f"this is not JSON: {got} is not expected here")

    def _wrong(self, what: str, remedy: str = "correct the syntax") -> ContractError:
        return ContractError(what, place=Place(file=self.name, line=self.line), remedy=remedy)

    def _value(self, depth: int) -> Node:
        if depth >= MAX_DEPTH:
            raise too_deep(Place(file=self.name, line=self.line))
        line = self.line
        if self.token == "{" and self.kind == "punctuation":
            return self._object(depth, line)
        if self.token == "[" and self.kind == "punctuation":
            return self._array(depth, line)
        value = self._scalar()
        self._advance()
        return Node(value, self.name, line)

    def _scalar(self) -> Scalar:
        if self.kind == "string":
            return self._string()
        if self.kind == "word":
            return _JSON_WORDS[self.token]
        if self.kind != "number":
            raise self._unexpected()
        if any(mark in self.token for mark in ".eE"):
            return finite(self.token, Place(file=self.name, line=self.line))
        try:
            return int(self.token)
        except ValueError:
            raise self._wrong("the number has too many digits", "quote it") from None

    def _string(self) -> str:
        try:
            return str(json.loads(self.token))
        except ValueError:
            raise self._wrong(f"{self.token[:40]} is not a JSON string") from None

    def _object(self, depth: int, line: int) -> Node:
        children: dict[str, Node] = {}
        lines: dict[str, int] = {}
        self._advance()
        while self.token != "}" or self.kind != "punctuation":
            if self.kind != "string":
                raise self._unexpected()
            key = self._string()
            if key in children:
                raise self._wrong(
                    f"the key {key!r} stands here again, first in line {lines[key]}", "keep one"
                )
            lines[key] = self.line
            self._advance()
            self._expect(":")
            children[key] = self._value(depth + 1)
            if not self._continues("}"):
                break
        self._expect("}")
        return Node(children, self.name, line, lines)

    def _array(self, depth: int, line: int) -> Node:
        children: list[Node] = []
        self._advance()
        while self.token != "]" or self.kind != "punctuation":
            children.append(self._value(depth + 1))
            if not self._continues("]"):
                break
        self._expect("]")
        return Node(children, self.name, line)

    def _continues(self, closing: str) -> bool:
        if self.kind != "punctuation" or self.token != ",":
            return False
        self._advance()
        if self.kind == "punctuation" and self.token == closing:
            raise self._unexpected()
        return True

    def _expect(self, mark: str) -> None:
        if self.kind != "punctuation" or self.token != mark:
            raise self._unexpected()
        self._advance()

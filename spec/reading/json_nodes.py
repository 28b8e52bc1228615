"""A JSON text (RFC 8259) to nodes; the standard library's reader knows no lines."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from enum import Enum, auto

from spec.model.errors import ContractError, Place
from spec.reading.limits import MAX_DEPTH, MAX_KEY, finite, too_deep, too_long
from spec.reading.nodes import Node, Scalar

__all__ = ["read_json"]

# Possessive (`++`, `*+`): what may be given back is remembered, with 170 bytes for each character.
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<mark>[{}\[\],:])
      | (?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
      | (?P<word>true|false|null)
      | (?P<end>\Z)
      | (?P<wrong>.{1,20})  # always last: it takes what nothing else does, so no text is skipped
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


class _Expected(Enum):
    """What the grammar has room for next."""

    VALUE = auto()
    FIRST_ITEM = auto()
    FIRST_KEY = auto()
    KEY = auto()
    COLON = auto()
    COMMA = auto()
    END = auto()


def read_json(text: str, name: str) -> Node:
    """The tree of a JSON text; `name` is the file in its messages.

    Raises:
        ContractError: it is no JSON, has a key twice, or is over a limit.
    """
    reader = _JsonReader(text, name)
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        reader.take(kind, match[kind], match.start(kind))
        if kind == "end":
            break
    return reader.root


class _JsonReader:
    """Takes one token after the other, with a stack of its own."""

    root: Node

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        # Found once: counting the line breaks before each token would be quadratic.
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.open: list[Node] = []
        self.keys: list[str] = []
        self.expected = _Expected.VALUE
        self.position = 0
        self.last = ""

    @property
    def line(self) -> int:
        """The line of the token that was taken last."""
        return bisect_left(self.breaks, self.position) + 1

    def take(self, kind: str, token: str, position: int) -> None:
        """Go on by one token. Raises ContractError where the grammar has no room for it."""
        self.position = position
        expected = self.expected
        if expected is _Expected.COMMA and token == ",":
            in_object = isinstance(self.open[-1].value, dict)
            self.expected = _Expected.KEY if in_object else _Expected.VALUE
        elif expected is _Expected.COLON and token == ":":
            self.expected = _Expected.VALUE
        elif expected in (_Expected.KEY, _Expected.FIRST_KEY) and kind == "string":
            self._key(self._string(token))
        elif self._closes(token):
            self._close()
        elif expected in (_Expected.VALUE, _Expected.FIRST_ITEM) and kind != "end":
            self._take_value(kind, token)
        elif not (expected is _Expected.END and kind == "end"):
            raise self._unexpected(token)
        self.last = token

    def _closes(self, token: str) -> bool:
        if token == "}":
            can = self.expected in (_Expected.COMMA, _Expected.FIRST_KEY)
            return can and isinstance(self.open[-1].value, dict)
        can = self.expected in (_Expected.COMMA, _Expected.FIRST_ITEM)
        return token == "]" and can and isinstance(self.open[-1].value, list)

    def _close(self) -> None:
        done = self.open.pop()
        if isinstance(done.value, dict):
            self.keys.pop()
        self.expected = _Expected.COMMA if self.open else _Expected.END

    def _take_value(self, kind: str, token: str) -> None:
        if kind == "mark":
            self._begin(token)
            return
        self._add(Node(self._scalar(kind, token), self.name, self.line))
        self.expected = _Expected.COMMA if self.open else _Expected.END

    def _begin(self, token: str) -> None:
        if token not in "{[":
            raise self._unexpected(token)
        if len(self.open) >= MAX_DEPTH:
            raise too_deep(Place(file=self.name, line=self.line))
        node = Node({} if token == "{" else [], self.name, self.line)
        self._add(node)
        self.open.append(node)
        if token == "{":
            self.keys.append("")
        self.expected = _Expected.FIRST_KEY if token == "{" else _Expected.FIRST_ITEM

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        holder = self.open[-1]
        if isinstance(holder.value, list):
            holder.value.append(node)
        else:
            assert isinstance(holder.value, dict)
            holder.value[self.keys[-1]] = node

    def _key(self, key: str) -> None:
        holder = self.open[-1]
        assert isinstance(holder.value, dict)
        if len(key) > MAX_KEY:
            raise too_long(key, Place(file=self.name, line=self.line))
        if key in holder.key_lines:
            first = holder.key_lines[key]
            raise self._wrong(
                f"the key {key!r} is repeated here; it is first in line {first}", "keep one"
            )
        holder.key_lines[key] = self.line
        self.keys[-1] = key
        self.expected = _Expected.COLON

    def _scalar(self, kind: str, token: str) -> Scalar:
        if kind == "string":
            return self._string(token)
        if kind == "word":
            return _WORDS[token]
        if kind != "number":
            raise self._unexpected(token)
        # `1.0` stays a float, so that what is written back looks as it did.
        if any(mark in token for mark in ".eE"):
            return finite(token, Place(file=self.name, line=self.line))
        try:
            return int(token)
        except ValueError:
            raise self._wrong("the number has too many digits", "quote it") from None

    def _string(self, token: str) -> str:
        # Most strings have no escapes; the pattern has ruled out bare control characters.
        if "\\" not in token:
            return token[1:-1]
        try:
            return str(json.loads(token))
        except ValueError:
            raise self._wrong(f"{token[:40]} is not a JSON string") from None

    def _unexpected(self, token: str) -> ContractError:
        if self.last == "," and token in ("}", "]"):
            return self._wrong(f"this is not JSON: a comma stands before {token!r}", "remove it")
        got = repr(token) if token else "the end of the file"
        return self._wrong(f"this is not JSON: {got} is not expected here")

    def _wrong(self, what: str, remedy: str = "correct the syntax") -> ContractError:
        return ContractError(what, place=Place(file=self.name, line=self.line), remedy=remedy)

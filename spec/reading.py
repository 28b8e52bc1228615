"""Text to nodes: YAML with the semantics of 1.2, and JSON, within limits.

YAML 1.1 reads `no` as False, `1:30` as 90 and `2024-01-01` as a date; a contract means strings.
The reader works on parser events with a stack of its own, so no depth of nesting reaches the
interpreter's or the C library's, and it stops at the limit, not after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from spec.errors import ContractError, Place
from spec.nodes import Node, Scalar

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "read_file", "read_text"]

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
MAX_NODES = 2_000_000
"""How many nodes a text may have once its aliases are expanded."""

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL, _HEXADECIMAL = re.compile(r"0o[0-7]+\Z"), re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("map", "seq")}


def read_file(path: Path, name: str | None = None) -> Node:
    """The tree of a YAML or JSON file.

    Args:
        path: the file.
        name: how messages call it; the path as it is given where there is none.

    Raises:
        ContractError: the file is missing, unreadable, over a limit, or neither YAML nor JSON.
    """
    name = name or str(path)
    return read_text(file_text(path, name), name)


def file_text(path: Path, name: str) -> str:
    """The text of a contract file, within its size limit and as UTF-8."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_much(Place(file=name, line=0), f"the file is larger than {MAX_BYTES} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise ContractError(
            f"cannot read {name}: {(error.strerror or str(error)).lower()}",
            remedy="name a file that exists and can be read",
        ) from None
    return decoded(data, name)


def decoded(data: bytes, name: str) -> str:
    """Bytes as text (RFC 8259 section 8.1 and YAML 1.2 section 5.2 both mean UTF-8 here)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            place=Place(file=name, line=line),
            remedy="save the file as UTF-8",
        ) from None


def read_text(text: str, name: str) -> Node:
    """The tree of a YAML or JSON text; `name` is the file in its messages.

    Raises:
        ContractError: the text is over a limit, or neither YAML nor JSON.
    """
    if name.endswith(".json") or text.lstrip()[:1] == "{":
        try:
            root = _JsonReader(text, name).read()
        except ContractError:
            if name.endswith(".json"):
                raise
            root = _YamlReader(text, name).read()
    else:
        root = _YamlReader(text, name).read()
    _check_size(root, name)
    return root


def _too_much(place: Place, what: str) -> ContractError:
    return ContractError(what, place=place, remedy="a contract that large or deep is not read")


def _check_size(root: Node, name: str) -> None:
    """Refuse a tree that aliases would blow up; each node is visited once, however often shared."""
    sizes: dict[int, int] = {}
    stack = [(root, False)]
    while stack:
        node, measured = stack.pop()
        below = _children(node)
        if id(node) in sizes:
            continue
        if measured:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in below)
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in below)
    if sizes[id(root)] > MAX_NODES:
        raise _too_much(
            Place(file=name, line=0),
            f"its aliases expand to {sizes[id(root)]} nodes, more than the limit of {MAX_NODES}",
        )


def _children(node: Node) -> list[Node]:
    if isinstance(node.value, dict):
        return list(node.value.values())
    return node.value if isinstance(node.value, list) else []


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end was not seen yet."""

    node: Node
    anchor: str | None
    depth: int
    key: str | None = None
    key_line: int = 0
    merges: list[Node] | None = None


class _YamlReader:
    """Builds the tree from parser events."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.anchors: dict[str, Node] = {}
        self.open: list[_Open] = []
        self.unfinished: set[str] = set()
        self.root: Node | None = None
        self.documents = 0

    def read(self) -> Node:
        for event in self._events():
            self._take(event)
        if self.root is None:
            raise ContractError(
                "the file is empty",
                place=Place(file=self.name, line=1),
                remedy="an OpenAPI document begins with `openapi: 3.0.3`",
            )
        return self.root

    def _events(self) -> Iterator[Event]:
        try:
            yield from yaml.parse(self.text, Loader=_PARSER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.context, error.problem) if part)
            raise ContractError(
                f"this is not YAML: {what}",
                place=Place(file=self.name, line=mark.line + 1 if mark else 0),
                remedy="correct the syntax",
            ) from None
        except yaml.YAMLError as error:
            raise ContractError(
                f"this is not YAML: {error}".replace("\n", " "),
                place=Place(file=self.name, line=0),
                remedy="correct the syntax",
            ) from None

    def _take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, ScalarEvent):
            if not self._takes_key(event, line):
                self._add(self._scalar_node(event, line), event.anchor)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._begin(event, line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._add(self._aliased(event, line), None)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._wrong("a second YAML document begins", line, "one file, one document")

    def _wrong(self, what: str, line: int, remedy: str) -> ContractError:
        return ContractError(what, place=Place(file=self.name, line=line), remedy=remedy)

    def _begin(self, event: Any, line: int) -> None:
        if event.tag not in {None, "!", *_TAGS}:
            raise self._unknown_tag(event.tag, line)
        if len(self.open) >= MAX_DEPTH:
            raise _too_much(
                Place(file=self.name, line=line), f"nesting is deeper than {MAX_DEPTH} levels"
            )
        self._refuse_complex_key(line)
        node = Node({} if isinstance(event, MappingStartEvent) else [], self.name, line)
        self.open.append(_Open(node, event.anchor, len(self.open)))
        if event.anchor:
            self.unfinished.add(event.anchor)

    def _end(self) -> None:
        done = self.open.pop()
        if done.merges:
            self._merge(done.node, done.merges)
        if done.anchor:
            self.unfinished.discard(done.anchor)
        self._add(done.node, done.anchor)

    @staticmethod
    def _merge(node: Node, sources: list[Node]) -> None:
        """The merge key `<<`, which YAML 1.2 lacks and every tool supports: earlier keys win."""
        assert isinstance(node.value, dict)
        for source in sources:
            assert isinstance(source.value, dict)
            for key, child in source.value.items():
                if key not in node.value:
                    node.value[key] = child
                    node.key_lines[key] = source.key_lines.get(key, child.line)

    def _takes_key(self, event: ScalarEvent, line: int) -> bool:
        """Whether the scalar is a key of the mapping that is open; a key is text as written."""
        if not self.open or self.open[-1].key is not None:
            return False
        current = self.open[-1]
        if not isinstance(current.node.value, dict):
            return False
        key = event.value
        if key in current.node.value:
            first = current.node.key_lines[key]
            raise self._wrong(
                f"the key {key!r} stands here again, first in line {first}", line, "keep one"
            )
        current.key, current.key_line = key, line
        if event.anchor:
            self.anchors[event.anchor] = Node(key, self.name, line)
        return True

    def _refuse_complex_key(self, line: int) -> None:
        current = self.open[-1] if self.open else None
        if current and isinstance(current.node.value, dict) and current.key is None:
            raise self._wrong("a key must be a string", line, "write a plain key")

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        current = self.open[-1]
        if isinstance(current.node.value, list):
            current.node.value.append(node)
            return
        self._refuse_complex_key(node.line)
        assert isinstance(current.node.value, dict)
        assert current.key is not None
        key, current.key = current.key, None
        if key == "<<" and (sources := self._merge_sources(node)):
            current.merges = (current.merges or []) + sources
            return
        current.node.value[key] = node
        current.node.key_lines[key] = current.key_line

    @staticmethod
    def _merge_sources(node: Node) -> list[Node]:
        sources = node.value if isinstance(node.value, list) else [node]
        return sources if all(isinstance(one.value, dict) for one in sources) else []

    def _aliased(self, event: AliasEvent, line: int) -> Node:
        name = str(event.anchor)
        if name in self.unfinished:
            raise self._wrong(f"the alias *{name} contains itself", line, "use a $ref")
        if name not in self.anchors:
            raise self._wrong(f"the alias *{name} has no anchor", line, f"define &{name} before")
        return self.anchors[name]

    def _unknown_tag(self, tag: str, line: int) -> ContractError:
        written = tag.replace("tag:yaml.org,2002:", "!!")
        return self._wrong(f"the tag {written} is unknown", line, "a contract is plain data")

    def _scalar_node(self, event: ScalarEvent, line: int) -> Node:
        return Node(self._scalar(event, line), self.name, line)

    def _scalar(self, event: ScalarEvent, line: int) -> Scalar:
        text: str = event.value
        tag = (event.tag or "").removeprefix("tag:yaml.org,2002:")
        if tag in {"str", "!", "timestamp", "binary"} or (not tag and not event.implicit[0]):
            return text
        if tag not in {"", "int", "float", "bool", "null"}:
            raise self._unknown_tag(str(event.tag), line)
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_JSON.match(text):
            raise self._wrong(f"{text} is no JSON value", line, 'write a number, or quote it: "…"')
        return self._number(text, line)

    def _number(self, text: str, line: int) -> Scalar:
        try:
            if _INTEGER.match(text):
                return int(text)
            if _OCTAL.match(text):
                return int(text[2:], 8)
            if _HEXADECIMAL.match(text):
                return int(text, 16)
        except ValueError:
            raise self._wrong("the number has too many digits", line, "quote it") from None
        if _FLOAT.match(text):
            return _finite(text, Place(file=self.name, line=line))
        return text


def _finite(text: str, place: Place) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ContractError(f"{text} is too large a number", place=place, remedy="quote it")
    return number


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


class _JsonReader:
    """A JSON text (RFC 8259) to nodes; the standard library's reader knows no lines."""

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
            raise _too_much(
                Place(file=self.name, line=self.line), f"nesting is deeper than {MAX_DEPTH} levels"
            )
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
            return _finite(self.token, Place(file=self.name, line=self.line))
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

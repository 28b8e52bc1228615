"""YAML with the semantics of 1.2 (the core schema) to nodes.

YAML 1.1 reads `no` as False, `1:30` as 90 and `2024-01-01` as a date; a contract means strings.
The reader works on parser events with a stack of its own, so no depth of nesting reaches the
interpreter's or the C library's, and it stops at the limit, not after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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

from spec.model.errors import ContractError, EmptyFileError, Place
from spec.reading.limits import MAX_DEPTH, MAX_KEY, finite, too_deep, too_long
from spec.reading.nodes import Node, Scalar

__all__ = ["PARSER", "read_yaml"]

# libyaml is several times faster, and not every build of PyYAML has it.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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


_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: .*)?$", re.MULTILINE)
_SLIPS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"[ ]*\t"), "a tab cannot indent a line", "write spaces"),
    (re.compile(r"[\s-]*[^\s\"'#]+:\s+[@`*&%!|>]"), "", "put the text after the colon in quotes"),
    (
        re.compile(r"[\s-]*[^\s\"'#]+:\s+[^\s\"'\[{].*:\s"),
        "",
        "put the text after the first colon in quotes: it has a colon of its own",
    ),
)
"""What a line that is no YAML begins with, what that is ("": the parser says it), what to do."""


def _slip(text: str, line: int) -> tuple[int, str, str]:
    """Where the text is wrong, what people did there, and what to do; PyYAML names neither.

    Lines are counted from 0.
    """
    if conflict := _CONFLICT.search(text):
        at = text.count("\n", 0, conflict.start())
        return at, "the mark of a merge conflict stands here", "resolve the conflict"
    written = "".join(text.splitlines()[line : line + 1])
    found = ((what, remedy) for form, what, remedy in _SLIPS if form.match(written))
    return line, *next(found, ("", "correct the syntax"))


def read_yaml(text: str, name: str) -> Node:
    """The tree of a YAML text; `name` is the file in its messages.

    Raises:
        ContractError: it is no YAML, no plain data, or over a limit.
    """
    return _YamlReader(text, name).read()


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
        """The root of the tree. Raises ContractError, as `read_yaml` does."""
        for event in self._events():
            self._take(event)
        if self.root is None:
            raise EmptyFileError(Place(file=self.name, line=1))
        return self.root

    def _events(self) -> Iterator[Event]:
        try:
            yield from yaml.parse(self.text, Loader=PARSER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.context, error.problem) if part)
            line, slip, remedy = _slip(self.text, mark.line if mark else 0)
            raise self._wrong(f"this is not YAML: {slip or what}", line + 1, remedy) from None
        except yaml.YAMLError as error:
            line = self.text.count("\n", 0, getattr(error, "position", 0)) + 1
            what = f"this is not YAML: {error}".replace("\n", " ")
            raise self._wrong(what, line, "correct the syntax") from None

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
                raise self._wrong(
                    "a second YAML document begins", line, "write one document per file"
                )

    def _wrong(self, what: str, line: int, remedy: str) -> ContractError:
        return ContractError(what, place=Place(file=self.name, line=line), remedy=remedy)

    def _begin(self, event: Any, line: int) -> None:
        if event.tag not in {None, "!", *_TAGS}:
            raise self._unknown_tag(event.tag, line)
        # Before the node is made: what is too deep must not be read to its end.
        if len(self.open) >= MAX_DEPTH:
            raise too_deep(Place(file=self.name, line=line))
        self._refuse_complex_key(line)
        node = Node({} if isinstance(event, MappingStartEvent) else [], self.name, line)
        self.open.append(_Open(node, event.anchor, len(self.open)))
        # An alias within its own anchor would make a tree that has no end.
        if event.anchor:
            self.unfinished.add(event.anchor)

    def _end(self) -> None:
        done = self.open.pop()
        # At the end, so that the mapping's own keys win wherever `<<` stands.
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
        # As written: `on:` and `200:` are keys of text, whatever YAML 1.1 makes of them.
        key = event.value
        # YAML 1.2 section 3.2.1.1 wants keys unique; a silent last one hides a mistake.
        if not event.style and key.startswith("\u00a0"):
            raise self._wrong(
                "no-break spaces indent this line, which YAML takes for text", line, "write spaces"
            )
        if len(key) > MAX_KEY:
            raise too_long(key, Place(file=self.name, line=line))
        if key in current.node.value:
            first = current.node.key_lines[key]
            raise self._wrong(
                f"the key {key!r} is repeated here; it is first in line {first}", line, "keep one"
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
            raise self._wrong(f"the alias *{name} has no anchor", line, f"define &{name} before it")
        return self.anchors[name]

    def _unknown_tag(self, tag: str, line: int) -> ContractError:
        written = tag.replace("tag:yaml.org,2002:", "!!")
        return self._wrong(
            f"the tag {written} is unknown", line, "a contract contains plain data only"
        )

    def _scalar_node(self, event: ScalarEvent, line: int) -> Node:
        return Node(self._scalar(event, line), self.name, line)

    def _scalar(self, event: ScalarEvent, line: int) -> Scalar:
        text: str = event.value
        tag = (event.tag or "").removeprefix("tag:yaml.org,2002:")
        # Quoted text has no tag and is not implicit; JSON has no dates and no bytes.
        if tag in {"str", "!", "timestamp", "binary"} or (not tag and not event.implicit[0]):
            return text
        if tag not in {"", "int", "float", "bool", "null"}:
            raise self._unknown_tag(str(event.tag), line)
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_JSON.match(text):
            raise self._wrong(
                f"{text} is not a JSON value", line, 'write a number, or quote it: "…"'
            )
        return self._number(text, line)

    def _number(self, text: str, line: int) -> Scalar:
        try:
            if _INTEGER.match(text):
                return int(text)
            if _OCTAL.match(text):
                return int(text[2:], 8)
            if _HEXADECIMAL.match(text):
                return int(text, 16)
        # Python refuses to convert more than 4300 digits (CVE-2020-10735).
        except ValueError:
            raise self._wrong("the number has too many digits", line, "quote it") from None
        if _FLOAT.match(text):
            return finite(text, Place(file=self.name, line=line))
        return text

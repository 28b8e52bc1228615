"""One fault in a value: what is put in place of a good one, and the keyword that it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import DROP, Path, get, put

__all__ = ["Maker", "ValueFault", "in_brief", "with_article"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFault:
    """What to put in place of a good value, or at `key` in it, and the keyword that it breaks.

    `fault` is a kind of fault that is one cause, whichever keyword it breaks. `partly` says that
    some readers let it in and check the value all the same: a fraction, null, a number as text.
    """

    keyword: str
    label: str
    value: Any
    key: str | None = None
    fault: str = ""
    partly: bool = False

    def applied(self, whole: Any, path: Path) -> Any:
        """The whole value with the fault at a path in it."""
        if self.key is None:
            return put(whole, path, self.value)
        if self.value is DROP and self.key not in get(whole, path):
            return whole
        return put(whole, (*path, self.key), self.value)


Maker = Callable[[SchemaNode, Any, Any], Iterator[ValueFault]]
"""Gives the changes of one keyword: of the node, the keyword's value and a good value there."""


def with_article(name: str) -> str:
    """The name of a type as a sentence has it: `an object`, `a string`, `null`."""
    if name == "null":
        return "null"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def in_brief(value: Any) -> str:
    """The value as a label shows it: as JSON has it, a text in single quotes."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."

"""One fault in a value: what is put in place of a good one, and the keyword that it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.clauses.schema_nodes import SchemaNode

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


Maker = Callable[[SchemaNode, Any, Any], Iterator[ValueFault]]
"""Gives the changes of one keyword: of the node, the keyword's value and a good value there."""


def with_article(name: str) -> str:
    """The name of a type as a sentence has it: `an object`, `a string`, `null`."""
    if name == "null":
        return "null"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def in_brief(value: Any) -> str:
    """The value as a label shows it."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."

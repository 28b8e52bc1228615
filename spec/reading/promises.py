"""Which parts of a document are promises, and which are descriptions, examples or extensions.

Prose, examples and `x-` keys promise nothing: an overlay may change them, a diff passes over them.
"""

from __future__ import annotations

from collections.abc import Iterator

from spec.reading.nodes import Node, Tokens
from spec.reading.structure import NAMED_BY_THE_CONTRACT

__all__ = ["ANNOTATIONS", "broken_promises"]

ANNOTATIONS = frozenset(
    {"title", "summary", "description", "example", "examples", "tags", "externalDocs", "$comment"}
)


def broken_promises(old: Node, new: Node) -> Iterator[Tokens]:
    """The paths at which two versions of a document promise different things.

    Trees that share nodes are compared only where they do not, so this costs what has changed.
    """
    yield from _differences(old, new, (), names=False)


def _differences(
    old: Node | None, new: Node | None, path: Tokens, *, names: bool
) -> Iterator[Tokens]:
    if old is new:
        return
    if old is None or new is None:
        yield path
    elif isinstance(old.value, dict) and isinstance(new.value, dict):
        for key in {**old.value, **new.value}:
            if names or not (key in ANNOTATIONS or key.startswith("x-")):
                # A property may be called `example` or `x-id`: names of the author's own are no
                # annotations.
                below = key in NAMED_BY_THE_CONTRACT and not names
                pair = old.value.get(key), new.value.get(key)
                yield from _differences(*pair, (*path, key), names=below)
    elif isinstance(old.value, list) and isinstance(new.value, list):
        if len(old.value) != len(new.value):
            yield path
        for index, pair in enumerate(zip(old.value, new.value, strict=False)):
            yield from _differences(*pair, (*path, index), names=False)
    # In Python 1 == True, and as a promise `minimum: 1` and `minimum: true` differ.
    elif old.plain() != new.plain() or isinstance(old.value, bool) != isinstance(new.value, bool):
        yield path

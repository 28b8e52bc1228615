"""Values against the contract that a deployment has taken from this run, and shows again.

That they were accepted is a finding of its own. Whoever reads them later is told what is stored:
the operation that reads has no fault of its own to mend.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from conformance.clauses.value_paths import Path, get

__all__ = ["StoredFaults", "ids_along"]

_ABSENT: Final = "absent"


class StoredFaults:
    """Remembers what was sent for a thing: by its id, or by the path of what has none."""

    def __init__(self) -> None:
        self._sent = defaultdict[str, set[tuple[str, str]]](set)

    def note(self, key: str, sent: Any, good: Any) -> None:
        """Keep what was sent instead of a `good` request, and accepted although it was wrong."""
        sent_names, own = set(_named(sent)), set(_named(good))
        dropped = {name for name, _ in own} - {name for name, _ in sent_names}
        self._sent[key] |= (sent_names - own) | {(name, _ABSENT) for name in dropped}

    def explain(self, key: str, value: Any, path: Path) -> bool:
        """Whether what stands at a path of an answer, or is missing there, was sent like that.

        `key` is the path of the operation; what has an id is known by it, wherever it is shown.
        """
        names = [step for step in path if isinstance(step, str)]
        keys = {key, *ids_along(value, path)} & self._sent.keys()
        if not names or not keys:
            return False
        try:
            shown = _text(get(value, path))
        except LookupError:
            shown = _ABSENT
        return any((names[-1], shown) in self._sent[one] for one in keys)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _named(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each value with the name of the property that it is, or stands in."""
    if name:
        yield name, _text(value)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _named(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one, name)


def _plain(value: dict[str, Any]) -> Iterator[str]:
    """The plain values of an object; of a path its last segment: `books/7`."""
    texts = (str(one) for one in value.values() if isinstance(one, (str, int)))
    return (one.rpartition("/")[2] for one in texts)


def ids_along(value: Any, path: Path) -> Iterator[str]:
    """The plain values of the objects on the way to a place: one of them may be an id.

    Those of the objects inside come after them: some keep the id apart, as in `metadata.name`.
    """
    for step in path:
        if isinstance(value, dict):
            yield from _plain(value)
            for one in value.values():
                yield from _plain(one) if isinstance(one, dict) else ()
        try:
            value = value[step]
        except (LookupError, TypeError):
            return

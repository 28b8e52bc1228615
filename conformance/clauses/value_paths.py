"""Places inside a JSON value, and copies of the value that differ in one place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from spec.model.pointers import split

__all__ = [
    "DROP",
    "EACH",
    "OTHER",
    "Path",
    "Step",
    "expand",
    "generalised",
    "get",
    "path_of",
    "put",
]


class _Mark:
    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


EACH: Final = _Mark("[]")
"""The step into the items of an array."""

OTHER: Final = _Mark("*")
"""The step into the properties that a schema does not name."""

DROP: Final = _Mark("DROP")
"""In the place of a value: the property, or item, is to go."""

Step = str | int | _Mark
Path = tuple[str | int, ...]


def get(value: Any, path: Path) -> Any:
    """The value at the path; raises LookupError where there is none."""
    for step in path:
        if not isinstance(value, (dict, list)):
            raise LookupError(step)
        value = value[step]  # type: ignore[index]  # a list's steps are integers
    return value


def path_of(pointer: str, value: Any) -> Path:
    """The path of a JSON Pointer into a value: its indexes are integers where there is a list.

    Only the value tells whether `/0` is an index or a name (RFC 6901 section 4).
    """
    path: list[str | int] = []
    for token in split(pointer):
        step: str | int = int(token) if isinstance(value, list) and token.isdigit() else token
        path.append(step)
        try:
            value = value[step]
        except (LookupError, TypeError):
            break
    return tuple(path)


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value at the path; `DROP` takes it out. What is shared stays shared."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        items = list(value)
        assert isinstance(step, int)
        if not rest and new is DROP:
            del items[step]
        elif step == len(items):
            items.append(put(None, rest, new))
        else:
            items[step] = put(items[step], rest, new)
        return items
    fields = dict(value) if isinstance(value, dict) else {}
    if not rest and new is DROP:
        fields.pop(str(step), None)
    else:
        fields[str(step)] = put(fields.get(str(step)), rest, new)
    return fields


def expand(value: Any, steps: Sequence[Step], named: Sequence[str] = ()) -> Iterator[Path]:
    """The paths in a value that the steps lead to, in document order.

    `named` are the properties that `OTHER` passes over.
    """
    if not steps:
        yield ()
        return
    step, rest = steps[0], steps[1:]
    for key in _keys(value, step, named):
        for path in expand(value[key], rest, named):
            yield (key, *path)


def generalised(path: Sequence[str | int]) -> tuple[str | _Mark, ...]:
    """The path with `EACH` for every index: what it has in common with its neighbours."""
    return tuple(EACH if isinstance(step, int) else step for step in path)


def _keys(value: Any, step: Step, named: Sequence[str]) -> list[Any]:
    if step is EACH:
        return list(range(len(value))) if isinstance(value, list) else []
    if step is OTHER:
        return [key for key in value if key not in named] if isinstance(value, dict) else []
    if isinstance(step, int):
        return [step] if isinstance(value, list) and step < len(value) else []
    return [step] if isinstance(value, dict) and step in value else []

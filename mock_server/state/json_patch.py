"""JSON Patch (RFC 6902): changes of a document, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from mock_server.answers.choice import same_json
from spec.model.pointers import split

__all__ = ["PatchError", "patched"]

# RFC 6901 section 4 allows no leading zero; nine digits are more than any list has, and `int` of an
# endless number would take seconds.
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class PatchError(ValueError):
    """A patch that cannot be applied; `is_test` where one of its own tests has failed."""

    def __init__(self, number: int, what: str, *, is_test: bool = False) -> None:
        super().__init__(f"/{number}: {what}")
        self.is_test = is_test


class _CannotError(Exception):
    """Why one operation cannot be done."""


def patched(document: Any, operations: Sequence[Any]) -> Any:
    """A document after a patch; the given one stays as it is. Raises PatchError."""
    # The document has a place in something else, so that it can be replaced like its members.
    root = {"": deepcopy(document)}
    for number, operation in enumerate(operations):
        try:
            _apply(root, operation)
        except _CannotError as error:
            is_test = isinstance(operation, dict) and operation.get("op") == "test"
            raise PatchError(number, str(error), is_test=is_test) from None
    return root[""]


def _apply(root: dict[str, Any], operation: Any) -> None:
    named = operation.get("op") if isinstance(operation, dict) else None
    apply = _OPERATIONS.get(named) if isinstance(named, str) else None
    if apply is None:
        raise _CannotError(f"'op' is one of {', '.join(_OPERATIONS)}")
    apply(root, operation)


def _add(root: dict[str, Any], operation: dict[str, Any]) -> None:
    _put(root, _path(operation, "path"), _given_value(operation))


def _remove(root: dict[str, Any], operation: dict[str, Any]) -> None:
    _taken(root, _path(operation, "path"))


def _replace(root: dict[str, Any], operation: dict[str, Any]) -> None:
    tokens = _path(operation, "path")
    parent, key = _existing(root, tokens)
    parent[key] = _given_value(operation)


def _move(root: dict[str, Any], operation: dict[str, Any]) -> None:
    source, target = _path(operation, "from"), _path(operation, "path")
    # RFC 6902 section 4.4: `from` must not be a proper prefix of `path`.
    if target[: len(source)] == source and target != source:
        raise _CannotError("a value cannot be moved into itself")
    _put(root, target, _taken(root, source))


def _copy(root: dict[str, Any], operation: dict[str, Any]) -> None:
    parent, key = _existing(root, _path(operation, "from"))
    _put(root, _path(operation, "path"), deepcopy(parent[key]))


def _test(root: dict[str, Any], operation: dict[str, Any]) -> None:
    parent, key = _existing(root, _path(operation, "path"))
    if not same_json(parent[key], _given_value(operation)):
        raise _CannotError(f"{operation['path'] or 'the document'} has another value")


_OPERATIONS: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _path(operation: dict[str, Any], name: str) -> list[str]:
    pointer = operation.get(name)
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise _CannotError(f"{name!r} is not a JSON pointer (RFC 6901)")
    return ["", *split(pointer)]


def _given_value(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise _CannotError("'value' is missing")
    return deepcopy(operation["value"])


def _existing(root: dict[str, Any], tokens: Sequence[str]) -> tuple[Any, Any]:
    """The container and the key of what is there."""
    container: Any = root
    for depth, token in enumerate(tokens):
        # Of a list, what is no index leads behind its end, where nothing is.
        key: Any = token
        if isinstance(container, list):
            key = int(token) if _INDEX.fullmatch(token) else len(container)
        there = key < len(container) if isinstance(container, list) else _has(container, key)
        if not there:
            raise _CannotError(f"there is nothing at /{'/'.join(tokens[1 : depth + 1])}")
        if depth == len(tokens) - 1:
            return container, key
        container = container[key]
    raise AssertionError("a path has at least one token")


def _has(container: Any, key: str) -> bool:
    return isinstance(container, dict) and key in container


def _taken(root: dict[str, Any], tokens: Sequence[str]) -> Any:
    parent, key = _existing(root, tokens)
    return parent.pop(key)


def _put(root: dict[str, Any], tokens: Sequence[str], value: Any) -> None:
    if len(tokens) == 1:
        root[""] = value
        return
    above, key = _existing(root, tokens[:-1])
    parent, last = above[key], tokens[-1]
    if isinstance(parent, dict):
        parent[last] = value
        return
    if not isinstance(parent, list):
        raise _CannotError(f"there is no place at /{'/'.join(tokens[1:])}")
    is_index = _INDEX.fullmatch(last) is not None and int(last) <= len(parent)
    if last != "-" and not is_index:
        raise _CannotError(f"{last[:40]!r} is no index of a list of {len(parent)}")
    # `-` is the place behind the last item (RFC 6901 section 4).
    parent.insert(len(parent) if last == "-" else int(last), value)

"""The ids in the path of a request, and the paths that have other ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from spec import Contract, Direction
from spec.model.contract_model import Operation
from spec.model.path_templates import TEMPLATE, template_names

__all__ = ["exchanged", "fits", "ids_in", "names_in", "path_of", "segments"]


def names_in(operation: Operation) -> list[str]:
    """The parameters of an operation's path, the outermost first."""
    return list(template_names(operation.path))


def ids_in(operation: Operation, target: str) -> tuple[str, ...] | None:
    """The ids in a path, or a URL, that an operation's template fits; None where it does not."""
    try:
        path = urlsplit(target).path
    except ValueError:
        return None
    # A path may stand below the path of any server of the contract.
    for base in operation.base_paths:
        if path.startswith(base) and (
            found := _pattern(operation.path).fullmatch(path[len(base) :])
        ):
            return tuple(unquote(one) for one in found.groups())
    return None


def segments(operation: Operation, ids: Sequence[str]) -> Mapping[str, str]:
    """The path parameters with ids, as they travel; there may be fewer ids than parameters."""
    return {name: _segment(one) for name, one in zip(names_in(operation), ids, strict=False)}


def path_of(operation: Operation, ids: Sequence[str]) -> str:
    """The path of an operation with these ids, without what its server puts before it."""
    path = operation.path.partition("?")[0]
    for name, text in segments(operation, ids).items():
        path = path.replace(f"{{{name}}}", text, 1)
    return path


def exchanged(operation: Operation, target: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The target with other ids in the place of the old ones."""
    # Once only: an id may also stand in the query, where it is meant as it is.
    return target.replace(path_of(operation, old), path_of(operation, new), 1)


def fits(contract: Contract, operation: Operation, ids: Sequence[str]) -> bool:
    """Whether the contract allows the ids in the path: an answer may name something else."""
    schemas = {one.name: one.value_schema for one in operation.inputs if one.location == "path"}
    for name, text in zip(names_in(operation), ids, strict=False):
        schema = schemas.get(name)
        if schema is not None and not any(
            not contract.violations(schema, Direction.REQUEST, value) for value in _readings(text)
        ):
            return False
    return True


def _readings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?\d{1,18}", text):
        yield int(text)


def _segment(text: str) -> str:
    """A text as a segment of a path; a lone surrogate is a text too, for those that take it."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@lru_cache(maxsize=4096)
def _pattern(path: str) -> re.Pattern[str]:
    pieces = TEMPLATE.split(path.partition("?")[0].rstrip("/"))
    fixed, names = pieces[::2], pieces[1::2]
    # Built of the pieces: a template may have dots and braces of its own.
    text = re.escape(fixed[0])
    for _, below in zip(names, fixed[1:], strict=True):
        text += f"([^/]+){re.escape(below)}"
    return re.compile(f"{text}/?")

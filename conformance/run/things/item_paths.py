"""The ids in the path of a request, and the paths that have other ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from conformance.cases.parameter_units import escaped
from spec import Contract, Direction
from spec.model.contract_model import Operation
from spec.model.path_templates import TEMPLATE, template_names

__all__ = ["exchanged", "fits", "ids_in", "leads_elsewhere", "names_in", "path_of", "segments"]


def names_in(operation: Operation) -> list[str]:
    """The parameters of an operation's path, the outermost first."""
    return list(template_names(operation.path))


def ids_in(operation: Operation, target: str) -> tuple[str, ...] | None:
    """The ids in a path, or a URL, that an operation's template fits; None where it does not.

    Nor has a path ids that lead elsewhere.
    """
    try:
        path = urlsplit(target).path
    except ValueError:
        return None
    # A path may stand below the path of any server of the contract.
    for base in operation.base_paths:
        if path.startswith(base) and (
            found := _pattern(operation.path).fullmatch(path[len(base) :])
        ):
            ids = tuple(unquote(one) for one in found.groups())
            return None if any(map(leads_elsewhere, ids)) else ids
    return None


def leads_elsewhere(text: str) -> bool:
    """Whether a path with this id may be read as that of something else, which is then removed.

    `..` is a step upwards (RFC 3986 section 5.2.4), and some servers unescape a path once more
    before they look for it, or leave out what follows a semicolon.
    """
    steps = re.split(r"[/\\]", unquote(unquote(text)))
    return any(one.partition(";")[0] in (".", "..") for one in steps)


def segments(operation: Operation, ids: Sequence[str]) -> Mapping[str, str]:
    """The path parameters with ids, as they travel; there may be fewer ids than parameters."""
    return {name: _segment(one) for name, one in zip(names_in(operation), ids, strict=False)}


def path_of(operation: Operation, ids: Sequence[str]) -> str:
    """The path of an operation with these ids, without what its server puts before it."""
    return _filled(operation, segments(operation, ids))


def exchanged(operation: Operation, target: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The target with other ids in the place of the old ones, written as those were."""
    for before, after in zip(_spelt(operation, old), _spelt(operation, new), strict=True):
        if before in target:
            # Once only: an id may also stand in the query, where it is meant as it is.
            return target.replace(before, after, 1)
    return target


def _spelt(operation: Operation, ids: Sequence[str]) -> Iterator[str]:
    """The path with the ids, and with a letter of each of them escaped."""
    plain = segments(operation, ids)
    yield _filled(operation, plain)
    for name, text in plain.items():
        yield _filled(operation, {**plain, name: escaped(text)})


def _filled(operation: Operation, texts: Mapping[str, str]) -> str:
    path = operation.path.partition("?")[0]
    for name, text in texts.items():
        path = path.replace(f"{{{name}}}", text, 1)
    return path


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

"""The ids in the target of a request, and the targets that have other ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from conformance.cases.parameter_units import escaped
from conformance.clauses.item_addresses import EQUALS, item_names, selector
from spec import Contract, Direction
from spec.model.contract_model import Operation
from spec.model.path_templates import TEMPLATE, template_names

__all__ = [
    "exchanged",
    "fits",
    "id_in_name",
    "ids_in",
    "leads_elsewhere",
    "names_in",
    "path_of",
    "segments",
    "selecting",
    "writes_plainly",
]


def names_in(operation: Operation) -> list[str]:
    """The parameters of an operation's path, the outermost first."""
    return list(template_names(operation.path))


def selecting(
    operation: Operation, query: Iterable[tuple[str, str]], ids: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """The pairs of a raw query that selects the item with these ids; there may be fewer ids."""
    own, names = selector(operation), item_names(operation)
    if own is None or len(ids) < len(names):
        return tuple(query)
    return tuple(
        (name, _filter(value) + _segment(ids[-1]) if unquote_plus(name) == own.name else value)
        for name, value in query
    )


def _filter(value: str) -> str:
    return EQUALS if value.startswith(EQUALS) else ""


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]


def ids_in(operation: Operation, target: str) -> tuple[str, ...] | None:
    """The ids in a path, or a URL, that an operation's template fits; None where it does not.

    The last one may stand in the query. Nor has a path ids that lead elsewhere.
    """
    own = selector(operation)
    return _ids_in(operation.path, operation.base_paths, own and own.name, target)


# A dozen questions are asked about the target of a request in turn.
@lru_cache(maxsize=32)
def _ids_in(
    template: str, bases: tuple[str, ...], wanted: str | None, target: str
) -> tuple[str, ...] | None:
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    path = parts.path
    selected = [] if wanted is None else _selected(wanted, parts.query)
    if len(selected) != (wanted is not None) or "" in selected:
        return None
    # A path may stand below the path of any server of the contract.
    for base in bases:
        if path.startswith(base) and (found := _pattern(template).fullmatch(path[len(base) :])):
            ids = (*map(unquote, found.groups()), *selected)
            return None if any(map(leads_elsewhere, ids)) else ids
    return None


def _selected(name: str, query: str) -> list[str]:
    pairs = _pairs(query)
    return [unquote_plus(v).removeprefix(EQUALS) for n, v in pairs if unquote_plus(n) == name]


def id_in_name(operation: Operation, name: str) -> str | None:
    """The id in the name of a resource that is the end of its path; None where it is no such end.

    `/v1/shelves/{shelf}/books/{book}` has `shelves/1/books/2`, or `books/2`, as the APIs of Google
    call what they answer (AIP-122).
    """
    own = name.strip("/").split("/")
    end = operation.path.partition("?")[0].strip("/").split("/")[-len(own) :]
    if len(own) < 2 or not end[-1].startswith("{") or end[-2].startswith("{"):
        return None
    found = _pattern("/".join(end)).fullmatch("/".join(own))
    return unquote(found.groups()[-1]) if found else None


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
    """The target of an operation with these ids, without what its server puts before it."""
    own = selector(operation)
    query = selecting(operation, () if own is None else ((own.name, ""),), ids)
    asked = "&".join(f"{name}={value}" for name, value in query)
    path = _filled(operation, segments(operation, ids))
    return f"{path}?{asked}" if asked else path


def writes_plainly(operation: Operation, target: str) -> bool:
    """Whether a target has its ids as `path_of` writes them, and not in another spelling."""
    plain = path_of(operation, ids_in(operation, target) or ()).partition("?")[0]
    return target.partition("?")[0].endswith(plain)


def exchanged(operation: Operation, target: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The target with other ids in the place of the old ones, written as those were."""
    path, mark, query = target.partition("?")
    if selector(operation) is not None and len(new) == len(item_names(operation)):
        pairs = selecting(operation, _pairs(query), new)
        query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    for before, after in zip(_spelt(operation, old), _spelt(operation, new), strict=True):
        if before in path:
            return f"{path.replace(before, after, 1)}{mark}{query}"
    return f"{path}{mark}{query}"


def _spelt(operation: Operation, ids: Sequence[str]) -> Iterator[str]:
    """The path with the ids, and with a letter of some or all of them escaped."""
    plain = segments(operation, ids)
    for texts in product(*((text, escaped(text)) for text in plain.values())):
        yield _filled(operation, dict(zip(plain, texts, strict=True)))


def _filled(operation: Operation, texts: Mapping[str, str]) -> str:
    path = operation.path.partition("?")[0]
    for name, text in texts.items():
        path = path.replace(f"{{{name}}}", text, 1)
    return path


def fits(contract: Contract, operation: Operation, ids: Sequence[str]) -> bool:
    """Whether the contract allows the ids where they stand: an answer may name something else."""
    schemas = {one.name: one.value_schema for one in operation.inputs if one.location == "path"}
    for name, text in zip(names_in(operation), ids, strict=False):
        schema = schemas.get(name)
        if schema is not None and not any(
            not contract.violations(schema, Direction.REQUEST, value) for value in _readings(text)
        ):
            return False
    own = selector(operation)
    if own is None or own.value_schema is None or len(ids) < len(item_names(operation)):
        return True
    written = (ids[-1], f"{EQUALS}{ids[-1]}")
    values = [value for text in written for value in _readings(text)]
    return any(not contract.violations(own.value_schema, Direction.REQUEST, one) for one in values)


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

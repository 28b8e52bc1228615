"""What paths say of resources: which operations act on a collection, and which on its items.

`POST /orders` creates an item, `/orders/{id}` is one, whatever its author calls the parameter
(RFC 9110 section 9.3 gives the methods their meaning).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from spec.contract.contract import Contract
from spec.model.contract_model import Response
from spec.model.path_templates import path_and_query, template_shape
from spec.text.name_words import words_of

__all__ = [
    "ID_IN_ANSWER",
    "alternatives",
    "canonical",
    "collection_of",
    "collections_in",
    "id_property",
    "is_id_name",
    "link_objects",
]

ID_IN_ANSWER = re.compile(r"\$response\.body#/([^/]+)")
"""A property of the answer's body as a link names it (OpenAPI, Runtime Expressions)."""
_IDS = ("id", "_id", "uuid", "guid", "key", "slug", "code", "name", "username")


_KEY = re.compile(r"\('?\{\}'?\)(?=/|$)")
"""The id of an item in parentheses, as OData writes it: `/orders(7)`, `/orders('a')` (OData 4.01,
URL Conventions, section 4.3.1)."""


@lru_cache(maxsize=4096)
def canonical(path: str) -> str:
    """A template without what its author was free to choose.

    That is names, slashes at the end, a query, and whether an id is a segment or in parentheses.
    """
    return _KEY.sub("/{}", template_shape(path_and_query(path)[0])).rstrip("/")


def collection_of(path: str) -> str | None:
    """The canonical path of the collection whose item a path is; None for any other path."""
    head, _, last = canonical(path).rpartition("/")
    return head if last == "{}" else None


@lru_cache(maxsize=4096)
def collections_in(path: str) -> tuple[str, ...]:
    """The canonical paths of the collections of the items in a path, the outermost first."""
    whole = canonical(path)
    return tuple(whole[: found.start()] for found in re.finditer(r"/\{\}", whole))


def _id_names(parameter: str) -> Iterator[str]:
    """What the id of an item may be called, the likeliest first, in lower case without marks.

    `petId` may be called so, or `id`: what it is called after the name of the thing.
    """
    for words in alternatives(parameter):
        yield from ("".join(words[start:]) for start in range(len(words)))


def alternatives(parameter: str) -> list[list[str]]:
    """The words of a parameter's name; those of each of two for one like `id_or_name`."""
    found = list[list[str]]([[]])
    for word in words_of(parameter):
        if word == "or" and found[-1]:
            found.append([])
        else:
            found[-1].append(word)
    return found


def id_property(parameter: str, names: Iterable[str]) -> str | None:
    """The property, of these, that holds the id for which a path parameter stands; None without."""
    known = {"".join(words_of(name)): name for name in names}
    found = next((known[one] for one in _id_names(parameter) if one in known), None)
    return found or next((one for one in _IDS if one in known.values()), None)


def is_id_name(name: str) -> bool:
    """Whether a parameter is called as ids are, of whatever: `id`, `note_id`, `slug`."""
    return words_of(name)[-1:] in [words_of(one) for one in _IDS]


def link_objects(contract: Contract, responses: Iterable[Response]) -> Iterator[Mapping[str, Any]]:
    """The Link Objects of some responses, references followed (OpenAPI 3.0 section 4.7.20)."""
    for response in responses:
        links = _found(contract, f"{response.pointer}/links")
        for link in links.values() if isinstance(links, dict) else ():
            if isinstance(link, dict) and isinstance(link.get("$ref"), str):
                link = _found(contract, link["$ref"])
            if isinstance(link, dict):
                yield link


def _found(contract: Contract, pointer: str) -> Any:
    try:
        return contract.find(pointer)
    except KeyError:
        return None

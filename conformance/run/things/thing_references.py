"""Which properties and parameters name things: `customerId` one of `/customers`.

`customer_id`, `customerIds`, `customer: {id: 7}`, `customer: 7` and a relationship of JSON:API say
the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from conformance.cases.unused_ids import is_number
from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.clauses.item_addresses import ID_WORDS, is_new_name
from conformance.clauses.schema_nodes import nodes
from conformance.clauses.value_paths import Path
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.name_words import singular, words_of

__all__ = ["References", "references"]

_DEPTH = 5
"""Levels of a body in which ids are looked for."""
_QUALIFIERS = frozenset(
    {"billing", "current", "default", "from", "main", "new", "old", "owner", "parent", "primary"}
    | {"related", "shipping", "source", "target", "to", "x"}
)
"""Words before the name of a thing that say which part it plays: `parentTaskId` is a task's."""
_Pick = Callable[[str], Any]
"""The id of a known thing of a collection; None where none is known."""


class References:
    """The collections of a contract by the words that name their things.

    `own` are the words that name what an operation makes, in its own body: `tableName` of
    `POST /tables`. They name no other thing; nor does the new name of what is `changed`.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.own: tuple[str, ...] = ()
        self.changed: Operation | None = None
        resources = collection_operations(contract)
        self._nouns, self._ids = dict[tuple[str, ...], str](), dict[tuple[str, ...], str]()
        self._types = dict[str, str]()
        # What can be made stands for its name before what is only read, and what is not nested.
        order = sorted(
            resources.items, key=lambda one: (one not in resources.makers, one.count("{}"))
        )
        for collection in order:
            noun = singular(collection.rpartition("/")[2])
            parameter = tuple(words_of(last_name(resources.items[collection])))
            self._types.setdefault(collection.rpartition("/")[2], collection)
            if noun:
                self._nouns.setdefault(noun, collection)
            # `functionSlug` is the `slug` of a function; its `name` may be another one's own.
            slug = [(*noun, "slug")] if parameter == ("slug",) and noun else []
            for words in [(*noun, one) for one in ID_WORDS if noun] + [parameter, *slug]:
                # One word alone (`id`, `name`) is the thing's own, and no reference.
                if len(words) > 1:
                    self._ids.setdefault(words, collection)

    def of(self, operation: Operation) -> References:
        """Those of the body of an operation; a client gives what it makes a name, but no id."""
        resources = collection_operations(self.contract)
        made = resources.items.get(resources.made_by(operation) or "")
        words = tuple(words_of(last_name(made))) if made is not None else ()
        found = copy(self)
        found.own = () if not words or words[-1] in ID_WORDS else words
        found.changed = operation
        return found

    def of_name(self, name: str) -> str | None:
        """The collection of the thing that a property or parameter names by its id."""
        return self._found(tuple(words_of(name)), self._ids)

    def may_name(self, name: str) -> str | None:
        """The collection of the thing that a name may stand for, by its id or otherwise."""
        return self.of_name(name) or self._noun(name)

    def _of_names(self, name: str) -> str | None:
        """The collection of the things that a property lists by their ids: `customerIds`."""
        words = words_of(name)
        if not words or words[-1] not in ("ids", "uuids", "guids"):
            return None
        return self._found((*words[:-1], words[-1][:-1]), self._ids)

    def _found(self, words: tuple[str, ...], known: dict[tuple[str, ...], str]) -> str | None:
        if words in known or len(words) < 2 or words[0] not in _QUALIFIERS:
            return known.get(words)
        return known.get(words[1:])

    def names_a_thing(self, path: Path) -> bool:
        """Whether the value at a path of a body is the id of another thing."""
        texts = [one for one in path if isinstance(one, str)]
        last = texts[-1] if texts else ""
        if self._is_own(texts):
            return False
        if last == "id" and "relationships" in texts:
            return True
        owner = next((one for one in reversed(texts[:-1]) if one != "data"), "")
        inner = self._noun(owner) if last == "id" else None
        return (self.of_name(last) or self._of_names(last) or inner) is not None

    def named_in(self, value: Any) -> list[str]:
        """The collections whose things a body names."""
        found = dict[str, None]()

        def note(collection: str) -> None:
            found[collection] = None

        self.referring(value, note)
        return list(found)

    def named_by(self, operation: Operation) -> list[str]:
        """The collections whose things the contract lets an operation name beside its path."""
        found = [self.of_name(one.name) for one in operation.inputs if one.location != "path"]
        here = self.of(operation)
        for media_type in operation.request_content:
            for node in nodes(self.contract, media_type.schema):
                texts = [one for one in node.steps if isinstance(one, str)]
                if here._is_own(texts):
                    continue
                last = texts[-1] if texts else ""
                inner = texts[-2] if len(texts) > 1 and last == "id" else ""
                found += [self.of_name(last), self._of_names(last), self._noun(inner)]
                found += [self._noun(last)] if node.typed and node.types == ("integer",) else []
                types = node.keywords.get("enum") if last == "type" else None
                found += [self._types.get(str(one)) for one in types or ()]
        return list(dict.fromkeys(one for one in found if one is not None))

    def _is_own(self, texts: Sequence[str]) -> bool:
        """Whether the names that lead to a value are those of what is made itself."""
        if self.changed is not None and texts and is_new_name(self.changed, texts[-1]):
            return True
        return len(texts) == 1 and tuple(words_of(texts[0])) == self.own

    def _noun(self, name: str) -> str | None:
        return self._found(tuple(words_of(name)), self._nouns) or self._nouns.get(singular(name))

    def referring(self, value: Any, pick: _Pick, above: Path = ()) -> Any:
        """The value with the ids of known things where it names some; itself where nothing does.

        `above` are the steps that lead to it.
        """
        if len(above) > _DEPTH:
            return value
        if isinstance(value, list):
            items = [self.referring(one, pick, (*above, at)) for at, one in enumerate(value)]
            return value if items == value else items
        if not isinstance(value, dict):
            return value
        changed = {name: self._member(name, one, pick, above) for name, one in value.items()}
        return value if changed == value else changed

    def _member(self, name: str, value: Any, pick: _Pick, above: Path) -> Any:
        if self._is_own([one for one in (*above, name) if isinstance(one, str)]):
            return value
        one, several = self.of_name(name), self._of_names(name)
        if is_number(value):
            # A text may be the thing's name; a number is its id.
            one = one or self._noun(name)
        if one is not None and _is_plain(value):
            return _like(value, pick(one))
        if several is not None and isinstance(value, list) and value and _is_plain(value[0]):
            new = pick(several)
            return value if new is None else [_like(value[0], new)]
        inner = value.get("data", value) if isinstance(value, dict) else None
        if isinstance(inner, list) and len(inner) == 1:
            whole = self._member(name, {"data": inner[0]}, pick, above)
            return {**value, "data": [whole["data"]]}
        # JSON:API says by its type what a relationship leads to (JSON:API 1.1 section 7.2.2.2).
        linked = inner if isinstance(inner, dict) and inner is not value else {}
        noun = self._types.get(str(linked.get("type")))
        noun = noun or self._noun(name)
        if noun is not None and isinstance(inner, dict) and _is_plain(inner.get("id")):
            named = {**inner, "id": _like(inner["id"], pick(noun))}
            return {**value, "data": named} if inner is not value else named
        return self.referring(value, pick, (*above, name))


@lru_cache(maxsize=4)
def references(contract: Contract) -> References:
    """Those of a contract, found once."""
    return References(contract)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) or is_number(value)


def _like(old: Any, new: Any) -> Any:
    """An id in the type that the contract has for it there; the old one where it has no such."""
    if new is None:
        return old
    if isinstance(old, str):
        return str(new)
    return int(new) if str(new).lstrip("-").isdigit() else old

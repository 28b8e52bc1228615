"""Which things an answer names: the one that was created, or those that a list has.

What a POST answers names the new item, in `Location` (RFC 9110 section 10.2.2), by the target of an
OpenAPI link, or by a property of the body; else the request itself may have named it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.clauses.bulk_creations import bulk_creation
from conformance.clauses.collection_operations import CollectionOperations, last_name
from conformance.clauses.item_addresses import (
    ID_WORDS,
    is_new_name,
    item_collection,
    item_collections,
    item_names,
)
from conformance.http.exchange import Answer, Request
from conformance.judgement.json_answers import lenient_text, read_json
from conformance.run.things.item_paths import id_in_name, ids_in, leads_elsewhere
from spec.contract.resource_paths import alternatives, id_property
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = [
    "MOST_SEEN",
    "Named",
    "Thing",
    "also_named",
    "asked_anew",
    "created",
    "created_together",
    "listed",
    "new_id",
    "parents_in",
    "possible",
    "renamed",
    "says",
]

MOST_SEEN = 20
"""Items of one list that are remembered."""
_LONGEST_IDS = 1000
"""Characters of all ids in a path. Servers need not read a target of more than 8,000 octets
(RFC 9110 section 4.1), and a character may take nine of them."""
_OF_RESULTS = (["message"], ["success"], ["ok"])
"""The words for what an answer says of the request, and not of what it has created."""
_DECODER = json.JSONDecoder()
_MEMBER = re.compile(r'"([^"\\]*)"\s*:\s*"([^"\\]*)"')
"""The name and the text of a member of a JSON object."""
_MISREAD = re.compile(r"[%/\\\x00-\x1f\x7f]")
"""What routers unescape once more, or at the wrong time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An item: its collection's canonical path, and the ids in its path, those of parents first."""

    collection: str
    ids: tuple[str, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids that lead to its collection."""
        return self.ids[:-1]

    @property
    def addressable(self) -> bool:
        """Whether every server reads a path with its ids: tried edges may have made odd ones."""
        plain = not any(_MISREAD.search(one) or one in ("", ".", "..") for one in self.ids)
        return plain and sum(map(len, self.ids)) <= _LONGEST_IDS

    def belongs_to(self, other: Thing) -> bool:
        """Whether it is the other one, or below it."""
        return (
            self.collection == other.collection
            or self.collection.startswith(f"{other.collection}/{{}}/")
        ) and self.ids[: len(other.ids)] == other.ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing, and the `value` of its id as JSON has it.

    It is `sure` where the answer says that this is the id: in `Location`, by a link, or under the
    name of the path parameter. A `code` or a `name` that may be an id is a guess.
    """

    thing: Thing
    value: Any
    sure: bool = False


def created(
    resources: CollectionOperations, operation: Operation, request: Request, answer: Answer
) -> Named | None:
    """The item that an operation has added to its collection; None where none is named.

    Of several it is the last: a deployment may store the first alone.
    """
    several = created_together(resources, operation, request, answer)
    return several[-1] if several else _created(resources, operation, request, answer)


def created_together(
    resources: CollectionOperations, operation: Operation, request: Request, answer: Answer
) -> list[Named]:
    """The items of a list that an operation has added to its collection, in their order."""
    item = resources.items.get(resources.made_by(operation) or "")
    bulk = bulk_creation(resources.contract, operation.id)
    parents = parents_in(item, operation, request.target)
    if bulk is None or item is None or parents is None or not answer.success:
        return []
    if request.method != "POST":
        return []
    made = bulk.made(_sent(request), _json(answer.body))
    found = [_named(item, parents, one) for one in made]
    return [one for one in found if one is not None and one.thing.ids[-1]]


def _created(
    resources: CollectionOperations, operation: Operation, request: Request, answer: Answer
) -> Named | None:
    item = resources.items.get(resources.made_by(operation) or "")
    parents = parents_in(item, operation, request.target)
    if item is None or parents is None or not answer.success or request.method != "POST":
        return None
    # Location first: it is the only place that HTTP itself gives a meaning.
    located = ids_in(item, answer.header("location") or "")
    collection = item_collection(item)
    if located is not None and collection is not None:
        thing = Thing(collection=collection, ids=located)
        return Named(thing=thing, value=located[-1], sure=True)
    sent, (_, linked) = _sent(request), resources.links.get(operation.id, ("", ""))
    maps = resources.maps(item)
    asked = next(_guesses(item, parents, _without(sent, maps)), None)
    given = {name for one in _objects(sent) for name in one}
    body = _without(_json(answer.body), maps, given)
    answered = _answered(item, parents, body, sent, linked, resources.shown(item))
    # A client may choose the name, as the property `key` for `{key}`: an `id` is another one then.
    chosen = isinstance(sent, dict) and last_name(item) in sent
    found = asked if answered is None or (chosen and not answered.sure) else answered
    return found if found is not None and found.thing.ids[-1] else None


def possible(
    resources: CollectionOperations, operation: Operation, request: Request
) -> Iterator[Thing]:
    """What a request may seem to create, by the values that it sends."""
    item = resources.items.get(resources.made_by(operation) or "")
    parents = parents_in(item, operation, request.target)
    if item is None or parents is None:
        return
    members = [pair for one in _objects(_sent(request)) for pair in one.items()]
    named = (_named(item, parents, {name: value}) for name, value in members)
    yield from dict.fromkeys(one.thing for one in named if one is not None)


def parents_in(item: Operation | None, operation: Operation, target: str) -> tuple[str, ...] | None:
    """The ids of what a new item belongs to, by its own path: that of its maker may name more."""
    ids = ids_in(operation, target)
    if item is None or ids is None:
        return None
    above = item_collections(item)[:-1]
    same = item_collections(operation)[: len(above)] == above
    return ids[: len(above)] if same else ids


def _answered(
    item: Operation,
    parents: tuple[str, ...],
    value: Any,
    sent: Any,
    linked: str,
    shown: Container[str] = (),
) -> Named | None:
    """The item that the body of an answer names; GET of it may show properties of these names."""
    every = list[Named]()
    for one in _objects(value):
        if found := _named(item, parents, one, linked):
            new = linked or _is_new(one, sent) or _is_part(one, shown)
            every.append(found if new else replace(found, sure=False))
    return next((one for one in every if one.sure), next(iter(every), None))


def renamed(operation: Operation, thing: Thing, request: Request, answer: Answer) -> Named | None:
    """An item under the id that a change has given it; None where it keeps the one that it has."""
    if request.method not in ("PUT", "PATCH") or not answer.success:
        return None
    # Where the answer says nothing, the request does: its name is what the thing has now.
    answers = answer.body or "id" in words_of(last_name(operation))
    said = _json(answer.body) if answers else _sent(request)
    found = _answered(operation, thing.parents, said, None, "")
    if found is None:
        return asked_anew(operation, thing, request, answer)
    kept = not found.sure or found.thing.ids[-1] == thing.ids[-1]
    return None if kept else found


def asked_anew(
    operation: Operation, thing: Thing, request: Request, answer: Answer
) -> Named | None:
    """An item under the new name that a change asks for: `newTableName` of `/tables/{tableName}`.

    None where it asks for none, or is refused.
    """
    if request.method not in ("PUT", "PATCH") or not answer.success:
        return None
    members = (pair for one in _objects(_sent(request)) for pair in one.items())
    found = (one for name, one in members if is_new_name(operation, name))
    new = next((one for one in found if isinstance(one, str) and one), thing.ids[-1])
    ids = (*thing.parents, new)
    return None if ids == thing.ids else Named(thing=replace(thing, ids=ids), value=new)


def says(request: Request, value: Any, names: Container[str]) -> bool | None:
    """Whether a value stands in the body of a request under one of the names, at any depth.

    As a server may write it: a number as text, without spaces around it, in other letters. None
    where the body cannot be read: it may be written in another encoding.
    """
    sent = _sent(request)
    if sent is None:
        return None
    return any(_as_written(one) == _as_written(value) for one in _named_values(sent, names))


def _as_written(value: Any) -> str:
    return str(value).strip().casefold()


def _named_values(value: Any, names: Container[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _named_values(one, names)
    for name, one in value.items() if isinstance(value, dict) else ():
        yield from _named_values(one, names)
        if name in names:
            yield one


def listed(
    resources: CollectionOperations, operation: Operation, request: Request, answer: Answer
) -> Iterator[tuple[Named, Mapping[str, Any]]]:
    """The items that an operation has answered, each with what the answer says of it."""
    item = resources.item_of(resources.listed_by(operation) or "")
    parents = ids_in(operation, request.target)
    if item is None or parents is None or not answer.success or request.method != operation.method:
        return
    for one in _list_in(_json(answer.body)):
        found = _named(item, parents, one)
        if found is not None and found.thing.ids[-1]:
            yield found, one


def also_named(
    resources: CollectionOperations, thing: Thing, request: Request, answer: Answer, *, new: bool
) -> Iterator[Thing]:
    """What else a thing that an answer names may be asked for by: `/flows/name/{name}`.

    The answer that makes a `new` one is about it, although it does not say its id.
    """
    value = _json(answer.body)
    for collection, name in resources.also_under.get(thing.collection, ()):
        about = _objects(value) if new else _objects_with(value, thing)
        for one in (*about, *_objects(_sent(request))):
            other = one.get(name)
            if isinstance(other, str) and other and not leads_elsewhere(other):
                yield Thing(collection=collection, ids=(*thing.parents, other))
                break


def _objects_with(value: Any, thing: Thing) -> Iterator[Mapping[str, Any]]:
    """The objects of an answer that have the id of a thing: in a list there are others."""
    for one in (*_list_in(value)[:MOST_SEEN], *_objects(value)):
        if any(str(own) == thing.ids[-1] for own in one.values()):
            yield one


def _without(value: Any, maps: Container[str], sent: Container[str] | None = None) -> Any:
    """A thing without what a caller has put into its maps: a label may be called `id`, and is none.

    What an answer has in them beside the names that were `sent` is the deployment's own.
    """
    if not isinstance(value, dict):
        return value
    found = dict[str, Any]()
    for name, one in value.items():
        if name not in maps:
            found[name] = one if isinstance(one, list) else _without(one, maps, sent)
        elif sent is not None and isinstance(one, dict):
            found[name] = {own: one[own] for own in one if own not in sent}
    return found


def _is_new(value: Mapping[str, Any], sent: Any) -> bool:
    """Whether an object is what was sent, or says little more than its id.

    What was added to a cart may be answered with the cart.
    """
    # What is sent may stand in an envelope of its own: `{note: {title}}`.
    outer = sent if isinstance(sent, dict) else {}
    names = {*outer, *(name for one in outer.values() if isinstance(one, dict) for name in one)}
    return len(value) <= 2 or not names or not names.isdisjoint(value)


def _is_part(value: Mapping[str, Any], shown: Container[str]) -> bool:
    """Whether an object says nothing but what GET shows of the item, and how the request went."""
    return all(name in shown or words_of(name)[-1:] in _OF_RESULTS for name in value)


def new_id(value: Any) -> str:
    """The id that the body of an answer gives to a thing that no path leads to; "" without one."""
    for one in _objects(value):
        for name in one:
            words = words_of(name)
            found = one[name] if len(words) == 1 and words[0] in ID_WORDS else None
            if isinstance(found, (str, int)) and not isinstance(found, bool):
                return str(found)
    return ""


def _guesses(item: Operation, parents: tuple[str, ...], value: Any) -> Iterator[Named]:
    for one in _objects(value):
        if found := _named(item, parents, one):
            yield replace(found, sure=False)


def _named(
    item: Operation, parents: tuple[str, ...], value: Mapping[str, Any], linked: str = ""
) -> Named | None:
    name = last_name(item)
    exact = next((one for one in (linked, name) if one and one in value), None)
    held = exact or id_property(name, value)
    found = value.get(held) if held is not None else None
    collection = item_collection(item)
    if collection is None or isinstance(found, bool) or not isinstance(found, (str, int)):
        return None
    inside = id_in_name(item, found) if isinstance(found, str) else None
    own = str(found) if inside is None else inside
    if leads_elsewhere(own):
        return None
    # Of an id of parts the object has all: `schema` and `name` of `/tables/{schema}/{name}`.
    parents += tuple(_plain(value.get(one)) for one in item_names(item)[len(parents) : -1])
    # Ids that do not fill the path name no item that could be asked for.
    if "" in parents or len(parents) + 1 != len(item_names(item)):
        return None
    return Named(
        thing=Thing(collection=collection, ids=(*parents, own)),
        value=found,
        sure=exact is not None or inside is not None or _ends_alike(name, str(held)),
    )


def _plain(value: Any) -> str:
    """A text or a number as a path has it; "" for anything else."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _ends_alike(parameter: str, name: str) -> bool:
    """Whether a property is called like the parameter, or like its end: `id` for `{petId}`."""
    words = list(words_of(name))
    return any(one[-len(words) :] == words for one in alternatives(parameter))


def _json(body: bytes | None) -> Any:
    return read_json(body).value if body else None


def _sent(request: Request) -> Any:
    """What a request says, also beyond what a receiver has to read: it was accepted all the same.

    Edges are such: `1e400` (RFC 8259 section 6). Of what is no JSON the members say something.
    """
    text = lenient_text(request.body or b"null")
    try:
        return _DECODER.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return dict(_MEMBER.findall(text)) or None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The thing of an answer: the value itself, or what an envelope holds."""
    if isinstance(value, list) and len(value) == 1:  # of several it is not known which is new
        yield from (one for one in value if isinstance(one, dict))
    if isinstance(value, dict):
        below = [one for one in value.values() if isinstance(one, dict)]
        # An envelope has no id of its own; what has one is the thing itself.
        has_id = any(words_of(name)[-1:] == ["id"] for name in value)
        yield from (value, *below) if has_id or not below else (*below, value)


def _list_in(value: Any) -> list[Mapping[str, Any]]:
    """The items of a list, bare or in an envelope."""
    lists = [value] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
    return [one for one in (lists[0] if lists else ()) if isinstance(one, dict)]

"""What a contract promises of state: what is written can be read, and what is deleted is gone.

Every such clause needs two operations, one that writes and one that reads what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.clauses.bulk_creations import bulk_creation
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.item_addresses import item_collection, selector
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.secret_names import keeps_secrets
from conformance.clauses.value_paths import EACH, OTHER, Step
from spec import Contract
from spec.contract.resource_paths import canonical, id_property
from spec.model.contract_model import Operation, Parameter
from spec.model.path_templates import template_names
from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = [
    "KEPT_SECRET",
    "StateAspect",
    "StatePromise",
    "also_called",
    "comparable",
    "inner_places",
    "is_shown",
    "promise_by_list",
    "read_names",
    "selects",
    "state_promise",
    "wrapper",
]


class StateAspect(StrEnum):
    """What a write does to what is stored; the clause is `state.NAME`."""

    READABLE = "readable"
    CHANGED = "changed"
    GONE = "gone"


_PROMISES = {
    StateAspect.READABLE: "what was created can be read, with what was sent",
    StateAspect.CHANGED: "what was changed is read back changed (RFC 9110 section 9.3.4)",
    StateAspect.GONE: "what was deleted is gone (RFC 9110 section 9.3.5)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePromise:
    """A promise of an operation that writes; `reader` is the GET that shows whether it is kept.

    It reads the item itself or, where the contract has no GET of that, `listing` its collection, or
    a `part` of the item.
    """

    aspect: StateAspect
    reader: Operation
    listing: bool = False
    part: bool = False

    @property
    def local(self) -> str:
        """The name of its clause within the operation."""
        return f"state.{self.aspect}"

    @property
    def text(self) -> str:
        """The promise as one sentence."""
        return _PROMISES[self.aspect]


KEPT_SECRET = frozenset({"value", "content", "data"})
"""What a stored secret is called in its resource."""
_ASPECTS = {
    "POST": StateAspect.READABLE,
    "PUT": StateAspect.CHANGED,
    "PATCH": StateAspect.CHANGED,
    "DELETE": StateAspect.GONE,
}


def state_promise(contract: Contract, operation: Operation) -> StatePromise | None:
    """What an operation promises of state; None where nothing in the contract could show it.

    A DELETE counts where it is about items, by its path or by a list of ids: of a part of one
    (`/users/{id}/avatar`) a default may be left.
    """
    aspect, collection = _ASPECTS.get(operation.method), item_collection(operation)
    changes = operation.request_body is not None
    if aspect is None or (aspect is StateAspect.CHANGED and not changes):
        return None
    if aspect is StateAspect.READABLE:
        return _readable(contract, operation)
    if (bulk := bulk_removal(contract, operation)) is not None:
        item = collection_operations(contract).readers.get(bulk.collection)
        removed = _listed(contract, aspect, bulk.collection)
        return removed if item is None else StatePromise(aspect=aspect, reader=item)
    if aspect is StateAspect.GONE and collection is None:
        return None
    reader = contract.operation(f"GET {operation.path}")
    if reader is not None:
        if selector(operation) is not None and _is_list(contract, reader):
            return StatePromise(aspect=aspect, reader=reader, listing=True)
        # What a query selects is no item: only the list of the same query shows it.
        known = _selects_alike(operation, reader) or not _is_list(contract, reader)
        return StatePromise(aspect=aspect, reader=reader) if known else None
    return _listed(contract, aspect, collection)


def _readable(contract: Contract, operation: Operation) -> StatePromise | None:
    """That of a POST: its answer names the item, the path of the others does."""
    resources = collection_operations(contract)
    made = resources.made_by(operation)
    if made is not None and made in resources.readers:
        return StatePromise(aspect=StateAspect.READABLE, reader=resources.readers[made])
    if made is not None:
        listed = _listed(contract, StateAspect.READABLE, made)
        shown = comparable(contract, operation, listed.reader, listing=True) if listed else {}
        return _by_part(contract, operation, made, len(shown)) or listed
    # Without an item in any path, a POST may be a search as well: 201 says that it is none.
    own = canonical(operation.path) if operation.response_of("201") else None
    promise = _listed(contract, StateAspect.READABLE, own)
    if promise is None:
        return None
    names = comparable(contract, operation, promise.reader, listing=True)
    # What has the properties itself is the thing, with a list in it.
    itself = any(node.steps == (one,) for node in _read(contract, promise.reader) for one in names)
    return promise if names and not itself else None


def _by_part(
    contract: Contract, operation: Operation, made: str, least: int
) -> StatePromise | None:
    """What one part of a new item shows of it, as `/tables/{name}/schema` does, beside its id.

    Only where it has more than the `least` properties that are sent.
    """
    resources = collection_operations(contract)
    found = list[StatePromise]()
    for path, operations in resources.by_path.items():
        reader = operations.get("GET")
        if path.rpartition("/")[0] != f"{made}/{{}}" or reader is None:
            continue
        names = [str(one.steps[0]) for one in _read(contract, reader) if len(one.steps) == 1]
        own = id_property(template_names(reader.path)[-1], names) is not None
        if own and len(comparable(contract, operation, reader)) > least:
            found.append(StatePromise(aspect=StateAspect.READABLE, reader=reader, part=True))
    return found[0] if len(found) == 1 else None


def promise_by_list(
    contract: Contract, operation: Operation, aspect: StateAspect
) -> StatePromise | None:
    """The same promise by the list of what is written, which may show what GET of it does not."""
    made = collection_operations(contract).made_by(operation)
    return _listed(contract, aspect, made or item_collection(operation))


def _listed(contract: Contract, aspect: StateAspect, collection: str | None) -> StatePromise | None:
    """What a list of the collection shows, where nothing else does."""
    reader = collection_operations(contract).by_path.get(collection or "", {}).get("GET")
    if reader is None or not _is_list(contract, reader):
        return None
    return StatePromise(aspect=aspect, reader=reader, listing=True)


def _selects_alike(operation: Operation, reader: Operation) -> bool:
    """Whether a GET can be asked for that which the query of a write selects."""
    asked = {one.name for one in reader.parameters if one.location == "query"}
    return {one.name for one in operation.parameters if selects(one)} <= asked


def selects(parameter: Parameter) -> bool:
    """Whether a parameter may say which things a request is about: a query that must be there."""
    return parameter.location == "query" and parameter.required


def _is_list(contract: Contract, reader: Operation) -> bool:
    """Whether what a GET answers holds several things: a list, or a map by their ids."""
    response, read = reader.response_for(200), _read(contract, reader)
    # Without a schema the answer itself tells.
    return (not read and bool(response and response.content)) or any(map(_lists, read))


def _lists(node: SchemaNode) -> bool:
    return any(one is EACH or one is OTHER for one in node.steps[:3])


def wrapper(
    contract: Contract, operation: Operation, reader: Operation, *, listing: bool = False
) -> str:
    """The one property that holds all that is sent, and that is not read: `{note: {title}}`.

    "" where what is sent is the thing itself. In a list the items stand without it.
    """
    sent = _sent(contract, operation)
    outer = {str(node.steps[0]): node for node in sent if len(node.steps) == 1}
    inner = any(len(node.steps) > 1 and isinstance(node.steps[1], str) for node in sent)
    if len(outer) != 1 or not inner:
        return ""
    name = next(iter(outer))
    if listing:
        return name
    return "" if any(node.steps == (name,) for node in _read(contract, reader)) else name


def comparable(
    contract: Contract,
    operation: Operation,
    reader: Operation,
    *,
    listing: bool = False,
    plainly: bool = False,
) -> dict[str, SchemaNode]:
    """The properties that are sent and read under one name, with what a request may say there.

    Credentials, and what is written and never read, may come back masked or not at all, unless they
    were seen `plainly`; an id is the server's to give.
    """
    bulk = bulk_creation(contract, operation.id)
    outer = wrapper(contract, operation, reader, listing=listing)
    above = bulk.steps if bulk is not None else (outer,) if outer else ()
    depth = len(above)
    sent = [
        node
        for node in _sent(contract, operation)
        if len(node.steps) == depth + 1 and node.steps[:depth] == above
    ]
    read = [_in_item(node.steps) if listing else node.steps for node in _read(contract, reader)]
    ids = {"id", *template_names(reader.path)}
    # An envelope holds the item one level below: `{data: {...}}`.
    returned = {steps[-1] for steps in read if 1 <= len(steps) <= 2}
    # A stored secret may come back encrypted, or as its first letters.
    hidden = KEPT_SECRET if keeps_secrets(operation) and not plainly else frozenset[str]()
    shown = returned - ids - hidden
    shown |= set(also_called(map(_last, sent), map(str, shown)).values())
    return {_last(node): node for node in sent if _last(node) in shown and is_shown(node)}


def _last(node: SchemaNode) -> str:
    return str(node.steps[-1])


def read_names(contract: Contract, operation: Operation, reader: Operation) -> Mapping[str, str]:
    """The names under which a GET shows what is sent under another one: `public` of `isPublic`."""
    sent = {_last(node) for node in _sent(contract, operation) if node.steps}
    return also_called(sent, {_last(node) for node in _read(contract, reader) if node.steps})


def also_called(sent: Iterable[str], read: Iterable[str]) -> dict[str, str]:
    """The names that are read, by their words the same as one that is sent and is not read."""
    own, other = set(sent), set(read)
    by_words = dict[tuple[str, ...], list[str]]()
    for name in other - own:
        by_words.setdefault(_plain_words(name), []).append(name)
    return {
        found[0]: name
        for name in own - other
        if len(found := by_words.get(_plain_words(name), [])) == 1
    }


def _plain_words(name: str) -> tuple[str, ...]:
    """The words of a name without the verb of a yes or no: `isPublic` is `public`."""
    words = words_of(name)
    return tuple(words[1:] if len(words) > 1 and words[0] in ("is", "has") else words)


def _in_item(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps below the item of a list; none where they lead to the list alone."""
    at = next((number for number, one in enumerate(steps) if one is EACH or one is OTHER), None)
    return () if at is None else steps[at + 1 :]


def inner_places(contract: Contract, operation: Operation) -> dict[tuple[Step, ...], SchemaNode]:
    """What a request may say below its properties, by the steps that lead there."""
    return {node.steps: node for node in _sent(contract, operation) if len(node.steps) > 1}


def _read(contract: Contract, reader: Operation) -> list[SchemaNode]:
    response = reader.response_for(200)
    content = response.content if response else ()
    return [node for one in content for node in nodes(contract, one.schema)]


def _sent(contract: Contract, operation: Operation) -> list[SchemaNode]:
    return [node for one in operation.request_content for node in nodes(contract, one.schema)]


def is_shown(node: SchemaNode) -> bool:
    """Whether GET shows a property as it was sent: no credential, no bytes, nothing hidden."""
    hidden = any(node.keywords.get(mark) is True for mark in ("writeOnly", "readOnly"))
    bytes_or_secret = node.keywords.get("format") in ("password", "binary", "byte")
    name = node.steps[-1]
    return not (hidden or bytes_or_secret or not isinstance(name, str) or is_secret_name(name))

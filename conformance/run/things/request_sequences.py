"""The requests before the one that shows a place: what it is about has to be there first.

A run removes what it has made, so that a request about it shows nothing afterwards. Whoever sends
it again makes the thing anew, and it then has another id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.clauses.item_addresses import item_collections
from conformance.http.exchange import Answer, Request
from conformance.judgement.json_answers import read_json
from conformance.run.things.item_paths import exchanged, ids_in
from conformance.run.things.named_things import Thing
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = [
    "MOST_KEPT",
    "RequestSequence",
    "SequenceStep",
    "id_filter",
    "renamed",
    "renamed_request",
    "things_in",
]

MOST_KEPT = 1 << 16
"""Bytes of a body that are kept, so that a thing can be made again."""
_MARK = "CONFORMANCEID"
_TAG = "NEW_TAG"
_TAG_FILTER = "grep -i '^etag:' | tr -d '\\r' | sed 's/^[^:]*: *//'"
"""A shell command that finds the entity tag in an answer as curl shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceStep:
    """A request of an operation; `made` is the thing that later requests name.

    `id_filter` is a command that takes its id out of the answer; "" where none is known. `tag` is
    the entity tag of its answer, where later requests have it in their conditions. `refused` is one
    that had to be refused, or whose answer does not matter.
    """

    operation: Operation
    request: Request
    made: Thing | None = None
    id_filter: str = ""
    tag: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSequence:
    """The steps before a request of `operation`, by which its target is read.

    The last request is sent so many `times`, and the requests `beside` it at the same moment.
    `kept`: all of them travel on one connection.
    """

    steps: tuple[SequenceStep, ...] = ()
    operation: Operation | None = None
    times: int = 1
    beside: tuple[Request, ...] = ()
    kept: bool = False

    @property
    def tells(self) -> bool:
        """Whether it has more than what a request by itself says."""
        return bool(self.times > 1 or self.beside or self.steps)

    def then(
        self, operation: Operation, request: Request, *, refused: bool = False
    ) -> RequestSequence:
        """The sequence with one more request of an operation."""
        step = SequenceStep(operation=operation, request=request, refused=refused)
        return self.and_then(step)

    def and_then(self, step: SequenceStep) -> RequestSequence:
        """The sequence with one step more."""
        return replace(self, steps=(*self.steps, step))

    def in_shell(self, last: Request) -> Iterator[tuple[Request, str, str]]:
        """Each request with variables for ids, the variable that it sets, and the filter for it."""
        names, tag = list[tuple[Thing, Thing, str]](), ""
        for step in self.steps:
            request = _with_tag(_with_variables(step.operation, step.request, names), tag)
            if step.tag:
                tag = step.tag
                yield request, _TAG, _TAG_FILTER
                continue
            if step.made is None or not step.id_filter:
                yield request, "", ""
                continue
            number = len(names) + 1
            parents = _renamed_ids(step.made.ids[:-1], [one[:2] for one in names])
            new = Thing(collection=step.made.collection, ids=(*parents, f"{_MARK}{number}X"))
            names.append((step.made, new, f"NEW_ID{number}" if number > 1 else "NEW_ID"))
            yield request, names[-1][2], step.id_filter
        yield _with_tag(_with_variables(self.operation, last, names), tag), "", ""


def _with_tag(request: Request, tag: str) -> Request:
    """The request with the variable in the place of an entity tag."""
    pairs = ((name, f"${_TAG}" if tag and old == tag else old) for name, old in request.headers)
    return replace(request, headers=tuple(pairs))


def _with_variables(
    operation: Operation | None, request: Request, names: Sequence[tuple[Thing, Thing, str]]
) -> Request:
    if operation is not None:
        request = renamed_request(operation, request, [(old, new) for old, new, _ in names])
    target, body = request.target, request.body
    for number, (_, _, variable) in enumerate(names, start=1):
        mark, text = f"{_MARK}{number}X", f"${variable}"
        target, body = (
            target.replace(mark, text),
            body and body.replace(mark.encode(), text.encode()),
        )
    return replace(request, target=target, body=body)


def things_in(operation: Operation, target: str) -> Iterator[Thing]:
    """The things that a target names, the outermost first."""
    ids = ids_in(operation, target) or ()
    for collection in item_collections(operation):
        number = collection.count("{}") + 1
        if number <= len(ids):
            yield Thing(collection=collection, ids=ids[:number])


def renamed(operation: Operation, target: str, changed: Iterable[tuple[Thing, Thing]]) -> str:
    """The target with the ids of new things in the place of the old ones."""
    ids, pairs = ids_in(operation, target), list(changed)
    if ids is None:
        return target
    collections = set(item_collections(operation))
    new = _renamed_ids(ids, [pair for pair in pairs if pair[0].collection in collections])
    return target if new == ids else exchanged(operation, target, ids, new)


def renamed_request(
    operation: Operation, request: Request, changed: Sequence[tuple[Thing, Thing]]
) -> Request:
    """The request with new things in its path or, of a DELETE, in its list of ids."""
    target, body = renamed(operation, request.target, changed), request.body
    for old, new in changed if operation.method == "DELETE" and body else ():
        if old.collection == canonical(operation.path):
            body = body and body.replace(_quoted(old), _quoted(new))
    return replace(request, target=target, body=body)


def _quoted(thing: Thing) -> bytes:
    return json.dumps(thing.ids[-1]).encode()


def _renamed_ids(ids: tuple[str, ...], changed: Sequence[tuple[Thing, Thing]]) -> tuple[str, ...]:
    new = ids
    for old, other in changed:
        if ids[: len(old.ids)] == old.ids:
            new = (*other.ids, *new[len(other.ids) :])
    return new


def id_filter(answer: Answer, thing: Thing, parameter: str) -> str:
    """A shell command that finds the thing's id in the answer as curl shows it; "" without.

    Of properties with the same value, the one that ends as the `parameter` of its path: `id`.
    """
    own, located = thing.ids[-1], answer.header("location") or ""
    # An id that is written otherwise in a path is no text for a shell to put there.
    if quote(own.encode("utf-8", "surrogatepass"), safe="") != own:
        return ""
    if own and located.rsplit("/", 1)[-1] == own and located.count("/"):
        return "grep -i '^location:' | tr -d '\\r' | sed 's|.*/||'"
    body = answer.body.decode("utf-8", "replace")
    names = _names_of(read_json(answer.body).value, own)
    for name in sorted(names, key=lambda one: words_of(one)[-1:] != words_of(parameter)[-1:]):
        # What the command finds in this answer is the id: the first of that name.
        found = re.search(rf'"{re.escape(name)}" *: *"?([^",}}\n]*)', body)
        if found is not None and found[1] == own:
            pattern = f'"{name}" *: *"\\{{0,1\\}}'
            return f"grep -o '{pattern}[^\",}}]*' | head -n 1 | sed 's/^{pattern}//'"
    return ""


def _names_of(value: object, own: str) -> Iterator[str]:
    """The plain names under which a value has the id, the outermost first."""
    if isinstance(value, dict):
        for name, below in value.items():
            told = isinstance(below, (str, int)) and not isinstance(below, bool)
            if told and str(below) == own and re.fullmatch(r"[A-Za-z_][\w-]*", name):
                yield name
        for below in value.values():
            yield from _names_of(below, own)
    elif isinstance(value, list):
        for below in value[:3]:
            yield from _names_of(below, own)

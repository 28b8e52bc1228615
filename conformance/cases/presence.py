"""Edges of optional properties: all sent, all left out, each one alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, pairwise
from math import comb
from typing import Any

from conformance.cases.batches import batch
from conformance.cases.body_edits import dropper, has, setter
from conformance.cases.case import Unit, lies_in
from conformance.cases.edge_values import Strength, edges
from conformance.cases.list_edges import is_long, one_each
from conformance.cases.opaque_values import is_opaque
from conformance.cases.operation_under_test import Subject
from conformance.cases.unused_ids import under_unused_id, unused_number
from conformance.clauses.ids import body_prefix, node_clause
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import DROP, Path, expand, generalised, get, put
from conformance.http.request_drafts import Draft
from spec.model.pointers import join

__all__ = [
    "absence_units",
    "alternative_units",
    "full_bodies",
    "inner_presence",
    "least",
    "other_presence",
    "presence_batches",
    "presence_units",
    "removal_units",
    "without",
]

MOST_OTHERS = 4
"""So many other values a property is sent with where one was refused."""


def full_bodies(subject: Subject) -> list[Any]:
    """The control's body grown to its fullest, once for each alternative of the schema."""
    wire = subject.wire
    if wire is None:
        return []
    found = list[Any]()
    wanted = dict.fromkeys([(), *(node.branches for node in subject.body_nodes())])
    for branches in wanted:
        body = wire.full(subject.builder, branches, subject.control.body)
        if body is not None and body not in found:
            found.append(body)
    number = unused_number()
    return [under_unused_id(subject, one, number) for one in found]


def removal_units(subject: Subject) -> Iterator[Unit]:
    """One unit for each optional property of the control."""
    wire = subject.wire
    if wire is None:
        return
    prefix = body_prefix(wire.name)
    gone = list[tuple[object, ...]]()
    for node in subject.body_nodes():
        inside = any(node.steps[: len(above)] == above for above in gone)
        # What lies in a property that is gone already would be taken out twice.
        if node.required is not False or node.branched or not node.steps or inside:
            continue
        paths = list(expand(subject.control.body, node.steps))
        if not paths or not wire.valid(subject.builder, without(subject.control.body, paths)):
            continue
        gone.append(node.steps)
        yield Unit(
            clause=subject.id(node_clause(prefix, node.name, "optional")),
            label=f"without `{node.name}`",
            slot=("without", node.name),
            omitting=True,
            apply=lambda draft, paths=paths: draft.but(body=without(draft.body, paths)),  # type: ignore[misc]
        )


def least(subject: Subject) -> Draft | None:
    """The control without what is optional in its body; None where it has nothing of that."""
    units = list(removal_units(subject))
    draft = batch(subject, subject.control, units).draft if units else None
    return None if draft is None or draft.body == subject.control.body else draft


def without(body: Any, paths: Sequence[Path]) -> Any:
    """The body without what is at the paths, the last ones first."""
    # An index means another item once one before it is gone.
    for path in reversed(paths):
        body = put(body, path, DROP) if has(body, path) else body
    return body


def presence_units(subject: Subject, full: Any) -> Iterator[Unit]:
    """One unit for each optional property that the control could have, wherever it belongs."""
    yield from _added(
        subject, subject.minimal.body, full, "`{}` without the other optional properties"
    )


def inner_presence(subject: Subject, unit: Unit, body: Any, full: Any) -> Iterator[Unit]:
    """One unit for each optional property that the part of a unit could have besides, in a body."""
    for one in _added(subject, body, full, "with `{}`"):
        if lies_in(one.slot, unit.slot):
            yield one


def _added(subject: Subject, body: Any, full: Any, label: str) -> Iterator[Unit]:
    """Units that add what the full body has beside a body; the label has {} for its name."""
    every, chooses = subject.body_nodes(), _has_several_answers(subject)
    # A switch may choose the media type of the answer, as `stream` does. After it, what has parts
    # of its own is the likeliest to have answers of its own.
    first = ({"boolean"} if chooses else set(), {"object", "array"})
    for node in sorted(every, key=lambda one: [not kind & set(one.types) for kind in first]):
        if node.required is not False or node.branched or not node.steps:
            continue
        for path in expand(full, node.steps):
            if has(body, path[:-1]) and not has(body, path):
                value = get(full, path)
                below = [one for one in every if one.steps[: len(node.steps)] == node.steps]
                unit = Unit(
                    clause=subject.id(node_clause(subject.body_clause, node.name, "optional")),
                    label=label.format(node.name),
                    slot=("body", *path),
                    apply=setter(full, path, value),
                    strength=Strength.FREE if is_opaque(below, value) else Strength.NAMED,
                )
                yield _weighed(subject, unit, full, path)
                break


def _has_several_answers(subject: Subject) -> bool:
    """Whether a success is documented in several media types."""
    successes = (one for one in subject.operation.responses if one.status[:1] == "2")
    return any(len(one.content) > 1 for one in successes)


def other_presence(subject: Subject, unit: Unit, full: Any) -> Iterator[Unit]:
    """The unit of an optional property with other values of a few.

    With another value that the contract names, what is switched or listed in it, or without what
    may be left out inside of it.
    """
    wire, path = subject.wire, unit.slot[1:]
    # A parameter has no place in a body.
    if wire is None or unit.slot[0] != "body" or not has(full, path):
        return
    value = get(full, path)
    others = (one for one in _others(subject, full, path) if get(one[1], path) != value)
    allowed = (one for one in others if wire.valid(subject.builder, one[1]))
    for label, other in islice(allowed, MOST_OTHERS):
        apply = setter(full, path, get(other, path))
        yield replace(unit, label=f"{unit.label}: {label}", apply=apply, smaller=())


def _others(subject: Subject, full: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """The full body with other values at the path, and what is other about each."""
    value = get(full, path)
    if is_long(value):
        yield "one member of each list in it", put(full, path, one_each(value))
    if isinstance(value, dict):
        # First: they still have what is optional in it, on which faults are laid.
        switched = {name: not one if isinstance(one, bool) else one for name, one in value.items()}
        yield "the other booleans in it", put(full, path, switched)
        yield "other members in it", _with_other_members(subject, full, path)
    if isinstance(value, (dict, list)):
        yield "without what is optional in it", _least(subject, full, path)
        return
    for node in subject.body_nodes():
        if node.steps == generalised(path):
            for edge in edges(node):
                if edge.strength is Strength.NAMED and edge.value is not None:
                    yield edge.label, put(full, path, edge.value)


def _with_other_members(subject: Subject, full: Any, path: Path) -> Any:
    """The body with another member of each enum below the path."""
    body = full
    for node in subject.body_nodes():
        below = node.steps[: len(path)] == generalised(path)
        for at in expand(full, node.steps) if below else ():
            others = (one for one in node.keywords.get("enum") or () if one != get(full, at))
            body = put(body, at, next(others, get(full, at)))
    return body


def _least(subject: Subject, full: Any, path: Path) -> Any:
    """The body with one member of each list at the path, and without what is optional below it."""
    body = put(full, path, one_each(get(full, path)))
    for node in subject.body_nodes():
        inside = len(node.steps) > len(path) and node.steps[: len(path)] == generalised(path)
        if inside and node.required is False:
            less = without(body, list(expand(body, node.steps)))
            # A property may be needed by another one (`dependentRequired`).
            if subject.wire is not None and subject.wire.valid(subject.builder, less):
                body = less
    return body


def _weighed(subject: Subject, unit: Unit, full: Any, path: Path) -> Unit:
    """The unit, where no list in its value has more members than one.

    How many there are nothing has named, and it may have to be as many as elsewhere: that the
    longer ones are refused is an error only where one member of each is refused as well.
    """
    wire, value = subject.wire, get(full, path)
    if wire is None or unit.strength is not Strength.NAMED or not is_long(value):
        return unit
    short = one_each(value)
    if not wire.valid(subject.builder, put(full, path, short)):
        return unit
    milder = replace(unit, label=f"{unit.label}, one member each", apply=setter(full, path, short))
    return replace(unit, strength=Strength.FREE, smaller=(milder,))


def alternative_units(subject: Subject, base: Any, bodies: Sequence[Any]) -> Iterator[Unit]:
    """One unit for each alternative that the grown control does not take."""
    prefix, seen = subject.body_clause, list[Any]()
    # Each alternative of each place, from the first body that has a value of it.
    for node in subject.body_nodes():
        for keyword in ("oneOf", "anyOf"):
            for index, _ in enumerate(node.keywords.get(keyword) or ()):
                for body in bodies:
                    for path in list(expand(body, node.steps))[:1]:
                        value = get(body, path)
                        taken = has(base, path) and get(base, path) == value
                        if taken or not _takes(subject, node, keyword, index, value):
                            continue
                        if (path, value) in seen:
                            continue
                        seen.append((path, value))
                        unit = Unit(
                            clause=subject.id(node_clause(prefix, node.name, keyword)),
                            label=f"`{node.name or 'the body'}`: alternative {index + 1}",
                            slot=("body", *path),
                            apply=setter(body, path, value),
                        )
                        yield _weighed(subject, unit, body, path)


def _takes(subject: Subject, node: SchemaNode, keyword: str, index: int, value: Any) -> bool:
    pointer = join(node.pointer, keyword, index)
    return subject.builder.valid(subject.contract.schema(pointer), value)


def absence_units(subject: Subject) -> Iterator[Unit]:
    """One unit for each optional property that lies in another and is left out of it.

    The other one stands as it does in a body that was accepted.
    """
    wire = subject.wire
    if wire is None:
        return
    prefix, bodies = body_prefix(wire.name), [one.body for one in subject.all_carriers()]
    for node in subject.body_nodes():
        if node.required is not False or node.branched or len(node.steps) < 2:
            continue
        places = ((body, path) for body in bodies for path in expand(body, node.steps))
        for body, path in islice(places, 1):
            if wire.valid(subject.builder, put(body, path, DROP)):
                yield Unit(
                    clause=subject.id(node_clause(prefix, node.name, "optional")),
                    label=f"without `{node.name}`",
                    slot=("body", *path),
                    omitting=True,
                    apply=dropper(body, path),
                )


def presence_batches(units: Sequence[Unit]) -> Iterator[tuple[Unit, ...]]:
    """The units that are laid on the least request together, in as few requests as can be.

    Every property is sent without every other one, and left out, as a code of constant weight
    allows: a property that works only beside another is found.
    """
    for chosen in _constant_weight(len(units)):
        yield tuple(units[index] for index in chosen)


def _constant_weight(count: int) -> list[tuple[int, ...]]:
    """Subsets of so many things: for each two, some subset has the one and not the other."""
    if count < 2:
        return [(0,)] if count else []
    # Words of equal weight are never one within the other (Sperner), which is what is wanted.
    width = next(width for width in range(2, 64) if comb(width, width // 2) >= count)
    words = sorted(combinations(range(width), width // 2), key=_turn)[:count]
    return [tuple(i for i, word in enumerate(words) if bit in word) for bit in range(width)]


def _turn(word: tuple[int, ...]) -> tuple[int, ...]:
    """Words that begin apart come first: the first things are apart in the first subsets."""
    return tuple(late - early for early, late in pairwise(word)) + word

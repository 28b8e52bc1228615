"""Edges that must be accepted: units that travel together, each for its own clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

from conformance.cases.case import Case, Expect, Unit, conflict
from conformance.cases.edge_values import Edge, Strength, edges
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.clauses.ids import body_prefix, node_clause
from conformance.clauses.schema_nodes import Node
from conformance.clauses.value_paths import (
    DROP,
    Path,
    expand,
    get,
    put,
)
from conformance.http.request_drafts import Draft
from spec import Direction
from spec.model.contract_model import Schema
from spec.model.pointers import join

__all__ = [
    "absence_units",
    "alternative_units",
    "batch",
    "edge_units",
    "full_bodies",
    "limit_units",
    "minimal_unit",
    "pack",
    "presence_batches",
    "presence_units",
    "spelling_units",
    "unknown_units",
]

MOST_HEAVY = 3
"""So many strings are tried at 65,537 characters; every other one at the rest of its edges."""
NESTING = 128
BROAD = ("text/html, application/json;q=0.9, */*;q=0.1",)
UNCODED = "identity, *;q=0"
DEEP = 20_000
LARGE = 1_500_000
PLAIN_NAMES = ("unknownProperty", "__proto__", "constructor")
ODD_NAMES = ("prototype", "toString", "$where", "a.b", "", "é 漢")


def full_bodies(subject: Subject) -> list[Any]:
    """The control's body grown to its fullest, once for each alternative of the schema."""
    media_type = subject.json_body
    if media_type is None or media_type.schema is None:
        return []
    found = list[Any]()
    wanted = dict.fromkeys([(), *(node.branches for node in subject.body_nodes())])
    for branches in wanted:
        body = subject.builder.full(media_type.schema, branches, subject.control.body)
        if body is not None and body not in found:
            found.append(body)
    return found


def presence_units(subject: Subject, full: Any) -> Iterator[Unit]:
    """One unit for each optional property that the control could have, wherever it belongs."""
    prefix = body_prefix(subject.control.media_type)
    for node in subject.body_nodes():
        if node.required is not False or node.branched or not node.steps:
            continue
        for path in expand(full, node.steps):
            if _has(_without_optionals(subject), path[:-1]):
                yield Unit(
                    clause=subject.id(node_clause(prefix, node.name, "optional")),
                    label=f"`{node.name}` without the other optional properties",
                    slot=("body", *path),
                    apply=_setter(full, path, get(full, path)),
                )
                break


def alternative_units(subject: Subject, base: Any, bodies: Sequence[Any]) -> Iterator[Unit]:
    """One unit for each alternative that the grown control does not take."""
    prefix, seen = body_prefix(subject.control.media_type), list[Any]()
    for node in subject.body_nodes():
        for keyword in ("oneOf", "anyOf"):
            for index, _ in enumerate(node.keywords.get(keyword) or ()):
                for body in bodies:
                    for path in list(expand(body, node.steps))[:1]:
                        value = get(body, path)
                        taken = _has(base, path) and get(base, path) == value
                        if taken or not _takes(subject, node, keyword, index, value):
                            continue
                        if (path, value) in seen:
                            continue
                        seen.append((path, value))
                        yield Unit(
                            clause=subject.id(node_clause(prefix, node.name, keyword)),
                            label=f"`{node.name or 'the body'}`: alternative {index + 1}",
                            slot=("body", *path),
                            apply=_setter(body, path, value),
                        )


def _takes(subject: Subject, node: Node, keyword: str, index: int, value: Any) -> bool:
    pointer = join(node.pointer, keyword, index)
    return subject.builder.valid(subject.contract.schema(pointer), value)


def absence_units(subject: Subject, full: Any) -> Iterator[Unit]:
    """One unit for each optional property that lies in another and is left out of it."""
    media_type, prefix = subject.json_body, body_prefix(subject.control.media_type)
    if media_type is None or media_type.schema is None:
        return
    for node in subject.body_nodes():
        if node.required is not False or node.branched or len(node.steps) < 2:
            continue
        for path in list(expand(full, node.steps))[:1]:
            if subject.builder.valid(media_type.schema, put(full, path, DROP)):
                yield Unit(
                    clause=subject.id(node_clause(prefix, node.name, "optional")),
                    label=f"without `{node.name}`",
                    slot=("body", *path),
                    apply=_dropper(full, path),
                )


def _has(value: Any, path: Path) -> bool:
    try:
        get(value, path)
    except LookupError:
        return False
    return True


def _without_optionals(subject: Subject) -> Any:
    """The control's body without its optional properties, as far as the contract allows."""
    media_type, body = subject.json_body, subject.control.body
    if media_type is None or media_type.schema is None:
        return body
    for node in subject.body_nodes():
        if node.required is False and not node.branched:
            for path in reversed(list(expand(body, node.steps))):
                less = put(body, path, DROP)
                if subject.builder.valid(media_type.schema, less):
                    body = less
    return body


def _dropper(full: Any, path: Path) -> Callable[[Draft], Draft]:
    def apply(draft: Draft) -> Draft:
        body = draft.body
        for depth in range(1, len(path)):
            if not _has(body, path[:depth]):
                body = put(body, path[:depth], get(full, path[:depth]))
        return draft.but(body=put(body, path, DROP) if _has(body, path) else body)

    return apply


def edge_units(subject: Subject) -> Iterator[Unit]:
    """The values at the edges of every place of the request's schema."""
    media_type = subject.json_body
    if media_type is None or media_type.schema is None:
        return
    prefix, heavy = body_prefix(media_type.name), 0
    for node in sorted(
        subject.body_nodes(), key=lambda one: (one.required is False, len(one.steps))
    ):
        carrier, path = _place(subject, node)
        if path is None:
            continue
        for edge in edges(node):
            if not subject.builder.valid(media_type.schema, put(carrier.body, path, edge.value)):
                continue
            heavy += bool(edge.smaller)
            if not edge.smaller or heavy <= MOST_HEAVY:
                yield _edge_unit(subject, prefix, node, carrier.body, path, edge)


def _edge_unit(
    subject: Subject, prefix: str, node: Node, full: Any, path: Path, edge: Edge
) -> Unit:
    return Unit(
        clause=subject.id(node_clause(prefix, node.name, edge.keyword)),
        label=f"`{node.name or 'the body'}`: {edge.label}",
        slot=("body", *path),
        apply=_setter(full, path, edge.value),
        strength=edge.strength,
        smaller=tuple(_edge_unit(subject, prefix, node, full, path, one) for one in edge.smaller),
        heavy=bool(edge.smaller),
    )


def _place(subject: Subject, node: Node) -> tuple[Carrier, Path | None]:
    carriers = list(subject.all_carriers())
    schema = Schema(pointer=node.pointer, value=node.keywords)
    for carrier in carriers:
        for path in expand(carrier.body, node.steps, tuple(node.properties)):
            value = get(carrier.body, path)
            judged = subject.contract.violations(schema, Direction.REQUEST, value)
            if not node.branched or not judged:
                return carrier, path
    return carriers[0], None


def _still_valid(subject: Subject, draft: Draft) -> bool:
    """Units may not fit each other; what the contract forbids is never sent as good."""
    media_type = subject.json_body
    if media_type is None or media_type.schema is None or draft.body is subject.control.body:
        return True
    return subject.builder.valid(media_type.schema, draft.body)


def _setter(full: Any, path: Path, value: Any) -> Callable[[Draft], Draft]:
    """Sets a value; what it needs above it is taken from the carrier that has it."""

    def apply(draft: Draft) -> Draft:
        body = draft.body
        for depth in range(1, len(path)):
            above = get(full, path[:depth])
            if not _has(body, path[:depth]) or type(get(body, path[:depth])) is not type(above):
                body = put(body, path[:depth], above)
        return draft.but(body=put(body, path, value))

    return apply


def presence_batches(
    subject: Subject, units: Sequence[Unit]
) -> Iterator[tuple[Draft, tuple[Unit, ...]]]:
    """Requests with some optional properties and without the others.

    Every property is sent without every other one, and left out, in as few requests as a code of
    constant weight allows: a property that works only beside another is found.
    """
    media_type = subject.json_body
    if media_type is None or media_type.schema is None:
        return
    base = subject.control.but(body=_without_optionals(subject))
    bare = base
    for unit in units:
        if _has(bare.body, unit.slot[1:]):
            bare = bare.but(body=put(bare.body, unit.slot[1:], DROP))
    for chosen in _constant_weight(len(units)):
        picked = tuple(units[index] for index in chosen)
        grown = bare
        for unit in picked:
            grown = unit.apply(grown)
        fits = subject.builder.valid(media_type.schema, grown.body)
        yield (bare if fits else base), picked


def minimal_unit(subject: Subject, units: Sequence[Unit]) -> Iterator[Unit]:
    """The control without any optional property, where it has some that can go."""
    body = _without_optionals(subject)
    if body != subject.control.body and units:
        yield Unit(
            clause=units[0].clause,
            label="without any optional property",
            slot=("body",),
            apply=lambda draft: draft.but(body=body),
        )


def _constant_weight(count: int) -> list[tuple[int, ...]]:
    """Subsets of so many things: for each two, some subset has the one and not the other."""
    if count < 2:
        return [(0,)] if count else []
    width = next(width for width in range(2, 64) if comb(width, width // 2) >= count)
    words = list(combinations(range(width), width // 2))[:count]
    return [tuple(i for i, word in enumerate(words) if bit in word) for bit in range(width)]


def unknown_units(subject: Subject) -> Iterator[Unit]:
    """Properties that nothing forbids, at every object that is open."""
    media_type = subject.json_body
    if media_type is None or media_type.schema is None:
        return
    prefix = body_prefix(media_type.name)
    for node in subject.body_nodes():
        carrier, path = _place(subject, node)
        if path is None or not isinstance(get(carrier.body, path), dict):
            continue
        for name, value, strength in _unknown(subject, node):
            body = put(carrier.body, (*path, name), value)
            if name in node.properties or not subject.builder.valid(media_type.schema, body):
                continue
            yield Unit(
                clause=subject.id(node_clause(prefix, node.name, "unknown")),
                label=f"an unknown property {name!r} in `{node.name or 'the body'}`",
                slot=("body", *path, name),
                apply=_setter(carrier.body, (*path, name), value),
                strength=strength,
            )


def _unknown(subject: Subject, node: Node) -> Iterator[tuple[str, Any, Strength]]:
    yield "unknownProperty", "x", Strength.NAMED
    if node.steps:
        return
    for name in PLAIN_NAMES[1:]:
        yield name, {"polluted": True}, Strength.NAMED
    for name in ODD_NAMES:
        yield name, {"polluted": True}, Strength.FREE
    for name in _response_names(subject):
        yield name, "x", Strength.NAMED
    nested: Any = 1
    for _ in range(NESTING - 2):
        nested = [nested]
    yield "nested", nested, Strength.LIMIT
    yield "digits", [2**63, -(2**63) - 1, 10**29 + 7], Strength.LIMIT


def _response_names(subject: Subject) -> list[str]:
    """The names of the operation's own answers: a server may mistake them for its own."""
    found = dict[str, None]()
    for response in subject.operation.responses:
        for media_type in response.content:
            if media_type.schema is not None:
                schema = subject.contract.resolve(media_type.schema).value
                if isinstance(schema, dict):
                    found |= dict.fromkeys(schema.get("properties") or ())
    return list(found)


def spelling_units(subject: Subject) -> Iterator[Unit]:
    """Other ways to write the same request."""

    def unit(
        local: str, label: str, slot: str, apply: Callable[[Draft], Draft], **more: Any
    ) -> Unit:
        return Unit(
            clause=subject.id(local), label=label, slot=("spelling", slot), apply=apply, **more
        )

    media_type = subject.json_body
    if media_type is not None:
        prefix = f"{body_prefix(media_type.name)}.syntax"
        spelling = f"{prefix}.spelling"
        yield unit(spelling, "every character escaped", "escape", lambda d: d.spelled(escaped=True))
        yield unit(spelling, "odd whitespace", "space", lambda d: d.spelled(spaced=True))
        yield unit(spelling, "keys in another order", "order", lambda d: d.spelled(reversed=True))
        chunked = f"{prefix}.transfer"
        yield unit(chunked, "a chunked body", "chunked", lambda d: d.spelled(chunked=True))
        odd = media_type.name.title() if media_type.name.islower() else media_type.name.lower()
        for charset in ("utf-8", '"UTF-8"'):
            yield unit(
                "media.spelling",
                f"charset={charset}",
                "charset",
                lambda d, charset=charset: d.spelled(charset=charset),  # type: ignore[misc]
            )
        yield unit(
            "media.spelling", f"the media type as {odd}", "case", lambda d: d.spelled(type_case=odd)
        )
    for accept in (*BROAD, *_documented(subject)):
        yield unit(
            "accept.range",
            f"Accept: {accept}",
            "accept",
            lambda d, accept=accept: d.header("Accept", accept),  # type: ignore[misc]
            code="false-negotiation",
        )
    yield unit(
        "accept.range",
        "no Accept",
        "accept",
        lambda d: d.without("Accept"),
        code="false-negotiation",
    )
    yield unit(
        "accept.coding",
        f"Accept-Encoding: {UNCODED}",
        "coding",
        lambda d: d.header("Accept-Encoding", UNCODED),
    )
    yield unit(
        "http.query",
        "unknown query parameters",
        "query",
        lambda d: d.but(query=(*d.query, ("unknown", "1"), ("__proto__", "x"))),
        strength=Strength.OUTSIDE,
    )


def _documented(subject: Subject) -> list[str]:
    """The media types of the documented successes: a client may ask for each."""
    successes = [one for one in subject.operation.responses if one.status.startswith("2")]
    names = [media.name for one in successes for media in one.content]
    return [name for name in dict.fromkeys(names) if "*" not in name]


def limit_units(subject: Subject) -> Iterator[Unit]:
    """What RFC 8259 section 9 lets a receiver limit; it may refuse, and must not fail."""
    media_type = subject.json_body
    if media_type is None or not isinstance(subject.control.body, dict):
        return
    prefix = f"{body_prefix(media_type.name)}.syntax"
    members = [
        ("limits", "NUL", b'"x1": "a\\u0000b"'),
        ("limits", "an integer of 5,000 digits", b'"x2": ' + b"9" * 5000),
        ("limits", "a number beyond a double: 1e400", b'"x3": 1e400'),
        ("limits", f"{DEEP} levels deep", b'"x4": ' + b"[" * DEEP + b"]" * DEEP),
        ("limits", "1.5 MB", b'"x5": "' + b"a" * LARGE + b'"'),
        ("surrogates", "a lone surrogate", b'"x6": "\\ud800"'),
    ]
    for local, label, member in members:
        yield Unit(
            clause=subject.id(f"{prefix}.{local}"),
            label=label,
            slot=("member", member[:4].decode()),
            apply=_adder(member),
            strength=Strength.LENIENT,
        )
    for key in _free_strings(subject):
        for local, label, text in (
            ("limits", "NUL", "a\x00b"),
            ("surrogates", "a lone surrogate", "\ud800"),
        ):
            yield Unit(
                clause=subject.id(f"{prefix}.{local}"),
                label=f"{label} in `{key}`",
                slot=("body", key),
                apply=_setter(subject.control.body, (key,), text),
                strength=Strength.LENIENT,
            )


def _adder(member: bytes) -> Callable[[Draft], Draft]:
    return lambda draft: draft.but(members=(*draft.members, member))


def _free_strings(subject: Subject) -> list[str]:
    free = {
        node.steps[0]
        for node in subject.body_nodes()
        if len(node.steps) == 1
        and node.typed
        and node.types[0] == "string"
        and not {"enum", "pattern", "format", "const"} & node.keywords.keys()
    }
    body = subject.control.body
    return [key for key, value in body.items() if key in free and isinstance(value, str)][-1:]


def pack(units: Sequence[Unit], bins: int = 0) -> list[list[Unit]]:
    """The units in as few groups as their slots allow, each put where there is room first."""
    groups: list[list[Unit]] = [[] for _ in range(bins)]
    for unit in units:
        for group in groups:
            crowded = unit.heavy and any(other.heavy for other in group)
            if not crowded and not any(conflict(unit.slot, other.slot) for other in group):
                group.append(unit)
                break
        else:
            groups.append([unit])
    return groups


def batch(subject: Subject, base: Draft, units: Sequence[Unit], family: str = "edges") -> Case:
    """One request with all the units applied; what nothing forbids, where one of them is free."""
    draft, kept = base, list[Unit]()
    for unit in units:
        changed = unit.apply(draft)
        if _still_valid(subject, changed):
            draft = changed
            kept.append(unit)
    units = kept or units
    order = list(Strength)
    weakest = max((unit.strength for unit in units), key=order.index, default=Strength.NAMED)
    code = next((unit.code for unit in units if unit.code), "") if len(units) == 1 else ""
    return Case(
        operation=subject.operation.id,
        clauses=tuple(dict.fromkeys(unit.clause for unit in units)),
        family=family,
        label="; ".join(unit.label for unit in units[:4]) + ("; …" if len(units) > 4 else ""),
        request=draft.request(),
        expect=Expect.ACCEPTED,
        code=code or ("refused-valid" if weakest is Strength.NAMED else "refused-free"),
        strength=weakest,
        units=tuple(units),
        draft=draft,
    )

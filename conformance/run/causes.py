"""Which deviations have one cause: rules by which two of them belong together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from conformance.clauses.ids import local_part
from conformance.run.evidence import Evidence

__all__ = ["FRAMING", "grouped"]

_ALTERNATIVE = re.compile(r"\.(?:oneOf|anyOf|allOf)\[\d+\]")
SPREAD = 3
"""From so many different reasons on, one code with one answer is one missing check."""
REQUEST_FAMILIES = frozenset({"body", "syntax", "media types", "parameters"})
"""What is wrong with a request: a server reads, and refuses, all of it in one place."""
GENERAL = frozenset({"server-error", "wrong-refusal", "no-answer"})
FRAMING = frozenset({"false-length", "http-malformed"})
UNREADABLE = frozenset({"response-malformed", "stream-cut", "stream-malformed", "no-answer"})
QUERY = frozenset({"http.query", "http.escapes"})
ABOUT_REQUESTS = frozenset({400, 401, 404, 405, 406, 411, 413, 414, 415, 422, 429, 431})
"""4xx that answer to what is in a request; the others bar the way for reasons of their own."""
CREDENTIALS = ("missing", "malformed", "wrong", "forged", "unsigned")
"""Who lets in without a credential lets in with a bad one, and so on down the row."""


def grouped(deviations: Sequence[Evidence]) -> list[list[Evidence]]:
    """The deviations by cause, in the order in which each cause was first seen."""
    union = _Union(len(deviations))
    for rule in (
        _same_cause,
        _same_answer,
        _stronger_refusal,
        _same_property,
        _same_place,
        _same_query,
        _barred,
    ):
        union.join(rule(one) for one in deviations)
    _join_framing(union, deviations)
    _join_below(union, deviations)
    _join_crashes(union, deviations)
    _join_batches(union, deviations)
    _join_unsteady(union, deviations)
    _join_spread(union, deviations)
    _join_credentials(union, deviations)
    groups: dict[int, list[Evidence]] = defaultdict(list)
    for index, evidence in enumerate(deviations):
        groups[union.root(index)].append(evidence)
    return list(groups.values())


class _Union:
    """Indexes that belong together; the root is the first of them."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, index: int) -> int:
        while self._parents[index] != index:
            index = self._parents[index]
        return index

    def unite(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parents[high] = low

    def join(self, keys: Iterator[Hashable | None]) -> None:
        """Unite what has the same key; None stands alone."""
        first: dict[Hashable, int] = {}
        for index, key in enumerate(keys):
            if key is not None:
                self.unite(first.setdefault(key, index), index)


def _same_cause(one: Evidence) -> Hashable:
    return one.observation.cause


def _same_answer(one: Evidence) -> Hashable | None:
    """The same refusal, or failure, to the letter: one place in the server makes them all."""
    if one.family not in REQUEST_FAMILIES or one.observation.code not in GENERAL:
        return None
    return one.operation, one.observation.code, one.answer.status, one.answer.body


def _stronger_refusal(one: Evidence) -> Hashable | None:
    """What is refused although the contract names it, and what it is silent about, at one place."""
    if one.observation.code not in ("refused-valid", "refused-free"):
        return None
    return one.operation, one.observation.clause, one.answer.status


def _same_property(one: Evidence) -> Hashable | None:
    """What the same case shows of several clauses."""
    if one.observation.code != "server-error":
        return None
    return one.operation, one.tested, one.answer.status


def _same_place(one: Evidence) -> Hashable | None:
    """One place in a request of which nothing is checked, whatever the keyword."""
    if one.observation.code not in ("accepted-invalid-body", "accepted-invalid-parameter"):
        return None
    return one.operation, _place(one.observation.clause)


def _same_query(one: Evidence) -> Hashable | None:
    """A query that nobody asked for, whatever stands in it, answered to the letter alike."""
    if one.observation.code != "server-error" or local_part(one.tested) not in QUERY:
        return None
    return one.answer.status, one.answer.body, "query"


def _barred(one: Evidence) -> Hashable | None:
    """A refusal that speaks of no fault in a request: 402, 403, 409, … word for word."""
    if not 400 <= one.answer.status < 500 or one.answer.status in ABOUT_REQUESTS:
        return None
    return one.answer.status, one.answer.body


def _join_framing(union: _Union, deviations: Sequence[Evidence]) -> None:
    """Where an operation's answers are not framed well, none of them can be read."""
    heads: dict[str, int] = {}
    for index, one in enumerate(deviations):
        if one.observation.code in FRAMING:
            union.unite(heads.setdefault(one.operation, index), index)
    for index, one in enumerate(deviations):
        if one.observation.code in UNREADABLE and one.operation in heads:
            union.unite(heads[one.operation], index)


def _join_crashes(union: _Union, deviations: Sequence[Evidence]) -> None:
    """What nobody looks at is accepted as one value and crashes the server as another."""
    accepted = [
        (index, one.operation, _place(one.observation.clause))
        for index, one in enumerate(deviations)
        if one.observation.code == "accepted-invalid-body"
    ]
    for index, one in enumerate(deviations):
        if one.observation.code != "server-error" or one.family != "body":
            continue
        place = _place(one.tested)
        for head, operation, open_ in accepted:
            near = open_ == place or open_.startswith((f"{place}.", f"{place}["))
            if operation == one.operation and near and place != "body":
                union.unite(head, index)


def _place(clause: str) -> str:
    """Where in a request a clause applies, whichever alternative it was written for."""
    return _ALTERNATIVE.sub("", local_part(clause).rpartition(".")[0])


def _join_batches(union: _Union, deviations: Sequence[Evidence]) -> None:
    """What could not be told apart shows what one of its parts shows, here or elsewhere."""
    heads: dict[Hashable, int] = {}
    for index, one in enumerate(deviations):
        if len(one.units) == 1:
            key = one.observation.code, local_part(one.units[0]), one.answer.status
            heads.setdefault(key, index)
    for index, one in enumerate(deviations):
        for unit in one.units if one.batched else ():
            key = one.observation.code, local_part(unit), one.answer.status
            if key in heads:
                union.unite(heads[key], index)
                break


def _join_below(union: _Union, deviations: Sequence[Evidence]) -> None:
    """Where anything at all is accepted in the place of an object, so it is within it."""
    open_: dict[tuple[str, str], int] = {}
    for index, one in enumerate(deviations):
        place, _, keyword = local_part(one.observation.clause).rpartition(".")
        if one.observation.code == "accepted-invalid-body" and keyword == "type":
            open_.setdefault((one.operation, _ALTERNATIVE.sub("", place)), index)
    for index, one in enumerate(deviations):
        if one.observation.code == "accepted-invalid-body":
            place = _ALTERNATIVE.sub("", local_part(one.observation.clause))
            for (operation, above), head in open_.items():
                inside = place.startswith((f"{above}.", f"{above}[")) and above.count(".")
                if operation == one.operation and inside:
                    union.unite(head, index)


def _join_unsteady(union: _Union, deviations: Sequence[Evidence]) -> None:
    """What the good request shows by itself, now and then, is not the fault of other requests."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for index, one in enumerate(deviations):
        rows[(one.operation, one.answer.status, one.answer.body)].append(index)
    for row in rows.values():
        unsteady = [i for i in row if deviations[i].family in ("steadiness", "control")]
        passing = [i for i in row if not deviations[i].repeatable]
        for index in row if unsteady else passing:
            union.unite((unsteady or passing)[0], index)


def _join_spread(union: _Union, deviations: Sequence[Evidence]) -> None:
    """Many reasons, or a generated case, with one code and one status."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for index, one in enumerate(deviations):
        family = "request" if one.family in REQUEST_FAMILIES else one.family
        if family in ("request", "edges", "properties"):
            rows[(one.operation, one.observation.code, one.answer.status)].append(index)
    for row in rows.values():
        generated = [i for i in row if deviations[i].family == "properties"]
        listed = [i for i in row if deviations[i].family != "properties"]
        if listed:
            for index in generated:
                union.unite(listed[0], index)
        edges = [i for i in listed if deviations[i].family == "edges"]
        for index in edges[1:]:
            # What could not be told apart within the budget shows what its parts show.
            if deviations[index].batched:
                union.unite(edges[0], index)
        _unite_if_spread(union, edges, deviations)
        _unite_if_spread(union, [i for i in listed if deviations[i].family != "edges"], deviations)


def _unite_if_spread(union: _Union, row: list[int], deviations: Sequence[Evidence]) -> None:
    if len({_reason(deviations[index]) for index in row}) >= SPREAD:
        for index in row[1:]:
            union.unite(row[0], index)


def _reason(one: Evidence) -> str:
    return one.observation.cause.split("|")[1] if "|" in one.observation.cause else ""


def _join_credentials(union: _Union, deviations: Sequence[Evidence]) -> None:
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for index, one in enumerate(deviations):
        if one.family == "credentials" and one.observation.code in _FOLDED:
            rows[(one.operation, one.observation.code, one.answer.status)].append(index)
        if one.family == "credentials" and _is_missing(one):
            rows[(one.operation, "open")].append(index)
    for operation in {one.operation for one in deviations}:
        # What lets everybody in has no 401 for anything, whatever else it answers.
        unguarded = rows.pop((operation, "open"), [])
        if any(deviations[i].observation.code == "accepted-credential" for i in unguarded):
            for index in unguarded[1:]:
                union.unite(unguarded[0], index)
    for row in rows.values():
        aspects = {index: local_part(deviations[index].tested).split(".")[1] for index in row}
        strongest = next((name for name in CREDENTIALS if name in aspects.values()), None)
        heads = [index for index in row if aspects[index] == strongest]
        if heads and strongest is not None:
            below = _below(strongest)
            for index in row:
                if aspects[index] in below:
                    union.unite(heads[0], index)


_FOLDED = frozenset(
    {"accepted-credential", "wrong-credential-refusal", "server-error", "error-in-success"}
)


def _is_missing(one: Evidence) -> bool:
    aspect = local_part(one.tested).removeprefix("security.")
    return aspect in ("missing", "head") and one.observation.code in _FOLDED | {"error-in-success"}


def _below(aspect: str) -> frozenset[str]:
    at = CREDENTIALS.index(aspect)
    weaker = {*CREDENTIALS[at:], "expired", "altered", "other-tag"}
    return frozenset(weaker | ({"misplaced", "again", "head"} if at == 0 else set()))

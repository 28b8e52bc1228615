"""Places that one sentence is true of, within an operation and across operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from conformance.clauses.clause import Clause
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.clause_places import ClausePlace, Key
from conformance.run.places.promised_scopes import Promises
from conformance.run.places.scopes import (
    CREDENTIALS,
    REQUEST,
    Scope,
    answer_steps,
    is_of_parsing,
    scope_of,
)
from conformance.run.places.subjects import subject

__all__ = ["Group", "grouped"]

MOST_ALIKE = 3
"""Scopes, or operations, with one deviation that are findings of their own; more are a list."""
_TOO_LARGE = 413
_IN_FRONT = frozenset({ClauseKind.METHODS, ClauseKind.WIRE, ClauseKind.STEADINESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Places that are shown together; `scope` is what the title names.

    Of a `listed` group the title names the clauses of its places alone, and of one with `some`
    their operations alone: others were seen to keep the promise. An empty scope is the whole
    operation: nothing that was sent to it was answered otherwise.
    """

    places: tuple[ClausePlace, ...]
    scope: Scope
    listed: bool = False
    some: bool = False

    @property
    def key(self) -> Key:
        """That of each of its places."""
        first = self.places[0]
        return first.key if self.scope or self.listed else (first.code, *first.failure)

    @property
    def requests(self) -> frozenset[int]:
        """The numbers of those that show it."""
        return frozenset(one for place in self.places for one in place.likeness.requests)

    @property
    def named(self) -> Scope:
        """The narrowest scope that has all of its places: what the title names."""
        scopes = [place.scope for place in self.places]
        inside = [one for one in scopes if one[: len(self.scope)] == self.scope]
        if self.listed or not self.scope:
            return self.scope
        return _common(inside)

    @property
    def heads(self) -> tuple[ClausePlace, ...]:
        """The places that the title is about; the others were broken beside them."""
        scope = self.named
        own = [one for one in self.places if one.scope[: len(scope)] == scope]
        tested = [one for one in own if one.stands_by_itself()]
        return tuple(tested or own or self.places)

    @property
    def pointer(self) -> str:
        """What it breaks in the contract, where several operations may refer to it."""
        first = self.places[0]
        if found := first.likeness.schema:
            return found
        own = first.clause.pointer
        return "" if own.startswith("#/paths/") or self.scope[:1] != (REQUEST,) else own


def grouped(places: Sequence[ClausePlace], promises: Promises) -> Iterator[Group]:
    """The places of a run as groups. What is joined has the same code, expectation and deviation.

    Nothing in the scope that the title names was seen to hold, and no place is lost.
    """
    groups = list[Group]()
    ranks = {name: number for number, name in enumerate(promises.clauses)}
    of_operation = dict[str, list[ClausePlace]]()
    # Not as they were tried: in whatever parts a run was made, a read stands first, which costs
    # nothing to send again, and then the order is that of the contract.
    for place in sorted(places, key=lambda one: (ranks[one.clause.id], one.code)):
        of_operation.setdefault(place.clause.operation, []).append(place)
    for operation in sorted(promises.operations, key=lambda one: not one.startswith("GET ")):
        groups += _within(of_operation.get(operation, ()), promises)
    # A cause of many operations first: what is left of one operation may be a list.
    yield from _listed(list(_across(groups, promises)))


def _within(places: Sequence[ClausePlace], promises: Promises) -> Iterator[Group]:
    """The groups of one operation: by scope, and what is broken beside another with that one."""
    heads = [place for place in places if place.stands_by_itself()]
    groups = list(_by_scope(heads, promises))
    beside = [place for place in places if not place.stands_by_itself()]
    # What a clause of its own says comes before what a generated request says of everything.
    for place in sorted(beside, key=lambda one: one.generated):
        # An answer has one cause, and one finding: the one whose request the place itself shows.
        fitting = [n for n, group in enumerate(groups) if _beside(place, group)]
        shown = place.likeness.requests[0]
        at = min(fitting, key=lambda n: shown not in groups[n].requests, default=None)
        if at is None:
            groups.append(Group(places=(place,), scope=place.scope))
        elif place.generated and place.failure and not groups[at].places[0].likeness.tested:
            # What is sent makes it fail; an undocumented status may be that of any request.
            groups[at] = Group(places=(place, *groups[at].places), scope=place.scope)
        else:
            groups[at] = replace(groups[at], places=(*groups[at].places, place))
    yield from groups


def _listed(groups: Sequence[Group]) -> Iterator[Group]:
    """Where many scopes of one operation show the same, one finding that lists them all."""
    rows: dict[Key, list[Group]] = {}
    for group in groups:
        rows.setdefault((*_list_of(group), _place_of_list(group)), []).append(group)
    for alike in rows.values():
        # A few are read one by one; many are a list.
        if len(alike) <= (1 if _has_one_cause(alike[0]) else MOST_ALIKE):
            yield from alike
        else:
            places = tuple(place for group in alike for place in group.places)
            some = any(group.some for group in alike)
            yield Group(places=places, scope=_list_of(alike[0])[1], listed=True, some=some)


def _place_of_list(group: Group) -> object:
    """What else the scopes of a list have in common: operations, or the guard of all of them."""
    # What no other operation keeps is said of all, whichever of them promise it.
    if group.scope[:1] == (CREDENTIALS,) and not group.some:
        return CREDENTIALS
    return frozenset(place.clause.operation for place in group.places)


def _has_one_cause(group: Group) -> bool:
    """Whether what is alike in an operation comes from one rule of the server, few or many."""
    return _is_refused_by_guard(group) or _is_of_size(group) or _is_of_one_keyword(group)


def _is_of_size(group: Group) -> bool:
    """Whether 413 says it of the whole content, whichever part of it is long (RFC 9110 15.5.14)."""
    return group.places[0].status == _TOO_LARGE


def _is_of_one_keyword(group: Group) -> bool:
    """Whether answers break a keyword of the contract, which may speak of several properties."""
    first = group.places[0]
    return bool(first.likeness.schema and answer_steps(first.scope)) and not first.failure


def _is_refused_by_guard(group: Group) -> bool:
    """Whether bad credentials are refused in a wrong way: one guard refuses all of them.

    Those that are let in are let in for reasons of their own.
    """
    first = group.places[0]
    return group.scope[:1] == (CREDENTIALS,) and first.code != FindingCode.ACCEPTED_CREDENTIAL


def _list_of(group: Group) -> tuple[Key, Scope]:
    """What the scopes of a list have in common. A failure is one, whichever status was asked for.

    What fails at values that must be refused may not fail at good ones, and what fails at a value
    that nothing names (odd characters) not at one that the contract names.
    """
    first = group.places[0]
    if first.failure:
        return (first.code, *first.failure, first.of_refusal, first.trial.strength), ()
    return group.key, () if _is_of_one_keyword(group) else group.scope[:1]


def _beside(place: ClausePlace, group: Group) -> bool:
    """Whether a place shows a group's deviation: in the same answer, or generated anew."""
    head = group.places[0]
    # Neither was asked for: only of a generated request is it known that one is the other.
    if place.code != head.code or not (head.stands_by_itself() or place.generated):
        return False
    if place.generated and place.key == group.key:
        return True
    # What it shows itself may be another answer, though one of its requests shows this one.
    return place.answered == head.answered and place.shown_by(group.requests)


def _by_scope(places: Sequence[ClausePlace], promises: Promises) -> Iterator[Group]:
    """Places with one key below the widest scope in which nothing was seen to hold."""
    waiting: dict[Key, list[ClausePlace]] = {}
    failed = Counter(place.failure for place in places)
    # Said of every valid request only where one was sent, and failed so.
    good = {place.failure for place in places if place.clause.kind is ClauseKind.CONTROL}
    if any(good) and _always_fails(places[0].clause.operation, promises):
        for failure in (key for key, count in failed.items() if key in good and key and count > 1):
            alike = [place for place in places if place.failure == failure]
            yield Group(places=tuple(alike), scope=())
            places = [place for place in places if place.failure != failure]
    for place in places:
        waiting.setdefault(place.key, []).append(place)
    for alike in waiting.values():
        while alike:
            # As wide as is true of it: a scope in which anything held is not named.
            scope = _widest(alike[0], alike, promises)
            joined = tuple(one for one in alike if one.scope[: len(scope)] == scope)
            alike[:] = [one for one in alike if one.scope[: len(scope)] != scope]
            # What holds nothing may be wider: it was only seen where the places are.
            yield Group(places=joined, scope=_common([one.scope for one in joined]))


def _common(scopes: Sequence[Scope]) -> Scope:
    """The narrowest scope that has all of these."""
    steps = takewhile(lambda each: len(set(each)) == 1, zip(*scopes, strict=False))
    return tuple(each[0] for each in steps)


def _widest(place: ClausePlace, alike: Sequence[ClausePlace], promises: Promises) -> Scope:
    refusal = place.of_refusal
    for length in range(1, len(place.scope)):
        scope = place.scope[:length]
        below = [one for one in alike if one.scope[:length] == scope]
        if len(below) > 1 and not _seen_held(place, scope, refusal, promises):
            return scope
    return place.scope


def _seen_held(place: ClausePlace, scope: Scope, refusal: bool, promises: Promises) -> bool:
    # Beside a fault that was accepted, a refusal with any status shows that something is checked.
    accepted = refusal and place.likeness.accepted
    return any(
        clause.seen_checked if accepted else clause.seen_answered(refusal=refusal)
        for clause in promises.of(place.clause.operation)
        if scope_of(clause)[: len(scope)] == scope
    )


def _always_fails(operation: str, promises: Promises) -> bool:
    """Whether nothing of the operation was ever seen to hold, whatever was asked of it."""
    return not any(
        clause.seen_held(refusal=refusal)
        for clause in promises.of(operation)
        # A server in front answers some of it for every operation.
        if clause.kind not in _IN_FRONT
        for refusal in (True, False)
    )


def _across(groups: Sequence[Group], promises: Promises) -> Iterator[Group]:
    """The same at many operations: at all, where none was seen to keep the promise, or at some."""
    rows: dict[tuple[Key, Key], list[Group]] = {}
    for group in groups:
        rows.setdefault((group.key, _shared(group, promises)), []).append(group)
    shown = Counter((key[0], shared) for (key, shared), alike in rows.items() for _ in alike)
    for (key, shared), alike in rows.items():
        others = list(_elsewhere(alike, promises)) if len(alike) > 1 else []
        refusal = alike[0].places[0].of_refusal
        held = any(one.seen_held(refusal=refusal) for one in others)
        if len(alike) == 1 or (held and len(alike) <= MOST_ALIKE):
            yield from alike
        else:
            places = tuple(place for group in alike for place in group.places)
            # "all operations" is only said where no other one promises it, or breaks it otherwise.
            some = bool(others) or shown[key[0], shared] > len(alike)
            yield _of_several_answers(replace(alike[0], places=places, some=some))


def _of_several_answers(group: Group) -> Group:
    """The group of a keyword with the answers of all its places for the title."""
    if not _is_of_one_keyword(group) or len({place.scope for place in group.places}) == 1:
        return group
    return replace(group, scope=(), listed=True)


def _shared(group: Group, promises: Promises) -> Key:
    """What is one promise at several operations: a schema, the same words, or a rule of HTTP."""
    # One parser reads the bodies of all operations, as one guard looks at their credentials.
    if group.scope[:1] == (CREDENTIALS,) or is_of_parsing(group.scope) or len(group.scope) < 2:
        if _is_of_one_keyword(group):
            # Wherever in an answer it stands: a list has it in its items, and GET of one alone.
            return ("answer", group.pointer, *answer_steps(group.scope)[1:][-2:])
        # Whether the good request or any answer shows it, the code says what it is.
        return ("rule", group.pointer, *(group.scope if subject(group.scope) else ()))
    # One schema that many operations refer to is one mistake, in one place of the contract.
    if group.pointer and len({clause.operation for clause in _alike(group, promises)}) > 1:
        return ("schema", group.pointer)
    # What many operations declare in the same words, one reader serves for all of them.
    if group.scope[0] == REQUEST:
        return ("words", group.places[0].clause.promise, *group.scope)
    return ("operation", group.places[0].clause.operation, *group.scope)


def _elsewhere(alike: Sequence[Group], promises: Promises) -> Iterator[Clause]:
    """The clauses of other operations that promise what these groups break."""
    first, own = alike[0], {group.places[0].clause.operation for group in alike}
    for clause in _alike(first, promises) if first.pointer else promises.below(first.scope):
        if clause.operation not in own:
            yield clause


def _alike(group: Group, promises: Promises) -> Iterator[Clause]:
    """What the pointer of a group promises: of requests or of answers, which may share a schema."""
    asked = group.scope[:1] == (REQUEST,)
    for clause in promises.at(group.pointer):
        if (scope_of(clause)[:1] == (REQUEST,)) is asked:
            yield clause

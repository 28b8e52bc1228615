"""Good and refused requests in turn on one connection (RFC 9112 section 9.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress, pairwise

from conformance.cases.case import Case
from conformance.cases.credential_cases import asks_for_one
from conformance.cases.operation_under_test import Subject
from conformance.cases.scheme_cases import refused_case
from conformance.clauses.clause import Verdict
from conformance.http.credentials import Placed
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.methods import is_safe
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from conformance.run.sending.control_cases import control_case
from conformance.run.sending.prober import Prober
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["kept", "kept_answers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """Requests in turn on one connection, which of them are good, and their answers."""

    turns: Sequence[bool]
    requests: tuple[Request, ...]
    answers: tuple[Answer, ...]

    def judged(self, case: Case) -> tuple[Observation, int]:
        """What the answers show, and which of them shows it."""
        return _judged(case, self.answers, self.turns[0] is self.turns[1])

    @property
    def good_answers(self) -> list[Answer]:
        """The answers to the good requests."""
        return list(compress(self.answers, self.turns))

    @property
    def begins_refused(self) -> bool:
        """Whether the first request is a good one, and was not accepted."""
        return self.turns[0] and not self.answers[0].success


async def kept(prober: Prober, subject: Subject) -> None:
    """The good request and a refused one, in turn on one connection.

    What is left over of one exchange shows in the next. Where it does, nothing else of the run is
    sent on a persistent connection, so that it is reported once.
    """
    case = control_case(subject, "steady.kept", "the good request on a persistent connection")
    client, turns, before = prober.session.client, _turns(subject), prober.last_good
    if not _can_be_sent(prober, case, turns):
        return
    talk = await _talk(prober, subject, case, turns)
    # Who hangs up on a refusal may keep the connection of a success.
    closed = not turns[0] and not talk.answers[1].status
    if closed and prober.budget.left >= _cost(case, turns):
        talk = await _talk(prober, subject, case, turns[1:])
    if talk.begins_refused:
        return
    for answer in talk.answers:
        # Told apart: the length is wrong of itself, with one request as with two.
        if answer.trouble is Trouble.FALSE_LENGTH:
            client.keeps = False
            prober.write(case, answer, prober.observe(case, answer), lambda _: True)
            return
    await _let_in(prober, subject, talk)
    await _compare(prober, case, talk, before)
    talk, found, last = await _confirmed(prober, subject, case, talk)
    if await prober.credential_ended(case, talk.answers[last], [found]):
        return
    client.keeps = client.keeps and found.verdict is not Verdict.BROKEN
    steps = RequestSequence(operation=subject.operation, kept=True)
    for request in talk.requests[:last]:
        steps = steps.then(subject.operation, request, refused=True)
    shown = replace(case, request=talk.requests[last], authorized=talk.turns[last])
    prober.write(shown, talk.answers[last], [found], lambda _: True, steps=steps)


async def _compare(
    prober: Prober, case: Case, talk: _Talk, before: tuple[Request, Answer] | None
) -> None:
    """Judge the last answer to the good request, and see whether it varies."""
    good = talk.good_answers
    if good[-1].success:
        await prober.confirm(prober.observe(case, good[-1]))
    if len(good) == 1 and before and before[0] == talk.requests[talk.turns.index(True)]:
        good = [before[1], *good]
    prober.varies = good[-1].success and good[0].body != good[-1].body


async def _confirmed(
    prober: Prober, subject: Subject, case: Case, talk: _Talk
) -> tuple[_Talk, Observation, int]:
    """What the answers show, and which of them; a failure has to show again at the same place.

    What fails by chance does not: a broken connection does. What refuses the good request on a
    connection of its own as well refuses the request, which may be past its time.
    """
    found, last = talk.judged(case)
    status, broken = talk.answers[last].status, found.verdict is Verdict.BROKEN
    if broken and status < 500 and await _is_refused_alone(prober, case, talk, last):
        why = f"{status} on a connection of its own, too"
        return talk, inconclusive(case.clause, why), last
    if not broken or status < 500 or prober.budget.left < _cost(case, talk.turns):
        return talk, found, last
    talk = await _talk(prober, subject, case, talk.turns)
    again, at = talk.judged(case)
    if talk.begins_refused or again.verdict is not Verdict.BROKEN or at != last:
        again = inconclusive(case.clause, "the server failed now and then")
    return talk, again, at


async def _is_refused_alone(prober: Prober, case: Case, talk: _Talk, last: int) -> bool:
    """Whether it is a good request that has the same status on a connection of its own.

    The body of the answer before it is what the connection has left of that.
    """
    answer, before = talk.answers[last], talk.answers[last - 1]
    refused = answer.status and talk.turns[last] and not answer.body == before.body != b""
    if not refused or prober.budget.left < _cost(case, (True,)):
        return False
    client = prober.session.client
    keeps, client.keeps = client.keeps, False
    try:
        alone = await prober.session.send(prober.operation, talk.requests[last], case.clauses)
    finally:
        client.keeps = keeps
    return alone.status == answer.status


async def _let_in(prober: Prober, subject: Subject, talk: _Talk) -> None:
    """Record that the caller without a credential was let in, so that no success is paid for it."""
    first, *_, last = talk.answers
    case = refused_case(subject, "missing", "no credential", Placed())
    if talk.turns[0] or is_safe(case.request.method) or not first.success or not last.status:
        return
    if asks_for_one(subject) and prober.focus.asks(case.clauses):
        await prober.seen(case, first, last)


def _turns(subject: Subject) -> tuple[bool, ...]:
    """Which requests are good: what is left of a refusal would stand before the next answer.

    A refusal comes first: that the same is accepted after a success shows that the connection
    remembers its credential. Where a success may cost, one is enough.
    """
    if not subject.control.credential.schemes:
        return True, True
    free = is_safe(subject.control.method)
    return (False, True, False, True) if free else (False, True, False)


async def _talk(prober: Prober, subject: Subject, case: Case, turns: Sequence[bool]) -> _Talk:
    """The requests in their turns, and their answers; each good one as it can be sent now."""
    bad = subject.anonymous().request()
    requests = tuple([await prober.aimed(case) if good else bad for good in turns])
    answers = await prober.session.send_kept(prober.operation, requests, case.clauses)
    return _Talk(turns=turns, requests=requests, answers=answers)


def _can_be_sent(prober: Prober, case: Case, turns: Sequence[bool]) -> bool:
    """Whether there are a connection and a budget for it; the ledger has the reason if not."""
    if prober.session.client.target.app is not None:
        why = (
            "the application is called without a socket, so there is no persistent connection; "
            "test it by its URL"
        )
        prober.ledger.excuse_clauses([case.clause], why)
        return False
    affords = prober.budget.left >= _cost(case, turns)
    if not affords:
        prober.budget.skip(case)
    return affords and not prober.budget.halted


def _cost(case: Case, turns: Sequence[bool]) -> int:
    """The successes that they may cost: without a credential one is refused."""
    return 0 if is_safe(case.request.method) else turns.count(True)


def kept_answers(case: Case, answers: Sequence[Answer]) -> Observation:
    """What the answers on one connection show, the last of them to the case.

    Of two, both are to the good request, or the last is to one without a credential.
    """
    return _judged(case, answers, case.authorized)[0]


def _judged(case: Case, answers: Sequence[Answer], alike: bool) -> tuple[Observation, int]:
    """What the answers show, and which of them; `alike`: the first two are to one request."""
    first, second = answers[0], answers[1]
    if first.trouble in (Trouble.OVERSIZED, Trouble.TIMEOUT):
        return inconclusive(case.clause, "the first response was not read to its end"), 0
    if second.trouble is Trouble.UNSENDABLE:
        return inconclusive(case.clause, "the first response announced `Connection: close`"), 1
    # A server may hang up on a refused request; what it answers must be an answer.
    if not second.status and not first.success:
        return inconclusive(case.clause, "the connection was closed after a refusal"), 1
    if not second.status:
        # RFC 9112 section 9.3 wants the close announced; section 9.5 has every client expect it.
        level = Level.WARNING if second.trouble is Trouble.DROPPED else Level.ERROR
        got = f"no answer to the second request: {second.detail}"
        return _not_kept(case, got, level), 1
    for number, (before, after) in enumerate(pairwise(answers), start=1):
        # A new status line over an old body: the bytes of the answer before.
        if after.status not in (0, before.status) and after.body == before.body != b"":
            return _not_kept(case, f"{after.status} with the body of the previous response"), number
    if not first.success and not second.success:
        return _not_kept(case, f"{second.status} to the valid request"), 1
    if len(answers) == 2 and alike and first.success and not second.success:
        return _not_kept(case, f"{second.status} to the valid request"), 1
    for number, answer in enumerate(answers[2:], start=2):
        # They take turns: what was accepted, or refused, is so again.
        wanted = (first, second)[number % 2].success
        if answer.status and answer.success is not wanted:
            what = "the valid request" if wanted else "the request without a credential"
            return _not_kept(case, f"{answer.status} to {what}"), number
    return held(case.clause), len(answers) - 1


def _not_kept(case: Case, got: str, level: Level = Level.ERROR) -> Observation:
    return broken(
        case.clause,
        FindingCode.KEPT_CONNECTION,
        level=level,
        expected="every request on a persistent connection answered like a single one",
        got=got,
        cause=FindingCode.KEPT_CONNECTION,
    )

"""Whether a deviation shows again: it is replayed once, as far as the budget goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Trouble
from conformance.http.methods import is_safe
from conformance.judgement import Observation
from conformance.judgement.judging import OF_THE_MOMENT
from conformance.report.codes.finding_code import FindingCode
from conformance.run.sending.case_aimer import NO_CASE
from conformance.run.sending.case_sender import CaseSender
from conformance.run.sending.shrinking import smaller
from conformance.run.sending.unconfirmed import Deviation, Unconfirmed

__all__ = ["Confirmations", "Repetition"]

PAID_REPLAYS = {True: 1, False: 3}
"""Deviations of one operation that are replayed where the replay is a success, and may cost: what
should have been refused, and the rest."""
CONFLICTS = frozenset({409, 410, 412})
REPEATED = CONFLICTS | {404}
"""What may be said of a thing that is gone, or of a name that is taken."""
OF_ANOTHER = frozenset({403, 404, 423})
"""What else may be said of a thing: that it is not to be removed, or not by everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """Whether a deviation shows again, and the `smaller` request that has shown it, if one has.

    `judged` is the answer to the same request where a failure does not show again.
    """

    shown: bool
    smaller: Deviation | None = None
    judged: Answer | None = None


class Confirmations:
    """Which deviations of one operation show again. One replay speaks for a cause at a clause.

    `waiting` are those that another answer may speak of, so that no success is paid for them.
    """

    def __init__(self, sender: CaseSender) -> None:
        self._sender, self.waiting = sender, Unconfirmed()
        self._known = dict[tuple[str, str], bool]()
        self._last = NO_CASE, frozenset[tuple[str, str]]()
        self._met_busy = NO_CASE
        self._paid = Counter[bool]()

    def knows(self, observation: Observation) -> bool:
        """Whether it was asked already if its cause shows again at its clause."""
        return (observation.cause, observation.clause) in self._known

    def settle(self, observation: Observation, *, shown: bool) -> None:
        """Remember what another answer, or a replay, has said of its cause at its clause."""
        self._known[observation.cause, observation.clause] = shown

    def compare(
        self, case: Case, first: Sequence[Observation], again: Sequence[Observation]
    ) -> None:
        """Settle by what was sent twice for something else: it is the replay of its kind."""
        codes = {one.code for one in again if one.verdict is Verdict.BROKEN}
        for one in first:
            if one.verdict is Verdict.BROKEN:
                self.settle(one, shown=one.code in codes)
        self._paid[case.must_be_refused] += 1

    async def repeats(self, deviation: Deviation) -> Repetition:
        """Whether a deviation shows again; of one that may wait it is taken for granted."""
        case, observation = deviation.case, deviation.observation
        if self.knows(observation):
            again = self._known[observation.cause, observation.clause]
            return Repetition(shown=again, judged=None if again else await self._judged(deviation))
        if deviation.may_wait:
            self.waiting.wait(deviation)
            return Repetition(shown=True)
        of, shown = self._last if case is not self._met_busy else (NO_CASE, frozenset())
        # All that is wrong with one answer is asked of one replay, which may cost a success.
        if of is case and (observation.code, observation.clause) in shown:
            found = Repetition(shown=True)
        else:
            found = await self.replayed(deviation)
        self.settle(observation, shown=found.shown)
        return found

    async def replayed(self, deviation: Deviation) -> Repetition:
        """Send it again; what may not be sent again is taken to show."""
        if deviation.case is self._met_busy:
            return Repetition(shown=False)
        found = await self._replayed(deviation)
        if found.shown and deviation.answer.status >= 500:
            found = await self._failing_by_itself(deviation, found)
        busy = found.shown and deviation.answer.status in OF_THE_MOMENT
        if not busy or not await self._passes(deviation):
            return found
        self._met_busy = deviation.case
        return Repetition(shown=False)

    async def _judged(self, deviation: Deviation) -> Answer | None:
        """What a server that fails now and then says of the same request when it judges it."""
        # The first time it may fail for what came before.
        for _ in range(2 if deviation.answer.status >= 500 else 0):
            if not self._sender.budget.affords(deviation.case):
                break
            again = await self._sender.send(deviation.case)
            if 0 < again.status < 500:
                return again
        return None

    async def _failing_by_itself(self, deviation: Deviation, found: Repetition) -> Repetition:
        """Whether a failure shows once more, right after itself.

        One that follows from the request before it does not.
        """
        case, sender = (found.smaller or deviation).case, self._sender
        if not sender.budget.affords(case):
            return found
        again = await sender.send(case)
        if not 0 < again.status < 500:
            return found
        return Repetition(shown=False, judged=again if case is deviation.case else None)

    async def _passes(self, deviation: Deviation) -> bool:
        """Whether a server that is busy says so of every request, or not the next time.

        Only what is answered so beside a good request that is accepted is about its values.
        """
        case, sender, status = deviation.case, self._sender, deviation.answer.status
        if case.family is ClauseKind.CONTROL or sender.control is NO_CASE:
            return False
        if not sender.budget.affords(sender.control):
            return False
        if (await sender.send(sender.control)).status == status:
            return True
        # Twice more: a server that is busy now and then may be so three times by chance.
        return any([(await sender.send(case)).status != status for _ in range(2)])

    async def _replayed(self, deviation: Deviation) -> Repetition:
        case, answer, sender = deviation.case, deviation.answer, self._sender
        # A stream has shown already that it goes on, and who never answered will not do so now.
        silent = answer.trouble is Trouble.TIMEOUT and not sender.session.answered
        endless = deviation.observation.code == FindingCode.STREAM_ENDLESS
        if endless or silent or self._is_too_dear(case, answer):
            return Repetition(shown=True)
        if not sender.budget.affords(case):
            return Repetition(shown=answer.status not in OF_THE_MOMENT)
        less = self._less(case)
        if less is not None and (least := await self._shows_less(deviation, less)) is not None:
            return Repetition(shown=True, smaller=least)
        # Paid for what has shown nothing: then the failure is of the moment, or of another thing.
        if not sender.budget.affords(case):
            return Repetition(shown=0 < answer.status < 500)
        again = await sender.send(case)
        # A server that fails now and then has not judged the request: it is asked once more.
        if again.status >= 500 > answer.status and sender.budget.affords(case):
            again = await sender.send(case)
        # The refusal of a repetition says nothing against what was seen the first time.
        if self._used_up(case, answer, again):
            return Repetition(shown=True)
        seen = self._seen(case, case, again)
        # Late at the limit, or not there at all soon after it: both are no answer in time.
        late = answer.trouble is Trouble.TIMEOUT and _is_late(again, sender.judge.limit)
        shown = late or deviation.observation.code in {one.code for one in seen}
        # A server that fails now and then had not judged the request, and has judged it now.
        judged = again if not shown and answer.status >= 500 > again.status > 0 else None
        return Repetition(shown=shown, judged=judged)

    def _is_too_dear(self, case: Case, answer: Answer) -> bool:
        """Whether a replay is one success too many: it may cost, or store more."""
        if not answer.success or is_safe(case.request.method):
            return False
        kind = case.must_be_refused
        self._paid[kind] += 1
        return self._sender.budget.is_none or self._paid[kind] > PAID_REPLAYS[kind]

    def _less(self, case: Case) -> Case | None:
        sender = self._sender
        return smaller(sender.judge.contract, case, sender.control.draft, sender.least)

    async def _shows_less(self, deviation: Deviation, less: Case) -> Deviation | None:
        """The same deviation of a request with less in it: then it is the one that is reported."""
        sender, observation = self._sender, deviation.observation
        answer = await sender.send(less)
        for one in self._seen(deviation.case, less, answer):
            same = (one.code, one.clause) == (observation.code, observation.clause)
            if same and one.level is observation.level:
                return Deviation(case=less, answer=answer, observation=one)
        return None

    def _seen(self, case: Case, sent: Case, answer: Answer) -> list[Observation]:
        """What is wrong with the answer to what was sent for the replay of a case."""
        seen = [one for one in self._sender.observe(sent, answer) if one.verdict is Verdict.BROKEN]
        self._last = case, frozenset((one.code, one.clause) for one in seen)
        return seen

    def _used_up(self, case: Case, answer: Answer, again: Answer) -> bool:
        """Whether the first success left nothing to repeat: a thing is gone, a name is taken."""
        if not answer.success or is_safe(case.request.method):
            return False
        if answer.status == 201 != again.status and again.success:
            return True
        if case.expect in (Expect.ACCEPTED, Expect.UNAUTHORIZED):
            return again.status in REPEATED
        if self._about_another(case) and again.status in OF_ANOTHER:
            return True
        sender = self._sender
        # Laid on what was never accepted, it is refused for anything.
        if not sender.proven and 400 <= again.status < 500:
            return True
        # What had to be refused is stored now, and another refusal than its own is about that.
        return again.status in CONFLICTS | sender.taken | sender.used_up | sender.exhausted

    def _about_another(self, case: Case) -> bool:
        """Whether each request of a case is about another thing, which may be reserved."""
        removes = self._sender.declared.method == "DELETE"
        # By a credential the same statuses may be the very refusal that is wanted.
        return removes and case.family is not ClauseKind.CREDENTIALS


def _is_late(answer: Answer, limit: float) -> bool:
    return answer.trouble is Trouble.TIMEOUT or answer.seconds > limit

"""Everything that is sent in a run: counted, paced, and remembered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime

from conformance.cases.case import Case
from conformance.cases.controls import candidates
from conformance.clauses.session_ends import rotates_credential
from conformance.http.credentials import Credentials
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.handed_out import handed_out
from conformance.http.methods import CHANGING, is_safe
from conformance.http.received import BodyPatience
from conformance.http.redaction import Redactor
from conformance.http.renewal import Renewals
from conformance.http.reported import ReportedExchange
from conformance.http.request_drafts import NOTHING, Draft
from conformance.http.rotation import Rotation
from conformance.http.transport import Client
from conformance.judgement.hidden_errors import understood
from conformance.run.session.answer_heads import AnswerHead
from conformance.run.session.outages import Outages
from conformance.run.session.patience import Patience
from conformance.run.session.run_options import RunOptions
from conformance.run.session.time_budget import TimeBudget, TimeIsUpError
from conformance.run.things.handed_values import HandedValues
from conformance.run.things.known_items import KnownItems
from conformance.run.things.listed_values import ListedValues
from conformance.run.things.stored_texts import StoredTexts
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["Session", "retry_after"]

PATIENCE = 30.0
"""Seconds that a `Retry-After` may ask for before the request is given up."""
ATTEMPTS = 5
"""How often a request is sent that is answered with 429 each time."""
GLANCE = 0.05
"""Seconds for the events of a stream where another one had no end."""
BRIEF = 2.0
"""Seconds for a body, after its headers, of an operation of which another one had no end."""


class Session:
    """Sends requests for one run. `billable` counts the 2xx of unsafe methods by operation.

    `written` are the paths of what PUT, PATCH and DELETE have changed. `heads` has a line of every
    answer, `exchanges` what was sent and what came back, where the options ask for it.

    `rotations` are the caller's credentials that an answer may have replaced. `ended` are the
    operations at which a credential was accepted and then refused, `dead` the secrets of those
    credentials; `vouchers` are safe requests that were accepted with a credential, by its secrets;
    `good` the good requests that were accepted, by operation.
    `unanswered` counts the requests by operation that may have written and had no answer.
    `trying` is the label of the case that is being sent. `stopped`
    says why the whole run ends here: something was accepted that may have been written. `cut_off`
    says that the time ended before all that the run had made was removed.
    `on_gone` is told since which request a deployment that answered is gone. `things` are those
    that the run has made or seen, `listed` the values that lists have shown, `handed` those that
    answers hand out for another request, and `stored_texts` those that it was accepted with.
    `owes_largest` says that the largest body of a run is still to be sent. `patience` is how long a
    write may take to show. `finished` are the operations that had their turn, `unserved` those
    whose method was said not to be there; `believed` those of which every 2xx is a success,
    whatever its body says: they have no other one. `allowing` are by path the answers whose `Allow`
    names methods. `before_write` is asked before each request that may change something. `time` is
    what the run may take. `endless` are the operations of which a body had no end; where
    `streams_end` is False, a stream had none: of the next ones less is awaited.
    """

    def __init__(
        self,
        client: Client,
        options: RunOptions,
        redactor: Redactor,
        things: KnownItems,
        time_budget: TimeBudget | None = None,
    ) -> None:
        self.client, self.options, self.redactor = client, options, redactor
        self.things, self.listed = things, ListedValues()
        self.handed, self.stored_texts = HandedValues(things.contract), StoredTexts()
        self.time = time_budget or TimeBudget(options.time_budget)
        self.patience = Patience(options.max_consistency_time, self.time)
        self.requests, self.answered = 0, False
        self.last = Answer()
        self.billable, self.written = Counter[str](), set[str]()
        self.unanswered = Counter[str]()
        self.finished, self.unserved = set[str](), set[str]()
        self.believed = set[str]()
        self.allowing = dict[str, tuple[Case, Answer]]()
        self.exchanges, self.heads = list[ReportedExchange](), list[AnswerHead]()
        self.limited, self.owes_largest = Counter[str](), True
        self.renewals = Renewals(options.credentials.renewable, redactor.secrets.add)
        self.stopped, self.trying, self.cut_off = "", "", False
        self.endless, self.streams_end = set[str](), True
        self.ended, self.dead = list[str](), set[str]()
        self.rotations = dict[str, Rotation]()
        self.vouchers = dict[tuple[str, ...], tuple[str, Request]]()
        self.good = dict[str, Draft]()
        self.on_progress: Callable[[], None] = lambda: None
        self.on_success: Callable[[str, Answer], None] = lambda operation, answer: None
        self.on_gone: Callable[[str], None] = lambda since: None
        self.before_write: Callable[[str, Request], Awaitable[None]] = _nothing
        self._next = self._hold = self._waited = 0.0
        self._outages = Outages(self._asked, self.time.pause)

    def first_draft(self, operation: Operation) -> Draft | None:
        """The first request to try of an operation: the caller's own, or else the contract's."""
        given = self.options.examples.get(operation.id, NOTHING)
        return next(candidates(self.contract, operation, self.credentials, given), None)

    async def send(
        self,
        operation: str,
        request: Request,
        clauses: Sequence[str] = (),
        *,
        authorized: bool = False,
    ) -> Answer:
        """The answer to one request; 429 is obeyed.

        Where an `authorized` one is answered with 401 although its credential was accepted before,
        it is sent once more with a new credential, as often as there is another one: callers at
        once may have used up the one that was fetched for them all.
        """
        request = self._with_headers(request)
        sent = await self.renewals.carried(request)
        answer = await self._obeyed(operation, sent, clauses)
        if not authorized:
            return answer
        if answer.success:
            self.renewals.note(request)
        while answer.status == 401 and await self.renewals.renewed(operation, request, sent):
            sent = await self.renewals.carried(request)
            answer = await self._obeyed(operation, sent, clauses)
            if answer.status != 401:
                self.renewals.fruitful(operation)
            for one in self.rotations.values():
                one.settle(accepted=answer.status != 401)
            if answer.success:
                self.renewals.note(request)
        return answer

    async def _obeyed(self, operation: str, request: Request, clauses: Sequence[str]) -> Answer:
        answer = Answer()
        for attempt in range(ATTEMPTS):
            answer = await self._asked(operation, request, clauses)
            if answer.status != 429:
                break
            self.limited[operation] += 1
            pause = retry_after(answer, attempt)
            # A pause of minutes is a refusal: the answer is judged as it is.
            if pause > PATIENCE:
                break
            # For all requests: the limit is of the caller, not of one of them.
            self._hold = max(self._hold, time.monotonic() + pause)
        number = self.requests
        await self._outages.after(operation, request, answer)
        if self._outages.gone:
            self.on_gone(f"request {number} ({operation})")
        return answer

    async def _asked(self, operation: str, request: Request, clauses: Sequence[str] = ()) -> Answer:
        await self._pace()
        if not is_safe(request.method):
            await self.before_write(operation, request)
        (answer,) = await self._answers(operation, request)
        self._note(operation, request, answer, clauses)
        return answer

    async def send_kept(
        self, operation: str, requests: tuple[Request, ...], clauses: Sequence[str]
    ) -> tuple[Answer, ...]:
        """Several on one connection, once more where the credential of one has been renewed."""
        own = tuple(self._with_headers(request) for request in requests)
        sent, answers = await self._kept(operation, own, clauses)
        for request, carried, answer in zip(own, sent, answers, strict=True):
            if answer.status == 401 and await self.renewals.renewed(operation, request, carried):
                _, answers = await self._kept(operation, own, clauses)
                break
        return answers

    async def _kept(
        self, operation: str, requests: tuple[Request, ...], clauses: Sequence[str]
    ) -> tuple[tuple[Request, ...], tuple[Answer, ...]]:
        await self._pace()
        sent = tuple([await self.renewals.carried(request) for request in requests])
        for request in requests:
            if not is_safe(request.method):
                await self.before_write(operation, request)
        answers = await self._answers(operation, *sent)
        for request, answer in zip(sent, answers, strict=True):
            self._note(operation, request, answer, clauses)
        return sent, answers

    async def _answers(self, operation: str, *requests: Request) -> tuple[Answer, ...]:
        """The answers to requests, which are sent in turn on one connection."""
        patience = BodyPatience(
            stream=None if self.streams_end else GLANCE,
            other=BRIEF if operation in self.endless else None,
        )
        client = self.client
        try:
            if len(requests) > 1:
                answers = await self.time.within(client.send_kept(requests, patience))
            else:
                answers = (await self.time.within(client.send(requests[0], patience)),)
        except TimeIsUpError:
            # It may have been written, and nobody knows.
            self.unanswered[operation] += sum(not is_safe(one.method) for one in requests)
            raise
        # A request that follows an undeclared path has the operation of no contract.
        declared = self.contract.operation(operation)
        if declared is None or operation in self.believed:
            return answers
        return tuple(understood(self.contract, declared, one) for one in answers)

    @property
    def contract(self) -> Contract:
        """The contract of the run."""
        return self.things.contract

    @property
    def credentials(self) -> Credentials:
        """Those of the caller that have not ended."""
        given = self.options.credentials
        return given.without(self.dead) if self.dead else given

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.time.elapsed

    def _owed(self) -> float:
        """Seconds that it will take to remove what the run has made, as long as answers take."""
        made = len(self.things.made.keys() - self.things.gone)
        return made * self._waited / max(self.requests, 1)

    def _with_headers(self, request: Request) -> Request:
        extra = self.options.headers
        if not extra:
            return request
        # What a case says in a header is what it tests.
        given = {name.lower() for name, _ in request.headers}
        headers = tuple(pair for pair in extra if pair[0].lower() not in given)
        return replace(request, headers=(*request.headers, *headers))

    async def _pace(self) -> None:
        # Asked before each request, so that few are cut off in the middle.
        self.time.check(owed=self._owed())
        now = time.monotonic()
        start = max(now, self._hold)
        if self.options.rate:
            start = max(start, self._next)
            self._next = start + 1 / self.options.rate
        if start > now:
            await self.time.pause(start - now)

    def _note(
        self, operation: str, request: Request, answer: Answer, clauses: Sequence[str]
    ) -> None:
        # Nothing has left this machine: it is no request of the run.
        if answer.trouble is Trouble.UNSENDABLE:
            self.last = answer
            return
        self.requests += 1
        self._waited += answer.seconds
        self._note_end(operation, request, answer)
        self.answered, self.last = self.answered or bool(answer.status), answer
        if answer.success and not is_safe(request.method):
            self.billable[operation] += 1
        if answer.success and request.method in CHANGING:
            self.written.add(request.target.partition("?")[0])
        if answer.success:
            self._offer(operation, answer)
        if not answer.status and not is_safe(request.method) and not request.may_stay_unread:
            self.unanswered[operation] += 1
        self._outages.note(operation, request, answer)
        self._remember(operation, request, answer)
        # Before it is shown: a secret that this answer hands out stands in it already.
        self.redactor.learn(request, answer)
        self.heads.append(AnswerHead.of(answer))
        if self.options.keep_exchanges:
            self.exchanges.append(self.redactor.exchange(request, answer, clauses))
        self.on_progress()

    def _note_end(self, operation: str, request: Request, answer: Answer) -> None:
        """Remember a body without an end; a request that was never right had less time for it."""
        if not answer.is_endless or request.needs_socket:
            return
        if answer.streams:
            self.streams_end = False
        else:
            self.endless.add(operation)

    def _offer(self, name: str, answer: Answer) -> None:
        """Keep a key that was handed out: the caller's may be refused from now on."""
        operation = self.contract.operation(name)
        if operation is None or not rotates_credential(operation):
            return
        for secret in self.options.credentials.fixed - self.rotations.keys():
            self.rotations[secret] = Rotation(secret)
            self.renewals.add(self.rotations[secret])
        text = answer.body.decode("utf-8", "replace")
        for one in self.rotations.values():
            one.offer(name, handed_out(text, self.redactor.secrets.named))

    def _remember(self, name: str, request: Request, answer: Answer) -> None:
        """Every answer may name things, whichever part of the run has asked for it."""
        operation = self.contract.operation(name)
        if operation is not None:
            self.things.see(operation, request, answer)
            self.listed.see(operation, answer)
            self.handed.see(operation, request, answer)


async def _nothing(operation: str, request: Request) -> None:
    """Nobody asks what a request may change."""


def retry_after(answer: Answer, attempt: int = 0) -> float:
    """Seconds to wait (RFC 9110 section 10.2.3); without a hint 0.5, and twice as long each time.

    The field has a number or a date.
    """
    written = (answer.header("retry-after") or "").strip()
    # More characters are digits than those of ASCII, and not all of them are of numbers.
    if written.isascii() and written.isdecimal():
        return float(written)
    try:
        return max(0.0, parsedate_to_datetime(written).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.5 * float(2**attempt)

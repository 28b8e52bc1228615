"""Generated cases: Schemathesis and Hypothesis make them, and our own rules judge them.

Of Schemathesis the public `openapi.from_dict(…)[path][method].as_strategy()` is used, for values
alone. Its own checks are not: `negative_data_rejection` takes any 4xx for a refusal, so that 401,
403 and 404 pass for validation; `positive_data_acceptance` accuses refusals that RFC 8259 allows;
`response_schema_conformance` validates each event of a stream against the schema of the whole; and
none of them knows whether the same request without the fault would have been accepted.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.draft_parameters import is_left_empty, value_in
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import DROP, Path, get, put
from conformance.http.abandonable_threads import abandonable
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement import Observation
from conformance.report.codes.finding_code import FindingCode
from conformance.run.generated.generated_drafts import (
    document_for,
    generated_draft,
    is_valid,
    mended,
)
from conformance.run.generated.hypothesis_storage import keep_out_of_the_folder
from conformance.run.generated.known_values import KnownValues, known_values
from conformance.run.generated.value_parts import ValuePart, value_parts
from conformance.run.sending.control_cases import UNPROVEN
from conformance.run.sending.prober import Prober
from conformance.run.session.time_budget import TimeIsUpError
from spec.contract.parameter_codecs import parameter_codec
from spec.model.http_statuses import VALIDATION
from spec.text.styles import StyleError

__all__ = ["invalid_property", "valid_property"]

RESERVED = 2
"""Successes of the budget that are left for the repetition of the good request."""
SHRINKING, PRUNING = 80, 40
"""Requests that may be spent to make one failing case smaller: by Hypothesis, and by leaving out
members of its values, of which Hypothesis draws others."""


async def valid_property(prober: Prober, subject: Subject, undecided: str = "") -> None:
    """Generate valid requests for one operation, until the budget says no.

    `undecided` is why a refusal of one proves nothing.
    """
    count = most = prober.session.options.max_examples
    if not is_safe(subject.operation.method):
        # Each may be a success, and repetition still needs some.
        count = min(count, prober.budget.left - RESERVED)
        if count <= 0 < most:
            prober.budget.skip_clauses([subject.id("property.valid")])
    if not _has_input(subject):
        media_type = subject.media_type
        why = f"no values of {media_type.name} are generated" if media_type else ""
        clauses = [subject.id(f"property.{kind}") for kind in ("valid", "invalid")]
        prober.ledger.excuse_clauses(clauses if why else (), why)
    elif count > 0:
        await _property(prober, subject, positive=True, count=count, undecided=undecided)


async def invalid_property(prober: Prober, subject: Subject) -> None:
    """Generate requests that the contract forbids."""
    count = prober.session.options.max_examples
    if count and _has_input(subject):
        await _property(prober, subject, positive=False, count=count)


def _has_input(subject: Subject) -> bool:
    return subject.wire is not None or bool(subject.operation.inputs)


async def _property(
    prober: Prober, subject: Subject, *, positive: bool, count: int, undecided: str = ""
) -> None:
    loop, options = asyncio.get_running_loop(), prober.session.options
    given = subject.operation.id in options.examples
    search = _Search(
        prober=prober,
        subject=subject,
        positive=positive,
        count=count,
        known=known_values(subject, prober.ledger, given=given),
        undecided=undecided,
    )

    def wait(work: Coroutine[Any, Any, Any]) -> Any:
        if search.ended:
            work.close()
            raise _EndedError
        try:
            return asyncio.run_coroutine_threadsafe(work, loop).result()
        except TimeIsUpError:
            raise _EndedError from None

    generator = abandonable(lambda: _generate(search, options.seed, wait))
    try:
        await prober.session.time.within(asyncio.wrap_future(generator))
    finally:
        search.ended = True
    search.excuse()
    if search.smallest is not None:
        # What was found is told, be it large or small.
        with suppress(TimeIsUpError):
            await search.prune()
        await prober.record(*search.smallest)


class _EndedError(BaseException):
    """No time is left. It is no Exception: one of these Hypothesis would make smaller first."""


@dataclass(slots=True, kw_only=True)
class _Search:
    """One property of one operation: what was sent, and the smallest case that broke it.

    `unmade` says why the generator made nothing, `defect` is what went wrong in the kit itself;
    `ended` says that nobody waits for another case.
    """

    prober: Prober
    subject: Subject
    positive: bool
    count: int
    known: KnownValues
    undecided: str = ""
    sent: int = 0
    spare: int = 0
    seen: set[Any] = field(default_factory=set)
    smallest: tuple[Case, Answer] | None = None
    unaffordable: Case | None = None
    failing: str = ""
    unmade: str = ""
    defect: Exception | None = None
    ended: bool = False

    def excuse(self) -> None:
        """Say why nothing was sent, if nothing was."""
        clause = self.subject.id("property.valid" if self.positive else "property.invalid")
        if self.unmade:
            self.prober.ledger.excuse_clauses([clause], self.unmade)
        elif self.unaffordable and not self.sent:
            self.prober.budget.skip(self.unaffordable)
        elif not self.sent and (media_type := self.subject.media_type) is not None:
            made = f"none of {self.count} generated values"
            why = f"{made} can travel as {media_type.name}; --max-examples"
            self.prober.ledger.excuse_clauses([clause], why)

    def guarded(self, work: Callable[[], bool]) -> bool:
        """What the work gives; its failure is kept apart from one of the generator around it."""
        try:
            return work()
        except Exception as error:
            self.defect = error
            raise

    async def breaks(self, generated: Any) -> bool:
        """Send a generated case unless it says nothing new; whether it shows an unknown fault."""
        draft = generated_draft(self.subject, generated, self.known, made_up=self.positive)
        if draft is None or is_valid(self.subject, draft) is not self.positive:
            return False
        case = self._case(draft)
        if case.request in self.seen:
            return False
        if not self._affords(case):
            self.unaffordable = case
            return False
        self.seen.add(case.request)
        self.sent += 1
        answer = await self.prober.send(case)
        if self.positive and answer.status in case.open_statuses:
            self.known = self.known.with_path(self.subject)
        broken = self._broken(case, answer)
        if broken and not self.positive and 400 <= answer.status < 500:
            case = await self._grounded(case, draft)
            broken = self._broken(case, answer)
        code = broken[0].code if broken else ""
        if not broken or self._is_known(code, answer):
            await self.prober.record(case, answer)
            return False
        # Shrinking must not slip from one fault into another.
        if self.failing and code != self.failing:
            return False
        self.failing = code
        if self.smallest is None or _size(case) <= _size(self.smallest[0]):
            self.smallest = case, answer
        return True

    async def prune(self) -> None:
        """Leave out of the smallest case each member of its values without which it breaks too.

        What has to stay is as in the good request, where it breaks with that.
        """
        # A refusal was asked for on a base of its own.
        if self.smallest is not None and not 400 <= self.smallest[1].status < 500:
            self.spare += PRUNING
            for part in value_parts(self.subject):
                if not await self._is_plain(part, ()):
                    await self._prune(part, ())

    async def _is_plain(self, part: ValuePart, path: Path) -> bool:
        """Whether a value is, from now on, as in the good request, or is left out as there.

        Not tried where each attempt may be one more success, which costs.
        """
        if self.smallest is None or self.smallest[1].success:
            return False
        try:
            plain = get(part.read(self.subject.control), path)
        except LookupError:
            return False
        value = get(part.read(self._draft()), path)
        return value in (plain, DROP) or await self._breaks_with(part, path, plain)

    async def _prune(self, part: ValuePart, path: Path) -> None:
        value = get(part.read(self._draft()), path)
        # A number has no members, and a part that is absent has none either.
        items = range(len(value)) if isinstance(value, list) else ()
        keys = list(value) if isinstance(value, dict) else items
        # From the last one: the indexes of those that are still to come stay as they are.
        for key in reversed(keys):
            below = (*path, key)
            if not (
                await self._breaks_with(part, below, DROP) or await self._is_plain(part, below)
            ):
                await self._prune(part, below)

    async def _breaks_with(self, part: ValuePart, path: Path, value: Any) -> bool:
        draft = part.write(self._draft(), put(part.read(self._draft()), path, value))
        if draft is None or is_valid(self.subject, draft) is not self.positive:
            return False
        case = self._case(draft)
        if case.request in self.seen or not self._affords(case):
            return False
        self.seen.add(case.request)
        self.sent += 1
        answer = await self.prober.send(case)
        broken = self._broken(case, answer)
        if not broken or broken[0].code != self.failing:
            return False
        self.smallest = case, answer
        return True

    def _draft(self) -> Draft:
        assert self.smallest is not None
        assert self.smallest[0].draft is not None
        return self.smallest[0].draft

    def _broken(self, case: Case, answer: Answer) -> list[Observation]:
        return [one for one in self.prober.observe(case, answer) if one.verdict is Verdict.BROKEN]

    async def _grounded(self, case: Case, draft: Draft) -> Case:
        """The case on its base: a good value that was generated with it may be what is refused."""
        base = mended(self.subject, draft)
        if base == self.subject.control or not is_valid(self.subject, base):
            return case
        await self.prober.is_good(self.subject, base)
        return replace(case, base=base)

    def _affords(self, case: Case) -> bool:
        limit = self.count + self.spare + (SHRINKING if self.failing else 0)
        if not self.prober.budget.affords(case) or self.sent >= limit:
            return False
        unsafe = not is_safe(case.request.method)
        return not (unsafe and self.positive and self.prober.budget.left <= RESERVED)

    def _is_known(self, code: str, answer: Answer) -> bool:
        return any(
            one.operation == self.prober.operation
            and one.observation.code == code
            and one.answer.status == answer.status
            for one in self.prober.ledger.deviations
        )

    def _case(self, draft: Draft) -> Case:
        in_path = draft.segments != self.subject.control.segments
        if self.positive:
            return self.subject.case(
                "property.valid",
                ClauseKind.PROPERTIES,
                "a generated valid request",
                draft,
                expect=Expect.ACCEPTED,
                code=FindingCode.REFUSED_FREE,
                strength=Strength.LENIENT if _leaves_empty(self.subject, draft) else Strength.FREE,
                # What ids look like the contract leaves open.
                open_statuses=UNPROVEN | (VALIDATION if in_path else frozenset()),
                undecided=self.undecided,
            )
        return self.subject.case(
            "property.invalid",
            ClauseKind.PROPERTIES,
            "a generated invalid request",
            draft,
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_INVALID_BODY
            if draft.body is not NOTHING
            else FindingCode.ACCEPTED_INVALID_PARAMETER,
            in_path=in_path,
        )


def _strategy(search: _Search) -> Any:
    """What Hypothesis draws from: Schemathesis' own cases of the operation."""
    import schemathesis

    operation, mode = search.subject.operation, schemathesis.GenerationMode
    schema = schemathesis.openapi.from_dict(document_for(search.subject))
    return schema[operation.path][operation.method].as_strategy(
        generation_mode=mode.POSITIVE if search.positive else mode.NEGATIVE
    )


def _size(case: Case) -> int:
    return len(case.request.body or b"") + len(case.request.target)


def _leaves_empty(subject: Subject, draft: Draft) -> bool:
    """Whether a list of the query is written as nothing."""
    for parameter in subject.operation.parameters:
        way = parameter_codec(subject.contract, subject.operation, parameter)
        with suppress(StyleError, ValueError):
            if is_left_empty(parameter, value_in(draft, parameter, way)):
                return True
    return False


def _generate(
    search: _Search, number: int, wait: Callable[[Coroutine[Any, Any, Any]], Any]
) -> None:
    """Draw cases in a thread of their own: Hypothesis is synchronous."""
    keep_out_of_the_folder(loaded=False)
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import errors as hypothesis_errors
    from hypothesis import seed as seeded

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")

            @seeded(number)
            @settings(
                max_examples=search.count,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
                print_blob=False,
                # Several would come as an ExceptionGroup, which no clause below catches.
                report_multiple_bugs=False,
            )
            @given(_strategy(search))
            def holds(case: Any) -> None:
                assert not search.guarded(lambda: wait(search.breaks(case))), "broken"

            holds()
    except _EndedError:
        raise TimeIsUpError from None
    except (AssertionError, CancelledError, hypothesis_errors.HypothesisException):
        # A fault was found, or the target changes its mind: the property stays as it was seen.
        return
    except Exception as error:
        # Whatever the generator cannot do with a contract is no defect of this kit.
        if search.defect is not None:
            raise
        what = str(error).splitlines()
        search.unmade = f"Schemathesis generates nothing: {what[0] if what else repr(error)}"

"""What a reading after a write shows of what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from conformance.clauses.value_paths import Path
from conformance.http.exchange import Answer
from conformance.http.shown_texts import brief, in_short
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought, found_in, partial
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.judgement.stored_values import (
    StoredOutcome,
    Write,
    agrees,
    stored_outcomes,
    value_at,
)
from conformance.judgement.whole_values import is_same_whole, whole_in
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from spec.model.contract_model import Operation

__all__ = ["GONE", "LOCKED", "Presence", "Reading", "Sighting"]

GONE = (404, 410)
"""Statuses that say that nothing is there."""
LOCKED = (403, 409, 423)
"""What is said of a thing that is used, reserved or locked."""
_FRESH = re.compile(r"max-?age=0*[1-9]", re.I)
"""A `max-age` above 0, and `maxage`, as it is misspelt (RFC 9111 section 5.2.2.1)."""
_MOCK = "x-mock-source"
"""A mock says here where its answer comes from; `state` is what was written to it before."""


class Presence(Enum):
    """Whether an answer shows an item."""

    THERE = "it is shown"
    ABSENT = "it is not there"
    UNSHOWN = "it is not shown, and may be there"
    OPEN = "the answer shows nothing of what is stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one answer shows of an item: its `value`, or `why` it shows none."""

    presence: Presence
    value: Any = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Judges answers of `reader` after a write; `clause` is what they are evidence for.

    `after` names the write and its answer: `POST /things was answered with 201`. `sought` is what
    is looked for in a list; None where the reader GETs the item itself. `value_of` reads a body.
    `narrowed` is why an item may be missing in the list although it is there.
    """

    clause: str
    reader: Operation
    after: str
    sought: Sought | None = None
    narrowed: str = ""
    value_of: Callable[[Answer], Any] = lambda answer: read_json(answer.body).value

    def sighting(self, answer: Answer) -> Sighting:
        """What an answer of the reader shows of the item."""
        if self.sought is None and answer.status in GONE:
            return Sighting(presence=Presence.ABSENT)
        if why := _undecided(answer):
            return Sighting(presence=Presence.OPEN, why=why)
        value = self.value_of(answer)
        if self.sought is None:
            return Sighting(presence=Presence.THERE, value=value)
        item = found_in(value, self.sought)
        if item is not None:
            return Sighting(presence=Presence.THERE, value=item)
        why = partial(self.reader, answer, value) or self.narrowed
        presence = Presence.UNSHOWN if why else Presence.ABSENT
        return Sighting(presence=presence, why=why and f"{self.reader.id} does not show it: {why}")

    def of_new(self, answer: Answer, write: Write) -> Observation:
        """After a POST: it must be there, with what was sent."""
        seen = self.sighting(answer)
        # Read under the id that the answer gave: it was never there, or is gone already.
        if seen.presence is Presence.ABSENT:
            wanted = f"200 with what was created, since {self.after}"
            got = str(answer.status) if self.sought is None else f"{answer.status} without it"
            return self._broken(FindingCode.LOST_CREATION, wanted, got)
        if seen.presence is not Presence.THERE:
            return inconclusive(self.clause, seen.why)
        found = stored_outcomes(write, write.item(seen.value))
        lost = _of(found, StoredOutcome.LOST)
        if not lost:
            return held(self.clause)
        if self.sought is not None and not self.sought.id:
            why = f"{self.reader.id} shows another item with one of the values"
            return inconclusive(self.clause, why)
        level = Level.WARNING if _of(found, StoredOutcome.KEPT) else Level.ERROR
        return self._differs(FindingCode.LOST_CREATION, seen, write, lost, level)

    def of_missing(self, answer: Answer, other: str) -> Observation:
        """What is new: no list shows it, and an `other` answer says that it is not there."""
        wanted = f"200 with what was created, since {self.after}"
        got = f"{answer.status} without it, and {other}"
        return self._broken(FindingCode.LOST_CREATION, wanted, got)

    def unless_absent(
        self, judge: Callable[[Answer], Observation]
    ) -> Callable[[Answer], Observation]:
        """After a PUT that creates: something must be there, which `judge` judges."""

        def judged(answer: Answer) -> Observation:
            if self.sighting(answer).presence is not Presence.ABSENT:
                return judge(answer)
            wanted = f"200 with what was created, since {self.after}"
            return self._broken(FindingCode.LOST_CHANGE, wanted, str(answer.status))

        return judged

    def of_changed(self, answer: Answer, write: Write) -> Observation:
        """After a PUT or PATCH: it must be there as it was sent, and not as before."""
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        seen = self.sighting(answer)
        if self.sought is not None and (seen.presence is not Presence.THERE or not write.before):
            why = seen.why or f"{self.reader.id} did not show it before and after the change"
            return inconclusive(self.clause, why)
        found = stored_outcomes(write, write.item(seen.value))
        lost, kept = _of(found, StoredOutcome.LOST), _of(found, StoredOutcome.KEPT)
        overruled = _of(found, StoredOutcome.OVERRULED)
        if lost:
            level = Level.WARNING if kept else Level.ERROR
            return self._differs(FindingCode.LOST_CHANGE, seen, write, lost, level)
        # The answer itself said that nothing was changed: a true answer, and a change that is lost.
        if overruled and not kept:
            code = FindingCode.LOST_CHANGE
            return self._differs(code, seen, write, overruled, Level.WARNING)
        why = "every value that was sent is like the one before, or cannot be compared with it"
        return held(self.clause) if kept else inconclusive(self.clause, why)

    def of_whole(
        self, answer: Answer, sent: Any, answered: Any, before: Sequence[Answer]
    ) -> Observation:
        """After a PUT of a list, or of an object of any names: all of it must be there."""
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        read = whole_in(self.value_of(answer), sent)
        earlier = [whole_in(self.value_of(one), sent) for one in before if one.status == 200]
        same = None if read is None else is_same_whole(sent, read)
        if same is None or any(is_same_whole(sent, one) for one in earlier):
            why = "what was sent is like what was there before, or cannot be compared with it"
            return inconclusive(self.clause, why)
        if same:
            return held(self.clause)
        # The answer itself said what is there: a true answer, and a change that is lost.
        announced = whole_in(answered, sent) == read
        wanted, got = (brief(json.dumps(one, ensure_ascii=False)) for one in (sent, read))
        return self._broken(
            FindingCode.LOST_CHANGE,
            f"{wanted}, since {self.after}",
            f"200: {got}",
            Level.WARNING if announced else Level.ERROR,
        )

    def of_bytes(self, answer: Answer, sent: bytes, before: Sequence[Answer]) -> Observation:
        """After a PUT of bytes or text: GET must answer the same, and not what was before."""
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        earlier = before[-1].body if before and before[-1].status == 200 else None
        if answer.body == sent and earlier not in (None, sent):
            return held(self.clause)
        if answer.body != earlier or answer.body == sent:
            return inconclusive(self.clause, "GET answers other bytes than those before and sent")
        wanted = f"the {len(sent)} bytes that were sent, since {self.after}"
        got = f"200: the {len(answer.body)} bytes from before"
        return self._broken(FindingCode.LOST_CHANGE, wanted, got)

    def of_deleted(self, answer: Answer, before: Sequence[Answer]) -> Observation:
        """After a DELETE: it must be gone; `before` are two readings of it."""
        seen = self.sighting(answer)
        if seen.presence is Presence.OPEN:
            return inconclusive(self.clause, seen.why)
        # It was shown before: that a list shows it no more is enough.
        if seen.presence is not Presence.THERE:
            return held(self.clause)
        earlier = [self.sighting(one).value for one in before]
        first, second, after = (*earlier, seen.value)
        # The same bytes need no reading: a picture is compared as well.
        same = len({one.body for one in (*before, answer)}) == 1
        if not same and (None in earlier or not agrees(first, second, after)):
            why = "GET answers another body than before the DELETE: it may show what is deleted"
            return inconclusive(self.clause, why)
        return self._still_there(answer, seen)

    def of_failure(self, answer: Answer) -> Observation:
        """What fails since the write, and had not failed before."""
        wanted = f"an answer other than 5xx, since {self.after}"
        return self._broken(FindingCode.SERVER_ERROR, wanted, in_short(answer))

    def _still_there(self, answer: Answer, seen: Sighting) -> Observation:
        if self.sought is not None:
            shown = brief(json.dumps(seen.value, ensure_ascii=False))
            wanted, got = "a list without it", f"{answer.status} with {shown}"
            level = Level.ERROR
        else:
            documented = any(self.reader.response_for(status) for status in GONE)
            level = Level.ERROR if documented else Level.WARNING
            wanted, got = "404 or 410", in_short(answer)
        return self._broken(
            FindingCode.STILL_THERE,
            f"{wanted}, since {self.after}",
            f"{got}, as before the DELETE",
            level,
        )

    def _differs(
        self,
        code: FindingCode,
        seen: Sighting,
        write: Write,
        paths: Sequence[Path],
        level: Level,
    ) -> Observation:
        read = write.item(seen.value)
        wanted = {".".join(map(str, path)): value_at(write.sent, path) for path in paths}
        got = {".".join(map(str, path)): value_at(read, path) for path in paths}
        return self._broken(
            code,
            f"{_values_text(wanted)}, since {self.after}",
            f"200: {_values_text(got)}",
            level,
        )

    def _broken(
        self, code: FindingCode, expected: str, got: str, level: Level = Level.ERROR
    ) -> Observation:
        return broken(self.clause, code, expected=expected, got=got, level=level, cause=code)


def _of(found: Mapping[Path, StoredOutcome], wanted: StoredOutcome) -> list[Path]:
    return [path for path, outcome in found.items() if outcome is wanted]


def _undecided(answer: Answer) -> str:
    """Why an answer shows nothing of what is stored; "" where it does."""
    if answer.status != 200 or not answer.whole:
        return f"GET was answered with {answer.status or answer.detail}"
    # A cache that was asked for fresh data need not have any (RFC 9111 section 5.2.1.4).
    if (answer.header("age") or "0").strip() != "0":
        return "GET was answered from a cache (Age)"
    if _lasts(answer):
        return "GET was answered with what may be a while old (Expires)"
    if _FRESH.search(answer.header("cache-control") or ""):
        return "GET was answered with what may be a while old (Cache-Control: max-age)"
    source = answer.header(_MOCK)
    return "GET was answered by a mock that keeps no state" if source not in (None, "state") else ""


def _lasts(answer: Answer) -> bool:
    """Whether `Expires` lies after `Date` (RFC 9111 section 5.3)."""
    try:
        end, now = (
            parsedate_to_datetime(answer.header(name) or "") for name in ("expires", "date")
        )
        return end > now
    except (TypeError, ValueError):
        return False


def _values_text(values: Mapping[str, Any]) -> str:
    return ", ".join(brief(f"{name}: {value!r}", 80) for name, value in values.items())

"""What a reading after a write shows of what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import Path
from conformance.http.exchange import Answer
from conformance.judgement.json_answers import read_json
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.judgement.stored_values import (
    StoredOutcome,
    Write,
    agrees,
    item_in,
    stored_outcomes,
    value_at,
)
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from spec.model.contract_model import Operation

__all__ = ["Reading", "item_of"]

_GONE = (404, 410)
"""Statuses that say that nothing is there."""
_FRESH = re.compile(r"max-?age=0*[1-9]", re.I)
"""A `max-age` above 0, and `maxage`, as it is misspelt (RFC 9111 section 5.2.2.1)."""
_MOCK = "x-mock-source"
"""A mock says here where its answer comes from; `state` is what was written to it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Judges answers of `reader` after a write; `clause` is what they are evidence for.

    `after` names the write and its answer: `POST /things was answered with 201`.
    """

    clause: str
    reader: Operation
    after: str

    def of_new(self, answer: Answer, write: Write) -> Observation:
        """After a POST: it must be there, with what was sent."""
        # Read under the id that the answer gave: it was never there, or is gone already.
        if answer.status in _GONE:
            wanted = f"200 with what was created, since {self.after}"
            return self._broken(FindingCode.LOST_CREATION, wanted, str(answer.status))
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        found = stored_outcomes(write, item_of(answer, write.names))
        lost = _of(found, StoredOutcome.LOST)
        if not lost:
            return held(self.clause)
        level = Level.WARNING if _of(found, StoredOutcome.KEPT) else Level.ERROR
        return self._differs(FindingCode.LOST_CREATION, answer, write, lost, level)

    def of_changed(self, answer: Answer, write: Write) -> Observation:
        """After a PUT or PATCH: it must be there as it was sent, and not as before."""
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        found = stored_outcomes(write, item_of(answer, write.names))
        lost, kept = _of(found, StoredOutcome.LOST), _of(found, StoredOutcome.KEPT)
        overruled = _of(found, StoredOutcome.OVERRULED)
        if lost:
            level = Level.WARNING if kept else Level.ERROR
            return self._differs(FindingCode.LOST_CHANGE, answer, write, lost, level)
        # The answer itself said that nothing was changed: a true answer, and a change that is lost.
        if overruled and not kept:
            code = FindingCode.LOST_CHANGE
            return self._differs(code, answer, write, overruled, Level.WARNING)
        why = "every value that was sent is like the one before, or cannot be compared with it"
        return held(self.clause) if kept else inconclusive(self.clause, why)

    def of_deleted(self, answer: Answer, before: Sequence[Answer]) -> Observation:
        """After a DELETE: it must be gone; `before` are two readings of it."""
        if answer.status in _GONE:
            return held(self.clause)
        if why := _undecided(answer):
            return inconclusive(self.clause, why)
        first, second, after = (read_json(one.body).value for one in (*before, answer))
        unread = None in (first, second)
        # The same bytes need no reading: a picture is compared as well.
        bodies = {one.body for one in (*before, answer)}
        if len(bodies) > 1 and (unread or not agrees(first, second, after)):
            why = "GET answers another body than before the DELETE: it may show what is deleted"
            return inconclusive(self.clause, why)
        documented = any(self.reader.response_for(status) for status in _GONE)
        return self._broken(
            FindingCode.STILL_THERE,
            f"404 or 410, since {self.after}",
            f"{_answer_summary(answer)}, as before the DELETE",
            Level.ERROR if documented else Level.WARNING,
        )

    def _differs(
        self,
        code: FindingCode,
        answer: Answer,
        write: Write,
        paths: Sequence[Path],
        level: Level,
    ) -> Observation:
        read = item_of(answer, write.names)
        wanted = {".".join(map(str, path)): value_at(write.sent, path) for path in paths}
        got = {".".join(map(str, path)): value_at(read, path) for path in paths}
        return self._broken(
            code,
            f"{_values_text(wanted)}, since {self.after}",
            f"{answer.status}: {_values_text(got)}",
            level,
        )

    def _broken(
        self, code: FindingCode, expected: str, got: str, level: Level = Level.ERROR
    ) -> Observation:
        return broken(self.clause, code, expected=expected, got=got, level=level, cause=code)


def item_of(answer: Answer, names: Mapping[str, SchemaNode]) -> Mapping[str, Any]:
    """The item that an answer shows; empty where its body is none that can be read."""
    return item_in(read_json(answer.body).value, names)


def _of(found: Mapping[Path, StoredOutcome], wanted: StoredOutcome) -> list[Path]:
    return [path for path, outcome in found.items() if outcome is wanted]


def _undecided(answer: Answer) -> str:
    """Why an answer shows nothing of what is stored; "" where it does."""
    if answer.status != 200 or not answer.whole:
        return f"GET was answered with {answer.status or answer.detail}"
    # A cache that was asked for fresh data need not have any (RFC 9111 section 5.2.1.4).
    if (answer.header("age") or "0").strip() != "0":
        return "GET was answered from a cache (Age)"
    if _FRESH.search(answer.header("cache-control") or ""):
        return "GET was answered with what may be a while old (Cache-Control: max-age)"
    source = answer.header(_MOCK)
    return "GET was answered by a mock that keeps no state" if source not in (None, "state") else ""


def _answer_summary(answer: Answer) -> str:
    text = answer.body[:160].decode("utf-8", "replace").strip().replace("\n", " ")
    return f"{answer.status}: {text}" if text else str(answer.status)


def _values_text(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value!r}"[:80] for name, value in values.items())

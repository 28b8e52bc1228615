"""Whom a change of a contract reaches, by the requests that callers were recorded to send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance.clauses import derive
from conformance.clauses.ids import clause_id, local_part
from conformance.http.exchange import Request
from conformance.http.redaction import Redactor
from conformance.messages.operation_finder import operations_of
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.traffic.credentials import without_credentials
from conformance.traffic.exchanges import Seen, whole_or_not
from conformance.traffic.request_faults import request_faults
from spec import Contract
from spec.text import json_text
from spec.text.json_text import UnreadableError
from spec.text.secrets import masked, masked_text

__all__ = ["Callers", "graded"]

_MOST = 2000
"""Different requests of an operation that are kept; the others are counted."""
_GONE = ""
"""In the place of a clause: that no operation is meant any more."""


@dataclass(slots=True, kw_only=True)
class _Calls:
    """What was sent to one operation: different requests with their numbers, and the statuses."""

    requests: dict[Request, int] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    count: int = 0


@dataclass(slots=True)
class Callers:
    """The recorded requests that the contract before a change allows, by operation."""

    before: Contract
    calls: dict[str, _Calls] = field(default_factory=dict)

    def add(self, recorded: Seen) -> None:
        """Take in one exchange; what was no request of this contract is left out."""
        schemes = self.before.security_schemes.values()
        named = [one.parameter for one in schemes if one.parameter]
        seen = without_credentials(whole_or_not(recorded), named)
        found = operations_of(self.before).find(seen.request)
        if found is None or not seen.body_known:
            return
        if request_faults(self.before, found[0], seen.request):
            return
        calls = self.calls.setdefault(found[0].id, _Calls())
        calls.count += 1
        calls.statuses[seen.answer.status] += 1
        request = replace(seen.request, headers=_telling(seen.request))
        if request in calls.requests or len(calls.requests) < _MOST:
            calls.requests[request] = calls.requests.get(request, 0) + 1

    @property
    def count(self) -> int:
        """All that were taken in."""
        return sum(one.count for one in self.calls.values())


def _telling(request: Request) -> tuple[tuple[str, str], ...]:
    """The headers without those that browsers and proxies add of themselves."""
    noise = ("sec-", "user-agent", "accept-", "connection", "host", "referer", "origin")
    return tuple(pair for pair in request.headers if not pair[0].lower().startswith(noise))


def graded(
    found: Iterable[Finding], callers: Callers, after: Contract, shown: Redactor
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings of a comparison, each error by whom it reaches, and what must be said of them.

    An error that reaches a recorded request has it as its witness. One that reaches none of those
    that were recorded is a warning. What no request can tell stays as it is. `shown` makes requests
    fit for a report.
    """
    if not callers.count:
        remark = "no recorded request is one that the contract before allows: nothing is graded"
        return tuple(found), (remark,)
    grading = _Grading(callers, after, shown)
    findings = tuple(grading.graded(one) for one in found)
    remark = (
        f"errors are graded by {callers.count} recorded requests; what nobody has recorded may "
        "still be sent"
    )
    return findings, (remark,)


@dataclass
class _Grading:
    callers: Callers
    after: Contract
    shown: Redactor

    @cached_property
    def pointers(self) -> Mapping[str, str]:
        """Where each clause of the new contract stands."""
        return {clause.id: clause.pointer for clause in derive(self.after)}

    @cached_property
    def refused(self) -> Mapping[str, Mapping[Request, frozenset[str]]]:
        """Each recorded request that the new contract refuses, with the clauses it breaks."""
        return {
            name: {one: why for one in calls.requests if (why := self._why(one))}
            for name, calls in self.callers.calls.items()
        }

    def _why(self, request: Request) -> frozenset[str]:
        found = operations_of(self.after).find(request)
        if found is None:
            return frozenset({_GONE})
        faults = request_faults(self.after, found[0], request)
        return frozenset(local_part(one.clause) for one in faults)

    def graded(self, finding: Finding) -> Finding:
        if finding.level is not Level.ERROR:
            return finding
        if finding.witness and "response" in finding.witness:
            return self._titled(finding, [self._of_answers(one) for one in finding.places])
        wanted = self._wanted(finding.first)
        return self._titled(finding, [self._of_requests(one, wanted) for one in finding.places])

    def _wanted(self, place: FindingPlace) -> frozenset[str]:
        """The clauses by which the witness is refused, those at the change before all others."""
        if place.request is None:
            return frozenset()
        url = urlsplit(place.request.url)
        request = Request(
            method=place.request.method,
            target=f"{url.path}{'?' if url.query else ''}{url.query}",
            headers=place.request.headers,
            body=None if place.request.body is None else place.request.body.encode(),
        )
        why = self._why(request)
        at = {
            one
            for one in why
            if self.pointers.get(clause_id(place.operation, one)) == place.pointer
        }
        return frozenset(at) or (why if len(why) == 1 else frozenset())

    def _of_requests(self, place: FindingPlace, wanted: frozenset[str]) -> FindingPlace:
        calls = self.callers.calls.get(place.operation)
        if calls is None:
            return _unreached(place, 0)
        reached = [one for one, why in self.refused[place.operation].items() if why & wanted]
        if not wanted:
            return replace(place, witness=_told(place, calls.count, None))
        if not reached:
            return _unreached(place, calls.count)
        count = sum(calls.requests[one] for one in reached)
        smallest = min(reached, key=lambda one: len(one.target) + len(one.body or b""))
        return replace(
            place,
            request=self.shown.request(_masked(smallest)),
            curl=self.shown.curl(_masked(smallest)),
            occurrences=count,
            witness=_told(place, calls.count, count),
        )

    def _of_answers(self, place: FindingPlace) -> FindingPlace:
        """What an answer may be from now on reaches everybody who gets one."""
        calls = self.callers.calls.get(place.operation)
        return (
            _unreached(place, 0)
            if calls is None
            else replace(place, witness=_told(place, calls.count, calls.count))
        )

    def _titled(self, finding: Finding, places: list[FindingPlace]) -> Finding:
        title = f"{finding.title}; {_summary(places)}"
        return replace(finding, title=title, places=tuple(places))


def _unreached(place: FindingPlace, recorded: int) -> FindingPlace:
    return replace(place, level=Level.WARNING, witness=_told(place, recorded, 0))


def _told(place: FindingPlace, recorded: int, reached: int | None) -> Mapping[str, Any]:
    """The witness with how many recorded requests there are, and how many the change reaches."""
    return {**(place.witness or {}), "callers": {"recorded": recorded, "reached": reached}}


def _summary(places: Iterable[FindingPlace]) -> str:
    counted = [(one.witness or {})["callers"] for one in places]
    recorded = sum(one["recorded"] for one in counted)
    if not recorded:
        return "no recorded request is of it"
    if any(one["reached"] is None for one in counted):
        return f"{recorded} recorded requests are of it"
    reached = sum(one["reached"] for one in counted)
    return f"it reaches {reached or 'none'} of {recorded} recorded requests"


def _masked(request: Request) -> Request:
    """The request without the credentials that its body may have under telling names."""
    if request.body is None:
        return request
    text = request.body.decode("utf-8", "replace")
    try:
        return replace(request, body=json_text.write(masked(json_text.read(request.body))))
    except UnreadableError:
        return replace(request, body=masked_text(text).encode())

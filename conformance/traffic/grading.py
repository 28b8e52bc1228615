"""Whom a change of a contract reaches, by what callers were recorded to send and to get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance.clauses import derive
from conformance.clauses.ids import clause_id, local_part
from conformance.http.exchange import Request
from conformance.http.redaction import Redactor
from conformance.judgement.dropped import Content
from conformance.messages.operation_finder import operations_of
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.traffic.callers import Callers
from conformance.traffic.request_faults import request_faults
from spec import Contract
from spec.model.short_texts import plural
from spec.text import json_text
from spec.text.json_text import UnreadableError
from spec.text.secrets import masked, masked_text

__all__ = ["graded"]

_GONE = ""
"""In the place of a clause: that no operation is meant any more."""


def graded(
    found: Iterable[Finding], callers: Callers, after: Contract, shown: Redactor
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings of a comparison, each error by whom it reaches, and what must be said of them.

    An error that reaches a recorded request has it as its witness. One that reaches none of those
    that were recorded is a warning. What no exchange can tell stays as it is, as do changes of
    answers where only requests are known. `shown` makes requests fit for a report.
    """
    if not callers.count:
        remark = "no recorded request is one that the contract before allows: nothing is graded"
        return tuple(found), (remark,)
    grading = _Grading(callers, after, shown)
    findings = tuple(grading.graded(one) for one in found)
    remark = (
        f"errors are graded by {plural(callers.count, 'recorded request')}; what nobody has "
        "recorded may still be sent"
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
            if not any(one.answers for one in self.callers.calls.values()):
                return finding
            dropping = self.callers.dropping
            dropped = dropping.dropped(finding)
            if dropped is not None and not dropping.is_counted(dropped):
                dropped = None  # nobody is known to be spared
            return self._titled(finding, [self._of_answers(one, dropped) for one in finding.places])
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
            return replace(place, witness=_with_callers(place, calls.count, None))
        if not reached:
            return _unreached(place, calls.count)
        count = sum(calls.requests[one] for one in reached)
        told = _with_callers(place, calls.count, count)
        return self._witnessed(replace(place, occurrences=count, witness=told), reached)

    def _of_answers(self, place: FindingPlace, dropped: Content | None) -> FindingPlace:
        """It reaches who got what the change takes away."""
        calls = self.callers.calls.get(place.operation)
        if calls is None or not calls.answers:
            return _unreached(place, 0)
        reached = None if dropped is None else calls.reached(dropped)
        if reached == 0:
            return _unreached(place, calls.answers)
        told = replace(place, witness=_with_callers(place, calls.answers, reached))
        return self._witnessed(told, calls.requests)

    def _witnessed(self, place: FindingPlace, requests: Iterable[Request]) -> FindingPlace:
        """The place with the smallest recorded request that it concerns."""
        smallest = min(requests, key=lambda one: len(one.target) + len(one.body or b""))
        fit = _masked(smallest)
        return replace(place, request=self.shown.request(fit), curl=self.shown.curl(fit))

    def _titled(self, finding: Finding, places: list[FindingPlace]) -> Finding:
        title = f"{finding.title}; {_summary(places)}"
        return replace(finding, title=title, places=tuple(places))


def _unreached(place: FindingPlace, recorded: int) -> FindingPlace:
    return replace(place, level=Level.WARNING, witness=_with_callers(place, recorded, 0))


def _with_callers(place: FindingPlace, recorded: int, reached: int | None) -> Mapping[str, Any]:
    """The witness with how many recorded requests there are, and how many the change reaches."""
    return {**(place.witness or {}), "callers": {"recorded": recorded, "reached": reached}}


def _summary(places: Iterable[FindingPlace]) -> str:
    counted = [(one.witness or {})["callers"] for one in places]
    recorded = sum(one["recorded"] for one in counted)
    if not recorded:
        return "no recorded request is of it"
    if any(one["reached"] is None for one in counted):
        return f"it has {plural(recorded, 'recorded request')}"
    reached = sum(one["reached"] for one in counted)
    return f"it reaches {reached or 'none'} of {plural(recorded, 'recorded request')}"


def _masked(request: Request) -> Request:
    """The request without the credentials that its body may have under telling names."""
    if request.body is None:
        return request
    text = request.body.decode("utf-8", "replace")
    try:
        return replace(request, body=json_text.write(masked(json_text.read(request.body))))
    except UnreadableError:
        return replace(request, body=masked_text(text).encode())

"""A report whose sentences quote no secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from conformance.http.exchange import Headers
from conformance.http.redaction import Redactor
from conformance.http.reported import ReportedExchange
from conformance.report.findings import Report

__all__ = ["redacted"]


def redacted(report: Report, redactor: Redactor) -> Report:
    """The report with no secret in what it says of itself, and of its clauses.

    Its findings and exchanges are redacted where they are made, with the requests and answers. An
    exchange may quote what a later answer has handed out.
    """
    told, hidden = cache(redactor.sentence), cache(redactor.text)
    return replace(
        report,
        exchanges=tuple(_without_secrets(one, hidden) for one in report.exchanges),
        alert=told(report.alert),
        remarks=tuple(map(told, report.remarks)),
        doubts=tuple(
            replace(one, text=told(one.text), operations=tuple(map(told, one.operations)))
            for one in report.doubts
        ),
        listings=tuple(
            replace(one, operations={told(name): n for name, n in one.operations.items()})
            for one in report.listings
        ),
        clauses=tuple(
            one
            if (told(one.why), told(one.unsent)) == (one.why, one.unsent)
            else replace(one, why=told(one.why), unsent=told(one.unsent))
            for one in report.clauses
        ),
    )


def _without_secrets(one: ReportedExchange, hidden: Callable[[str], str]) -> ReportedExchange:
    def of_headers(headers: Headers) -> Headers:
        return tuple((name, hidden(value)) for name, value in headers)

    def of_body(body: str | None) -> str | None:
        return body and hidden(body)

    request, response = one.request, one.response
    return replace(
        one,
        request=replace(
            request,
            url=hidden(request.url),
            headers=of_headers(request.headers),
            body=of_body(request.body),
        ),
        response=response
        and replace(response, headers=of_headers(response.headers), body=of_body(response.body)),
    )

"""Everything that was sent, as an HTTP Archive 1.2 that browsers' developer tools open."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import harfile

from conformance.http.reported import ReportedExchange, ReportedRequest, ReportedResponse
from conformance.report.findings import Report

__all__ = ["as_har"]


def as_har(report: Report) -> str:
    """The report's exchanges as HAR text; each entry's comment names the clauses it judged."""
    text = io.StringIO()
    creator = harfile.Creator(name="conformance", version=str(report.version))
    with harfile.HarFile.open(text, creator=creator) as archive:
        for exchange in report.exchanges:
            _add(archive, exchange)
    return text.getvalue()


def _add(archive: harfile.HarFile, exchange: ReportedExchange) -> None:
    milliseconds = round(exchange.seconds * 1000, 3)
    archive.add_entry(
        startedDateTime=datetime.fromtimestamp(exchange.started, UTC),
        time=milliseconds,
        request=_request(exchange.request),
        response=_response(exchange.response),
        # HAR 1.2 requires all three; how the time divides was not measured.
        timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
        comment=", ".join(exchange.clauses) or None,
    )


def _records(pairs: tuple[tuple[str, str], ...]) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in pairs]


def _header_value(headers: tuple[tuple[str, str], ...], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _request(request: ReportedRequest) -> harfile.Request:
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    data = None
    if request.body is not None:
        media_type = _header_value(request.headers, "content-type")
        data = harfile.PostData(mimeType=media_type, text=request.body)
    return harfile.Request(
        method=request.method,
        url=request.url,
        httpVersion="HTTP/1.1",
        headers=_records(request.headers),
        queryString=[harfile.Record(name=name, value=value) for name, value in query],
        postData=data,
        bodySize=len((request.body or "").encode("utf-8", "surrogatepass")),
    )


def _response(response: ReportedResponse | None) -> harfile.Response:
    """An answer that never came has status 0, as browsers write it."""
    if response is None:
        return harfile.Response(status=0, statusText="", httpVersion="")
    body = response.body or ""
    return harfile.Response(
        status=response.status,
        statusText=_phrase(response.status),
        httpVersion="HTTP/1.1",
        headers=_records(response.headers),
        redirectURL=_header_value(response.headers, "location"),
        content=harfile.Content(
            size=len(body.encode("utf-8", "surrogatepass")),
            mimeType=_header_value(response.headers, "content-type"),
            text=body,
        ),
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

"""The terminal output of the mock: start page, one line for each request, results of reloads."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mock_server.command.output import Output
from mock_server.model.mock_settings import AuthMode, Settings
from mock_server.model.request import Exchange
from spec import Contract, Response

if TYPE_CHECKING:
    from mock_server.http.protocol import Refusal

__all__ = [
    "Console",
    "ConsoleHandler",
    "LogFormat",
    "StartPage",
    "json_line",
    "left_out_line",
    "printable",
    "request_line",
    "start_lines",
]

LogFormat: TypeAlias = Literal["pretty", "json"]

_ROWS = 60
"""Operations, and things not served, that the start page shows; it says how many more there are."""
_LONGEST = 300
"""Characters of a path or a reason that a line shows."""
_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_CREDENTIALS: dict[AuthMode, str] = {
    "any": "any well-formed credential of the declared scheme",
    "token": "the tokens that --auth names, and no other",
    "jwt": "JWTs that --jwt-secret signed and that have not expired",
    "off": "no credential is needed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """What a start tells. `unserved` is a sentence for each thing that cannot be served."""

    url: str
    contracts: Sequence[Contract]
    overlays: Sequence[Path | None]
    settings: Settings = field(default_factory=Settings)
    unserved: Sequence[str] = ()
    notes: Sequence[str] = ()


class Console:
    """The one place that the mock speaks from.

    `worker` is the number of this process among several, and 0 where there is one. A quiet console
    says nothing but errors, which go to `errors`.
    """

    def __init__(
        self,
        output: Output,
        errors: Output,
        *,
        log_format: LogFormat = "pretty",
        colour: bool = False,
        quiet: bool = False,
    ) -> None:
        self._output, self._errors = output, errors
        self._json, self._quiet = log_format == "json", quiet
        self._colour = colour
        self.worker = 0

    def named(self, page: StartPage) -> None:
        """Show the first line alone."""
        if self._json:
            self._record(self._output, "listening", url=page.url)
        else:
            self._output.line(next(start_lines(page, colour=self._colour)))

    def started(self, page: StartPage) -> None:
        """Show the start page; its first line names the URL."""
        if self._json:
            self._record(self._output, "listening", **_start_record(page))
            for sentence in page.unserved:
                self._record(self._output, "unserved", message=sentence)
            return
        for line in start_lines(page, colour=self._colour):
            self._output.line(line)

    def answered(self, exchange: Exchange) -> None:
        """Show one request and its answer."""
        if self._json:
            self._record(self._output, "request", **_request_record(exchange))
        else:
            line = request_line(exchange, colour=self._colour)
            self._output.line(f"[{self.worker}] {line}" if self.worker else line)

    def refused(self, refusal: Refusal) -> None:
        """Show what was answered before it became a request."""
        self.answered(
            Exchange(
                method=refusal.method,
                path=refusal.path,
                status=refusal.status,
                source="",
                milliseconds=0.0,
                reason=refusal.reason,
            )
        )

    def noted(self, event: str, message: str) -> None:
        """Show something worth knowing; `event` names it for machines."""
        if self._quiet:
            return
        if self._json:
            self._record(self._output, event, message=message)
        else:
            self._output.line(_paint(printable(message), "cyan", self._colour))

    def failed(self, event: str, message: str) -> None:
        """Show an error, a quiet console included."""
        if self._json:
            self._record(self._errors, event, message=message)
        else:
            for line in message.splitlines():
                self._errors.line(_paint(printable(line), "red", self._colour))

    async def resume(self) -> None:
        """Write what found no room before there was an event loop to wait in."""
        self._output.flush()
        self._errors.flush()

    def finish(self) -> None:
        """Write what waits for a slow reader, before the process ends."""
        self._output.finish()
        self._errors.finish()

    def _record(self, output: Output, event: str, **data: Any) -> None:
        worker = {"worker": self.worker} if self.worker else {}
        output.line(json_line(event, **worker, **data))


class ConsoleHandler(logging.Handler):
    """Sends what libraries log to a console, so that it neither gets lost nor tears lines apart."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record; a task that was cancelled at the end is no news."""
        problem = record.exc_info[1] if record.exc_info else None
        if not isinstance(problem, asyncio.CancelledError):
            self._console.failed("log", self.format(record))


def json_line(event: str, **data: Any) -> str:
    """One line for machines; `event` says what the other members are about."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "event": event, **data})


def left_out_line(number: int) -> str:
    """The line for machines that stands for lines for which there was no room."""
    return json_line("left-out", lines=number, message="nobody was reading")


def printable(text: str) -> str:
    """The text with everything that could move the cursor, or forge a line, escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def request_line(exchange: Exchange, *, colour: bool = False) -> str:
    """One line for people: method, path, status, source, milliseconds, and why it was refused."""
    hue = "green" if exchange.status < 400 else "yellow" if exchange.status < 500 else "red"
    line = (
        f"{printable(exchange.method):<7} {_shortened(exchange.path)}"
        f"  {_paint(str(exchange.status), hue, colour)}"
        f"  {_paint(printable(exchange.source) or '-', 'dim', colour)}"
        f"  {exchange.milliseconds:.1f} ms"
    )
    return f"{line}  {_shortened(exchange.reason)}" if exchange.reason else line


def start_lines(page: StartPage, *, colour: bool = False) -> Iterator[str]:
    """The start page, line by line."""
    yield f"Mock server on {_paint(page.url, 'bold', colour)}"
    for one in page.contracts:
        yield printable(f"{one.title} {one.version} (OpenAPI {one.openapi})")
    yield ""
    yield from _operation_table(page.contracts, colour)
    yield ""
    yield f"Docs      {page.url}/__mock/docs"
    for one, overlay in zip(page.contracts, page.overlays, strict=True):
        yield f"Contract  {one.file}"
        yield f"Overlay   {overlay or 'none'}"
    yield f"Answers   {_answers(page.settings)}"
    yield f"Auth      {_CREDENTIALS[page.settings.auth.mode]}"
    if unsent := _unsent(page.contracts):
        yield f"Not sent  {printable(unsent)}: the mock sends no requests of its own"
    yield from page.notes
    if page.unserved:
        yield ""
        yield _paint("Not served as the contract says:", "yellow", colour)
        for sentence in page.unserved[:_ROWS]:
            yield f"  {printable(sentence)}"
        if (rest := len(page.unserved) - _ROWS) > 0:
            yield f"  and {rest} more; --log-format json lists them all"
    yield ""


def _unsent(contracts: Sequence[Contract]) -> str:
    """The webhooks and callbacks, which the API would send itself, by number."""
    written = [one.find(operation.pointer) for one in contracts for operation in one.operations]
    counts = {
        "webhook": sum(_members(one.document, "webhooks") for one in contracts),
        "callback": sum(_members(one, "callbacks") for one in written),
    }
    return ", ".join(f"{n} {name}{'s' * (n > 1)}" for name, n in counts.items() if n)


def _members(holder: Any, key: str) -> int:
    found = holder.get(key) if isinstance(holder, Mapping) else None
    return len(found) if isinstance(found, Mapping) else 0


def _operation_table(contracts: Sequence[Contract], colour: bool) -> Iterator[str]:
    """Of several contracts, the paths have that of their server, where alone they are served."""
    operations = [one for contract in contracts for one in contract.operations]
    several = len(contracts) > 1
    shown = [(one, f"{several * one.base_paths[0]}{one.path}") for one in operations[:_ROWS]]
    widest = max((len(printable(path)) for _, path in shown), default=0)
    for operation, path in shown:
        method = _paint(f"{operation.method:<7}", "cyan", colour)
        path = printable(path).ljust(min(widest, 60))
        yield f"  {method} {path}  {' '.join(map(_statuses, operation.responses))}".rstrip()
    if not operations:
        yield f"  The contract{'s have' if several else ' has'} no operations."
    if rest := len(operations) - len(shown):
        yield f"  and {rest} more; the documentation page lists them all"


def _statuses(response: Response) -> str:
    """A status with the names that can be wished for: `200 (one, several)`."""
    content = response.content or response.mock_content
    examples = (example for media_type in content for example in media_type.examples)
    names = list(dict.fromkeys(example.name for example in examples if example.name))
    if not names:
        return response.status
    more = ", …" if len(names) > 4 else ""
    return f"{response.status} ({printable(', '.join(islice(names, 4)))}{more})"


def _answers(settings: Settings) -> str:
    seed = "" if settings.seed is None else f" (seed {settings.seed})"
    if settings.dynamic:
        return f"values generated from the schema; examples are not used{seed}"
    return f"examples; where there is none, values generated from the schema{seed}"


def _start_record(page: StartPage) -> dict[str, Any]:
    every = [
        {
            "title": one.title,
            "version": one.version,
            "contract": one.file,
            "overlay": str(overlay) if overlay else None,
            "operations": len(one.operations),
        }
        for one, overlay in zip(page.contracts, page.overlays, strict=True)
    ]
    return {
        "url": page.url,
        "docs": f"{page.url}/__mock/docs",
        **every[0],
        "operations": sum(len(one.operations) for one in page.contracts),
        **({"contracts": every} if len(every) > 1 else {}),
        "unserved": len(page.unserved),
    }


def _request_record(exchange: Exchange) -> dict[str, Any]:
    return {
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "source": exchange.source,
        "milliseconds": round(exchange.milliseconds, 3),
        "reason": exchange.reason,
        "operation": exchange.operation,
    }


def _shortened(text: str) -> str:
    return printable(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _paint(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if wanted else text

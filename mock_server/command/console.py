"""The terminal output of the mock: start page, one line for each request, results of reloads."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mock_server.command.log_lines import (
    json_line,
    paint,
    printable,
    request_line,
    request_record,
)
from mock_server.command.output import Output
from mock_server.command.start_page import StartPage, start_lines, start_record
from mock_server.model.request import Exchange

if TYPE_CHECKING:
    from mock_server.http.protocol import Refusal

__all__ = ["Console", "ConsoleHandler", "LogFormat"]

LogFormat: TypeAlias = Literal["pretty", "json"]


class Console:
    """Writes everything that the mock prints.

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
            self._record(self._output, "listening", **start_record(page))
            for sentence in page.unserved:
                self._record(self._output, "unserved", message=sentence)
            return
        for line in start_lines(page, colour=self._colour):
            self._output.line(line)

    def answered(self, exchange: Exchange) -> None:
        """Show one request and its answer."""
        if self._json:
            self._record(self._output, "request", **request_record(exchange))
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
            self._output.line(paint(printable(message), "cyan", self._colour))

    def failed(self, event: str, message: str) -> None:
        """Show an error, a quiet console included."""
        if self._json:
            self._record(self._errors, event, message=message)
        else:
            for line in message.splitlines():
                self._errors.line(paint(printable(line), "red", self._colour))

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

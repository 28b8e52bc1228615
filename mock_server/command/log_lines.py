"""One line of the log: for people, with colour and nothing that could forge a line, or as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from mock_server.model.request import Exchange

__all__ = ["json_line", "left_out_line", "paint", "printable", "request_line", "request_record"]

_LONGEST = 300
"""Characters of a path or a reason that a line shows."""
_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
"""The parameters of SGR, which sets how a terminal shows text (ECMA-48 section 8.3.117)."""


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
        f"  {paint(str(exchange.status), hue, colour)}"
        f"  {paint(printable(exchange.source) or '-', 'dim', colour)}"
        f"  {exchange.milliseconds:.1f} ms"
    )
    return f"{line}  {_shortened(exchange.reason)}" if exchange.reason else line


def request_record(exchange: Exchange) -> dict[str, Any]:
    """An exchange as one record of the JSON log; times in milliseconds."""
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


def paint(text: str, colour: str, wanted: bool) -> str:
    """The text in a colour of the terminal (ECMA-48), where colours are `wanted`."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if wanted else text

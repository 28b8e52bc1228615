"""Whether a removal was announced, and the day that was named is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["Announcements", "day"]

SUNSET = ("x-sunset", "x-sunset-date", "sunset", "Sunset")
"""Where a contract writes the date of RFC 8594's Sunset header."""
SINCE = ("x-deprecated-since", "x-deprecated-at", "x-deprecation", "x-deprecation-date")
"""Where it writes the date of RFC 9745's Deprecation header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What makes a removal an announced one.

    `days` is for what has no date of its own: so many days after the day from which it is
    deprecated it may go, and with 0 at once. None wants a date.
    """

    today: date = field(default_factory=date.today)
    days: int | None = None

    def over(self, written: Any) -> str:
        """Why an operation, parameter or property that is `written` so may go; "" where not."""
        if not isinstance(written, Mapping) or written.get("deprecated") is not True:
            return ""
        end = _first(written, SUNSET)
        if end is not None:
            # On the day itself it is still there: RFC 8594 names the point after which it may go.
            return f"deprecated until {end}" if end < self.today else ""
        if self.days is None:
            return ""
        since = _first(written, SINCE)
        if self.days == 0:
            return "deprecated"
        if since is not None and since + timedelta(days=self.days) < self.today:
            return f"deprecated since {since}, longer than {self.days} days"
        return ""


def _first(written: Mapping[str, Any], names: tuple[str, ...]) -> date | None:
    return next((found for name in names if (found := day(written.get(name)))), None)


def day(value: Any) -> date | None:
    """The day that a contract writes as a date, a date-time, an HTTP date or RFC 9745's `@…`."""
    if isinstance(value, datetime | date):
        return value.date() if isinstance(value, datetime) else value
    text = str(value or "").strip()
    try:
        # RFC 9745, section 2.1: a Date of Structured Fields, in seconds since 1970.
        if text.startswith("@"):
            return datetime.fromtimestamp(int(text[1:]), UTC).date()
        return datetime.fromisoformat(text).date()
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError):
        return None

"""The journal of a running mock with an upstream, exchange by exchange."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from conformance.http.exchange import Answer, Request
from conformance.traffic.exchanges import Seen

__all__ = ["UPSTREAM", "FollowError", "follow", "journal_exchange"]

UPSTREAM = "upstream"
"""The source of an answer that a deployment behind the mock has given."""
_PAUSE = 0.5
"""Seconds between two looks at a file that is followed."""
_MOST = 1000
"""Entries of one answer; the mock's journal holds no more."""
_CUT = " bytes)"
"""How the mock's journal ends a body that it has cut."""


class FollowError(ValueError):
    """A mock that cannot be followed: which one, and why."""


def follow(
    url: str,
    token: str = "",
    until: float = float("inf"),
    on_lost: Callable[[], None] = lambda: None,
) -> Iterator[tuple[str, Seen]]:
    """The exchanges of a mock's journal with the source of their answers, until a time.

    A mock that is restarted is followed on, as soon as it answers again.

    Args:
        url: the mock's.
        token: what `--admin-token` asks for on another machine.
        until: what `time.monotonic()` says at the end.
        on_lost: called when a mock that has answered cannot be reached any more.

    Raises:
        FollowError: it is no mock, or refuses to show its journal.
    """
    headers = {"authorization": f"Bearer {token}"} if token else {}
    base = f"{url.rstrip('/')}/__mock/requests"
    with httpx2.Client(headers=headers, trust_env=False, timeout=10) as client:
        journal, is_lost = _Journal(client, base), False
        journal.probe()
        while True:
            found = False
            try:
                for exchange in journal.news():
                    found = True
                    yield exchange
                is_lost = False
            except httpx2.TransportError:
                if not is_lost:
                    on_lost()
                is_lost = True
            if time.monotonic() >= until:
                return
            if not found:
                time.sleep(max(min(_PAUSE, until - time.monotonic()), 0))


@dataclass(slots=True)
class _Journal:
    """The journal of a mock, and the last entry that was read: its id, and when it was written."""

    client: httpx2.Client
    base: str
    since: int = 0
    at: str = ""

    def probe(self) -> None:
        """Raise FollowError where there is no journal, or nobody."""
        try:
            self._answer_to("?limit=1")
        except httpx2.TransportError as error:
            raise FollowError(f"--follow: {self.base} cannot be read: {error}") from None

    def news(self) -> Iterator[tuple[str, Seen]]:
        """What was written since the last time; raises TransportError where nobody answers."""
        # The last known entry comes along, so that another journal with the same ids is noticed.
        entries = self._answer_to(f"?since={max(self.since - 1, 0)}&limit={_MOST}")
        if self._is_another(entries):
            self.since = 0
            entries = self._answer_to(f"?since=0&limit={_MOST}")
        for entry in reversed(entries):
            if int(entry["id"]) <= self.since:
                continue
            whole = self._answer_to(f"/{entry['id']}", or_none=True)
            self.since, self.at = int(entry["id"]), str(entry["at"])
            if whole is not None:
                yield str(entry["source"]), journal_exchange(whole)

    def _is_another(self, entries: list[Any]) -> bool:
        """Whether the mock was started anew: ids begin at 1 again."""
        if not self.since:
            return False
        if entries:
            known = next((one for one in entries if int(one["id"]) == self.since), None)
            return known is not None and str(known["at"]) != self.at
        newest = self._answer_to("?limit=1")
        return bool(newest) and int(newest[0]["id"]) < self.since

    def _answer_to(self, path: str, *, or_none: bool = False) -> Any:
        """What the mock says. With `or_none`, an entry that is gone by now is None."""
        url = f"{self.base}{path}"
        try:
            answer = self.client.get(url)
            if or_none and answer.status_code == 404:
                return None
            answer.raise_for_status()
            return answer.json()
        except httpx2.HTTPStatusError as error:
            status = error.response.status_code
            raise FollowError(f"--follow: {url} answers {status}; is it a mock-server?") from None
        except ValueError as error:
            raise FollowError(f"--follow: {url} cannot be read: {error}") from None


def journal_exchange(entry: Mapping[str, Any]) -> Seen:
    """The exchange of an entry of a mock's journal, as `GET /__mock/requests/ID` gives it."""
    origin, _, _ = str(entry["url"]).partition(str(entry["target"]))
    answer = entry["answer"]
    media = {name.lower(): value for name, value in answer["headers"].items()}
    body, whole = _body(entry["body"], "")
    content, answer_whole = _body(answer["body"], media.get("content-type", ""))
    return Seen(
        request=Request(
            method=str(entry["method"]),
            target=str(entry["target"]),
            headers=tuple(entry["headers"].items()),
            body=body,
        ),
        answer=Answer(
            status=int(entry["status"]),
            headers=tuple(answer["headers"].items()),
            body=content or b"",
            seconds=float(entry["ms"]) / 1000,
        ),
        origin=origin,
        number=int(entry["id"]),
        body_known=whole,
        answer_known=answer_whole,
    )


def _body(value: Any, content_type: str) -> tuple[bytes | None, bool]:
    """A body as the journal shows it, and whether it is all of it: JSON is shown as its value."""
    if value is None:
        return None, True
    if isinstance(value, str):
        # What is no text was read as one; what is long was cut, and says so.
        plain = not content_type or content_type.startswith("text/")
        return value.encode("utf-8", "surrogatepass"), plain and not value.endswith(_CUT)
    return json.dumps(value).encode(), True

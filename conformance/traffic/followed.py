"""The journal of a running mock with an upstream, exchange by exchange."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2

from conformance.http.exchange import Answer, Request
from conformance.traffic.exchanges import Seen

__all__ = ["UPSTREAM", "FollowError", "follow", "journal_exchange"]

UPSTREAM = "upstream"
"""The source of an answer that a deployment behind the mock has given."""
_PAUSE = 0.5
_MOST = 1000
_CUT = " bytes)"


class FollowError(ValueError):
    """A mock that cannot be followed: which one, and why."""


def follow(url: str, token: str = "", until: float = float("inf")) -> Iterator[tuple[str, Seen]]:
    """The exchanges of a mock's journal with the source of their answers, until a time.

    Args:
        url: the mock's.
        token: what `--admin-token` asks for on another machine.
        until: what `time.monotonic()` says at the end.

    Raises:
        FollowError: it is no mock, or refuses to show its journal.
    """
    headers = {"authorization": f"Bearer {token}"} if token else {}
    base, since = f"{url.rstrip('/')}/__mock/requests", 0
    with httpx2.Client(headers=headers, trust_env=False, timeout=10) as client:
        while True:
            entries = _asked(client, f"{base}?since={since}&limit={_MOST}")
            for entry in reversed(entries):
                since = max(since, int(entry["id"]))
                yield (
                    str(entry["source"]),
                    journal_exchange(_asked(client, f"{base}/{entry['id']}")),
                )
            if time.monotonic() >= until:
                return
            if not entries:
                time.sleep(max(min(_PAUSE, until - time.monotonic()), 0))


def _asked(client: httpx2.Client, url: str) -> Any:
    try:
        answer = client.get(url)
        answer.raise_for_status()
        return answer.json()
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        raise FollowError(f"--follow: {url} answers {status}; is it a mock-server?") from None
    except (httpx2.HTTPError, ValueError) as error:
        raise FollowError(f"--follow: {url} cannot be read: {error}") from None


def journal_exchange(entry: Mapping[str, Any]) -> Seen:
    """The exchange of an entry of a mock's journal, as `GET /__mock/requests/ID` gives it."""
    origin, _, _ = str(entry["url"]).partition(str(entry["target"]))
    answer = entry["answer"]
    media = {name.lower(): value for name, value in answer["headers"].items()}
    body, whole = _bytes(entry["body"], "")
    content, answer_whole = _bytes(answer["body"], media.get("content-type", ""))
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


def _bytes(value: Any, content_type: str) -> tuple[bytes | None, bool]:
    """A body as the journal shows it, and whether it is all of it: JSON is shown as its value."""
    if value is None:
        return None, True
    if isinstance(value, str):
        # What is no text was read as one; what is long was cut, and says so.
        plain = not content_type or content_type.startswith("text/")
        return value.encode("utf-8", "surrogatepass"), plain and not value.endswith(_CUT)
    return json.dumps(value).encode(), True

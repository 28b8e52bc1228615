"""What an answer differs in from what a golden case expects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tests.golden.cases import Expected

__all__ = ["Answer", "differences"]

ANYTHING = "…"
ABSENT = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


def differences(expected: Expected, answer: Answer) -> Iterator[str]:
    """One line for each thing that is not as expected."""
    if answer.status != expected.status:
        yield f"status: expected {expected.status}, got {answer.status}"
    for name, wanted in expected.headers:
        found = answer.headers.get_all(name)
        got = ABSENT if found is None else ", ".join(found)
        # "…" stands for any value, but not for none at all.
        if wanted != got and (ABSENT in (wanted, got) or not _is_like(wanted, got)):
            yield f"{name}: expected {wanted}, got {got}"
    if expected.body is not None:
        yield from _body(expected.body, answer)


def _body(expected: list[str], answer: Answer) -> Iterator[str]:
    wanted, got = "\n".join(expected), answer.body.decode("utf-8", "replace")
    if wanted == ABSENT:
        wanted = ""
    is_json = "json" in answer.headers.get("Content-Type", "")
    if is_json and wanted:
        yield from _json(json.loads(wanted), json.loads(got), "body")
    elif not _is_like(wanted.rstrip("\n"), got.rstrip("\n")):
        yield f"body: expected {wanted!r}, got {got!r}"


def _json(wanted: Any, got: Any, where: str) -> Iterator[str]:
    if wanted == ANYTHING:
        return
    if isinstance(wanted, dict) and isinstance(got, dict):
        named = {key for key in wanted if key != ANYTHING}
        for key in sorted(named - got.keys()):
            yield f"{where}.{key}: it is missing"
        for key in sorted(got.keys() - named) if ANYTHING not in wanted else ():
            yield f"{where}.{key}: it was not expected"
        for key in sorted(named & got.keys()):
            yield from _json(wanted[key], got[key], f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list):
        items = wanted[:-1] if wanted[-1:] == [ANYTHING] else wanted
        if len(got) < len(items) or (len(got) > len(items) and items is wanted):
            yield f"{where}: expected {len(items)} items, got {len(got)}"
        for number, pair in enumerate(zip(items, got, strict=False)):
            yield from _json(*pair, f"{where}[{number}]")
    elif isinstance(wanted, str) and isinstance(got, str):
        if not _is_like(wanted, got):
            yield f"{where}: expected {wanted!r}, got {got!r}"
    elif type(wanted) is not type(got) or wanted != got:
        yield f"{where}: expected {wanted!r}, got {got!r}"


def _is_like(pattern: str, text: str) -> bool:
    parts = map(re.escape, pattern.split(ANYTHING))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None

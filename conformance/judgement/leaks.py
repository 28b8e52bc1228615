"""What a response should not contain: internals of the server, and the caller's secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

__all__ = ["leaked_secret", "stack_trace", "without_whole_texts"]

_TRACES = tuple(
    (literal.encode(), re.compile(pattern))
    for literal, pattern in (
        ("Traceback (most", r"Traceback \(most recent call last\)"),
        ('File "', r'File \\?"[^"\n]{1,300}", line \d+'),
        ("at ", r"\bat [^()\n]{1,120} \(?(?:file://|node:|[A-Za-z]:\\|/)[^\s)]{1,300}:\d+:\d+\)?"),
        ("at ", r"\bat (?:file://|node:|/)[^\s)]{1,300}:\d+:\d+"),
        ("at ", r"\bat [\w$.<>]{3,300}\([\w$]{1,80}\.(?:java|kt|scala|groovy):\d+\)"),
        (":line ", r"\bat [\w.`<>]{3,300}\([^)\n]{0,300}\) in [^\n]{1,300}:line \d+"),
        ("goroutine ", r"goroutine \d+ \[running\]"),
        (".php(", r"#\d+ /[^\s(]{1,300}\.php\(\d+\)"),
        (".rb:", r"[\w/.-]{1,300}\.rb:\d+:in [`']"),
        (" panicked at", r"thread '[^']{1,80}' panicked at"),
        ("node_modules/", r"/node_modules/[\w@.-]{1,80}/"),
        ("-packages/", r"/(?:site|dist)-packages/[\w.-]{1,80}"),
        ("://", r"\b[a-z][a-z0-9+]{1,20}://[^\s/:@\"']{1,80}:[^\s/@\"']{1,80}@[\w.-]{1,200}"),
        ("SQLSTATE[", r"SQLSTATE\["),
        ("psycopg", r"psycopg2?\.errors"),
        ("PG::", r"PG::\w{1,40}Error"),
        ("ORA-", r"ORA-\d{5}"),
        ("SequelizeDatabaseError", r"SequelizeDatabaseError"),
    )
)
_MOST = 100_000
"""Bytes of an answer that are searched: a trace stands at its beginning, or is all of it."""
_SHORTEST = 8
"""Characters from which a secret in an answer is no chance: `test` stands in many an answer."""


def stack_trace(body: bytes) -> str:
    """The first line that looks like a server's trace, or its password for another; else ""."""
    head = body[:_MOST]
    # The literals first: a search for a plain text is many times faster than a pattern.
    patterns = [pattern for literal, pattern in _TRACES if literal in head]
    if not patterns:
        return ""
    # A trace within a JSON string has its line breaks escaped.
    text = head.decode("utf-8", "replace").replace("\\n", "\n").replace("\\t", "\t")
    found = next(filter(None, (pattern.search(text) for pattern in patterns)), None)
    return found.group()[:120] if found else ""


def leaked_secret(body: bytes, headers: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets stands in the answer. What is too short proves nothing."""
    text = body[:_MOST].decode("utf-8", "replace") + headers
    return any(secret in text for secret in secrets if len(secret) >= _SHORTEST)


def without_whole_texts(body: bytes, secrets: Sequence[str]) -> bytes:
    """A JSON text without those of its texts that are a secret, and nothing else."""
    for secret in filter(None, secrets):
        body = body.replace(json.dumps(secret).encode(), b'""')
    return body

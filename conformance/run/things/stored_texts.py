"""Texts that this run has had stored: one that has to be unique is refused a second time.

That is so wherever it is sent again, also by another operation: a thing gets the name that another
thing of the run has. No keyword of the contract speaks of it, so the refusal accuses none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.http.exchange import KEPT_BYTES, Answer, Request
from conformance.judgement.json_answers import read_json
from conformance.judgement.judging import said_by
from spec.model.contract_model import Operation

__all__ = ["StoredTexts"]

_CONFLICT: Final = 409
"""What is said of the state of things, and of no value (RFC 9110 section 15.5.10)."""
_MOST_READ: Final = 1 << 18
"""Bytes of a body that is looked at: the longest text of usual size, in the longest letters."""


class StoredTexts:
    """By property and text, the request that has had it stored.

    `note_taken` keeps what a name that is taken is answered: another refusal with the same words is
    about a text that is taken as well.
    """

    def __init__(self) -> None:
        self._by = dict[tuple[str, int], tuple[Operation, Request]]()
        self._taken = dict[int, set[bytes]]()

    def accept(self, operation: Operation, request: Request) -> None:
        """Remember what a writing request was accepted with."""
        for name, text in _texts(request):
            self._by.setdefault((name, hash(text)), (operation, request))

    def note_taken(self, request: Request, answer: Answer) -> None:
        """Remember how the same good request was refused the second time."""
        self._taken.setdefault(answer.status, set()).add(_words(request, answer))

    def taken_by(
        self, request: Request, good: Any, answer: Answer
    ) -> tuple[Operation, Request] | None:
        """The request that has stored a text of this one, which is refused for that, perhaps.

        None where the refusal says something else, or where all texts are those of a `good` body.
        """
        if not self._says_taken(request, answer):
            return None
        return next((self._by[one] for one in self._stored(request, good)), None)

    def names(self, request: Request, good: Any) -> frozenset[str]:
        """The properties of a request whose texts are stored, and not those of a `good` body."""
        return frozenset(name for name, _ in self._stored(request, good))

    def says_alike(self, one: tuple[Request, Answer], other: tuple[Request, Answer]) -> bool:
        """Whether two requests are answered with the same words, but for their texts."""
        return _words(*one) == _words(*other)

    def _stored(self, request: Request, good: Any) -> Iterator[tuple[str, int]]:
        for name, text in _texts(request) - {*_named(good)}:
            if (name, hash(text)) in self._by:
                yield name, hash(text)

    def _says_taken(self, request: Request, answer: Answer) -> bool:
        if answer.status == _CONFLICT:
            return True
        known = self._taken.get(answer.status, set())
        return bool(known) and _words(request, answer) in known


def _texts(request: Request) -> set[tuple[str, str]]:
    """The texts of a body; none of one that is larger than any usual one."""
    body = request.body or b""
    return {*_named(read_json(body).value)} if len(body) <= _MOST_READ else set()


def _words(request: Request, answer: Answer) -> bytes:
    """What an answer says, without the texts of its request."""
    body = answer.body[:KEPT_BYTES]
    for text in sorted((text for _, text in _texts(request) if text), key=len, reverse=True):
        for written in {text.encode("utf-8", "surrogatepass"), json.dumps(text)[1:-1].encode()}:
            # Whole words: a text of one letter stands in many of them. It is looked for first,
            # since a pattern takes long to compile.
            if written in body:
                body = re.sub(rb"(?<!\w)" + re.escape(written) + rb"(?!\w)", b"", body)
    # An empty text leaves no mark where it stands.
    return said_by(replace(answer, body=body)).replace(b"#", b"")


def _named(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each text in a value with the property that it is, or stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _named(below, key)
    elif isinstance(value, list):
        for below in value:
            yield from _named(below, name)

"""Verifies that expected requests were made, and lists the nearest ones where they were not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError, Validator

from mock_server.admin.suggestions import suggestion
from mock_server.model.journal import Entry
from mock_server.model.problems import Refused
from mock_server.model.request import MISSING
from mock_server.model.scenarios import ANY_OPERATION
from mock_server.plan.selection import RoutedRequest
from spec.schemas.compiled import compile_schema
from spec.text import json_text
from spec.text.media_types import is_json

__all__ = [
    "Expectation",
    "ExpectationError",
    "Miss",
    "Verification",
    "compared",
    "concluded",
    "counted",
    "verified",
]

MOST_NEAREST = 5
_MOST_REASONS = 10
_KEYS = ("operation", "status", "key", "match", "times")


class ExpectationError(ValueError):
    """A document that is no expectation: which member, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A request that did not match, and why: each reason begins with a JSON pointer."""

    id: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether as many requests matched as were expected; `nearest` are those that did not."""

    ok: bool
    count: int
    nearest: tuple[Miss, ...]

    def __bool__(self) -> bool:
        return self.ok

    def document(self) -> dict[str, Any]:
        """The verification as `POST /__mock/requests/verify` answers it."""
        nearest = [{"id": miss.id, "why": list(miss.why)} for miss in self.nearest]
        return {"ok": self.ok, "count": self.count, "nearest": nearest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What requests are expected, and how many: `least` and `most` (None: any number)."""

    operation: str | None = None
    status: int | None = None
    key: str | None = None
    match: Validator | None = None
    least: int = 1
    most: int | None = None

    @classmethod
    def read(cls, document: Any) -> Expectation:
        """Read an expectation. Raises ExpectationError."""
        if not isinstance(document, Mapping):
            raise ExpectationError("an expectation is a JSON object")
        if unknown := sorted(document.keys() - set(_KEYS)):
            hint = suggestion(unknown[0], _KEYS)
            raise ExpectationError(f"there is no member {unknown[0][:40]!r}; {hint}")
        for name in ("operation", "key"):
            if document.get(name) is not None and not isinstance(document[name], str):
                raise ExpectationError(f"{name!r} is not a text")
        status = None if document.get("status") is None else _whole("status", document["status"])
        operation = document.get("operation")
        least, most = _times(document.get("times"))
        return cls(
            operation=None if operation == ANY_OPERATION else operation,
            status=status,
            key=document.get("key"),
            match=_validator(document.get("match")),
            least=least,
            most=most,
        )

    def is_met(self, count: int) -> bool:
        """Whether so many matching requests are as many as are expected."""
        return count >= self.least and (self.most is None or count <= self.most)

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is what is expected: `differences` says why not, and costs more."""
        return (
            self.operation in (None, entry.operation)
            and self.status in (None, entry.status)
            and self.key in (None, entry.key)
            and (self.match is None or self.match.is_valid(_described(entry)))
        )

    def differences(self, entry: Entry) -> list[str]:
        """Why an entry is not what is expected; empty where it is."""
        found = [
            f"/{name}: {got if got is not None else 'none'}, not {wanted}"
            for name, wanted, got in (
                ("operation", self.operation, entry.operation),
                ("status", self.status, entry.status),
                ("key", self.key, entry.key),
            )
            if wanted not in (None, got)
        ]
        if self.match is not None:
            errors = self.match.iter_errors(_described(entry))
            found += [_reason(error) for error in islice(errors, _MOST_REASONS)]
        return found


def verified(entries: Iterable[Entry], expected: Expectation) -> Verification:
    """Compare the journal, newest first, with what is expected of it."""
    return concluded(expected, *compared(entries, expected))


def counted(entries: Iterable[Entry], expected: Expectation) -> int:
    """How many requests match."""
    return sum(map(expected.matches, entries))


def compared(entries: Iterable[Entry], expected: Expectation) -> tuple[int, list[Miss]]:
    """How many requests match, and those that come nearest of the others."""
    count, misses = 0, list[Miss]()
    for entry in entries:
        # Why it does not match is worded for each, and kept of a few: which ones, nobody knows yet.
        why = expected.differences(entry)
        if why:
            misses.append(Miss(id=entry.id, why=tuple(why)))
        else:
            count += 1
    return count, sorted(misses, key=lambda miss: len(miss.why))[:MOST_NEAREST]


def concluded(expected: Expectation, count: int, misses: Iterable[Miss] = ()) -> Verification:
    """Whether as many requests as are expected matched; where not, the misses are of interest."""
    ok = expected.is_met(count)
    nearest = [] if ok else sorted(misses, key=lambda miss: len(miss.why))[:MOST_NEAREST]
    return Verification(ok=ok, count=count, nearest=tuple(nearest))


def _times(document: Any) -> tuple[int, int | None]:
    if document is None:
        return 1, None
    if not isinstance(document, Mapping):
        number = _whole("times", document)
        return number, number
    if unknown := sorted(document.keys() - {"min", "max"}):
        raise ExpectationError(f"'times' has 'min' and 'max', but no {unknown[0]!r}")
    least = _whole("times.min", document.get("min", 0))
    most = None if document.get("max") is None else _whole("times.max", document["max"])
    if most is not None and least > most:
        raise ExpectationError("'times.min' is larger than 'times.max': nothing can be as expected")
    return least, most


def _whole(name: str, number: Any) -> int:
    """A whole number from 0 on, which JSON may write as `2.0`. Raises ExpectationError."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or number < 0 or number != number // 1:
        raise ExpectationError(f"{name!r} is not a whole number from 0 on")
    return int(number)


def _validator(schema: Any) -> Validator | None:
    if schema is None:
        return None
    if not isinstance(schema, Mapping | bool):
        raise ExpectationError("'match' is no JSON Schema: it is neither an object nor a boolean")
    try:
        # Offline: a reference to a file or a URL would make the mock read it for a client.
        return compile_schema(schema)
    except (ValueError, ValidationError) as error:
        raise ExpectationError(
            f"'match' is not a JSON Schema: {str(error).splitlines()[0]}"
        ) from None


def _described(entry: Entry) -> dict[str, Any]:
    request = entry.request
    described: dict[str, Any] = {
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
    }
    body = _value_of_body(entry)
    return described if body is MISSING else {**described, "body": body}


def _value_of_body(entry: Entry) -> Any:
    """The body as its operation reads it, or else as JSON; MISSING where it is neither, or cut."""
    request, sent = entry.request, entry.request.fields.get(b"content-type", b"")
    if not entry.body or entry.body_size > len(entry.body):
        return MISSING
    check = (
        request.operation.check if isinstance(request, RoutedRequest) and entry.operation else None
    )
    try:
        if check is not None and check.body is not None:
            return check.body.check(entry.body, sent, check.body.reader(sent))[0]
        return json_text.read(entry.body) if is_json(sent.decode("latin-1")) else MISSING
    except (Refused, json_text.UnreadableError):
        return MISSING


def _reason(error: ValidationError) -> str:
    pointer = "".join(f"/{token}" for token in error.instance_path)
    return f"{pointer or '/'}: {error.message}"[:300]

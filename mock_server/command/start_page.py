"""The start page: what is served, with which statuses, and what is not served as documented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from mock_server.checks.body_readings import is_unread
from mock_server.command.log_lines import paint, printable
from mock_server.model.mock_settings import AuthMode, Settings
from spec import Contract, Response

__all__ = ["StartPage", "start_lines", "start_record"]

_ROWS = 60
"""Operations, and things not served, that the start page shows; it says how many more there are."""
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


def start_lines(page: StartPage, *, colour: bool = False) -> Iterator[str]:
    """The start page, line by line."""
    yield f"Mock server on {paint(page.url, 'bold', colour)}"
    for one in page.contracts:
        yield printable(f"{one.title} {one.version} (OpenAPI {one.openapi})")
    yield ""
    yield from _operation_table(page.contracts, colour)
    yield ""
    yield f"Page      {page.url}/__mock/"
    yield f"Docs      {page.url}/__mock/docs"
    for one, overlay in zip(page.contracts, page.overlays, strict=True):
        yield f"Contract  {one.file}"
        yield f"Overlay   {overlay or 'none'}"
    yield f"Answers   {_answers(page.settings)}"
    yield f"Auth      {_CREDENTIALS[page.settings.auth.mode]}"
    if unsent := _unsent(page.contracts):
        yield f"Not sent  {printable(unsent)}: the mock sends no requests of its own"
    if unread := _unread(page.contracts):
        yield f"Unread    {printable(unread)}: such bodies are accepted without validation"
    yield from page.notes
    if page.unserved:
        yield ""
        yield paint("Not served as the contract says:", "yellow", colour)
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


def _unread(contracts: Sequence[Contract]) -> str:
    """The media types of requests that nothing here reads, each with its number of operations."""
    bodies = [
        (body, one) for one in contracts for op in one.operations if (body := op.request_body)
    ]
    counts = Counter(
        medium.name for body, one in bodies for medium in body.content if is_unread(medium, one)
    )
    return ", ".join(f"{name} ({number})" for name, number in counts.items())


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
        method = paint(f"{operation.method:<7}", "cyan", colour)
        path = printable(path).ljust(min(widest, 60))
        yield f"  {method} {path}  {' '.join(map(_statuses, operation.responses))}".rstrip()
    if not operations:
        yield f"  The contract{'s have' if several else ' has'} no operations."
    if rest := len(operations) - len(shown):
        yield f"  and {rest} more; the documentation page lists them all"


def _statuses(response: Response) -> str:
    """A status with the names that can be wished for: `200 (one, several)`."""
    examples = (
        example for media_type in response.served_content for example in media_type.examples
    )
    names = list(dict.fromkeys(one.name for one in examples if one.name))
    if not names:
        return response.status
    more = ", …" if len(names) > 4 else ""
    return f"{response.status} ({printable(', '.join(islice(names, 4)))}{more})"


def _answers(settings: Settings) -> str:
    seed = "" if settings.seed is None else f" (seed {settings.seed})"
    if settings.dynamic:
        return f"values generated from the schema; examples are not used{seed}"
    return f"examples; where there is none, values generated from the schema{seed}"


def start_record(page: StartPage) -> dict[str, Any]:
    """The start page as one record of the JSON log."""
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

"""What consumers of an operation receive: which statuses, and what is in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched, documented
from conformance.diff.parts.response_bodies import ResponseBodies
from conformance.diff.parts.response_headers import ResponseHeaders
from conformance.diff.parts.response_pairs import ResponsePair, plain_answer
from conformance.diff.schemas.schema_comparison import SchemaComparison
from conformance.report.codes.finding_code import FindingCode
from spec import Operation, Response

__all__ = ["response_changes"]


def response_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in what the operation may answer."""
    seen: set[tuple[str, str]] = set()
    for status in _statuses(matched.before, matched.after):
        old, new = documented(matched.before, status), documented(matched.after, status)
        # Several statuses may fall to the same two entries, which are compared once.
        key = (old.status if old else "", new.status if new else "")
        if key in seen:
            continue
        seen.add(key)
        if old and new:
            label = old.status if old.status == new.status else str(status)
            found = _of_both(ResponsePair(matched, old, new, status, f"response {label}"), schemas)
            yield from found if old.status == new.status else _taken_out(matched, old, new, found)
        elif old and old.status in _WIDE and _some_remain(matched, old):
            yield _statuses_narrowed(matched, old)
        elif old:
            yield _status_removed(matched, old, status)
        elif new:
            yield _status_added(matched, new, status)


def _of_both(pair: ResponsePair, schemas: SchemaComparison) -> Iterator[Change]:
    yield from ResponseBodies(pair, schemas).changes()
    yield from ResponseHeaders(pair, schemas).changes()


def _taken_out(
    matched: Matched, old: Response, new: Response, found: Iterable[Change]
) -> Iterator[Change]:
    """One edit is one finding: a status that was covered by `default` or a range until now."""
    changes = sorted(found, key=lambda one: -one.level.rank)
    if not changes:
        return
    worst, more = changes[0], len(changes) - 1
    narrower, wider = (new, old) if old.status in _WIDE else (old, new)
    also = f", and {more} more" if more else ""
    said = "apart from" if narrower is new else "no longer apart from"
    yield replace(
        worst,
        part=f"response {narrower.status}",
        what=f"{matched.id} documents {narrower.status} {said} {wider.status}: {worst.what}{also}",
        origin=narrower.pointer,
    )


_WIDE = frozenset({"default", *(f"{first}XX" for first in range(1, 6))})


def _statuses(before: Operation, after: Operation) -> list[int]:
    """Every status that an entry names, and one more for each range and for `default`."""
    entries = [response.status for response in (*before.responses, *after.responses)]
    named = sorted({int(status) for status in entries if status.isdecimal()})
    ranges = {int(status[0]) for status in entries if status.endswith("XX")}
    if "default" in entries:
        ranges |= {4, 5} if any(status[0] in "23" for status in entries) else {2, 4, 5}
    return named + [_unnamed(first, named) for first in sorted(ranges)]


def _unnamed(first: int, named: list[int]) -> int:
    usual = {1: 100, 2: 200, 3: 302, 4: 400, 5: 500}[first]
    spare = (usual, *range(first * 100 + 99, first * 100, -1))
    return next((code for code in spare if code not in named), usual)


def _some_remain(matched: Matched, old: Response) -> bool:
    """Whether NEW names a status that OLD answers by this range, or by `default`."""
    named = (int(one.status) for one in matched.after.responses if one.status.isdecimal())
    return any(documented(matched.before, status) is old for status in named)


def _statuses_narrowed(matched: Matched, old: Response) -> Change:
    return Change(
        code=FindingCode.RESPONSE_NARROWED,
        operation=matched.id,
        part=f"response {old.status}",
        what=f"{matched.id} answers no other status of {old.status} than those that NEW names",
        old=f"documents {old.status}",
        new=_documented(matched.after),
        place=matched.old.place(old.pointer),
    )


def _status_removed(matched: Matched, old: Response, status: int) -> Change:
    success = status < 400
    return Change(
        code=FindingCode.SUCCESS_STATUS_REMOVED if success else FindingCode.ERROR_STATUS_REMOVED,
        operation=matched.id,
        part=f"response {old.status}",
        what=f"{matched.id} no longer answers {old.status}",
        old=f"documents {old.status}",
        new=_documented(matched.after),
        place=matched.old.place(old.pointer),
        show=lambda: matched.lost_answer(lambda: plain_answer(matched.old, old, status)),
    )


def _status_added(matched: Matched, new: Response, status: int) -> Change:
    success = status < 400
    return Change(
        code=FindingCode.SUCCESS_STATUS_ADDED if success else FindingCode.ERROR_STATUS_ADDED,
        operation=matched.id,
        part=f"response {new.status}",
        what=f"{matched.id} may now answer {new.status}",
        old=_documented(matched.before),
        new=f"documents {new.status}",
        place=matched.new.place(new.pointer),
        show=lambda: matched.answer(lambda: plain_answer(matched.new, new, status)),
    )


def _documented(operation: Operation) -> str:
    return f"documents {', '.join(r.status for r in operation.responses) or 'no status'}"

"""Bodies just above the limits that servers and proxies have from the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from conformance.cases.case import Case, Expect
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import body_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode

__all__ = ["size_cases", "takes_sizes"]

LARGEST = 10_600_000
"""Bytes, just above 10 MiB; nginx has 1 MiB as its limit, and Express 100 KiB."""
SIZES = {LARGEST: "10 MB", 1_060_000: "1 MB", 103_000: "100 kB"}
"""The largest first: one that is accepted says enough of the smaller ones."""


def takes_sizes(subject: Subject) -> bool:
    """Whether its body has room for a long text: it is a JSON object."""
    return subject.json_body is not None and isinstance(subject.control.body, dict)


def size_cases(subject: Subject, *, largest: bool) -> Iterator[Case]:
    """The good request with a long text in a property of its own.

    It may be refused (RFC 9110 section 15.5.14 has 413), and the connection be closed meanwhile.
    """
    media_type = subject.json_body
    if media_type is None or not takes_sizes(subject):
        return
    for size, words in SIZES.items():
        if size == LARGEST and not largest:
            continue
        yield subject.case(
            f"{body_prefix(media_type.name)}.syntax.limits",
            ClauseKind.SYNTAX,
            f"a body of {words}",
            subject.control.but(members=(_member(size),)),
            expect=Expect.ACCEPTED,
            code=FindingCode.REFUSED_FREE,
            strength=Strength.LENIENT,
            may_close=True,
        )


@lru_cache(maxsize=len(SIZES))
def _member(size: int) -> bytes:
    return b'"x5": "%b"' % (b"a" * size)

"""Paths that are not the operation's, though a lenient router takes them for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.inert_cases import UNREADABLE
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from spec import Contract

__all__ = ["LOCAL", "path_cases", "reference_case"]

LOCAL = "http.path"


def path_cases(subject: Subject) -> Iterator[Case]:
    """The good request at other spellings of its path (RFC 3986 section 6.2.2.1 has them differ).

    What may cost is sent with a body that is refused, so that only the refusal shows who answers.
    """
    base = _base(subject)
    if base is None:
        return
    for label, path in _spellings(base.path):
        if not _is_declared(subject.contract, path):
            yield _unserved_case(subject, label, base.but(path=path))
    # An empty id may stand for all there is: nothing but a read is sent with one, and it may be
    # answered by the list, which is another operation's.
    for name in base.segments if is_safe(base.method) else ():
        draft = base.but(segments={**base.segments, name: ""})
        label = f"an empty `{name}` in the path"
        yield replace(_unserved_case(subject, label, draft), also=frozenset({200, 204}))


def reference_case(subject: Subject) -> Case | None:
    """The request of `path_cases` at the path itself, where it is sent to be refused."""
    base = _base(subject)
    if base is None or is_safe(base.method):
        return None
    return _unserved_case(subject, "a body that is no JSON, at the path itself", base)


def _base(subject: Subject) -> Draft | None:
    """The good request where it only reads; one that is refused where it may do more."""
    if is_safe(subject.operation.method):
        return subject.control
    body = subject.operation.request_body
    refused = subject.json_body is not None and body is not None and body.required
    # An operation refuses it, and what is no operation does not read it.
    return subject.control.but(raw=UNREADABLE) if refused else None


def _unserved_case(subject: Subject, label: str, draft: Draft) -> Case:
    return subject.case(
        LOCAL,
        # What a refusal shows, it shows beside the one at the path itself.
        ClauseKind.WIRE if is_safe(draft.method) else ClauseKind.STEADINESS,
        label,
        draft,
        expect=Expect.UNSERVED,
        code=FindingCode.PATH_SPELLING,
        layer=Layer.HTTP,
    )


def _spellings(path: str) -> Iterator[tuple[str, str]]:
    parts = path.split("/")
    # A fixed segment with letters: the case of an id is the id's.
    words = [at for at, part in enumerate(parts) if "{" not in part and part.swapcase() != part]
    if words:
        other = [part.swapcase() if at == words[-1] else part for at, part in enumerate(parts)]
        yield "the path in another case", "/".join(other)
    if path.rstrip("/"):
        slash = path.rstrip("/") if path.endswith("/") else f"{path}/"
        yield "a slash less at the end" if path.endswith("/") else "a slash at the end", slash
        head, _, tail = path.rstrip("/").rpartition("/")
        yield "a slash twice", f"{head}//{tail}"


def _is_declared(contract: Contract, path: str) -> bool:
    """Whether another operation of the contract may stand at the path."""
    return any(_fits(one.path.split("/"), path.split("/")) for one in contract.operations)


def _fits(template: list[str], path: list[str]) -> bool:
    if len(template) != len(path):
        return False
    pairs = zip(template, path, strict=True)
    return all(wanted == part or ("{" in wanted and part) for wanted, part in pairs)

"""What the field Allow shows of the methods of a path (RFC 9110 sections 10.2.1 and 15.5.6)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.clauses.path_methods import methods_at
from conformance.http.exchange import Answer
from conformance.judgement.judging import Judging
from conformance.judgement.observation import Observation, held
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level

__all__ = ["NO_METHOD", "allowed_methods", "claimed_methods", "undeclared_method"]

NO_METHOD = frozenset({405, 501})
"""Statuses by which a server says that it has no such method (RFC 9110 section 15.5.6)."""


def undeclared_method(one: Judging) -> Iterator[Observation]:
    """Whether a method that the path does not have is refused, and Allow leaves it out."""
    answer, (clause, allow) = one.answer, one.case.clauses
    has_get = "GET" in methods_at(one.contract, one.operation.path)
    if answer.success and not (one.case.request.method == "HEAD" and has_get):
        yield one.broken(
            one.case.code,
            level=Level.WARNING,
            expected="405 or 404",
            got=f"{answer.status} to {one.case.request.method}",
        )
        return
    yield claimed_methods(one) or _not_found(one) or held(clause)
    if answer.status != 405:
        return
    if one.case.request.method in allowed_methods(one.answer):
        yield one.broken(
            FindingCode.FALSE_ALLOW,
            clause=allow,
            level=Level.WARNING,
            expected="Allow without the method that is refused",
            got=f"405 to {one.case.request.method} with Allow: {answer.header('allow')}",
            reason="allow",
        )
    elif answer.header("allow") is None:
        yield one.broken(
            FindingCode.MISSING_ALLOW,
            clause=allow,
            level=Level.WARNING,
            expected="Allow with the methods of the path",
            got="405 without Allow",
            reason="allow",
        )
    else:
        yield held(allow)


def _not_found(one: Judging) -> Observation | None:
    """What a 404 shows at a path that was seen to lead somewhere: a thing in it may be gone since.

    None where it shows nothing.
    """
    is_there = one.proven and ("{" not in one.operation.path or one.operation.safe)
    if one.answer.status != 404 or not is_there:
        return None
    return one.broken(
        FindingCode.METHOD_NOT_FOUND,
        level=Level.NOTE,
        expected="405",
        got=f"404 to {one.case.request.method}",
    )


def allowed_methods(answer: Answer) -> tuple[str, ...]:
    """The methods that Allow names (RFC 9110 section 10.2.1)."""
    written = answer.header("allow") or ""
    return tuple(name.strip() for name in written.split(",") if name.strip())


def claimed_methods(one: Judging) -> Observation | None:
    """What Allow says of methods that were not tried: the server itself says that it has them."""
    named = [name for name in allowed_methods(one.answer) if name in one.case.untried]
    if not named:
        return None
    return one.broken(
        FindingCode.ACCEPTED_METHOD,
        clause=one.case.clauses[0],
        level=Level.WARNING,
        expected="Allow with declared methods only",
        got=f"{one.answer.status} with Allow: {one.answer.header('allow')}",
        reason="allowed",
    )

"""What an answer shows of the clause for which the request was made."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes, urlsplit

from conformance.cases.case import Expect, Layer
from conformance.cases.edge_values import Strength
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Framing
from conformance.judgement.allow_header import claimed_methods, undeclared_method
from conformance.judgement.challenge_header import challenge_shown
from conformance.judgement.hidden_errors import documented_error
from conformance.judgement.judging import STORED_BEFORE, Judging, documented_statuses
from conformance.judgement.observation import Observation, held, inconclusive
from conformance.judgement.refusal_statuses import refusals
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.model.http_statuses import VALIDATION
from spec.text.media_types import match

__all__ = ["expectations"]

_OF_STATE = frozenset({409, 412})
"""Statuses of a conflict with what is stored."""
_OF_THINGS = frozenset({404, 405, 409, 410, 412})
"""Statuses that may speak of the thing that a request names, and not of what is wrong with it."""
_OF_HEADS = frozenset({414, 431})
"""Statuses of a target, and of header fields, that are too long (RFC 9110 15.5.15, RFC 6585 5)."""
_SHORT_HEAD = 8000
"""Octets of a request line that every server should read (RFC 9110 section 4.1)."""
_SHORT_BODY, _USUAL_BODY = 8000, 100_000
"""Octets of content that no server calls too large, and that each should read where the contract
names its length or 413 is undocumented: the smallest limit of a common body parser is 100 kB."""


def expectations(one: Judging) -> Iterator[Observation]:
    """The clause that was tested, and what else the same status shows."""
    expect = one.case.expect
    if expect is Expect.ACCEPTED:
        yield from _accepted(one)
    elif expect is Expect.ANYTHING:
        yield from _answered(one)
    elif expect is Expect.NO_METHOD:
        yield from undeclared_method(one)
    elif expect is Expect.UNSERVED:
        yield _unserved(one)
    else:
        yield from _refused(one)


def _answered(one: Judging) -> Iterator[Observation]:
    """Any answer is right; what one to OPTIONS says of methods is looked at."""
    claimed = claimed_methods(one) if one.case.untried else None
    for clause in one.case.clauses:
        yield claimed if claimed and claimed.clause == clause else held(clause)


def _unserved(one: Judging) -> Observation:
    """A success is the operation's only in its own media type: some serve a page for any path."""
    response = one.operation.response_for(one.answer.status)
    if not one.answer.success or response is None or one.answer.status in one.case.also:
        return held(one.case.clause)
    names = [media_type.name for media_type in response.content]
    if names and match(one.answer.header("content-type") or "", names) is None:
        return held(one.case.clause)
    return one.broken(
        one.case.code,
        level=Level.NOTE,
        expected="404, or a redirection to the path",
        got=f"{one.answer.status}, as at the path itself",
        reason="path",
    )


def _accepted(one: Judging) -> Iterator[Observation]:
    case = one.case
    if one.accepted:
        yield from _well_accepted(one)
    elif why := _not_to_be_accepted(one):
        yield from (inconclusive(clause, why) for clause in case.clauses)
    elif case.strength is Strength.LENIENT and one.is_refusal:
        # A milder value follows, as far as the budget goes, and must be accepted.
        milder = any(unit.smaller for unit in case.units)
        why = "it may be refused, and a milder value was not tried"
        yield from (inconclusive(of, why) if milder else held(of) for of in case.clauses)
    elif why := _of_what_exists(one):
        yield from (inconclusive(clause, why) for clause in case.clauses)
        if one.stored_before and not one.documents(one.answer.status):
            yield _undocumented(one, one.id("status.documented"))
    else:
        yield from _ill_refused(one)


def _not_to_be_accepted(one: Judging) -> str:
    """Why the contract, or HTTP, lets this good request be refused; empty if neither does."""
    status, octets = one.answer.status, one.case.request.head_octets
    if status in _OF_HEADS and octets > _SHORT_HEAD:
        return f"the request line and header fields have {octets} octets, and {status} refuses that"
    conditions = [name for name, _ in one.case.request.headers if name.lower().startswith("if-")]
    if status == 412 and conditions and one.documents(status):
        return f"412 is documented, and the condition in {conditions[0]} does not hold"
    content = len(one.case.request.body or b"")
    limit = _SHORT_BODY if one.documents(status) else _USUAL_BODY
    if status == 413 and content > limit:
        return f"the content has {content} octets, and 413 refuses that"
    if not one.operation.documents_success and one.documents(status):
        return f"the contract documents no success, and {status} is documented"
    return ""


def _of_what_exists(one: Judging) -> str:
    """Why a good request may be refused for what the deployment has or knows; empty if it may not.

    Statuses that the contract does not document say no such thing, except where the good request
    of this run has had the same one.
    """
    status = one.answer.status
    if status in one.used_up:
        return f"the repeated valid request itself is answered with {status}"
    if one.stored_before:
        return STORED_BEFORE
    if one.case.undecided and one.is_refusal:
        return one.case.undecided
    if not one.documents(status):
        return ""
    if status in _OF_STATE and _writes_again(one):
        return f"{status} is documented: it conflicts with what exists, whatever the value"
    # A login judges a credential in the body, a download whether the thing is public.
    alternative = one.case.code == FindingCode.REFUSED_ALTERNATIVE
    if status == 401 and not one.operation.secured and not alternative:
        return "401 is documented although no credential is asked for: the values decide"
    if status == 403 and alternative:
        return "403 is documented: the other credential may have fewer rights"
    if status in one.case.open_statuses:
        return f"{status} is documented, and the contract does not say which resources exist"
    return ""


def _writes_again(one: Judging) -> bool:
    """Whether something is written beside what the good request of this run has written."""
    return not one.operation.safe and one.case.family != "control"


def _well_accepted(one: Judging) -> Iterator[Observation]:
    coding = one.id("accept.coding")
    coded = coding in one.case.clauses and _coded_unasked(one)
    yield from (held(clause) for clause in one.case.clauses if not coded or clause != coding)
    if coded:
        yield one.broken(
            FindingCode.FALSE_NEGOTIATION,
            clause=coding,
            level=Level.WARNING,
            expected="an answer in a content coding that Accept-Encoding names",
            got=f"Content-Encoding: {one.answer.header('content-encoding')}",
            reason="coding",
        )


def _coded_unasked(one: Judging) -> bool:
    asked = [value for name, value in one.case.request.headers if name == "Accept-Encoding"]
    sent = (one.answer.header("content-encoding") or "identity").strip().lower().removeprefix("x-")
    # A request without the field takes any coding.
    return bool(asked) and sent != "identity" and sent not in asked


def _ill_refused(one: Judging) -> Iterator[Observation]:
    case, status = one.case, one.answer.status
    within = case.level is None and case.strength is not Strength.OUTSIDE
    if within and not _is_left_to_http(one) and not one.documents(status):
        # Every answer to every good request speaks of the statuses that occur.
        yield from (_undocumented(one, of) for of in (*case.clauses, one.id("status.documented")))
        return
    level = Level.ERROR if case.strength is Strength.NAMED else Level.WARNING
    code = case.code
    if case.level is not None:
        level = case.level
    elif not one.is_refusal:
        level, code = Level.ERROR, FindingCode.REFUSED_VALID if one.documents(status) else code
    for clause in case.clauses:
        yield one.broken(
            code, clause=clause, level=level, expected=one.expected(), got=one.got(), status=True
        )


def _is_left_to_http(one: Judging) -> bool:
    """Whether HTTP lets a server refuse this, and no keyword of the contract speaks of it.

    That is content of a size that is named nowhere (413), and chunks without a length (RFC 9112
    section 6.3).
    """
    request = one.case.request
    if one.answer.status == 411:
        return request.framing is Framing.CHUNKED
    free = one.case.strength is Strength.FREE
    return one.answer.status == 413 and free and len(request.body or b"") > _SHORT_BODY


def _undocumented(one: Judging, clause: str) -> Observation:
    return one.broken(
        FindingCode.UNDOCUMENTED_STATUS,
        clause=clause,
        expected=documented_statuses(one.operation),
        got=one.got(),
        status=True,
    )


def _refused(one: Judging) -> Iterator[Observation]:
    status, case, known = one.answer.status, one.case, refusals(one.operation, one.case)
    if member := documented_error(one.contract, one.operation, one.answer):
        why = f"{status} is documented with {member!r} in its body, by which it is refused"
        yield inconclusive(case.clause, why)
    elif one.answer.success or _redirects_as_good(one):
        yield one.broken(
            case.code,
            expected=one.expected(),
            got=one.got(),
            status=True,
            level=Level.ERROR if case.level is None else case.level,
        )
    # A fault of HTTP itself is refused by whatever layer sees it first, with a 4xx of its choice.
    elif status in known.right | case.also or (case.layer is Layer.HTTP and 400 <= status < 500):
        yield from _well_refused(one)
    elif status in one.used_up:
        yield inconclusive(case.clause, f"the valid request cannot be repeated ({status})")
    elif _leads_to_its_own_path(one):
        why = f"it is redirected ({status}) to another spelling of its path, before it is judged"
        yield inconclusive(case.clause, why)
    elif case.expect is Expect.UNSUPPORTED and status in _OF_STATE and one.documents(status):
        # It was read, whatever it is packed in: how it had to be refused is not shown.
        yield inconclusive(case.clause, f"{status} is documented: it conflicts with what exists")
    elif one.case.family is ClauseKind.PROPERTIES and status in _OF_THINGS:
        why = f"{status} may speak of the other values that were generated"
        yield inconclusive(case.clause, why)
    elif not one.proven and _may_be_of_the_base(one):
        yield inconclusive(case.clause, "refused, but the valid request might be refused too")
    else:
        unauthorized = case.expect is Expect.UNAUTHORIZED
        yield one.broken(
            FindingCode.WRONG_CREDENTIAL_REFUSAL if unauthorized else FindingCode.WRONG_REFUSAL,
            expected=one.expected(),
            got=one.got(),
            status=True,
            level=_weight(one) if status in known.usual else Level.ERROR,
        )


def _redirects_as_good(one: Judging) -> bool:
    """Whether it is the redirection that the contract has for good requests; no way to log in."""
    good = [response for response in one.operation.responses if response.status[:1] in "2d"]
    return not good and one.accepted and one.case.expect is not Expect.UNAUTHORIZED


def _leads_to_its_own_path(one: Judging) -> bool:
    """Whether a router sends every request to the canonical form of its path, whatever is in it."""
    if not 300 <= one.answer.status < 400:
        return False
    target, location = one.case.request.target, one.answer.header("location")
    return location is not None and _canonical(location) == _canonical(target)


def _canonical(reference: str) -> str:
    """The path without what routers do not tell apart: case, escapes, slashes twice or at the end.

    RFC 3986 section 6.2.2 calls most of that equivalent.
    """
    path = unquote_to_bytes(urlsplit(reference).path).lower()
    return b"/".join(part for part in path.split(b"/") if part).decode("latin-1")


def _may_be_of_the_base(one: Judging) -> bool:
    """Whether the good request, which was never seen accepted, may be refused by this status too.

    What the contract says of its values may not be all: an opaque id has a form, a name is taken.
    """
    status, operation = one.answer.status, one.operation
    # A deployment may ask for a credential of which its contract does not speak.
    unknown = status in (401, 403) and one.case.expect is not Expect.UNAUTHORIZED
    has_values = bool(operation.parameters) or operation.request_body is not None
    return (
        unknown
        or one.documents(status)
        or status in one.refused | _OF_THINGS
        or (status in VALIDATION and has_values)
    )


def _weight(one: Judging) -> Level:
    """How much a status weighs that is usual for the fault, and that the contract lacks."""
    return Level.WARNING if one.case.expect is Expect.UNAUTHORIZED else Level.NOTE


def _unproven(one: Judging) -> str:
    """Why a refusal as required shows nothing; empty if it does."""
    if one.case.undecided:
        return one.case.undecided
    if one.case.beside:
        return "refused, perhaps for one of the other faults that were sent beside it"
    if one.proven:
        return ""
    if one.case.expect is Expect.UNAUTHORIZED and one.answer.status != 401:
        return "the body was refused, perhaps without a look at the credential"
    return "refused as required, but no valid request was seen to succeed"


def _well_refused(one: Judging) -> Iterator[Observation]:
    order = one.id("security.order")
    if why := _unproven(one):
        yield inconclusive(one.case.clause, why, as_required=True)
    else:
        yield from (held(clause) for clause in one.case.clauses if clause != order)
    if order in one.case.clauses:
        yield _in_order(one, order)
    if one.case.expect is Expect.UNAUTHORIZED and one.answer.status == 401:
        yield held(one.id("security.secrecy"))
        yield challenge_shown(one)


def _in_order(one: Judging, clause: str) -> Observation:
    status = one.answer.status
    if status not in VALIDATION:
        return held(clause) if status in (401, 403) else inconclusive(clause, f"refused: {status}")
    return one.broken(
        FindingCode.BODY_BEFORE_CREDENTIAL,
        clause=clause,
        level=Level.NOTE,
        expected="401 to a request without a credential, whatever else is wrong with it",
        got=one.got(),
        reason="order",
    )

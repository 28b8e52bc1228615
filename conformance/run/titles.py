"""Titles of findings: they name the scope and the cause, never the request that showed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.clauses.credential_aspects import ASPECTS
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.run.scopes import CREDENTIALS, PARAMETERS, REQUEST, Scope, is_syntax, named

__all__ = ["title"]

NAMED = 3
"""Places that the title of a list names; more are counted."""
_UNCHECKED = (
    FindingCode.ACCEPTED_INVALID_BODY,
    FindingCode.ACCEPTED_INVALID_PARAMETER,
)
_ABOUT: Mapping[str, str] = {
    "http.conditional": "conditional requests",
    "http.escapes": "unusual escapes in the URL",
    "http.headers": "large header fields",
    "http.path": "",
    "media.charset": "a body in another charset",
    "media.encoding": "a body with Content-Encoding",
    "media.undeclared": "a body of another media type",
    "methods.allow": "",
    "methods.undeclared": "undeclared methods",
    "property.invalid": "generated invalid requests",
    "property.valid": "generated valid requests",
}
"""What a title calls a clause that stands for no part of a request; "" where its code says it."""
_CREDENTIALS: Mapping[str, str] = {one.name: one.title for one in ASPECTS if one.title}
_WHOLE: Mapping[FindingCode, str] = {
    FindingCode.ACCEPTED_CREDENTIAL: "every credential is accepted",
    FindingCode.ACCEPTED_MALFORMED_BODY: "the syntax of bodies is not checked",
}


def title(
    name: FindingCode,
    operations: Sequence[str],
    scope: Scope,
    status: int,
    *,
    leaf: bool,
    listed: Sequence[Scope] = (),
    promise: str = "",
    every: bool = True,
    partly: bool = False,
) -> str:
    """`POST /chat: messages[].content is not checked`; `leaf` says that the scope is one clause.

    `listed` are the scopes that stand for themselves, below no common one. `promise` is what
    the contract says there, for what has no words of its own. Without `every`, other operations
    were seen to keep what these break. `partly` says that other values were refused as they should.
    """
    verb = "is" if len(listed) < 2 else "are"
    unchecked = f"{verb} {'checked only in part' if partly else 'not checked'}"
    if listed and name in _UNCHECKED:
        cause = f"{_listing(listed)} {unchecked}"
    elif listed:
        cause = _sentence(name, _listing(listed), status)
    else:
        cause = _cause(name, scope, status, unchecked, leaf=leaf, promise=promise)
    return f"{_subject(operations, every=every)}: {cause}"


def _subject(operations: Sequence[str], *, every: bool) -> str:
    if len(operations) == 1:
        return operations[0]
    if len(operations) == 2 and every:
        return "both operations"
    return f"{'all ' if every else ''}{len(operations)} operations"


def _cause(
    name: FindingCode, scope: Scope, status: int, unchecked: str, *, leaf: bool, promise: str
) -> str:
    # Several faults of writing: none of them is looked at.
    if not leaf and is_syntax(scope) and name is FindingCode.ACCEPTED_MALFORMED_BODY:
        return f"{named(scope)} is not checked"
    if not leaf and name in _WHOLE:
        return _WHOLE[name]
    aspect = scope[-1].removeprefix(f"{CREDENTIALS}.") if scope else ""
    if name is FindingCode.ACCEPTED_CREDENTIAL and aspect in _CREDENTIALS:
        return _CREDENTIALS[aspect]
    where = _where(scope, leaf=leaf)
    # The place is what a reader looks for; its keyword is in the clause.
    if name in _UNCHECKED and where:
        return f"{where} {unchecked}"
    return _sentence(name, where or _ABOUT.get(promise, promise), status)


def _listing(scopes: Sequence[Scope]) -> str:
    """The first of many places by name, and how many more there are."""
    names = list(dict.fromkeys(_place(scope) for scope in scopes))
    shown, more = names[:NAMED], len(names) - NAMED
    kinds = {scope[1] for scope in scopes if len(scope) > 2}
    if len(names) > 1 and len(kinds) == 1 and kinds <= PARAMETERS:
        # `query parameters a, b, c`, and not the kind before each of them.
        (kind,) = kinds
        shown[0] = shown[0].replace(f"{kind} parameter ", f"{kind} parameters ", 1)
        shown[1:] = [one.removeprefix(f"{kind} parameter ") for one in shown[1:]]
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)


def _place(scope: Scope) -> str:
    if scope[0] != REQUEST:
        local = ".".join(scope)
        return _ABOUT.get(local) or local
    return named(scope[:-1]) if len(scope) > 2 else named(scope)


def _sentence(name: FindingCode, about: str, status: int) -> str:
    entry = code(name).title
    cause = f"{entry[:1].lower()}{entry[1:]}"
    shown = f" ({status})" if name in _WITH_STATUS and status else ""
    return f"{about}: {cause}{shown}" if about else f"{cause}{shown}"


_WITH_STATUS = (
    FindingCode.SERVER_ERROR,
    FindingCode.WRONG_REFUSAL,
    FindingCode.WRONG_CREDENTIAL_REFUSAL,
    FindingCode.UNDOCUMENTED_STATUS,
    FindingCode.REFUSED_VALID,
    FindingCode.REFUSED_FREE,
    FindingCode.REFUSED_CONTROL,
)


def _where(scope: Scope, *, leaf: bool) -> str:
    """The scope in words; of one clause the place and its keyword; "" where it has no place."""
    if not scope or scope[0] not in (REQUEST, CREDENTIALS):
        return ""
    if not leaf:
        return named(scope)
    if scope[0] == CREDENTIALS:
        return f"{scope[-1]} credential"
    return f"{named(scope[:-1])}: {scope[-1]}"

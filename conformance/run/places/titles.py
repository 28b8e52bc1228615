"""Titles of findings: they name the scope and the cause, and nothing that was not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.run.places.scopes import CREDENTIALS, PARAMETERS, REQUEST, Scope, is_syntax, named
from conformance.run.places.subjects import (
    NAMED,
    as_allowed,
    as_forbidden,
    header_name,
    in_answer,
    joined,
    subject,
)

__all__ = ["Cause", "title"]

FORMS = 2
"""Forms of one fault that a title names; more are counted."""
_UNCHECKED = (
    FindingCode.ACCEPTED_INVALID_BODY,
    FindingCode.ACCEPTED_INVALID_PARAMETER,
)
_OF_VALUES = frozenset({FindingCode.REFUSED_VALID, FindingCode.REFUSED_FREE})
_ACCEPTED = frozenset(
    {
        FindingCode.ACCEPTED_CREDENTIAL,
        FindingCode.ACCEPTED_MALFORMED_BODY,
        FindingCode.ACCEPTED_MEDIA_TYPE,
    }
)
_ALONE = frozenset(
    {
        FindingCode.ACCEPTED_METHOD,
        FindingCode.BODY_BEFORE_CREDENTIAL,
        FindingCode.CHANGED_BY_REFUSAL,
        FindingCode.IGNORED_PRECONDITION,
        FindingCode.KEPT_CONNECTION,
        FindingCode.LEAKED_SECRET,
        FindingCode.LOST_CHANGE,
        FindingCode.LOST_CREATION,
        FindingCode.METHOD_NOT_FOUND,
        FindingCode.MISSING_CHALLENGE,
        FindingCode.MIXED_ANSWERS,
        FindingCode.POISONED,
        FindingCode.REFUSED_ALTERNATIVE,
        FindingCode.SCHEME_CASE,
        FindingCode.SPOILED_CREDENTIAL,
        FindingCode.STILL_THERE,
        FindingCode.UNSTEADY,
    }
)
"""Codes that say by themselves of which part of a request they are."""
_WITH_STATUS = frozenset(
    {FindingCode.SERVER_ERROR, FindingCode.WRONG_REFUSAL, FindingCode.REFUSED_CONTROL}
)
_HEADERS: Mapping[bool | None, str] = {
    True: "missing",
    False: "not of its schema",
    None: "missing or not of its schema",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What places that are shown together have in common.

    `leaf` says that the scope is one clause, and `listed` are the scopes that stand for themselves,
    below no common one. `every` says that no operation of the run is missing. `forbidden` says that
    a refusal was asked for, `partial` of each place whether other faults were refused as they
    should, and `refused` whether one was at any place, for whatever it was; `forms` are those that
    were not. `wanted` is what should have been answered. `size` is the length of the shortest of
    long texts. `omitting` says whether an optional part was left out (None: it is not known, or
    both); `called` are the words for what was sent, with {} for its place, where the clause says
    too little. `content_type` is that of the answer; `absent` says of a header whether it is
    missing everywhere (None: here and there). `traced`: the failures of each operation show a
    stack trace.
    """

    code: FindingCode
    operations: Sequence[str]
    scope: Scope
    status: int = 0
    leaf: bool = True
    listed: Sequence[Scope] = ()
    every: bool = False
    forbidden: bool = True
    partial: Sequence[bool] = ()
    refused: bool = False
    forms: Sequence[str] = ()
    wanted: str = ""
    size: int = 0
    omitting: bool | None = None
    called: str = ""
    content_type: str = ""
    absent: bool | None = None
    traced: bool = False


def title(cause: Cause) -> str:
    """`POST /chat: messages[].content is not checked`."""
    return f"{_operations(cause)}: {_unchecked(cause) or _sentence(cause)}"


def _operations(cause: Cause) -> str:
    count = len(cause.operations)
    if count < NAMED:
        return " and ".join(cause.operations)
    return f"{'all ' if cause.every else ''}{count} operations"


def _unchecked(cause: Cause) -> str:
    """What was let in though its value is forbidden; "" for other causes."""
    if cause.code not in _UNCHECKED:
        return ""
    how = "not checked, or only in part" if cause.refused else "not checked"
    how = "checked only in part" if cause.partial and all(cause.partial) else how
    if not cause.listed:
        where = _where(cause)
        return where and f"{where} {_verb(cause)} {how}"
    # That a keyword is not looked at says nothing of the others of its place.
    keywords = {_keyword(scope) for scope in cause.listed}
    if len(keywords) == 1:
        return f"{_listing(cause.listed)}: {keywords.pop()} is {how}"
    return f"{_listing(cause.listed, keywords=True)} {_verb(cause)} {how}"


def _keyword(scope: Scope) -> str:
    return "presence" if scope[-1] == "missing" else scope[-1]


def _verb(cause: Cause) -> str:
    # `query parameters`: all of a kind, where nothing below them was seen to hold.
    of_a_kind = not cause.leaf and cause.scope[1:] in {(kind,) for kind in PARAMETERS}
    return "are" if len(set(map(_place, cause.listed))) > 1 or of_a_kind else "is"


def _where(cause: Cause) -> str:
    """The place that a reader looks for, and its keyword; "" where there is none."""
    if cause.scope[:1] != (REQUEST,):
        return ""
    if not cause.leaf:
        return named(cause.scope)
    return f"{named(cause.scope[:-1])}: {_keyword(cause.scope)}"


def _sentence(cause: Cause) -> str:
    """What was sent, or what is looked at, and what became of it."""
    name, status, about, verb = cause.code, cause.status, _about(cause), _verb(cause)
    if name is FindingCode.RESPONSE_HEADER:
        return f"{header_name(cause.scope)} is {_HEADERS[cause.absent]}"
    if name is FindingCode.UNDOCUMENTED_CONTENT_TYPE and about and cause.content_type:
        return f"{about} is {cause.content_type}, which the contract does not document"
    if name is FindingCode.RESPONSE_SCHEMA and (cause.listed or cause.leaf):
        return in_answer(cause.listed or [cause.scope])
    if name in _ACCEPTED.union(_UNCHECKED) and about:
        return f"{about} {verb} accepted"
    if name is FindingCode.FALSE_NEGOTIATION:
        return f"{about or 'Accept'} is not understood"
    if name in _OF_VALUES and about:
        return f"{about} {verb} refused ({status})"
    if name is FindingCode.WRONG_CREDENTIAL_REFUSAL:
        return f"{about or 'a request'} {verb} answered with {status}, and not with {cause.wanted}"
    if name is FindingCode.UNDOCUMENTED_STATUS:
        answered = f"answered with {status}, which the contract does not document"
        return f"{about} {verb} {answered}" if about else answered
    entry = code(name).title
    told = f"{entry[:1].lower()}{entry[1:]}{f' ({status})' if name in _WITH_STATUS else ''}"
    told += " and shows a stack trace" if cause.traced else ""
    return f"{about}: {told}" if about else told


def _about(cause: Cause) -> str:
    if cause.code in _ALONE:
        return ""
    # What is said of a place by several schemas (`allOf`) is one thing that was sent.
    if len({(_place(one), one[-1]) for one in cause.listed}) == 1:
        cause = replace(cause, scope=cause.listed[0], listed=(), leaf=True)
    if cause.listed:
        long = not cause.forbidden and {one[-1] for one in cause.listed} == {"long"}
        return f"{'long texts in ' if long else ''}{_listing(cause.listed)}"
    if not cause.scope:
        return "every valid request"  # nothing of the operation was seen to hold
    if not cause.leaf:
        return _whole(cause)
    allowed = as_allowed(cause.scope, cause.size, cause.omitting, cause.called)
    found = as_forbidden(cause.scope) if cause.forbidden else allowed
    return f"{found}{_forms(cause)}"


def _whole(cause: Cause) -> str:
    """A scope in which nothing was seen to hold."""
    if cause.scope[:1] == (CREDENTIALS,) and cause.code is FindingCode.ACCEPTED_CREDENTIAL:
        return "every credential"
    if cause.scope == (REQUEST,):
        return "an invalid request" if cause.forbidden else "a valid request"
    if is_syntax(cause.scope) and cause.code is FindingCode.ACCEPTED_MALFORMED_BODY:
        return f"{named(cause.scope)} of any syntax"
    return subject(cause.scope)


def _forms(cause: Cause) -> str:
    """Which forms of a bad credential it is about, where others were refused as they should."""
    told = any(cause.partial) and cause.scope[:1] == (CREDENTIALS,)
    return f" ({joined(cause.forms, FORMS, sign='; ')})" if told else ""


def _listing(scopes: Sequence[Scope], *, keywords: bool = False) -> str:
    """The first of many places by name, with their keywords if asked; how many more there are."""
    found = dict[str, list[str]]()
    for scope in scopes:
        # What speaks of any request is no place.
        if name := _place(scope):
            found.setdefault(name, []).append(_keyword(scope))
    names = list(found)
    kinds = {scope[1] for scope in scopes if len(scope) > 2}
    if len(names) > 1 and len(kinds) == 1 and kinds <= PARAMETERS:
        # `query parameters a, b, c`, and not the kind before each of them.
        (kind,) = kinds
        names[0] = names[0].replace(f"{kind} parameter ", f"{kind} parameters ", 1)
        names[1:] = [one.removeprefix(f"{kind} parameter ") for one in names[1:]]
    told = [f" ({', '.join(dict.fromkeys(one))})" if keywords else "" for one in found.values()]
    return joined([f"{name}{more}" for name, more in zip(names, told, strict=True)], NAMED)


def _place(scope: Scope) -> str:
    return named(scope[:-1]) if scope[0] == REQUEST and len(scope) > 2 else subject(scope)

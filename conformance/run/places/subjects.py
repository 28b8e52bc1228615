"""What a title says of a clause: the part of a request or of an answer, and what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.clauses.credential_aspects import ASPECTS
from conformance.clauses.keyword_sentences import BROKEN
from conformance.run.places.scopes import (
    CREDENTIALS,
    REQUEST,
    Scope,
    answer_steps,
    is_syntax,
    named,
    path_of,
)

__all__ = [
    "ABOUT",
    "NAMED",
    "SYNTAX",
    "as_allowed",
    "as_forbidden",
    "header_name",
    "in_answer",
    "joined",
    "subject",
]

NAMED = 3
"""Places that the title of a list names; more are counted."""
_OF_SEVERAL = {"does": "do", "fits": "fit", "has": "have", "is": "are", "lacks": "lack"}
"""The verbs of what is said of a value, where it is said of several."""

ABOUT: Mapping[str, str] = {
    "accept.coding": "Accept-Encoding",
    "accept.other": "an Accept that nothing satisfies",
    "accept.range": "a range in Accept",
    "http.body": "a body that is not declared",
    "http.conditional": "a conditional request",
    "http.escapes": "an unusual percent-escape in the URL",
    "http.framing": "a body with wrong framing",
    "http.headers": "a large header field",
    "http.path": "",
    "http.query": "an unknown query parameter",
    "http.validators": "",
    "media.absent": "a body without Content-Type",
    "media.charset": "a body in another charset",
    "media.encoding": "a body with Content-Encoding",
    "media.spelling": "another spelling of the media type",
    "media.undeclared": "a body of another media type",
    "methods.allow": "",
    "methods.undeclared": "an undeclared method",
    "property.invalid": "a generated invalid request",
    "property.valid": "a generated valid request",
    "state.changed": "reading what was changed",
    "state.gone": "reading what was deleted",
    "state.readable": "reading what was created",
    "steady.after-bad": "a valid request after an invalid one",
    "steady.concurrent": "concurrent valid requests",
    "steady.kept": "a second request on one connection",
    "steady.repeated": "a valid request, sent again",
    "steady.unchanged": "an invalid request",
}
"""What a clause is about that stands for no part of a request; "" where its code says it."""
_REPEATED_FAULT = "an invalid request"
"""What is sent for `steady.repeated` where an answer to a fault does not show again."""
SYNTAX: Mapping[str, str] = {
    "limits": "a body with NUL, or of unusual depth, size or digits",
    "malformed": "a malformed body",
    "numbers": "NaN or Infinity",
    "root": "another root element",
    "spelling": "an unusual spelling of the body",
    "surrogates": "a lone surrogate",
    "trailing": "text after the end of the body",
    "transfer": "a chunked body",
    "utf-8": "a body that is not UTF-8",
}
"""What is sent for a clause of how a body is written."""
_OF_EVERY_REQUEST = frozenset({"answer", "control", "status"})
"""First steps of clauses whose code says all that there is to say."""
_ALLOWED: Mapping[str, str] = {
    "anyOf": "an alternative of {}",
    "const": "the only value of {}",
    "empty": "an empty text in {}",
    "enum": "a listed value of {}",
    "free": "a text with special characters in {}",
    "large": "a large number in {}",
    "long": "a long text in {}",
    "maxItems": "{} with as many items as are allowed",
    "maxLength": "{} of the greatest length that is allowed",
    "maximum": "{} at its maximum",
    "minItems": "{} with as few items as are allowed",
    "minLength": "{} of the least length that is allowed",
    "minimum": "{} at its minimum",
    "nullable": "{} that is null",
    "oneOf": "an alternative of {}",
    "small": "zero or a negative number in {}",
    "unknown": "an unknown property in {}",
}
_PRESENCE: Mapping[bool | None, str] = {
    True: "omitting {}",
    False: "sending {}",
    None: "sending or omitting {}",
}
_SENT = {f"{CREDENTIALS}.{one.name}": one.sent for one in ASPECTS}


def subject(scope: Scope) -> str:
    """The scope as a noun, without what was sent there; "" where the code says it all."""
    if scope[:1] == (REQUEST,):
        return named(scope)
    if scope[:1] == (CREDENTIALS,):
        return _SENT.get(".".join(scope), "a missing or bad credential")
    if steps := answer_steps(scope):
        return _answer(steps[0])
    return _about(scope[0]) if scope else ""


def as_allowed(scope: Scope, size: int = 0, omitting: bool | None = None, called: str = "") -> str:
    """What was sent for a clause that allows it: `a listed value of role`; `size` is its length.

    `omitting` says whether an optional part was left out; None where both may be meant. `called`
    are words for it that say more than the clause, with {} for its place.
    """
    if scope[:1] != (REQUEST,) or len(scope) < 3:
        return called or subject(scope)
    where, keyword = named(scope[:-1]), scope[-1]
    if is_syntax(scope):
        return called or SYNTAX.get(keyword, where)
    if keyword == "optional":
        return _PRESENCE[omitting].format(where)
    if keyword == "long" and size:
        return f"a text of {size:,} characters in {where}"
    words = called or _ALLOWED.get(keyword, f"a legal value of {{}} ({keyword})")
    return words.replace("{}", where)


def as_forbidden(scope: Scope) -> str:
    """What was sent for a clause that forbids it: `role is none of the listed values`."""
    if scope[:1] != (REQUEST,) or len(scope) < 3:
        return _REPEATED_FAULT if scope[:1] == ("steady.repeated",) else subject(scope)
    where, keyword = named(scope[:-1]), scope[-1]
    # What allows something, or how a body is written, has no value that breaks it.
    return _predicated(where, keyword) if keyword in BROKEN else as_allowed(scope)


def in_answer(scopes: Sequence[Scope]) -> str:
    """What is wrong with an answer, by one keyword: `a and b are missing in the 200 response`."""
    *_, keyword = answer_steps(scopes[0])
    statuses = list(dict.fromkeys(answer_steps(one)[0] for one in scopes))
    paths = list(dict.fromkeys(path_of(answer_steps(one)[1:-1]) for one in scopes))
    if paths == [""]:
        return _predicated(_answers(statuses), keyword, several=len(statuses) > 1)
    names = joined([path or "the body" for path in paths], NAMED)
    return f"{_predicated(names, keyword, several=len(paths) > 1)} in {_answers(statuses)}"


def joined(names: Sequence[str], most: int, sign: str = ", ") -> str:
    """The first of many names, and how many more there are."""
    # One more is named: to count it is no shorter.
    shown = names if len(names) <= most + 1 else [*names[:most], f"{len(names) - most} more"]
    return " and ".join(filter(None, (sign.join(shown[:-1]), *shown[-1:])))


def header_name(scope: Scope) -> str:
    """The header of a response that a clause is about."""
    status, *_, name = answer_steps(scope)
    return f"the header {name} of {_answer(status)}"


def _answer(status: str) -> str:
    """The response by its step: `200`, or `200(text/csv)`."""
    number, _, media_type = status.partition("(")
    return f"the {number} response" + (f" in {media_type[:-1]}" if media_type else "")


def _answers(statuses: Sequence[str]) -> str:
    """One response, or several: `the 200 and 201 responses`."""
    if len(statuses) == 1 or any("(" in one for one in statuses):
        return joined([_answer(one) for one in statuses], NAMED)
    return f"the {joined(statuses, NAMED)} responses"


def _about(local: str) -> str:
    if local.startswith("media.declared("):
        return f"a body of {local.partition('(')[2][:-1]}"
    known = {**ABOUT, **_SENT}
    return "" if local.partition(".")[0] in _OF_EVERY_REQUEST else known.get(local, local)


def _predicated(where: str, keyword: str, *, several: bool = False) -> str:
    verb, _, rest = BROKEN.get(keyword, "").partition(" ")
    verb = _OF_SEVERAL[verb] if verb and several else verb
    return f"{where} {verb} {rest}" if verb else f"{where}: {keyword}"

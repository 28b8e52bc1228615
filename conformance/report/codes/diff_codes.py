"""The codes of `conformance diff`."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["DIFF_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="diff", level=level, title=title, explain=explain)


_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE

_OPERATIONS = (
    _code(
        FindingCode.OPERATION_REMOVED,
        _E,
        "An operation is gone",
        "OLD declares the operation and NEW does not, deprecated or not: a client that still calls "
        "it gets 404 or 405. Keep it until nobody calls it, or publish a new major version.",
    ),
    _code(FindingCode.OPERATION_ADDED, _N, "An operation is new", "No client calls it yet."),
    _code(
        FindingCode.OPERATION_DEPRECATED,
        _N,
        "An operation is deprecated",
        "Nothing breaks yet. Say in the description, or in `x-sunset`, until when it will answer.",
    ),
    _code(
        FindingCode.OPERATION_REINSTATED,
        _N,
        "An operation is no longer deprecated",
        "Clients that moved away need not have; nothing breaks.",
    ),
    _code(
        FindingCode.SUNSET_CHANGED,
        _W,
        "The day on which an operation goes is another one",
        "`x-sunset` (the date of RFC 8594's Sunset header) was set, moved or taken back. Clients "
        "plan by it: tell them.",
    ),
    _code(
        FindingCode.OPERATION_ID_CHANGED,
        _W,
        "An operationId is another one",
        "No request changes, but generated clients name their methods by it: code that is "
        "generated anew no longer compiles with its callers.",
    ),
    _code(
        FindingCode.SERVER_PATH_MOVED,
        _E,
        "A server's path is gone",
        "OLD's clients send their requests under a path that NEW does not serve. Keep the old "
        "server in the list, or redirect.",
    ),
    _code(
        FindingCode.SERVER_PATH_ADDED,
        _N,
        "The API is served under one more path",
        "Nobody calls it yet.",
    ),
    _code(
        FindingCode.SERVER_HOST_CHANGED,
        _W,
        "A server is no longer listed",
        "The paths are the same, the host or the scheme is not. Where the old host is shut down, "
        "clients that have it configured fail; keep it alive or tell them.",
    ),
)

_SECURITY = (
    _code(
        FindingCode.CREDENTIAL_REFUSED,
        _E,
        "A credential that was enough no longer is",
        "A client with what OLD asks for (nothing at all, a scheme, some scopes) lacks what "
        "NEW asks for: security was added, a scheme was removed or changed, or a scope was added.",
    ),
    _code(
        FindingCode.CREDENTIAL_ACCEPTED,
        _N,
        "Another credential is accepted as well",
        "Clients go on with what they have.",
    ),
    _code(
        FindingCode.SECURITY_DROPPED,
        _W,
        "An operation lets anybody in",
        "No client fails, but what was protected no longer is. Make sure that it is meant.",
    ),
)

_PARAMETERS = (
    _code(
        FindingCode.PARAMETER_REQUIRED,
        _E,
        "A parameter must be sent that OLD does not ask for",
        "Requests without it were correct and are refused now. Make it optional, with a default.",
    ),
    _code(
        FindingCode.PARAMETER_OPTIONAL,
        _N,
        "A parameter need not be sent any more",
        "Sending it is fine.",
    ),
    _code(FindingCode.PARAMETER_ADDED, _N, "An optional parameter is new", "Clients may use it."),
    _code(
        FindingCode.PARAMETER_WITHDRAWN,
        _W,
        "A parameter is no longer declared",
        "Most servers ignore what they do not know, so requests go through, but what clients ask "
        "for by it no longer happens.",
    ),
    _code(
        FindingCode.PARAMETER_STYLE_CHANGED,
        _E,
        "A parameter is written otherwise",
        "`style`, `explode` or `content` changed: the text that OLD's clients send is read as "
        "another value, or refused. Add a parameter with another name instead.",
    ),
    _code(FindingCode.PARAMETER_DEPRECATED, _N, "A parameter is deprecated", "It still counts."),
)

_REQUESTS = (
    _code(
        FindingCode.REQUEST_BODY_REQUIRED,
        _E,
        "A body must be sent that OLD does not ask for",
        "Requests without a body were correct and are refused now.",
    ),
    _code(
        FindingCode.REQUEST_BODY_OPTIONAL,
        _N,
        "The body need not be sent any more",
        "Sending is fine.",
    ),
    _code(FindingCode.REQUEST_BODY_ADDED, _N, "An optional body is new", "Clients may send one."),
    _code(
        FindingCode.REQUEST_MEDIA_TYPE_REMOVED,
        _E,
        "A media type of the request is gone",
        "A body that OLD's clients send is no longer declared: the answer is 415 or worse.",
    ),
    _code(
        FindingCode.REQUEST_MEDIA_TYPE_ADDED,
        _N,
        "A media type of the request is new",
        "Clients go on with the one that they use.",
    ),
    _code(
        FindingCode.REQUEST_PROPERTY_REQUIRED,
        _E,
        "A property must be sent that OLD does not ask for",
        "Requests without it were correct and are refused now. Make it optional, with a default.",
    ),
    _code(
        FindingCode.REQUEST_PROPERTY_REFUSED,
        _E,
        "A property of the request is refused",
        "`additionalProperties` was closed, or a property was withdrawn where no others are "
        "allowed: a request that has it was correct and is refused now.",
    ),
    _code(
        FindingCode.REQUEST_TYPE_NARROWED,
        _E,
        "A JSON type of the request is refused",
        "A value of this type was correct, null included, and is refused now.",
    ),
    _code(
        FindingCode.REQUEST_ENUM_NARROWED,
        _E,
        "A value of the request is refused",
        "It was a member of `enum`, or the value was free, and NEW's `enum` or `const` lacks it.",
    ),
    _code(
        FindingCode.REQUEST_CONSTRAINT_TIGHTENED,
        _E,
        "A constraint of the request is tighter",
        "A bound, a length, a number of items or properties, a pattern or a format refuses what "
        "was correct.",
    ),
    _code(
        FindingCode.REQUEST_ALTERNATIVE_REMOVED,
        _E,
        "An alternative of the request is gone",
        "What one branch of `oneOf` or `anyOf` allowed, or `not` and `if` did not forbid, is "
        "refused now.",
    ),
    _code(
        FindingCode.REQUEST_WIDENED,
        _N,
        "The request allows more",
        "Everything that clients send is still correct.",
    ),
)

_RESPONSES = (
    _code(
        FindingCode.SUCCESS_STATUS_REMOVED,
        _E,
        "A success status is gone",
        "Consumers wait for it. Where NEW answers with another one, their success branch is never "
        "taken.",
    ),
    _code(
        FindingCode.SUCCESS_STATUS_ADDED,
        _E,
        "A success status is new",
        "OLD promises that it does not occur; a consumer has no branch for it.",
    ),
    _code(
        FindingCode.ERROR_STATUS_REMOVED,
        _W,
        "An error status is withdrawn",
        "No client need fail, but what used to be answered with it is answered otherwise now.",
    ),
    _code(
        FindingCode.ERROR_STATUS_ADDED,
        _W,
        "An error status is new",
        "Every client must be ready for errors that it does not know, so none need fail; a "
        "cautious owner tells them all the same.",
    ),
    _code(
        FindingCode.RESPONSE_MEDIA_TYPE_REMOVED,
        _E,
        "A media type of the response is gone",
        "A consumer that reads this media type, and asks for no other, is left without an answer.",
    ),
    _code(
        FindingCode.RESPONSE_MEDIA_TYPE_ADDED,
        _N,
        "A media type of the response is new",
        "The client negotiates (RFC 9110 section 12): it gets it only where it accepts it.",
    ),
    _code(
        FindingCode.RESPONSE_BODY_ADDED,
        _N,
        "A response has a body that had none",
        "OLD promised nothing about it, so nobody reads it yet.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_REMOVED,
        _E,
        "A response header is gone",
        "OLD documents it, so consumers may read it.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_OPTIONAL,
        _E,
        "A response header may be missing",
        "OLD promises that it is always there.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_ADDED, _N, "A response header is new", "Nobody reads it yet."
    ),
    _code(
        FindingCode.RESPONSE_PROPERTY_OPTIONAL,
        _E,
        "A property of the response may be missing",
        "OLD promises that it is always there.",
    ),
    _code(
        FindingCode.RESPONSE_PROPERTY_UNPROMISED,
        _E,
        "A property of the response that OLD rules out",
        "OLD closes the object with `additionalProperties`; NEW may send what it excludes.",
    ),
    _code(
        FindingCode.RESPONSE_TYPE_WIDENED,
        _E,
        "A JSON type of the response that OLD rules out",
        "NEW may send a value of a type that consumers are not made for, null included.",
    ),
    _code(
        FindingCode.RESPONSE_ENUM_WIDENED,
        _E,
        "A value of the response that OLD rules out",
        "OLD lists all the values; NEW may send another one. Consumers switch over such lists.",
    ),
    _code(
        FindingCode.RESPONSE_CONSTRAINT_LOOSENED,
        _E,
        "A constraint of the response is looser",
        "A bound, a length, a number of items or properties, a pattern or a format that OLD "
        "promises no longer holds.",
    ),
    _code(
        FindingCode.RESPONSE_ALTERNATIVE_ADDED,
        _E,
        "An alternative of the response is new",
        "NEW may send what no branch of OLD's `oneOf` or `anyOf` allows.",
    ),
    _code(
        FindingCode.RESPONSE_NARROWED,
        _N,
        "The response promises more",
        "Everything that NEW may send, OLD's consumers understand.",
    ),
)

_BOTH = (
    _code(
        FindingCode.PROPERTY_DECLARED,
        _N,
        "An optional property is new",
        "Clients and servers send only what their contract names, so nobody meets it unprepared.",
    ),
    _code(
        FindingCode.PROPERTY_WITHDRAWN,
        _W,
        "An optional property is no longer declared",
        "Nobody need fail: it was never sure to be there, and it is not forbidden. What was done "
        "with it no longer happens.",
    ),
    _code(
        FindingCode.DEFAULT_CHANGED,
        _W,
        "A default is another one",
        "A request without the value is as correct as before and means something else.",
    ),
    _code(
        FindingCode.UNDECIDED,
        _W,
        "A change that could not be decided",
        "Two schemas differ, and neither a proof that the change is compatible nor a value that "
        "breaks was found. A person has to look.",
    ),
    _code(
        FindingCode.NOT_COMPARED,
        _W,
        "A change in a part that is not compared",
        "Callbacks, links, webhooks, discriminators and XML are outside the comparison. A person "
        "has to look.",
    ),
)

DIFF_CODES: tuple[Code, ...] = (
    *_OPERATIONS,
    *_SECURITY,
    *_PARAMETERS,
    *_REQUESTS,
    *_RESPONSES,
    *_BOTH,
)

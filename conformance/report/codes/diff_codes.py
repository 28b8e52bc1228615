"""The codes of `conformance diff`.

One table, and as long as the codes are many: `explain` and the pages take every text from here, and
a reader looks one code up. The rules that find them stand elsewhere.
"""

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
        "An operation was removed",
        "OLD declares the operation and NEW does not, deprecated or not: a client that still calls "
        "it gets 404 or 405. Keep it until no client calls it, or publish a new major version.",
    ),
    _code(
        FindingCode.REMOVED_AS_ANNOUNCED,
        _N,
        "A removal was announced",
        "OLD marks it `deprecated`, and the date in `x-sunset` (RFC 8594) has passed, or it was "
        "deprecated for at least `--deprecation-days`.",
    ),
    _code(
        FindingCode.OPERATION_TAKEN_OVER,
        _N,
        "Requests of an operation reach another operation",
        "NEW has no operation with this path, but another operation's path template matches its "
        "requests. The two operations are compared.",
    ),
    _code(FindingCode.OPERATION_ADDED, _N, "An operation is new", "No client calls it yet."),
    _code(
        FindingCode.OPERATION_DEPRECATED,
        _N,
        "An operation is deprecated",
        "Nothing breaks yet. Say in the description or in `x-sunset` how long it will be served.",
    ),
    _code(
        FindingCode.OPERATION_REINSTATED,
        _N,
        "An operation is no longer deprecated",
        "Nothing breaks. Clients that stopped using it may use it again.",
    ),
    _code(
        FindingCode.SUNSET_CHANGED,
        _W,
        "The removal date of an operation changed",
        "`x-sunset` (the date of RFC 8594's Sunset header) was added, changed or removed. "
        "Clients plan by this date, so tell them.",
    ),
    _code(
        FindingCode.OPERATION_ID_CHANGED,
        _W,
        "An operationId changed",
        "No request changes, but client generators name methods by it: newly generated code no "
        "longer compiles with its callers.",
    ),
    _code(
        FindingCode.SERVER_PATH_MOVED,
        _E,
        "A server's path was removed",
        "OLD's clients send their requests under a path that NEW does not serve. Keep the old "
        "server in the list, or redirect.",
    ),
    _code(
        FindingCode.SERVER_PATH_ADDED,
        _N,
        "The API is also served under another path",
        "No client uses it yet.",
    ),
    _code(
        FindingCode.SERVER_HOST_CHANGED,
        _W,
        "A server is no longer listed",
        "The paths are the same, but the host or the scheme differs. If the old host is shut "
        "down, clients that are configured with it fail. Keep it running, or tell the clients.",
    ),
)

_SECURITY = (
    _code(
        FindingCode.CREDENTIAL_REFUSED,
        _E,
        "A credential that was sufficient no longer is",
        "A client that sends what OLD requires (nothing, a scheme, some scopes) does not send "
        "what NEW requires: security was added, a scheme was removed or changed, or a scope was "
        "added.",
    ),
    _code(
        FindingCode.CREDENTIAL_ACCEPTED,
        _N,
        "Another credential is accepted as well",
        "Clients can continue to use their credential.",
    ),
    _code(
        FindingCode.SECURITY_DROPPED,
        _W,
        "An operation no longer needs a credential",
        "No client fails, but the operation is no longer protected. Check that this is intended.",
    ),
)

_PARAMETERS = (
    _code(
        FindingCode.PARAMETER_REQUIRED,
        _E,
        "A parameter is required that OLD does not require",
        "Requests without it were valid and are refused now. Make it optional, with a default.",
    ),
    _code(
        FindingCode.PARAMETER_OPTIONAL,
        _N,
        "A parameter is no longer required",
        "Clients may still send it.",
    ),
    _code(FindingCode.PARAMETER_ADDED, _N, "An optional parameter is new", "Clients may use it."),
    _code(
        FindingCode.PARAMETER_WITHDRAWN,
        _W,
        "A parameter is no longer declared",
        "Most servers ignore unknown parameters, so requests still succeed, but the parameter no "
        "longer has an effect.",
    ),
    _code(
        FindingCode.PARAMETER_STYLE_CHANGED,
        _E,
        "A parameter is serialised differently",
        "`style`, `explode` or `content` changed: the text that OLD's clients send is read as "
        "another value, or refused. Add a parameter with another name instead.",
    ),
    _code(
        FindingCode.PARAMETER_DEPRECATED,
        _N,
        "A parameter is deprecated",
        "It still has its effect.",
    ),
)

_REQUESTS = (
    _code(
        FindingCode.REQUEST_BODY_REQUIRED,
        _E,
        "A body is required that OLD does not require",
        "Requests without a body were valid and are refused now.",
    ),
    _code(
        FindingCode.REQUEST_BODY_OPTIONAL,
        _N,
        "The body is no longer required",
        "Clients may still send it.",
    ),
    _code(FindingCode.REQUEST_BODY_ADDED, _N, "An optional body is new", "Clients may send one."),
    _code(
        FindingCode.REQUEST_MEDIA_TYPE_REMOVED,
        _E,
        "A media type of the request was removed",
        "OLD's clients send a body that is no longer declared; a typical response is 415.",
    ),
    _code(
        FindingCode.REQUEST_MEDIA_TYPE_ADDED,
        _N,
        "A media type of the request is new",
        "Clients can continue to use their media type.",
    ),
    _code(
        FindingCode.REQUEST_PROPERTY_REQUIRED,
        _E,
        "A property is required that OLD does not require",
        "Requests without it were valid and are refused now. Make it optional, with a default.",
    ),
    _code(
        FindingCode.REQUEST_PROPERTY_REFUSED,
        _E,
        "A property of the request is refused",
        "`additionalProperties` became false, or a property was removed where no others are "
        "allowed. A request with it was valid and is refused now.",
    ),
    _code(
        FindingCode.REQUEST_TYPE_NARROWED,
        _E,
        "A JSON type of the request is refused",
        "A value of this type (which may be null) was valid and is refused now.",
    ),
    _code(
        FindingCode.REQUEST_ENUM_NARROWED,
        _E,
        "A value of the request is refused",
        "OLD allows the value, and NEW's `enum` or `const` does not contain it.",
    ),
    _code(
        FindingCode.REQUEST_CONSTRAINT_TIGHTENED,
        _E,
        "A constraint of the request is tighter",
        "A bound, a length, a number of items or properties, a pattern or a format refuses a "
        "value that was valid.",
    ),
    _code(
        FindingCode.REQUEST_ALTERNATIVE_REMOVED,
        _E,
        "An alternative of the request was removed",
        "A value is refused now that a branch of `oneOf` or `anyOf` allowed, or that `not` or "
        "`if` did not forbid.",
    ),
    _code(
        FindingCode.REQUEST_WIDENED,
        _N,
        "The request allows more",
        "Every request that was valid is still valid.",
    ),
)

_RESPONSES = (
    _code(
        FindingCode.SUCCESS_STATUS_REMOVED,
        _E,
        "A success status was removed",
        "Consumers expect it. If NEW responds with another status, their code for success does "
        "not run.",
    ),
    _code(
        FindingCode.SUCCESS_STATUS_ADDED,
        _E,
        "A success status is new",
        "OLD promises that it does not occur, so consumers have no code for it.",
    ),
    _code(
        FindingCode.ERROR_STATUS_REMOVED,
        _W,
        "An error status was removed",
        "No client needs to fail, but those errors now get another status.",
    ),
    _code(
        FindingCode.ERROR_STATUS_ADDED,
        _W,
        "An error status is new",
        "Every client must handle unknown errors, so no client needs to fail. Tell the clients "
        "anyway.",
    ),
    _code(
        FindingCode.RESPONSE_MEDIA_TYPE_REMOVED,
        _E,
        "A media type of the response was removed",
        "A consumer that accepts only this media type gets no usable response.",
    ),
    _code(
        FindingCode.RESPONSE_MEDIA_TYPE_ADDED,
        _N,
        "A media type of the response is new",
        "The client negotiates the media type (RFC 9110 section 12) and gets the new one only if "
        "it accepts it.",
    ),
    _code(
        FindingCode.RESPONSE_BODY_ADDED,
        _N,
        "A response without a body now has one",
        "OLD documents no body, so no client reads it yet.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_REMOVED,
        _E,
        "A response header was removed",
        "OLD documents it, so consumers may read it.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_OPTIONAL,
        _E,
        "A response header may be missing",
        "OLD promises that it is always there.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER_ADDED, _N, "A response header is new", "No client reads it yet."
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
        "The response may have a property that OLD forbids",
        "OLD forbids further properties with `additionalProperties`; NEW may send one.",
    ),
    _code(
        FindingCode.RESPONSE_TYPE_WIDENED,
        _E,
        "The response may have a JSON type that OLD forbids",
        "NEW may send a value of a type (which may be null) that consumers do not expect.",
    ),
    _code(
        FindingCode.RESPONSE_ENUM_WIDENED,
        _E,
        "The response may have a value that OLD forbids",
        "OLD lists all values, and NEW may send another one. Consumers often have one branch for "
        "each listed value.",
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
        "OLD's consumers understand every response that NEW may send.",
    ),
)

_BOTH = (
    _code(
        FindingCode.PROPERTY_DECLARED,
        _N,
        "An optional property is new",
        "Clients and servers send only what their contract names, so no program receives it "
        "unexpectedly.",
    ),
    _code(
        FindingCode.PROPERTY_WITHDRAWN,
        _W,
        "An optional property is no longer declared",
        "No client or server needs to fail: the property was optional, and it is not forbidden. "
        "But it no longer has a documented effect.",
    ),
    _code(
        FindingCode.DEFAULT_CHANGED,
        _W,
        "A default value changed",
        "A request without the value is still valid, but its meaning changed.",
    ),
    _code(
        FindingCode.PROPERTY_DEPRECATED,
        _N,
        "A property or schema is deprecated",
        "Nothing breaks yet. Say in the description or in `x-sunset` how long it will be "
        "supported.",
    ),
    _code(
        FindingCode.PROPERTY_REINSTATED,
        _N,
        "A property or schema is no longer deprecated",
        "Nothing breaks. Clients that stopped using it may use it again.",
    ),
    _code(
        FindingCode.DIRECTION_CLOSED,
        _W,
        "A property is no longer sent in this direction",
        "It became `readOnly` (requests) or `writeOnly` (responses). OpenAPI says that a "
        "readOnly property SHOULD NOT be sent, so a request with it is not refused. But it has "
        "no effect any more, or it is missing from the response.",
    ),
    _code(
        FindingCode.DIRECTION_OPENED,
        _N,
        "A property is now sent in this direction",
        "It is no longer `readOnly` (requests) or `writeOnly` (responses).",
    ),
    _code(
        FindingCode.CONTENT_ENCODING_CHANGED,
        _W,
        "The content of a string changed",
        "`contentEncoding`, `contentMediaType` and `contentSchema` say how the bytes in a string "
        "are decoded. No validator checks them, so nothing is refused. But a reader that decodes "
        "the string by the old contract gets another result.",
    ),
    _code(
        FindingCode.XML_CHANGED,
        _W,
        "A value is serialised differently in XML",
        "The `xml` object names elements, attributes and namespaces. Where the body is XML, "
        "readers do not find the old names.",
    ),
    _code(
        FindingCode.KNOWN_VALUE_WITHDRAWN,
        _W,
        "A known value of an open enum was removed",
        "`x-extensible-enum` lists the known values and promises nothing else. A value that is "
        "no longer listed may be refused or handled differently.",
    ),
    _code(
        FindingCode.KNOWN_VALUE_ADDED,
        _N,
        "A known value of an open enum is new",
        "Readers of an `x-extensible-enum` must handle unknown values.",
    ),
    _code(
        FindingCode.DISCRIMINATOR_CHANGED,
        _W,
        "A discriminator selects schemas differently",
        "No validator checks a discriminator. Generated clients choose the class of a value by "
        "it: with another property or mapping they choose another class, or none.",
    ),
    _code(
        FindingCode.UNDECIDED,
        _W,
        "A change that could not be decided",
        "Two schemas differ, and neither a proof of compatibility nor a breaking value was "
        "found. A person must review the change.",
    ),
    _code(
        FindingCode.NOT_COMPARED,
        _W,
        "A change in a part that is not compared",
        "This part is not compared. A person must review the change.",
    ),
)

_PARTS = (
    _code(
        FindingCode.EMPTY_VALUE_REFUSED,
        _E,
        "A query parameter may no longer be empty",
        "OLD allows `?name=` by `allowEmptyValue`, and NEW's schema does not allow an empty "
        "string.",
    ),
    _code(
        FindingCode.ALLOW_RESERVED_CHANGED,
        _W,
        "Reserved characters are escaped differently",
        "`allowReserved` says whether `:/?#[]@!$&'()*+,;=` are sent unescaped in a parameter. "
        "Most servers read both forms; a server that compares the raw text does not.",
    ),
    _code(
        FindingCode.PART_MEDIA_TYPE_CHANGED,
        _W,
        "A part of a form has another media type",
        "`contentType` of its Encoding Object, or the default for its schema, no longer includes "
        "the media type that was sent. No schema checks it, so there is no witness.",
    ),
    _code(
        FindingCode.PART_MEDIA_TYPE_WIDENED,
        _N,
        "A part of a form may have more media types",
        "The media type that was sent is still included.",
    ),
    _code(
        FindingCode.PART_HEADER_CHANGED,
        _W,
        "The required headers of a part changed",
        "`headers` of its Encoding Object changed.",
    ),
    _code(FindingCode.PART_HEADER_ADDED, _N, "A part may have one more header", "It is optional."),
)

_OUTGOING = (
    _code(
        FindingCode.WEBHOOK_REMOVED,
        _E,
        "A webhook or callback is no longer sent",
        "Receivers expect it, and it is no longer sent.",
    ),
    _code(
        FindingCode.WEBHOOK_ADDED,
        _N,
        "A webhook or callback is new",
        "No receiver has registered for it yet.",
    ),
    _code(
        FindingCode.WEBHOOK_BROKEN,
        _E,
        "A receiver of webhooks or callbacks can fail",
        "NEW sends what OLD's receivers refuse, or does not take what they answer.",
    ),
    _code(
        FindingCode.WEBHOOK_CHANGED,
        _W,
        "A webhook or callback changed",
        "No receiver needs to fail, but review the change.",
    ),
    _code(
        FindingCode.WEBHOOK_COMPATIBLE,
        _N,
        "A webhook or callback changed compatibly",
        "Every receiver that was written for OLD understands NEW.",
    ),
    _code(
        FindingCode.LINK_REMOVED,
        _W,
        "A link of a response was removed",
        "Clients that follow links no longer find this one. A link refuses no request, so there "
        "is no witness.",
    ),
    _code(
        FindingCode.LINK_CHANGED,
        _W,
        "A link of a response names another target",
        "It names another operation, or takes its parameters from other parts of the message.",
    ),
    _code(FindingCode.LINK_ADDED, _N, "A link of a response is new", "No client follows it yet."),
)

_VERSIONS = (
    _code(
        FindingCode.SELF_CHANGED,
        _W,
        "The URI of the document changed",
        "`$self` (OpenAPI 3.2 section 4.1.2.2) is the URI by which other documents refer to this "
        "one: references to the URI of OLD may no longer resolve. No request shows it. Change it "
        "together with the documents that use it.",
    ),
    _code(
        FindingCode.VERSION_DECREASED,
        _W,
        "The version is lower than before",
        "`info.version` of NEW comes before that of OLD (Semantic Versioning 2.0.0, 11).",
    ),
    _code(
        FindingCode.VERSION_NOT_MAJOR,
        _N,
        "A breaking change under the same major version",
        "Semantic Versioning 2.0.0 requires a new major version for a breaking change (below "
        "1.0.0: a new minor version). `--level version-not-major=error` makes it a rule.",
    ),
    _code(
        FindingCode.VERSION_NOT_RAISED,
        _N,
        "A change under the same version",
        "The contract allows or promises something else, but `info.version` did not change.",
    ),
)

DIFF_CODES: tuple[Code, ...] = (
    *_OPERATIONS,
    *_SECURITY,
    *_PARAMETERS,
    *_REQUESTS,
    *_RESPONSES,
    *_BOTH,
    *_PARTS,
    *_OUTGOING,
    *_VERSIONS,
)

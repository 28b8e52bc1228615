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
    _code(
        FindingCode.REMOVED_AS_ANNOUNCED,
        _N,
        "What is gone was announced",
        "OLD marks it `deprecated`, and the day in `x-sunset` (RFC 8594) is over, or it has been "
        "deprecated for as long as `--deprecation-days` asks for.",
    ),
    _code(
        FindingCode.OPERATION_TAKEN_OVER,
        _N,
        "An operation is answered by another one",
        "NEW has no operation of this path, and one whose path template matches its requests; the "
        "two are compared.",
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
        FindingCode.PROPERTY_DEPRECATED,
        _N,
        "A property or schema is deprecated",
        "Nothing breaks yet. Say in the description, or in `x-sunset`, until when it is there.",
    ),
    _code(
        FindingCode.PROPERTY_REINSTATED,
        _N,
        "A property or schema is no longer deprecated",
        "Clients that moved away need not have; nothing breaks.",
    ),
    _code(
        FindingCode.DIRECTION_CLOSED,
        _W,
        "A property no longer travels this way",
        "It is `readOnly` (requests) or `writeOnly` (responses) now. Sending a readOnly property "
        "is a SHOULD NOT, so nobody is refused for it; but it has no effect any more, or it is "
        "missing from the answer.",
    ),
    _code(
        FindingCode.DIRECTION_OPENED,
        _N,
        "A property travels this way now",
        "It is no longer `readOnly` (requests) or `writeOnly` (responses).",
    ),
    _code(
        FindingCode.CONTENT_ENCODING_CHANGED,
        _W,
        "A text holds other content",
        "`contentEncoding`, `contentMediaType` and `contentSchema` say how the bytes in a string "
        "are to be read. No validator asserts them, so nobody is refused; whoever decodes the text "
        "by the old contract reads something else.",
    ),
    _code(
        FindingCode.XML_CHANGED,
        _W,
        "A value is written otherwise in XML",
        "The `xml` object names elements, attributes and namespaces. Where the body is XML, "
        "readers look for the old ones and do not find them.",
    ),
    _code(
        FindingCode.KNOWN_VALUE_WITHDRAWN,
        _W,
        "A known value of an open enum is gone",
        "`x-extensible-enum` lists the values that are known and promises no more. A value that is "
        "no longer listed may be refused or treated otherwise.",
    ),
    _code(
        FindingCode.KNOWN_VALUE_ADDED,
        _N,
        "A known value of an open enum is new",
        "Readers of an `x-extensible-enum` are ready for values that they do not know.",
    ),
    _code(
        FindingCode.DISCRIMINATOR_CHANGED,
        _W,
        "A discriminator tells schemas apart otherwise",
        "No validator asserts a discriminator. Generated clients choose the class of a value by "
        "it: with another property or another mapping they choose another one, or none.",
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
        "The part is outside of the comparison. A person has to look.",
    ),
)

_PARTS = (
    _code(
        FindingCode.EMPTY_VALUE_REFUSED,
        _E,
        "A query parameter may no longer be empty",
        "OLD allows `?name=` by `allowEmptyValue`, and NEW's schema does not take an empty text.",
    ),
    _code(
        FindingCode.ALLOW_RESERVED_CHANGED,
        _W,
        "Reserved characters are escaped otherwise",
        "`allowReserved` says whether `:/?#[]@!$&'()*+,;=` stand unescaped in a parameter. Most "
        "servers read both; one that compares the text does not.",
    ),
    _code(
        FindingCode.PART_MEDIA_TYPE_CHANGED,
        _W,
        "A part of a form has another media type",
        "`contentType` of its Encoding Object, or the default for its schema, no longer covers "
        "what was sent. No schema asserts it, so there is no witness.",
    ),
    _code(
        FindingCode.PART_MEDIA_TYPE_WIDENED,
        _N,
        "A part of a form may have more media types",
        "What was sent is still among them.",
    ),
    _code(
        FindingCode.PART_HEADER_CHANGED,
        _W,
        "A header of a part is asked for otherwise",
        "`headers` of its Encoding Object changed.",
    ),
    _code(FindingCode.PART_HEADER_ADDED, _N, "A part may have one more header", "It is optional."),
)

_OUTGOING = (
    _code(
        FindingCode.WEBHOOK_REMOVED,
        _E,
        "A webhook or callback is no longer sent",
        "Receivers wait for it, and it does not come any more.",
    ),
    _code(
        FindingCode.WEBHOOK_ADDED,
        _N,
        "A webhook or callback is new",
        "Nobody has registered for it yet.",
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
        "No receiver need fail, but a cautious owner wants to see it.",
    ),
    _code(
        FindingCode.WEBHOOK_COMPATIBLE,
        _N,
        "A webhook or callback changed compatibly",
        "Every receiver that was made for OLD understands NEW.",
    ),
    _code(
        FindingCode.LINK_REMOVED,
        _W,
        "A link of a response is gone",
        "Clients that find their way by links no longer find this one. A link refuses nothing, so "
        "there is no witness.",
    ),
    _code(
        FindingCode.LINK_CHANGED,
        _W,
        "A link of a response leads elsewhere",
        "It names another operation, or takes its parameters from other places.",
    ),
    _code(FindingCode.LINK_ADDED, _N, "A link of a response is new", "Nobody follows it yet."),
)

_VERSIONS = (
    _code(
        FindingCode.SELF_CHANGED,
        _W,
        "The document has another URI",
        "`$self` (OpenAPI 3.2 section 4.1.2.2) is the URI by which other documents refer to this "
        "one: references to the URI of OLD may lead nowhere. No request shows it. Change it "
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
        "A break under the same major version",
        "Semantic Versioning 2.0.0 asks for another major version where a client can break (below "
        "1.0.0: another minor one). `--level version-not-major=error` makes it a rule.",
    ),
    _code(
        FindingCode.VERSION_NOT_RAISED,
        _N,
        "A change under the same version",
        "What the contract allows or promises changed, and `info.version` did not.",
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

"""The codes of `conformance run`: one table, as those of `diff`."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["RUN_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="run", level=level, title=title, explain=explain)


_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE

RUN_CODES: tuple[Code, ...] = (
    _code(
        FindingCode.REFUSED_CONTROL,
        _E,
        "No request was found that the deployment accepts",
        "Every candidate for a valid request (the caller's example, the contract's, the "
        "overlay's, the simplest valid value) was refused, although the contract allows each of "
        "them. Clauses that need an accepted request cannot be judged. Give a request that "
        "works: --example OPERATION=FILE.",
    ),
    _code(
        FindingCode.REFUSED_CREDENTIAL,
        _E,
        "The credential that was given is not accepted",
        "The deployment answers 401 to the credential of this run, so nothing behind it was "
        "tested. Check that the token belongs to this deployment and has not expired; give another "
        "with CONFORMANCE_TOKEN, --token TAG=TOKEN or --credential SCHEME=VALUE.",
    ),
    _code(
        FindingCode.ACCEPTED_WRITE,
        _E,
        "A request that was sent to be refused was accepted",
        "Without --allow-writes, an operation that may change data gets only requests that must "
        "be refused. This deployment accepted one, so it may have changed data, and the run "
        "ended there. Check the stored data, and make the deployment refuse such requests. To "
        "test the whole operation, use --allow-writes on a deployment whose data may change.",
    ),
    _code(
        FindingCode.SERVER_ERROR,
        _E,
        "The server fails",
        "A 5xx response says that the server failed. A server must accept every request or "
        "refuse it with a 4xx. A documented 500 does not make it the right response to a "
        "particular request.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_STATUS,
        _E,
        "A status that the contract does not document",
        "The contract allows the request, but not the status of the response: a generated client "
        "cannot handle it. Document the status, or answer with one that is documented.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_CONTENT_TYPE,
        _E,
        "A content type that the contract does not document",
        "The response documents other media types for this status. A client that dispatches on "
        "Content-Type cannot read the body.",
    ),
    _code(
        FindingCode.MISSING_CONTENT_TYPE,
        _E,
        "A documented body without Content-Type",
        "RFC 9110 section 8.3: a sender should say what it sends. Where the contract documents "
        "media types, a response without Content-Type is none of them.",
    ),
    _code(
        FindingCode.RESPONSE_SCHEMA,
        _E,
        "A body that the contract's schema does not allow",
        "The answer breaks a keyword of the documented schema, formats included. Consumers are "
        "written, or generated, from that schema.",
    ),
    _code(
        FindingCode.RESPONSE_MALFORMED,
        _E,
        "A body that is not what its content type says",
        "For JSON: one document (RFC 8259), in UTF-8, without a byte order mark, without NaN or "
        "Infinity; for other types what their standard says: well-formed XML, a JSON text in "
        "each line, parts up to a closing boundary. A strict parser raises an error instead of "
        "returning the response.",
    ),
    _code(
        FindingCode.RESPONSE_DUPLICATE_KEY,
        _W,
        "A JSON object with a key twice",
        "RFC 8259 section 4: names should be unique; receivers differ in which value they use.",
    ),
    _code(
        FindingCode.RESPONSE_HEADER,
        _E,
        "A documented header is missing or not of its schema",
        "The response documents the header as required, or gives it a schema that the sent value "
        "does not satisfy.",
    ),
    _code(
        FindingCode.ERROR_IN_SUCCESS,
        _E,
        "An error hidden in a 2xx",
        "The status says success and the body says failure. Clients, retries, caches and "
        "monitors use the status. Respond with a documented error status.",
    ),
    _code(
        FindingCode.LEAKED_INTERNALS,
        _E,
        "A stack trace in an answer",
        "A response shows file names, line numbers or a stack trace of the server, which helps "
        "attackers. Write it to the log, and respond with a plain error.",
    ),
    _code(
        FindingCode.LEAKED_SECRET,
        _E,
        "An answer repeats the credential",
        "Error bodies end up in logs, screenshots and bug reports. A credential must not be in "
        "them.",
    ),
    _code(
        FindingCode.SLOW_ANSWER,
        _E,
        "An answer later than the time limit",
        "The answer took longer than --max-response-time. If the operation is expected to be "
        "that slow, raise the limit.",
    ),
    _code(
        FindingCode.NO_ANSWER,
        _E,
        "No answer came",
        "The connection was dropped, or nothing came within the time limit, although the target "
        "had answered other requests. Clients see a network error without a cause.",
    ),
    _code(
        FindingCode.FALSE_LENGTH,
        _E,
        "The length or the encoding of a body is not as announced",
        "RFC 9112 section 6: Content-Length, chunks and Content-Encoding must be true. Clients "
        "hang, cut the answer, or mix it with the next one.",
    ),
    _code(
        FindingCode.OVERSIZED_ANSWER,
        _W,
        "A response that is too large",
        "The body was longer than the kit's limit; it was cut and not judged.",
    ),
    _code(
        FindingCode.ACCEPTED_INVALID_BODY,
        _E,
        "A body that the contract forbids was accepted",
        "A valid request was changed in exactly one place so that the schema forbids it, and the "
        "response is still a success. What the contract forbids must be refused with the status "
        "that it documents.",
    ),
    _code(
        FindingCode.ACCEPTED_MALFORMED_BODY,
        _E,
        "A body that cannot be read was accepted",
        "A body that breaks the syntax of its media type (JSON: RFC 8259, XML 1.0, multipart: "
        "RFC 2046) has no meaning. A success means that the server guessed or ignored the body.",
    ),
    _code(
        FindingCode.ACCEPTED_INVALID_PARAMETER,
        _E,
        "A parameter that the contract forbids was accepted",
        "A required parameter was left out, or given a value that its schema forbids, and the "
        "answer is a success.",
    ),
    _code(
        FindingCode.ACCEPTED_MEDIA_TYPE,
        _E,
        "A media type that the contract does not declare was accepted",
        "The request body was sent under a Content-Type that the operation does not declare. "
        "RFC 9110 section 15.5.16 defines 415 for this.",
    ),
    _code(
        FindingCode.WRONG_REFUSAL,
        _E,
        "Refused with another status than the documented one",
        "The request is invalid and was refused, but not with the status that the contract "
        "documents for it (400, 422 or 4XX for bodies and parameters). A client may show the "
        "wrong message, or log its user out.",
    ),
    _code(
        FindingCode.ACCEPTED_CREDENTIAL,
        _E,
        "A request without a valid credential was accepted",
        "The operation requires a credential. The credential was missing, altered, forged, "
        "expired or sent in an undeclared place, and the response is a success.",
    ),
    _code(
        FindingCode.WRONG_CREDENTIAL_REFUSAL,
        _E,
        "A missing or bad credential is not answered with the documented status",
        "That is 401, unless the contract has only another one for it. 403 means that the client "
        "is known but not allowed, 404 that the resource does not exist, and a redirect sends a "
        "program to a page for people.",
    ),
    _code(
        FindingCode.MISSING_CHALLENGE,
        _W,
        "A 401 without WWW-Authenticate",
        "RFC 9110 section 15.5.2: a server that answers 401 must send at least one challenge.",
    ),
    _code(
        FindingCode.SCHEME_CASE,
        _W,
        "The name of the authentication scheme is matched by case",
        "RFC 9110 section 11.1: `bearer`, `Bearer` and `BEARER` are the same scheme.",
    ),
    _code(
        FindingCode.SPOILED_CREDENTIAL,
        _E,
        "A foreign credential makes the deployment refuse the valid one",
        "A credential of another system (--foreign) was sent beside the valid one, and the "
        "request was refused. Browsers and proxies add cookies and headers of their own. Check "
        "the declared credential, and ignore others.",
    ),
    _code(
        FindingCode.REFUSED_ALTERNATIVE,
        _E,
        "An alternative of the security is refused",
        "The contract lists several security requirements, of which each is enough (OpenAPI 3.1 "
        "section 4.8.10). The credential that was given for one of them (none, where one is `{}`) "
        "was refused although another one is accepted. Check that the credential is good; then "
        "accept it, or take the requirement out of the contract.",
    ),
    _code(
        FindingCode.REFUSED_VALID,
        _E,
        "A value that the contract names was refused",
        "A keyword of the contract allows exactly this: a bound, a member of an enum, null where "
        "nullable, an alternative, an optional property, or an unknown property where nothing "
        "forbids one. A client may send it.",
    ),
    _code(
        FindingCode.REFUSED_FREE,
        _W,
        "A value that nothing forbids was refused",
        "The contract sets no limit here, but the deployment does. Document the limit "
        "(minLength, maxLength, pattern, …), or accept the value. This code also covers what RFC "
        "8259 section 9 lets a receiver limit: size, depth and digits.",
    ),
    _code(
        FindingCode.ACCEPTED_METHOD,
        _W,
        "The path has a method that the contract does not declare",
        "The path responds with success to a method that no operation declares, or lists such a "
        "method in Allow: something undocumented is reachable. Declare the method, or remove it.",
    ),
    _code(
        FindingCode.METHOD_NOT_FOUND,
        _N,
        "A method that the path does not have is answered with 404",
        "RFC 9110 section 15.5.6: 405 says that the method is not allowed, and which ones are. A "
        "404 says that nothing is at the path, so that people look for a mistake in their URL.",
    ),
    _code(
        FindingCode.MISSING_ALLOW,
        _W,
        "A 405 without Allow",
        "RFC 9110 section 15.5.6: a 405 must list the allowed methods in Allow.",
    ),
    _code(
        FindingCode.FALSE_ALLOW,
        _W,
        "The header Allow does not match the methods of the path",
        "RFC 9110 section 10.2.1: Allow lists the methods that the resource supports. The "
        "response lists a method that it refuses with 405, or does not list one that was "
        "accepted. A router with one list per handler must combine the lists.",
    ),
    _code(
        FindingCode.PATH_SPELLING,
        _N,
        "Another spelling of the path is served",
        "RFC 3986 section 6.2.2.1: paths that differ in case, or in their slashes, are different "
        "paths. Clients start to depend on the other spelling, but caches, proxy rules and "
        "access lists treat it as another path. Respond with 404, or redirect to the path of the "
        "contract.",
    ),
    _code(
        FindingCode.IGNORED_VALIDATOR,
        _W,
        "The validator of a response is ignored",
        "RFC 9110 section 13.1.2: a GET with If-None-Match and the current ETag must get 304 "
        "(section 13.1.3: the same should apply to Last-Modified), and not 412. A whole response "
        "with the same validator means that caching saves nothing. Compare the validator, as a "
        "list and weakly, or send none.",
    ),
    _code(
        FindingCode.FALSE_NOT_MODIFIED,
        _W,
        "A wrong 304",
        "RFC 9110 section 15.4.5: 304 means that the client's copy is still valid; it has no "
        "body and repeats the ETag. This 304 was the response to a tag that was never issued, or "
        "had a body, or had no ETag. A client keeps stale data, or reads the connection at the "
        "wrong position.",
    ),
    _code(
        FindingCode.FALSE_VALIDATOR,
        _W,
        "An invalid ETag or Last-Modified",
        "RFC 9110 section 8.8.3: an ETag is a quoted string, with W/ before it where it is weak. "
        "Section 8.8.2: Last-Modified is a date in GMT. Caches ignore invalid values.",
    ),
    _code(
        FindingCode.BODY_BEFORE_CREDENTIAL,
        _N,
        "The body or a parameter is checked before the credential",
        "A request without a credential and with a bad body or parameter was refused for what is "
        "bad. No standard sets the order, but an unauthenticated client learns how requests are "
        "validated, and the server parses its bodies. Check the credential first.",
    ),
    _code(
        FindingCode.FALSE_NEGOTIATION,
        _E,
        "The header Accept is not understood",
        "RFC 9110 section 12.5: a request whose Accept range includes a documented media type "
        "must not be refused, and a content coding that Accept-Encoding forbids must not be sent.",
    ),
    _code(
        FindingCode.STREAM_MALFORMED,
        _E,
        "An event stream that cannot be read",
        "A text/event-stream (WHATWG HTML section 9.2) is UTF-8 lines of `field: value`, each "
        "event ended by an empty line. A client ignores everything else.",
    ),
    _code(
        FindingCode.STREAM_ERROR,
        _E,
        "An error inside a stream that began with 200",
        "The first event is an error: the failure was known before anything was sent, and should "
        "have been a status.",
    ),
    _code(
        FindingCode.STREAM_ENDLESS,
        _W,
        "A stream without an end",
        "The stream did not end within the time limit. The kit cut it and does not request it "
        "again.",
    ),
    _code(
        FindingCode.STREAM_CUT,
        _E,
        "A stream that breaks off",
        "The connection ended inside an event, or before the end of the chunked body.",
    ),
    _code(
        FindingCode.UNSTEADY,
        _E,
        "The valid request does not always succeed",
        "The same request was accepted once, and refused or answered differently when it was "
        "repeated.",
    ),
    _code(
        FindingCode.MIXED_ANSWERS,
        _E,
        "Concurrent callers receive each other's answers",
        "Different requests were sent at the same time, and one caller received data that "
        "another caller had sent.",
    ),
    _code(
        FindingCode.POISONED,
        _E,
        "Invalid requests make valid ones fail",
        "After a group of refused requests, the valid request is no longer accepted.",
    ),
    _code(
        FindingCode.CHANGED_BY_REFUSAL,
        _E,
        "A refused request has changed something",
        "The request was refused, but GET of the same path returns something else than before. A "
        "client that gets an error assumes that nothing has changed. Validate the whole request "
        "before anything is stored, or store in one transaction.",
    ),
    _code(
        FindingCode.KEPT_CONNECTION,
        _E,
        "A persistent connection fails at the second request",
        "The second request on one connection got no response, or a wrong one, although the "
        "first response did not announce `Connection: close` (RFC 9112 section 9.3).",
    ),
    _code(
        FindingCode.LOST_CREATION,
        _E,
        "What was created is not there, or is not what was sent",
        "A POST was answered with success, and its answer names the new item; GET of that item "
        "answers 404 or 410, or other values than those that were sent; or a list of all items has "
        "no such item, where the contract has no GET of the item. The kit reads again after "
        "a moment, and ignores what a server may do to a value: another case, trimmed or masked "
        "text, and what the answer to the POST announces. It is a warning where only some values "
        "are missing. Store the item before the answer is sent.",
    ),
    _code(
        FindingCode.LOST_CHANGE,
        _E,
        "A change that was accepted is not there",
        "RFC 9110 section 9.3.4: after a successful PUT, GET of the same path returns what was "
        "sent; a successful PATCH (RFC 5789) has applied the change. Here GET returns the values "
        "from before. It is a warning where only some values are unchanged, or where the answer "
        "itself shows the old ones. Store the change, or refuse it with a 4xx.",
    ),
    _code(
        FindingCode.STILL_THERE,
        _E,
        "What was deleted is still there",
        "RFC 9110 section 9.3.5: DELETE removes the resource. It was answered with success, and "
        "GET of the same path still returns the same body as before, or, where the contract has no "
        "such GET, the list still has the item as before. It is a warning where the "
        "contract does not document 404 or 410 for that GET, and where the list still has what GET "
        "does not find any more. Delete it, answer 202 if that takes time, or show in the body "
        "that it is deleted.",
    ),
    _code(
        FindingCode.IGNORED_PRECONDITION,
        _W,
        "A change is made although its condition is false",
        "RFC 9110 section 13.1.1: a server must not perform the method if no current version has "
        "the tag of If-Match, and answers 412; section 13.1.2: nor if something is there and "
        "If-None-Match is *. Clients rely on it to lose no update of another client. It is a note "
        "where the contract does not declare the header and the ETag of GET alone suggests it. "
        "Compare the tag before anything is changed.",
    ),
    _code(
        FindingCode.HTTP_MALFORMED,
        _E,
        "An answer that is not HTTP",
        "RFC 9112: the status line, the headers or the framing of the answer cannot be read.",
    ),
)

"""The codes of `conformance lint`: one table, as those of `diff`."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["LINT_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="lint", level=level, title=title, explain=explain)


_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE

LINT_CODES: tuple[Code, ...] = (
    _code(
        FindingCode.INVALID_OPENAPI,
        _E,
        "The document is not valid OpenAPI",
        "It breaks the JSON Schema of its OpenAPI version, so tools read it differently or not "
        "at all. The check is made by openapi-spec-validator.",
    ),
    _code(
        FindingCode.MALFORMED,
        _E,
        "A part of the contract cannot be read",
        "OpenAPI does not allow this value in this place. The mock and the kit ignore this part, "
        "so nothing in it is promised.",
    ),
    _code(
        FindingCode.LATER_VERSION,
        _E,
        "A keyword of a later version of OpenAPI",
        "The OpenAPI version of the document does not have it, so validators refuse it and tools "
        "ignore it. Raise the version, or write it as this version does.",
    ),
    _code(
        FindingCode.EARLIER_VERSION,
        _W,
        "A keyword of an earlier version of OpenAPI",
        "In the document's version it is an unknown keyword and promises nothing: "
        "with `nullable: true` in 3.1 null is still refused.",
    ),
    _code(
        FindingCode.UNKNOWN_KEY,
        _E,
        "A key that OpenAPI does not have there",
        "Tools ignore it. Extension keys begin with `x-`.",
    ),
    _code(
        FindingCode.SCHEMA_SLIP,
        _E,
        "A schema keyword of the wrong shape",
        "`required: true` on a property, `items` as a list, `properties: {q: string}`: the "
        "intention is clear, but as written it promises something else or nothing.",
    ),
    _code(
        FindingCode.SWAGGER_LEFTOVER,
        _E,
        "A key of Swagger 2.0",
        "OpenAPI 3 has another place for it and ignores it here.",
    ),
    _code(
        FindingCode.PATH_PARAMETER_OPTIONAL,
        _E,
        "A path parameter that is not required",
        "It MUST have `required: true` (OpenAPI, Parameter Object): a path without it is another "
        "path.",
    ),
    _code(
        FindingCode.UNRESOLVED_MAPPING,
        _E,
        "A mapping does not resolve",
        "A discriminator's mapping names a schema that does not exist in the document.",
    ),
    _code(
        FindingCode.UNRESOLVED_REFERENCE,
        _E,
        "A reference does not resolve",
        "A `$ref` names something that does not exist. This part of the contract is therefore "
        "missing.",
    ),
    _code(
        FindingCode.BROKEN_FILE,
        _E,
        "A file of the contract that cannot be read",
        "A `$ref` names a file that is neither YAML nor JSON, is over a limit, or cannot be "
        "opened. All that it holds is missing from the contract.",
    ),
    _code(
        FindingCode.ENDLESS_SCHEMA,
        _W,
        "A schema that applies itself to the same value",
        "By `anyOf`, `oneOf`, `not`, `if` or their like it leads back to itself without a property "
        "or an item between. JSON Schema leaves undefined what that means (Core section 9.4.1): "
        "some validators never end. A base schema that lists in `oneOf` the schemas that take it "
        "in by `allOf` is the usual case.",
    ),
    _code(
        FindingCode.MISPLACED_REFERENCE,
        _E,
        "A reference in a place where OpenAPI has none",
        "A `$ref` may stand for a schema, parameter, response, header, example, request body, "
        "link, callback, security scheme or path item; since 3.2 for a media type. Elsewhere some "
        "tools follow it and others refuse the document.",
    ),
    _code(
        FindingCode.MISSPELT_KEY,
        _E,
        "A key that OpenAPI does not know, with a near name that it knows",
        "Readers skip unknown keys, so the content of this key is not promised. In a schema "
        "every keyword is allowed, so a misspelt keyword is not refused.",
    ),
    _code(
        FindingCode.IGNORED_PARAMETER,
        _W,
        "A header parameter that OpenAPI ignores",
        "Parameters named Accept, Content-Type and Authorization are ignored: `content` and "
        "`security` describe them. Nothing checks what the parameter says.",
    ),
    _code(
        FindingCode.UNSUPPORTED_DIALECT,
        _W,
        "Schemas in another dialect than JSON Schema 2020-12",
        "The mock and the kit read every schema as JSON Schema 2020-12 with OpenAPI's keywords, so "
        "keywords that mean something else in the dialect are read wrongly.",
    ),
    _code(
        FindingCode.UNCHECKED_PATTERN,
        _N,
        "A pattern that is too large to be checked",
        "The regular expression is valid, but its counts make it too large for the engine. The "
        "mock and the kit accept any text there. Use `maxLength` to limit a length.",
    ),
    _code(
        FindingCode.TOO_MANY_CHOICES,
        _W,
        "Too many nested alternatives",
        "Each level of `oneOf` or `anyOf` multiplies the number of schemas that one value is "
        "checked against. From 20,000 on, the alternatives are not checked: the mock and the kit "
        "accept any value there.",
    ),
    _code(
        FindingCode.NO_RESPONSE,
        _E,
        "An operation documents no response",
        "No response of the operation can be judged. Document at least the success.",
    ),
    _code(
        FindingCode.FAULTY_EXAMPLE,
        _E,
        "An example that its schema does not allow",
        "Readers copy examples, and mocks serve them. Either the example or the schema is wrong.",
    ),
    _code(
        FindingCode.FAULTY_DEFAULT,
        _E,
        "A default that its schema does not allow",
        "A request without the value means the default, which the schema forbids.",
    ),
    _code(
        FindingCode.UNSATISFIABLE_SCHEMA,
        _E,
        "A schema that no value satisfies",
        "Its keywords contradict each other, so no request and no response can be valid.",
    ),
    _code(
        FindingCode.INVALID_SCHEMA,
        _E,
        "A schema that is not valid JSON Schema",
        "A keyword has a value that it cannot have. Validators refuse the whole schema, or ignore "
        "the keyword.",
    ),
    _code(
        FindingCode.INVALID_PATTERN,
        _E,
        "A pattern that is no valid regular expression",
        "OpenAPI's patterns are ECMA 262's. A pattern that does not compile checks nothing, or "
        "makes the validator fail at the first request.",
    ),
    _code(
        FindingCode.UNDECLARED_REQUIRED_PROPERTY,
        _W,
        "A required name that no property declares",
        "The schema requires a property that it does not describe. This is usually a "
        "misspelling, and the intended property is then optional.",
    ),
    _code(
        FindingCode.DUPLICATE_ENUM_MEMBER,
        _W,
        "An enum names a member twice",
        "JSON Schema says that the members should differ. Often another value was intended.",
    ),
    _code(
        FindingCode.NULLABLE_WITHOUT_TYPE,
        _W,
        "`nullable` without a type",
        "OpenAPI 3.0.3 lets `nullable` add null to the `type` beside it. Without one it does "
        "nothing: null was allowed before, or is still forbidden by what `allOf` or `$ref` say.",
    ),
    _code(
        FindingCode.UNKNOWN_PATH_PARAMETER,
        _E,
        "A path parameter that the path does not name",
        "No client can send it. Usually the path spells it differently.",
    ),
    _code(
        FindingCode.UNDECLARED_PATH_PARAMETER,
        _E,
        "A name in the path that is not declared",
        "Generated clients have no argument for it, and nothing says which values are allowed.",
    ),
    _code(
        FindingCode.DUPLICATE_PATH,
        _E,
        "Paths that differ by the names of their parameters only",
        "OpenAPI calls them identical and invalid: the router decides which of them answers.",
    ),
    _code(
        FindingCode.UNDECLARED_SECURITY_SCHEME,
        _E,
        "A security scheme that is not declared",
        "An operation requires it, but nothing describes it, so no client can satisfy it.",
    ),
    _code(
        FindingCode.UNKNOWN_SECURITY_SCHEME_TYPE,
        _E,
        "A security scheme of an unknown type",
        "OpenAPI has apiKey, http, oauth2, openIdConnect and, since 3.1, mutualTLS.",
    ),
    _code(
        FindingCode.UNUSED_SECURITY_SCHEME,
        _W,
        "A security scheme that no operation requires",
        "No operation requires the scheme, so what it should protect may be open. Require it "
        "with `security`, or remove it.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_401,
        _W,
        "A credential is required and no 401 is documented",
        "A request without the credential must be refused, and the contract does not say how. "
        "Document 401, 4XX or default.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_SUCCESS,
        _W,
        "An operation documents only refusals",
        "A good request has no documented response: a generated client has nothing to return, the "
        "mock nothing to serve, and a test nothing to expect. Document 200, 2XX, a redirection or "
        "default.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_REFUSAL,
        _W,
        "A body is read and no 4xx is documented for it",
        "A body can be invalid, and the contract does not say what the response is then. "
        "Document 400, "
        "422, 4XX or default.",
    ),
    _code(
        FindingCode.AMBIGUOUS_MEDIA_TYPE,
        _W,
        "Media types that mean the same",
        "Two keys of one `content` cover the same messages, so it depends on the reader which "
        "schema applies.",
    ),
    _code(
        FindingCode.UNUSED_COMPONENT,
        _N,
        "A component that nothing refers to",
        "It promises nothing. Refer to it, or remove it.",
    ),
    _code(
        FindingCode.NEEDLESS_MOCK_CONTENT,
        _W,
        "`x-mock-content` beside a `content`",
        "The contract documents a body for this response, and that body is served instead.",
    ),
    _code(
        FindingCode.INVALID_CONDITION,
        _E,
        "An `x-mock-when` that is not a JSON Schema",
        "The example that it belongs to is never chosen.",
    ),
    _code(
        FindingCode.PATH_TEMPLATE,
        _E,
        "A path that is no path template",
        "A path of OpenAPI is literal text and names in braces: it has no query, no fragment, and "
        "no parameters in the style of a framework (`:id`, `<id>`). What is written here is "
        "taken literally, so no request matches it.",
    ),
    _code(
        FindingCode.CONFLICTING_CREDENTIALS,
        _E,
        "Two credentials that cannot travel in one request",
        "The schemes of one requirement are all needed. Two that use the same header, query "
        "parameter or cookie cannot be sent together, so the operation cannot be called.",
    ),
    _code(
        FindingCode.UNDECLARED_SCOPE,
        _W,
        "A scope that its security scheme does not declare",
        "A client asks for the scopes that the flows of the scheme declare. A requirement that "
        "names another one cannot be satisfied.",
    ),
    _code(
        FindingCode.UNREGISTERED_AUTH_SCHEME,
        _W,
        "An HTTP authentication scheme that is not registered",
        "Clients know the schemes of the IANA registry (RFC 9110, 16.4.1), such as basic and "
        "bearer. Any other one is sent by hand.",
    ),
    _code(
        FindingCode.KEYWORD_WITHOUT_EFFECT,
        _W,
        "A keyword that says nothing where it stands",
        "Each keyword of JSON Schema limits values of one type and lets all others through: "
        "`minLength` beside `type: integer` checks nothing.",
    ),
    _code(
        FindingCode.PATTERN_DELIMITERS,
        _E,
        "A pattern between slashes",
        "A pattern is the regular expression alone. Slashes and flags are those of a literal of "
        "JavaScript, and are taken for text that the value must have.",
    ),
    _code(
        FindingCode.MISSPELT_FORMAT,
        _W,
        "A format that is not registered, with a near name that is",
        "Validators ignore formats that they do not know, so the value is not checked.",
    ),
    _code(
        FindingCode.FORBIDDEN_ENUM_MEMBER,
        _W,
        "An enum member that its own schema forbids",
        "The keywords beside the enum refuse this member, so it can never be sent.",
    ),
    _code(
        FindingCode.ENUM_WITHOUT_NULL,
        _W,
        "An enum without null where the type allows null",
        "Both the type and the enum must allow a value. Null is therefore refused, although the "
        "schema says `nullable` or `null`.",
    ),
    _code(
        FindingCode.IGNORED_SIBLING,
        _W,
        "A key beside a `$ref` that is ignored",
        "OpenAPI 3.0 ignores everything beside a `$ref`. Since 3.1 a schema may have other "
        "keywords beside it, and any other reference `summary` and `description` only.",
    ),
    _code(
        FindingCode.DISCRIMINATOR_OPTIONAL,
        _W,
        "A discriminator that a value may lack",
        "A reader chooses the schema by this property. What it does without one is undefined "
        "(OpenAPI, Discriminator Object), and inline schemas are never chosen.",
    ),
    _code(
        FindingCode.CLOSED_PART,
        _W,
        "A part of `allOf` that refuses the properties of the others",
        "`additionalProperties: false` sees only the `properties` beside it. In a part of `allOf` "
        "it forbids what the other parts declare.",
    ),
    _code(
        FindingCode.BODY_WITHOUT_MEANING,
        _W,
        "A body where HTTP has none",
        "RFC 9110 gives the body of GET, HEAD and DELETE no meaning, and responses 1xx, 204, 205 "
        "and 304 have none. Clients, servers and proxies drop it or refuse the message.",
    ),
    _code(
        FindingCode.UNKNOWN_MEDIA_TYPE,
        _W,
        "A media type of an unknown kind",
        "The part before the slash is none of the registered ones (RFC 6838, 4.2). Usually it is "
        "a misspelling, and no message has this type.",
    ),
    _code(
        FindingCode.SERVER_TEMPLATE,
        _W,
        "A server URL that clients cannot use",
        "Paths are appended to it as it is. A variable that is empty, unused or outside of its "
        "enum, a query, or a host without its scheme makes another URL than the intended one.",
    ),
    _code(
        FindingCode.UNRESOLVED_LINK,
        _E,
        "A link to an operation that does not exist",
        "The `operationId` or `operationRef` of the link names no operation of the contract.",
    ),
)

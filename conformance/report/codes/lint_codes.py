"""The codes of `conformance lint`."""

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
        "The document is no valid OpenAPI",
        "It breaks the schema of the OpenAPI version that it names, so tools read it differently "
        "or not at all. openapi-spec-validator is the judge.",
    ),
    _code(
        FindingCode.MALFORMED,
        _E,
        "A part of the contract cannot be read",
        "What stands there is not what OpenAPI has in this place. The part is left out by the "
        "mock and by the kit, so nothing in it is promised.",
    ),
    _code(
        FindingCode.LATER_VERSION,
        _E,
        "A keyword of a later version of OpenAPI",
        "The version that the document names does not have it, so validators refuse it and tools "
        "pass over it. Name the later version, or write it as this one does.",
    ),
    _code(
        FindingCode.EARLIER_VERSION,
        _W,
        "A keyword of an earlier version of OpenAPI",
        "In the version that the document names it is an unknown keyword and promises nothing: "
        "with `nullable: true` in 3.1 null is still refused.",
    ),
    _code(
        FindingCode.UNKNOWN_KEY,
        _E,
        "A key that OpenAPI does not have there",
        "Tools pass over it. Keys of one's own begin with `x-`.",
    ),
    _code(
        FindingCode.SCHEMA_SLIP,
        _E,
        "A schema keyword of the wrong shape",
        "`required: true` on a property, `items` as a list, `properties: {q: string}`: what was "
        "meant is plain, and what is written promises something else or nothing.",
    ),
    _code(
        FindingCode.SWAGGER_LEFTOVER,
        _E,
        "A key of Swagger 2.0",
        "OpenAPI 3 has another place for it, and passes over it here.",
    ),
    _code(
        FindingCode.PATH_PARAMETER_OPTIONAL,
        _E,
        "A path parameter that is not required",
        "It MUST have `required: true` (OpenAPI, Parameter Object): a path that lacks it is "
        "another path.",
    ),
    _code(
        FindingCode.UNRESOLVED_MAPPING,
        _E,
        "A mapping leads nowhere",
        "A discriminator's mapping names a schema, or refers to one, that the document does not "
        "have.",
    ),
    _code(
        FindingCode.UNRESOLVED_REFERENCE,
        _E,
        "A reference leads nowhere",
        "A `$ref` names something that the document does not have. Whatever it was to say is not "
        "said.",
    ),
    _code(
        FindingCode.MISPLACED_REFERENCE,
        _E,
        "A reference stands where OpenAPI has none",
        "A `$ref` may stand for a schema, parameter, response, header, example, request body, "
        "link, callback, security scheme or path item; since 3.2 for a media type. Elsewhere some "
        "tools follow it and others refuse the document.",
    ),
    _code(
        FindingCode.MISSPELT_KEY,
        _E,
        "A key that OpenAPI does not know, with a near name that it knows",
        "Readers skip what they do not know, so what stands under the key is not promised. In a "
        "schema any keyword is allowed, and one letter makes another keyword of it.",
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
        "It is a good regular expression, but its counts make it larger than the engine takes. The "
        "mock and the kit take any text there; `maxLength` says a length at no cost.",
    ),
    _code(
        FindingCode.TOO_MANY_CHOICES,
        _W,
        "Alternatives of alternatives, too many to try",
        "Each level of `oneOf` or `anyOf` multiplies the schemas that are asked of one value. From "
        "20,000 on the alternatives are left out: the mock and the kit take any value there.",
    ),
    _code(
        FindingCode.NO_RESPONSE,
        _E,
        "An operation documents no response",
        "Nothing that it answers can be right or wrong. Document at least the success.",
    ),
    _code(
        FindingCode.FAULTY_EXAMPLE,
        _E,
        "An example that its schema does not allow",
        "Readers copy examples, and mocks serve them. Either the example or the schema tells the "
        "wrong story.",
    ),
    _code(
        FindingCode.FAULTY_DEFAULT,
        _E,
        "A default that its schema does not allow",
        "Leaving the value out would mean a value that may not be sent.",
    ),
    _code(
        FindingCode.UNSATISFIABLE_SCHEMA,
        _E,
        "A schema that no value satisfies",
        "Its demands contradict each other, so the promise cannot be kept: no request is right, no "
        "answer is right.",
    ),
    _code(
        FindingCode.INVALID_SCHEMA,
        _E,
        "A schema that is no valid JSON Schema",
        "A keyword has a value that it cannot have. Validators refuse the whole schema, or ignore "
        "the keyword.",
    ),
    _code(
        FindingCode.INVALID_PATTERN,
        _E,
        "A pattern that is no valid regular expression",
        "OpenAPI's patterns are ECMA 262's. One that does not compile checks nothing, or makes the "
        "validator fail at the first request.",
    ),
    _code(
        FindingCode.UNDECLARED_REQUIRED_PROPERTY,
        _W,
        "A required name that no property declares",
        "The schema demands a property of which it says nothing: mostly a misspelling, and then "
        "the property that was meant is optional.",
    ),
    _code(
        FindingCode.DUPLICATE_ENUM_MEMBER,
        _W,
        "An enum names a member twice",
        "JSON Schema wants the members to differ. Often another member was meant.",
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
        "Nobody can send it. Mostly the path spells it differently.",
    ),
    _code(
        FindingCode.UNDECLARED_PATH_PARAMETER,
        _E,
        "A name in the path that is not declared",
        "Generated clients have no argument for it, and nothing says what may stand there.",
    ),
    _code(
        FindingCode.DUPLICATE_PATH,
        _E,
        "Paths that differ by the names of their parameters only",
        "OpenAPI calls them identical and invalid: which of them answers is up to the router.",
    ),
    _code(
        FindingCode.UNDECLARED_SECURITY_SCHEME,
        _E,
        "A security scheme that is not declared",
        "An operation asks for it and nothing says what it is, so no client can satisfy it.",
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
        "A security scheme that no operation asks for",
        "What was to be protected may not be: nothing requires the scheme. Ask for it with "
        "`security`, or remove it.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_401,
        _W,
        "A credential is asked for and no 401 is documented",
        "A request without the credential must be refused, and the contract does not say how. "
        "Document 401, 4XX or default.",
    ),
    _code(
        FindingCode.UNDOCUMENTED_REFUSAL,
        _W,
        "A body is read and no 4xx is documented for it",
        "A body can be wrong, and the contract does not say what the answer is then. Document 400, "
        "422, 4XX or default.",
    ),
    _code(
        FindingCode.AMBIGUOUS_MEDIA_TYPE,
        _W,
        "Media types that mean the same",
        "Two keys of one `content` cover the same messages, so which schema counts is up to the "
        "reader.",
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
        "The contract has a body of its own for this response, which is served instead.",
    ),
    _code(
        FindingCode.INVALID_CONDITION,
        _E,
        "An `x-mock-when` that is no JSON Schema",
        "The example that it belongs to is never chosen.",
    ),
)

"""What people write by mistake is told in words, and what is right beside it is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.lint import lint
from conformance.report.findings import Finding
from spec import ContractError, load

ANSWER: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}


def document(version: str = "3.0.3", **fields: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": ANSWER}},
        **fields,
    }


def linted(folder: Path, contract: dict[str, Any] | str) -> list[Finding]:
    file = folder / "openapi.yaml"
    file.write_text(contract if isinstance(contract, str) else yaml.safe_dump(contract), "utf-8")
    return [one for one in lint(load(file)) if not one.code.startswith("undocumented")]


def of_schema(text: str, version: str = "3.0.3") -> dict[str, Any]:
    """A contract whose one operation answers with a schema, in flow style."""
    content = {"application/json": {"schema": yaml.safe_load(text)}}
    shared = {
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Cat"}]},
        "Fox": {"type": "object", "properties": {"kind": {"type": "string"}}},
        "Closed": {"type": "object", "additionalProperties": False, "properties": {"a": {}}},
    }
    used = {
        "description": "ok",
        "headers": {
            name: {"content": {"application/json": {"schema": _reference(name)}}} for name in shared
        },
    }
    responses = {"200": {"description": "ok", "content": content}, "201": used}
    return document(
        version,
        paths={"/a": {"get": {"responses": responses}}},
        components={"schemas": shared},
    )


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


CAT, DOG, FOX = (f"{{$ref: '#/components/schemas/{name}'}}" for name in ("Cat", "Dog", "Fox"))


@pytest.mark.parametrize(
    ("schema", "what", "remedy"),
    [
        ("{$ref: }", "`$ref` is empty", "put the reference in quotes"),
        ("{properties: {a: {}, required: [a]}}", "is a list, not a", "beside `properties`"),
        ("{type: array}", "`type: array` has no `items`", "`items: {}` allows any"),
        ("{type: object, items: {}}", "`items` says nothing of a value", "write `type: array`"),
        ("{type: array, items: {}, properties: {}}", "`properties` says nothing", "below `items`"),
        ("{type: string, properties: {}}", "`properties` says nothing", "write `type: object`"),
        ("{type: integer, minLength: 2}", "`minLength` says nothing", "write `minimum`"),
        ("{type: string, maximum: 2}", "`maximum` says nothing", "write `maxLength`"),
        ("{type: array, items: {}, maxLength: 2}", "`maxLength` says nothing", "`maxItems`"),
        ("{type: integer, format: date-time}", "`format: date-time` says nothing", "type: string"),
        ("{type: string, format: int32}", "`format: int32` says nothing", "write `type: number`"),
        ("{type: string, format: date_time}", "`date_time` is unknown", "mean `date-time`?"),
        ("{type: string, format: url}", "`url` is unknown", "did you mean `uri`?"),
        ("{type: string, pattern: '/^a+$/i'}", "slashes around the pattern", "the flag `i`"),
        ("{type: string, pattern: '/[a-z]+/'}", "slashes around the pattern", "write `[a-z]+`"),
        ("{type: string, enum: [a, 1]}", "1 is not of `type: string`", "in quotes: `'1'`"),
        ("{type: integer, enum: [1, '2']}", '"2" is not of `type: integer`', "without quotes"),
        ("{type: string, enum: [a, null]}", "null is not of", "`nullable: true`"),
        ("{type: string, maxLength: 2, enum: [ab, abc]}", '"abc" breaks `maxLength`', "correct"),
        ("{type: integer, minimum: 5, maximum: 3}", "`minimum` 5 is greater than `maximum` 3", ""),
        ("{type: string, minLength: 5, maxLength: 3}", "`minLength` 5 is greater", ""),
        ("{allOf: [{type: string}, {type: integer}]}", "values of `type` in its parts", ""),
        ("{type: string, enum: []}", "its `enum` is empty", ""),
        ("{type: object, required: []}", "`required` names no property", "or list the names"),
        (
            "{type: object, properties: {a: {}}, required: [b], additionalProperties: false}",
            "'b' is required, and `additionalProperties: false` refuses it",
            "",
        ),
        (
            "{allOf: [{$ref: '#/components/schemas/Closed'}, {required: [b]}]}",
            "in a part of `allOf` refuses `b`",
            "OpenAPI 3.0 cannot close a composed schema",
        ),
        ("{type: string, maxLength: -1}", "`maxLength` is not valid: -1", "correct the schema"),
        ("{type: string, readOnly: true, writeOnly: true}", "leave no message", "remove one"),
        ("{type: object, discriminator: kind}", "belongs to Swagger 2.0", "propertyName: kind"),
        (
            f"{{oneOf: [{CAT}, {FOX}], discriminator: {{propertyName: kind}}}}",
            "`kind` is not required in Fox",
            "under `required`",
        ),
        (
            f"{{anyOf: [{CAT}], discriminator: {{propertyName: sort}}}}",
            "`sort` is no property of Cat",
            "declare it there",
        ),
        (
            f"{{oneOf: [{CAT}, {{type: object, required: [kind], properties: {{kind: {{}}}}}}],"
            " discriminator: {propertyName: kind}}",
            "never chooses a schema that is written inline",
            "components/schemas",
        ),
        ("{type: array, items: string}", "`items` is 'string', not a schema", "{type: string}"),
        ("{type: array, items: '#/a'}", "`items` is '#/a', not a schema", "{$ref: '#/a'}"),
        ("{additionalProperties: 'false'}", "'false', not a schema", "without quotes"),
        ("{allOf: {type: object}}", "`allOf` is a list of schemas", "write `-` before each"),
        ("{type: dict}", "there is no type `dict`", "write `type: object`"),
        ("{type: Cat}", "there is no type `Cat`", "$ref: '#/components/schemas/Cat'"),
        ("{type: string, format: string}", "`string` is a type, not a format", "remove it"),
        ("{type: string, pattern: '^(?P<a>x)$'}", "`(?P<name>…)` is of Python", "`(?<name>…)`"),
        ("{type: string, pattern: '(?i)^a$'}", "flags inside of a pattern", "`[aA]`"),
        ("{type: string, pattern: '\\Ax\\Z'}", "are of other languages", "write `^` and `$`"),
        ("{type: string, pattern: '^[[:alpha:]]+$'}", "is of POSIX", "`[a-zA-Z]`"),
        (
            "{type: string, pattern: '^\\\\d$'}",
            "a backslash and the letter `d`",
            "second backslash",
        ),
        ("{discriminator: {mapping: {}}}", "the discriminator has no `propertyName`", "tells the"),
        (f"{CAT[:-1]}, nullable: true}}", "`nullable` beside a `$ref` is ignored", "write `allOf`"),
    ],
)
def test_slip_in_a_schema(schema: str, what: str, remedy: str, tmp_path: Path) -> None:
    """One slip is one finding, in the words of its author."""
    [found] = linted(tmp_path, of_schema(schema))

    assert what in found.title
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("pattern", "what", "remedy"),
    [
        (r"^(?P<a>x)(?P=a)$", "is of Python", r"`(?<name>…)` and `\k<name>`"),
        (r"^(?'a'x)$", "is of .NET", "`(?<name>…)`"),
        (r"^\((?:[^()]|(?R))*\)$", "recursion", "as many levels"),
        (r"^(a(?1)?b)$", "recursion", "as many levels"),
        (r"(a)?(?(1)b|c)", "conditions", "alternatives"),
        (r"(?#a word)\w+", "comments", "`$comment`"),
        (r"(?|a|b)", "branch resets", "`(?:`"),
        (r"(*UTF8)a", "is of Perl", "remove"),
        (r"(?i)^a$", "flags", "`[aA]`"),
        (r"^(?s-m).$", "flags", r"`[\s\S]`"),
        (r"^a++$", "atomic", "`a+`"),
        (r"^[*+]{2}+$", "atomic", "`a+`"),
        (r"^(?>a)$", "atomic", "`(?:`"),
        (r"\Aab\Z", r"`\A` and `\Z`", "`^` and `$`"),
        (r"\\\Aab", r"`\A` and `\Z`", "`^` and `$`"),
        (r"^\Qa.b\E$", r"`\Q…\E`", "before each sign"),
        (r"^\x{41}$", r"`\x{41}`", r"`\u0041`"),
        (r"^\pL+$", r"`\pL`", r"`\p{L}`"),
        (r"^\p{IsGreek}$", r"`\p{IsGreek}`", r"`\p{Script=Greek}`"),
        (r"(x)\g{1}", r"`\g`", r"`\k<name>`"),
        (r"^\h+\R$", r"`\h`, `\R` and the like", r"`\r?\n`"),
        (r"^\i\c*$", r"`\h`, `\R` and the like", "write out"),
        (r"^[[:alpha:]]+$", "is of POSIX", "`[a-zA-Z]`"),
    ],
)
@pytest.mark.parametrize("of_names", [False, True])
def test_what_other_languages_have_is_told(
    pattern: str, what: str, remedy: str, tmp_path: Path, *, of_names: bool
) -> None:
    """Each with what to write instead, in the pattern of a text and in those of names."""
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    if of_names:
        schema = {"type": "object", "patternProperties": {pattern: {"type": "string"}}}
    [found] = linted(tmp_path, of_schema(json.dumps(schema), "3.1.0"))

    assert found.code == "invalid-pattern"
    assert what in found.title
    assert remedy in found.remedy


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(?<a>x)\k<a>$",
        r"^(?:a)(?=b)(?!c)(?<=a)(?<!b)b$",
        r"^(?i:ab)c$",
        r"^\(?P<a$",
        r"^[(?R)a++\d]+$",
        r"^\++\u{41}+\p{L}+$",
        r"^\\Ab\cA$",
        r"^\p{Script=Greek}\p{Lu}$",
        r"^(\*A)[:a:]$",
    ],
)
def test_what_ecma_has_is_no_mistake(pattern: str, tmp_path: Path) -> None:
    """Escaped signs and members of a class are no forms of other languages."""
    schema = json.dumps({"type": "string", "pattern": pattern})

    assert linted(tmp_path, of_schema(schema, "3.1.0")) == []


@pytest.mark.parametrize(
    ("schema", "version"),
    [
        ("{type: [array, 'null']}", "3.1.0"),
        ("{type: [string, integer], minLength: 1, minimum: 1}", "3.1.0"),
        ("{type: number, format: int32}", "3.0.3"),
        ("{type: string, format: uuid4}", "3.0.3"),
        ("{type: string, format: phone}", "3.0.3"),
        ("{type: string, pattern: /users/.+/}", "3.0.3"),
        ("{type: string, pattern: /abc/}", "3.0.3"),
        ("{type: string, pattern: '^[A-Z]+[*+?}]+[+]+$'}", "3.0.3"),
        ("{type: string, pattern: '^(?<a>x)(?!y)(?:z)(?=w)$'}", "3.1.0"),
        (r"{type: string, pattern: '^\p{L}+[*+]+\++$'}", "3.1.0"),
        ("{type: string, nullable: true, enum: [a, null]}", "3.0.3"),
        ("{type: number, enum: [1, 2.5]}", "3.0.3"),
        ("{type: integer, enum: [1, 2.0]}", "3.0.3"),
        ("{enum: [1, a, null]}", "3.0.3"),
        (f"{{oneOf: [{CAT}, {DOG}], discriminator: {{propertyName: kind}}}}", "3.0.3"),
        (f"{{oneOf: [{CAT}, {{type: 'null'}}], discriminator: {{propertyName: kind}}}}", "3.1.0"),
        (f"{CAT[:-1]}, maxProperties: 3, description: d}}", "3.1.0"),
        (
            "{allOf: [{type: object, properties: {a: {}, b: {}}, additionalProperties: false},"
            " {required: [b]}]}",
            "3.0.3",
        ),
        ("{type: object, required: [a], properties: {a: {}, b: {}}}", "3.0.3"),
    ],
)
def test_sound_schema(schema: str, version: str, tmp_path: Path) -> None:
    """What looks like a slip and is none is left alone."""
    assert linted(tmp_path, of_schema(schema, version)) == []


@pytest.mark.parametrize(
    ("path", "what", "remedy"),
    [
        ("/b?x=1", "a path has no query", "write `/b`"),
        ("/b/{a}?x={x}", "a path has no query", "write `/b/{a}`"),
        ("/b#get", "a path has no fragment", "write `/b`"),
        ("/b/:id", "`:id` is taken literally", "`{id}`"),
        ("/b/:id/c", "`:id` is taken literally", "`{id}`"),
        ("/b/<int:id>", "`<id>` is taken literally", "`{id}`"),
        ("/b/{{id}}", "the braces of `{{id}}` are doubled", "write `{id}`"),
        ("/b/${id}", "the `$` before `{id}` is part of the path", "write `{id}`"),
        ("/b/{id", "a brace is not closed", "`{name}`"),
        ("/b/{}", "the braces are empty", "`{id}`"),
        ("/b c", "a character that no URL has", "percent-encoded"),
        ("/b/*", "`*` is taken literally", "one segment"),
        ("/b//c", "an empty segment", "write one slash"),
        ("GET /b", "must begin with /", "write `/b`, and `get` as a key below it"),
        ("https://h/b", "must begin with /", "write `/b`, and the rest as the `url` of a server"),
    ],
)
def test_slip_in_a_path(path: str, what: str, remedy: str, tmp_path: Path) -> None:
    """One finding, also where the names in the path are not declared therefore."""
    [found] = linted(tmp_path, document(paths={path: {"get": ANSWER}}))

    assert what in found.title
    assert remedy in found.remedy


@pytest.mark.parametrize("path", ["/a/{id}:cancel", "/a/{x}-{y}.json", "/a:batch", "/ä/%20", "/a/"])
def test_sound_path(path: str, tmp_path: Path) -> None:
    """Literal text around names, custom methods and other scripts are path templates."""
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    parameters = [
        {"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in names
    ]

    assert linted(tmp_path, document(paths={path: {"get": ANSWER, "parameters": parameters}})) == []


def test_pattern_in_the_braces_of_a_path(tmp_path: Path) -> None:
    """`{id:[0-9]+}` and the parameter `id` are meant for each other."""
    named = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    found = linted(
        tmp_path, document(paths={"/b/{id:[0-9]+}": {"get": ANSWER, "parameters": [named]}})
    )

    assert {one.code.value for one in found} == {
        "undeclared-path-parameter",
        "unknown-path-parameter",
    }
    assert all("write {id}" in one.remedy for one in found)


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        ("{type: http, scheme: basic}", "{type: http, scheme: bearer}", "authorization"),
        ("{type: http, scheme: Basic}", "{type: oauth2, flows: {}}", "authorization"),
        (
            "{type: apiKey, in: header, name: Authorization}",
            "{type: http, scheme: bearer}",
            "authorization",
        ),
        (
            "{type: apiKey, in: header, name: X-Key}",
            "{type: apiKey, in: header, name: x-key}",
            "the header x-key",
        ),
        (
            "{type: apiKey, in: query, name: key}",
            "{type: apiKey, in: query, name: key}",
            "the query parameter key",
        ),
        ("{type: http, scheme: bearer}", "{type: oauth2, flows: {}}", ""),
        ("{type: http, scheme: basic}", "{type: apiKey, in: header, name: X-Key}", ""),
        ("{type: apiKey, in: query, name: key}", "{type: apiKey, in: cookie, name: key}", ""),
        ("{type: mutualTLS}", "{type: http, scheme: bearer}", ""),
    ],
)
def test_credentials_that_are_required_together(
    first: str, second: str, place: str, tmp_path: Path
) -> None:
    """Two that need one header cannot travel; what one token satisfies can."""
    schemes = {"one": yaml.safe_load(first), "two": yaml.safe_load(second)}
    contract = document(
        "3.1.0", security=[{"one": [], "two": []}], components={"securitySchemes": schemes}
    )
    told = [
        one.title for one in linted(tmp_path, contract) if one.code == "conflicting-credentials"
    ]

    assert [place in title for title in told] == ([True] if place else [])


@pytest.mark.parametrize(
    ("fields", "what", "remedy"),
    [
        ({"url": ""}, "is empty", "write `/`"),
        ({"url": "https://h/x?y=1"}, "a query or a fragment", "parameters"),
        ({"url": "https://"}, "'https://' has no host", "name the host"),
        ({"url": "localhost:8080"}, "has no scheme", "write `https://localhost:8080`"),
        (
            {"url": "https://{host}/x", "variables": {"host": {"default": ""}}},
            "has no host",
            "not empty",
        ),
        (
            {"url": "https://{h}", "variables": {"h": {"default": "a", "enum": ["b"]}}},
            "is not in its enum",
            "write one of b",
        ),
        (
            {"url": "https://h", "variables": {"port": {"default": "1"}}},
            "'port' is not in the URL",
            "write `{port}`",
        ),
    ],
)
def test_slip_in_a_server(fields: dict[str, Any], what: str, remedy: str, tmp_path: Path) -> None:
    """A server URL that clients cannot use."""
    [found] = linted(tmp_path, document(servers=[fields]))

    assert what in found.title
    assert remedy in found.remedy


@pytest.mark.parametrize("url", ["/", "/v1", "v1", "../v1", "https://h:80/v1/", "https://{h}.io"])
def test_sound_server(url: str, tmp_path: Path) -> None:
    """Relative and templated URLs are servers."""
    server: dict[str, Any] = {"url": url}
    if "{h}" in url:
        server["variables"] = {"h": {"default": "a", "enum": ["a", "b"]}}

    assert linted(tmp_path, document(servers=[server])) == []


QUERY = {"name": "q", "in": "query", "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("parameter", "what", "remedy"),
    [
        ({"example": "a", "examples": {"b": {"value": "b"}}}, "`example` and `examples`", "keep"),
        ({"content": {"text/plain": {}}}, "`schema` and `content` exclude each other", "keep"),
        ({"in": "header", "style": "form"}, "no `style: form`", "write `simple`"),
        ({"style": "deepObject"}, "`style: deepObject` is not defined", "type: object"),
        ({"in": "header", "allowReserved": True}, "for query parameters only", "remove it"),
        ({"in": "header", "name": "X A"}, "no header can be named 'X A'", "no spaces"),
        ({"in": "Query"}, "a parameter needs `name` and `in:", "write `in: query`"),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_slip_in_a_parameter(
    parameter: dict[str, Any], what: str, remedy: str, version: str, tmp_path: Path
) -> None:
    """One sentence instead of the schema that the document breaks."""
    listed = [{**QUERY, **parameter}]
    contract = document(version, paths={"/a": {"get": {"parameters": listed, **ANSWER}}})
    [found] = linted(tmp_path, contract)

    assert what in found.title
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ({"get": {"responses": {"204": {"description": "d", "content": {"a/b": {}}}}}}, "204 has"),
        ({"delete": {"requestBody": {"content": {"text/plain": {}}}, **ANSWER}}, "of a DELETE"),
        ({"get": {"responses": {"2xx": {"description": "d"}}}}, "`2xx` is not allowed here"),
        (
            {
                "get": {"operationId": "x", **ANSWER},
                "post": {"operationId": "x", **ANSWER},
            },
            "'x' is already used by GET /a",
        ),
        (
            {
                "parameters": [{**QUERY, "in": "header"}],
                "get": {
                    "parameters": [
                        {**QUERY, "in": "header", "name": name} for name in ("X-A", "x-a")
                    ],
                    **ANSWER,
                },
            },
            "'x-a' is listed twice",
        ),
        (
            {
                "get": {
                    "responses": {
                        "200": {
                            "description": "d",
                            "headers": {"content-type": {"schema": {"type": "string"}}},
                        }
                    }
                }
            },
            "named content-type is ignored",
        ),
    ],
)
def test_slip_in_an_operation(operation: dict[str, Any], what: str, tmp_path: Path) -> None:
    """What HTTP or OpenAPI has no place for."""
    found = linted(tmp_path, document("3.1.0", paths={"/a": operation}))

    assert len([one for one in found if what in one.title]) == 1
    assert len([one for one in found if one.code != "unknown-media-type"]) == 1


FORM = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"text/json": {"encoding": {"a": {}}}}, "`encoding` has a meaning for forms"),
        ({"multipart/form-data": {"schema": FORM, "encoding": {"b": {}}}}, "a part `b`, which"),
        ({"multipart/form-data": {"schema": {"type": "string"}}}, "`type: string` has none"),
        ({"text/plain": {"examples": {"e": {"value": "", "externalValue": "/"}}}}, "`value` and"),
        ({"multipart/mixed": {"schema": {"type": "array", "items": {}}}}, ""),
        ({"multipart/form-data": {"schema": FORM, "encoding": {"a": {}}}}, ""),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_slip_in_a_body(content: dict[str, Any], what: str, version: str, tmp_path: Path) -> None:
    """Parts, encodings and examples that contradict each other."""
    operation = {"requestBody": {"content": content}, "responses": {"400": {"description": "d"}}}
    paths = {
        "/a": {
            "post": {**operation, "responses": {**ANSWER["responses"], "400": {"description": "d"}}}
        }
    }
    found = [one.title for one in linted(tmp_path, document(version, paths=paths))]

    assert [what in title for title in found] == ([True] if what else [])


@pytest.mark.parametrize(
    ("link", "what"),
    [
        ({"operationId": "b"}, "the operationId 'b', which no operation has"),
        ({"operationRef": "#/paths/~1b/get"}, "where no operation stands"),
        ({"operationId": "a", "parameters": {"x": 1}}, "a value for `x`, which is no parameter"),
        ({"operationId": "a", "parameters": {"q": "$respons.body#/q"}}, "is no runtime expression"),
        ({"operationId": "a", "parameters": {"query.q": "$response.body#/q"}}, ""),
        ({"operationRef": "#/paths/~1a/get", "parameters": {"q": "$method"}}, ""),
    ],
)
def test_slip_in_a_link(link: dict[str, Any], what: str, tmp_path: Path) -> None:
    """A link leads to an operation, and fills parameters that it has."""
    response = {"description": "d", "links": {"next": link}}
    operation = {"operationId": "a", "parameters": [QUERY], "responses": {"200": response}}
    found = linted(tmp_path, document(paths={"/a": {"get": operation}}))

    assert [what in one.title for one in found] == ([True] if what else [])


def test_a_callback_without_braces(tmp_path: Path) -> None:
    """`$request.body#/url` alone is a literal path."""
    called = {"$request.body#/url": {"post": ANSWER}}
    operation = {"callbacks": {"done": called}, **ANSWER}
    [found] = linted(tmp_path, document(paths={"/a": {"post": operation}}))

    assert found.remedy == "write `'{$request.body#/url}'`"


def test_what_follows_from_another_error_is_not_told(tmp_path: Path) -> None:
    """JSON Schema 2020-12 calls every key unevaluated beside one that is wrong."""
    scheme = {"type": "apiKey", "in": "body", "name": "k"}
    contract = document("3.1.0", components={"securitySchemes": {"k": scheme}})
    found = [one for one in linted(tmp_path, contract) if one.code == "invalid-openapi"]

    assert [one.title for one in found] == ['this must be one of query, header, cookie, got "body"']


def test_a_key_travels_in_a_header_that_can_be_named(tmp_path: Path) -> None:
    """`Authorization: Bearer` is a header and the begin of its value."""
    scheme = {"type": "apiKey", "in": "header", "name": "Authorization: Bearer"}
    contract = document("3.0.3", components={"securitySchemes": {"k": scheme}})
    found = [one for one in linted(tmp_path, contract) if one.code == "invalid-openapi"]

    assert [one.title for one in found] == ["no header can be named 'Authorization: Bearer'"]


def test_a_webhook_shares_the_names_of_operations(tmp_path: Path) -> None:
    """An operationId is unique among all operations of the document (OpenAPI, Operation Object)."""
    named = {"operationId": "x", **ANSWER}
    contract = document("3.1.0", paths={"/a": {"get": named}}, webhooks={"new": {"post": named}})
    [found] = linted(tmp_path, contract)

    assert found.title in (
        "the operationId 'x' is already used by GET /a",
        "the operationId 'x' is already used by POST webhooks/new",
    )


def test_name_of_a_component(tmp_path: Path) -> None:
    """The names of components have few characters; two that have more are one finding."""
    schemas = {"Page of pets": {"type": "object"}, "A/b": {"type": "object"}}
    found = linted(tmp_path, document(components={"schemas": schemas}))

    assert [one.title for one in found if one.code == "invalid-openapi"] == [
        "2 names of components have characters that they cannot have"
    ]


def test_a_tab_is_named(tmp_path: Path) -> None:
    """A tab in the indentation is told as such, at its line."""
    text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n\t/a: {}\n"

    with pytest.raises(ContractError, match=r":4: .*a tab cannot indent a line; write spaces"):
        linted(tmp_path, text)


def test_unused_parts_are_looked_at(tmp_path: Path) -> None:
    """A slip in a response that no operation refers to is told as well."""
    schema = {"type": "integer", "minLength": 3}
    response = {"description": "d", "content": {"application/json": {"schema": schema}}}
    found = linted(tmp_path, document(components={"responses": {"R": response}}))

    assert {one.code.value for one in found} == {"unused-component", "keyword-without-effect"}


@pytest.mark.parametrize("odd", [None, 5, "x", True, [], {}, [None], {"a": None}])
def test_values_of_the_wrong_kind_end_nothing(odd: Any, tmp_path: Path) -> None:
    """Whatever stands where OpenAPI wants something else, the rest is looked at."""
    schema = dict.fromkeys(
        ["oneOf", "allOf", "discriminator", "enum", "pattern", "required", "format", "type"], odd
    )
    parameters = [{"name": odd, "in": "query", "schema": schema, "style": odd, "content": odd}]
    media = {"schema": schema, "encoding": odd, "examples": odd, "example": odd}
    response = {"description": odd, "content": {"a/b": media}, "links": {"l": odd}, "headers": odd}
    operation = {"parameters": parameters, "responses": {"200": response}, "security": odd}
    contract = document(
        paths={"/a": {"get": {**operation, "tags": odd, "callbacks": odd}}, "/b?": odd},
        servers=[{"url": odd, "variables": {"v": odd}}],
        tags=odd,
        components={"securitySchemes": {"k": odd}, "schemas": {"S": odd}},
    )

    assert linted(tmp_path, contract)


@pytest.mark.parametrize(
    ("key", "what"),
    [("asyncapi", "an AsyncAPI document"), ("item", "a Postman collection"), ("log", "an HTTP")],
)
def test_another_document_is_named(key: str, what: str, tmp_path: Path) -> None:
    """What describes an API otherwise is told by its name."""
    with pytest.raises(ContractError, match=f":1: this is {what}"):
        linted(tmp_path, {key: {}})


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"security": ["key"]}, "write `- key: []`"),
        ({"servers": ["https://a.test"]}, "write `- url: https://a.test`"),
        ({"paths": [{"/a": {"get": ANSWER}}]}, "remove the `-` before its keys"),
    ],
)
def test_a_mapping_is_written_out(fields: dict[str, Any], remedy: str, tmp_path: Path) -> None:
    """A text or a list where a mapping belongs is told with what to write."""
    found = linted(tmp_path, document(**fields))

    assert remedy in [one.remedy for one in found if one.code == "malformed"]

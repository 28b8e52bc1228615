"""Swagger 2.0 is upgraded while it is read: what it says stands where OpenAPI 3 says it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from spec import Contract, Direction, Operation, load
from spec.text.forms import form_codec
from spec.text.multipart import Part, compose

HEAD = "swagger: '2.0'\ninfo: {title: T, version: '1'}\n"


def swagger(folder: Path, body: str, **files: str) -> Contract:
    """A Swagger document without its head; keyword arguments are more files."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text))
    path = folder / "api.yaml"
    path.write_text(HEAD + dedent(body))
    read = load(path)
    read.check_schemas()
    return read


def one(folder: Path, operation: str, shared: str = "") -> tuple[Contract, Operation]:
    """The only operation of a document, which must have no fault."""
    read = swagger(folder, f"paths: {{/a: {{post: {operation}}}}}\n" + dedent(shared))
    assert read.faults == ()
    return read, read.operations[0]


RESPONSES = "responses: {'204': {description: d}}"


@pytest.mark.parametrize(
    ("written", "style", "explode", "schema"),
    [
        ("type: integer, minimum: 1", "form", True, {"type": "integer", "minimum": 1}),
        ("type: array, items: {type: string}", "form", False, {}),
        ("type: array, collectionFormat: multi, items: {type: string}", "form", True, {}),
        ("type: array, collectionFormat: ssv, items: {type: string}", "spaceDelimited", False, {}),
        ("type: array, collectionFormat: pipes, items: {type: string}", "pipeDelimited", False, {}),
        ("type: string, x-example: b, enum: [a, b]", "form", True, {"type": "string"}),
    ],
)
def test_parameters_get_a_schema_and_a_style(
    tmp_path: Path, written: str, style: str, explode: bool, schema: dict[str, Any]
) -> None:
    """`type` and its kin move into `schema`; `collectionFormat` is a style of OpenAPI 3."""
    _, operation = one(
        tmp_path, f"{{parameters: [{{name: q, in: query, {written}}}], {RESPONSES}}}"
    )

    (parameter,) = operation.parameters
    assert (parameter.style, parameter.explode) == (style, explode)
    assert parameter.schema is not None
    assert schema.items() <= parameter.schema.value.items()  # type: ignore[union-attr]
    assert [example.value for example in parameter.examples] == ["b"] * ("x-example" in written)


@pytest.mark.parametrize(
    ("consumes", "media"),
    [
        ("", ["application/json"]),
        ("consumes: [application/xml, text/json],", ["application/xml", "text/json"]),
    ],
)
def test_the_body_is_a_request_body(tmp_path: Path, consumes: str, media: list[str]) -> None:
    """`in: body` has the media types of `consumes`, and is found behind a reference as well."""
    read, operation = one(
        tmp_path,
        f"{{{consumes} parameters: [{{$ref: '#/parameters/pet'}}], {RESPONSES}}}",
        """\
        parameters: {pet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/P'}}}
        definitions: {P: {type: object, required: [n]}}
        """,
    )

    assert operation.parameters == ()
    assert operation.request_body is not None
    assert operation.request_body.required
    assert [one.name for one in operation.request_body.content] == media
    schema = operation.request_body.content[0].schema
    assert schema is not None
    assert read.violations(schema, Direction.REQUEST, {})


def test_fields_of_a_form_are_one_schema(tmp_path: Path) -> None:
    """With a file it is multipart; what an operation inherits from its path belongs to it."""
    read = swagger(
        tmp_path,
        f"""\
        paths:
          /a:
            parameters: [{{name: note, in: formData, type: string}}]
            post:
              parameters:
                - {{name: file, in: formData, type: file, required: true}}
                - {{name: tags, in: formData, type: array, items: {{type: string}}}}
              {RESPONSES}
            put: {{{RESPONSES}}}
        """,
    )

    post, put = (operation.request_body for operation in read.operations)
    assert post is not None
    assert put is not None
    assert read.faults == ()
    assert [media.name for media in post.content] == ["multipart/form-data"]
    assert [media.name for media in put.content] == ["application/x-www-form-urlencoded"]
    schema = post.content[0].schema
    assert schema is not None
    assert schema.value == {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"type": "string"},
        },
        "required": ["file"],
    }
    assert post.content[0].encoding == {"tags": {"style": "form", "explode": False}}
    assert (post.required, put.required) == (True, False)


def test_answers_have_what_is_produced_and_its_examples(tmp_path: Path) -> None:
    """An operation's `produces` replaces the document's; a shared answer has the document's."""
    _, operation = one(
        tmp_path,
        """\
        {produces: [text/plain, text/csv], responses: {
          '200': {description: d, schema: {type: string}, examples: {text/csv: 'a,b'},
                  headers: {X-N: {type: integer, minimum: 1}}},
          '206': {description: d, schema: {type: file}},
          '404': {$ref: '#/responses/gone'}}}
        """,
        """\
        produces: [application/xml]
        responses: {gone: {description: d, schema: {type: object}}}
        """,
    )

    media = {one.status: [each.name for each in one.content] for one in operation.responses}
    assert media == {
        "200": ["text/plain", "text/csv"],
        "206": ["text/plain", "text/csv"],
        "404": ["application/xml"],
    }
    ok = operation.responses[0]
    assert [example.value for example in ok.content[1].examples] == ["a,b"]
    header = ok.headers[0].schema
    assert header is not None
    assert header.value == {"type": "integer", "minimum": 1}


def test_schemas_say_it_in_the_words_of_openapi_3(tmp_path: Path) -> None:
    """`discriminator` is an object, `x-nullable` is `nullable`; references lead on."""
    read, operation = one(
        tmp_path,
        "{responses: {'200': {description: d, schema: {$ref: '#/definitions/P'}}}}",
        """\
        definitions:
          P:
            discriminator: kind
            required: [kind]
            properties:
              kind: {type: string}
              note: {type: string, x-nullable: true}
              next: {$ref: '#/definitions/P/properties/note'}
        """,
    )

    schema = operation.responses[0].content[0].schema
    assert schema is not None
    assert not read.violations(schema, Direction.RESPONSE, {"kind": "P", "note": None})
    assert read.violations(schema, Direction.RESPONSE, {"kind": "P", "note": 1, "next": 1})
    assert read.find("#/components/schemas/P/discriminator") == {"propertyName": "kind"}
    assert str(read.place("#/components/schemas/P/properties/note")).endswith("api.yaml:10")


@pytest.mark.parametrize(
    ("written", "urls"),
    [
        ("host: h.example\nbasePath: /v1", ["https://h.example/v1"]),
        ("host: h.example\nschemes: [http, https]", ["http://h.example", "https://h.example"]),
        ("basePath: /v1/", ["/v1"]),
        ("basePath: /", ["/"]),
        ("", []),
    ],
)
def test_host_base_path_and_schemes_are_servers(
    tmp_path: Path, written: str, urls: list[str]
) -> None:
    """Without a host, the base path alone counts."""
    _, operation = one(tmp_path, f"{{{RESPONSES}}}", written + "\n")

    assert [server.url for server in operation.servers] == urls


def test_security_definitions_are_security_schemes(tmp_path: Path) -> None:
    """`basic` is a scheme of HTTP, and the flows of OAuth 2 have other names."""
    read = swagger(
        tmp_path,
        """\
        paths: {}
        securityDefinitions:
          plain: {type: basic}
          key: {type: apiKey, in: header, name: X-Key}
          code: {type: oauth2, flow: accessCode, authorizationUrl: u, tokenUrl: t, scopes: {r: d}}
          app: {type: oauth2, flow: application, tokenUrl: t}
        """,
    )

    schemes = read.security_schemes
    assert (schemes["plain"].type, schemes["plain"].scheme) == ("http", "basic")
    assert (schemes["key"].location, schemes["key"].parameter) == ("header", "X-Key")
    assert schemes["code"].scopes == ("r",)
    assert list(read.find("#/components/securitySchemes/code/flows")) == ["authorizationCode"]
    assert list(read.find("#/components/securitySchemes/app/flows")) == ["clientCredentials"]


def test_parts_in_other_files_are_upgraded_as_well(tmp_path: Path) -> None:
    """Path items, parameters and definitions may lie anywhere."""
    read = swagger(
        tmp_path,
        """\
        consumes: [text/json]
        paths: {/a: {$ref: 'parts.yaml#/path'}}
        """,
        parts="""\
        path:
          post:
            parameters: [{$ref: '#/body'}, {$ref: '#/q'}]
            responses: {'200': {description: d, schema: {$ref: '#/definitions/D'}}}
        body: {name: b, in: body, schema: {$ref: '#/definitions/D'}}
        q: {name: q, in: query, type: integer}
        definitions: {D: {discriminator: kind, properties: {kind: {type: string}}}}
        """,
    )

    (operation,) = read.operations
    assert read.faults == ()
    assert [(one.name, one.schema and one.schema.value) for one in operation.parameters] == [
        ("q", {"type": "integer"})
    ]
    assert operation.request_body is not None
    assert [media.name for media in operation.request_body.content] == ["text/json"]
    assert read.find("#/x-other-files/parts.yaml/definitions/D/discriminator") == {
        "propertyName": "kind"
    }


def test_a_fault_has_the_line_of_the_swagger_document(tmp_path: Path) -> None:
    """Whatever moved keeps its line."""
    read = swagger(
        tmp_path,
        """\
        paths:
          /a:
            get:
              responses:
                '200':
                  description: d
                  schema: {type: integer}
                  examples: {application/json: x}
        """,
    )

    assert [(fault.code, fault.place.line) for fault in read.faults] == [("faulty-example", 10)]


def test_fields_of_a_form_may_be_empty_and_divided(tmp_path: Path) -> None:
    """`allowEmptyValue` lets the empty text in; the items of a list stand in one part."""
    read, operation = one(
        tmp_path,
        f"""{{consumes: [multipart/form-data], {RESPONSES}, parameters: [
          {{name: lit, in: formData, type: boolean, allowEmptyValue: true}},
          {{name: n, in: formData, type: array, items: {{type: integer}}}}]}}""",
    )
    assert operation.request_body is not None
    (medium,) = operation.request_body.content
    assert medium.schema is not None
    schema = medium.schema
    codec = form_codec(medium, lambda each: read.standalone(each, Direction.REQUEST))

    def read_as(lit: str, n: str) -> tuple[Any, bool]:
        parts = [Part(name="lit", data=lit.encode()), Part(name="n", data=n.encode())]
        value = codec.decode(compose(parts, "cut"), "multipart/form-data; boundary=cut")
        return value, not read.violations(schema, Direction.REQUEST, value)

    assert read_as("", "1,2") == ({"lit": "", "n": [1, 2]}, True)
    assert read_as("true", "1") == ({"lit": True, "n": [1]}, True)
    assert not read_as("yes", "1")[1]
    assert not read_as("true", "1,x")[1]

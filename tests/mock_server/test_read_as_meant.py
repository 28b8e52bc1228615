"""What published contracts write is answered as it is meant, by the letter of OpenAPI or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server import Settings, create_app
from spec import load
from tests.mock_server.asking import ask, mock_of

NO_CONTENT = "{responses: {'204': {description: d}}}"


def test_paths_that_differ_in_a_name_alone_are_one(tmp_path: Path) -> None:
    """Each method is answered with the names of its own path; of one method twice, the first."""
    echo = (
        "{'200': {description: d, content: {application/json: {example: '{$request.path.NAME}'}}}}"
    )
    by = "parameters: [{name: NAME, in: path, required: true, schema: {type: string}}]"
    operation = f"{{{by}, responses: {echo}}}"
    app = mock_of(
        tmp_path,
        f"""\
        paths:
          /a/{{id}}: {{get: {operation.replace("NAME", "id")}}}
          /a/{{name}}:
            get: {operation.replace("NAME", "gone")}
            put: {operation.replace("NAME", "name")}
        """,
    )

    assert ask(app, "GET", "/a/x").json == "x"
    assert ask(app, "PUT", "/a/y").json == "y"
    assert ask(app, "DELETE", "/a/y").headers["allow"] == "GET, PUT, HEAD, OPTIONS"


@pytest.mark.parametrize("written", ["summary: s", "responses: {}"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_an_operation_without_responses(tmp_path: Path, version: str, written: str) -> None:
    """OpenAPI 3.1 section 4.8.10 lets `responses` go: then any answer is right."""
    app = mock_of(tmp_path, f"paths: {{/a: {{get: {{{written}}}}}}}", version=version)

    answer = ask(app, "GET", "/a")
    assert (answer.status, answer.body) == (200, b"")


def test_an_operation_that_documents_only_refusals(tmp_path: Path) -> None:
    """None of them is true of a good request; each can still be asked for, and the start tells."""
    app = mock_of(tmp_path, "paths: {/a: {post: {responses: {'405': {description: no}}}}}")

    answer = ask(app, "POST", "/a")
    assert answer.status == 501
    assert "documents only refusals" in answer.json["detail"]
    assert ask(app, "POST", "/a?__code=405").status == 405
    assert [str(one) for one in app.unserved] == [
        "POST /a: only refusals are documented (405); a good request gets 501"
    ]


def test_a_documented_media_type_that_cannot_be_made_is_no_406(tmp_path: Path) -> None:
    """The contract offers it, so that the refusal is the mock's own, and says why."""
    app = mock_of(
        tmp_path,
        """\
        paths:
          /a:
            get:
              responses:
                "200":
                  description: ok
                  content:
                    application/json: {schema: {type: object}}
                    application/msgpack: {schema: {type: object}}
        """,
    )

    answer = ask(app, "GET", "/a", headers={"accept": "application/msgpack"})
    assert answer.status == 501
    assert "GET /a documents 200 as application/msgpack" in answer.json["detail"]
    assert ask(app, "GET", "/a", headers={"accept": "text/css"}).status == 406
    assert ask(app, "GET", "/a", headers={"accept": "application/msgpack, */*"}).status == 200


def test_a_security_scheme_that_is_not_declared_is_not_required(tmp_path: Path) -> None:
    """Nobody could send its credential; a declared one beside it is still asked for."""
    app = mock_of(
        tmp_path,
        """\
        paths:
          /a: {get: {security: [{gone: []}], responses: {'200': {description: ok}}}}
          /b: {get: {security: [{gone: [], key: []}], responses: {'200': {description: ok}}}}
        components: {securitySchemes: {key: {type: http, scheme: bearer}}}
        """,
    )

    assert ask(app, "GET", "/a").status == 200
    assert ask(app, "GET", "/b").status == 401


@pytest.mark.parametrize("method", ["QUERY", "COPY", "unlink"])
def test_methods_of_openapi_3_2(tmp_path: Path, method: str) -> None:
    """`query` and `additionalOperations` are routed, checked and named like every other."""
    body = "{required: true, content: {application/json: {schema: {type: integer}}}}"
    operation = f"{{requestBody: {body}, responses: {{'204': {{description: d}}}}}}"
    app = mock_of(
        tmp_path,
        f"""\
        paths:
          /a:
            query: {operation}
            additionalOperations: {{COPY: {operation}, unlink: {operation}}}
          /b: {{get: {NO_CONTENT}}}
        """,
        version="3.2.0",
    )

    assert ask(app, method, "/a", json_body=1).status == 204
    assert ask(app, method, "/a", json_body="x").status == 400
    assert ask(app, "GET", "/a").headers["allow"] == "QUERY, COPY, unlink, OPTIONS"
    assert ask(app, method, "/b").status == 405


def test_every_value_of_a_server_variable_is_a_path(tmp_path: Path) -> None:
    """The default, the other values of the enum, and nothing else."""
    app = mock_of(
        tmp_path,
        f"""\
        servers: [{{url: '/{{v}}', variables: {{v: {{default: v1, enum: [v1, v2]}}}}}}]
        paths: {{/a: {{get: {NO_CONTENT}}}}}
        """,
    )

    statuses = [ask(app, "GET", f"/{one}a").status for one in ("", "v1/", "v2/", "v3/")]
    assert statuses == [204, 204, 204, 404]


def test_a_generic_is_answered_as_the_outer_schema_says(tmp_path: Path) -> None:
    """What is compiled once for all who share it keeps the scope that it is used in."""
    app = mock_of(
        tmp_path,
        """\
        paths:
          /words:
            get:
              responses:
                '200':
                  description: d
                  content:
                    application/json: {schema: {$ref: '#/components/schemas/Words'}}
        components:
          schemas:
            Words:
              $ref: '#/components/schemas/List'
              $defs: {one: {$dynamicAnchor: one, const: word}}
            List:
              type: array
              minItems: 1
              items: {$dynamicRef: '#one'}
              $defs: {any: {$dynamicAnchor: one}}
        """,
        version="3.1.0",
    )

    assert ask(app, "GET", "/words").json == ["word"]


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("application/pdf", b"%PDF-1.7 \xff\xfe", 204),
        ("application/octet-stream", b"\x00\xff", 204),
        ("application/vnd.note", b"\xff", 204),
        ("application/vnd.note", b"no", 400),
        ("application/jwt", b"eyJhbGciOiJub25lIn0.e30.", 204),
        ("application/jwt", b"no", 400),
        ("application/secevent+jwt", b"no", 400),
        ("application/jwt", b"\xff\xfe\xfd", 400),
    ],
)
def test_a_mere_string_is_a_file_or_a_text(
    tmp_path: Path, media_type: str, body: bytes, status: int
) -> None:
    """OpenAPI 3.0 writes uploads as strings, often without a format; a token is a text."""
    schema = "{schema: {type: string, minLength: 3}}"
    app = mock_of(
        tmp_path,
        f"""\
        paths:
          /a:
            post:
              requestBody: {{required: true, content: {{{media_type}: {schema}}}}}
              responses: {{"204": {{description: kept}}, "400": {{description: no}}}}
        """,
    )

    assert ask(app, "POST", "/a", body, headers={"content-type": media_type}).status == status


def test_a_limit_of_the_mock_is_told_in_its_own_words(tmp_path: Path) -> None:
    """The contract's `default` body would hide why there is no success."""
    error = "{description: e, content: {application/json: {schema: {type: object}}}}"
    success = "{description: ok, content: {application/msgpack: {schema: {type: object}}}}"
    responses = f"{{'200': {success}, default: {error}}}"
    app = mock_of(tmp_path, f"paths: {{/a: {{get: {{responses: {responses}}}}}}}")

    answer = ask(app, "GET", "/a")
    assert answer.status == 501
    assert "application/msgpack" in answer.json["detail"]


@pytest.mark.parametrize("never", ["false", "{not: {}}"])
def test_a_property_that_is_forbidden_is_not_missed(tmp_path: Path, never: str) -> None:
    """The author says that there is none: that nothing was made of it is no news."""
    schema = f"{{type: object, required: [a], properties: {{a: {{const: 1}}, b: {never}}}}}"
    content = f"{{application/json: {{schema: {schema}}}}}"
    app = mock_of(
        tmp_path,
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: d, content: {content}}}}}}}}}}}",
        version="3.1.0",
    )

    assert ask(app, "GET", "/a").json == {"a": 1}
    assert app.unserved == ()


def test_a_less_concrete_path_has_the_methods_that_the_other_lacks(tmp_path: Path) -> None:
    """`/v/{name}` reads what is called `a:run`; `Allow` names what either path has."""
    by = "parameters: [{name: name, in: path, required: true, schema: {type: string}}]"
    echo = (
        "responses: {'200': {description: d, content: {text/plain: "
        "{schema: {type: string}, example: '{$request.path.name}'}}}}"
    )
    app = mock_of(
        tmp_path,
        f"""\
        paths:
          /v/{{name}}: {{{by}, get: {{{echo}}}, delete: {NO_CONTENT}}}
          /v/{{name}}:run: {{{by}, post: {{{echo}}}}}
          /v/mine: {{put: {NO_CONTENT}}}
        """,
    )

    assert ask(app, "POST", "/v/a:run").body == b"a"
    assert ask(app, "GET", "/v/a:run").body == b"a:run"
    assert ask(app, "HEAD", "/v/mine").status == 200
    refused = ask(app, "PATCH", "/v/mine")
    assert (refused.status, refused.headers["allow"]) == (405, "PUT, GET, DELETE, HEAD, OPTIONS")
    assert ask(app, "OPTIONS", "/v/mine").headers["allow"] == "PUT, GET, DELETE, HEAD, OPTIONS"


DIVIDED = """\
swagger: '2.0'
info: {title: T, version: '1'}
paths:
  /a/{p}:
    post:
      consumes: [application/x-www-form-urlencoded, multipart/form-data]
      parameters:
        - {name: p, in: path, required: true, type: array, items: {type: integer}, \
           collectionFormat: pipes}
        - {name: q, in: query, type: array, items: {type: integer}, collectionFormat: tsv}
        - {name: X-H, in: header, type: array, items: {type: integer}, collectionFormat: ssv}
        - {name: f, in: formData, type: array, items: {type: integer}, collectionFormat: tsv}
      responses: {'204': {description: d}}
"""


@pytest.mark.parametrize(
    ("path", "query", "header", "field", "status"),
    [
        ("1|2", "1%092", "1 2", "1%092", 204),
        ("1%7C2", "", "", "", 204),
        ("1,2", "1%092", "1 2", "1%092", 400),
        ("1", "1,2", "1", "1", 400),
        ("1", "1", "1,2", "1", 400),
        ("1", "1", "1", "1%09x", 400),
    ],
)
def test_lists_of_swagger_are_divided_as_it_says(
    tmp_path: Path, path: str, query: str, header: str, field: str, status: int
) -> None:
    """`collectionFormat` counts everywhere, also where OpenAPI 3 has no style for it."""
    file = tmp_path / "contract.yaml"
    file.write_text(DIVIDED)
    app = create_app(load(file), settings=Settings())
    headers = [("content-type", "application/x-www-form-urlencoded")]
    headers += [("x-h", header)] if header else []
    target = f"/a/{path}?q={query}" if query else f"/a/{path}"

    answer = ask(app, "POST", target, f"f={field}".encode() if field else b"", headers=headers)
    assert answer.status == status


@pytest.mark.parametrize("where", ["path", "header", "query"])
@pytest.mark.parametrize(
    "schema",
    [
        "{properties: {a: {type: integer}}}",
        "{items: {type: integer}}",
        "{additionalProperties: {type: integer}}",
        "{anyOf: [{items: {minimum: 1}}, {properties: {a: {type: integer}}, required: [a]}]}",
    ],
)
def test_without_a_type_plain_text_is_valid(tmp_path: Path, where: str, schema: str) -> None:
    """Keywords of lists and objects say nothing of a string (JSON Schema Validation 6.4, 6.5)."""
    needed = ", required: true" if where == "path" else ""
    parameter = f"{{name: x-a, in: {where}{needed}, schema: {schema}}}"
    path = "/a/{x-a}" if where == "path" else "/a"
    app = mock_of(
        tmp_path,
        f"paths: {{'{path}': {{get: {{parameters: [{parameter}], responses: {{'204': "
        "{description: d}}}}}",
        version="3.1.0",
    )
    target = {"path": "/a/plain", "header": "/a", "query": "/a?x-a=plain"}[where]

    assert ask(app, "GET", target, headers={"x-a": "plain"}).status == 204


@pytest.mark.parametrize(
    ("schema", "value", "status"),
    [
        ("{if: {const: 1}, then: true, else: {type: string, minLength: 3}}", "1", 204),
        ("{if: {const: 1}, then: true, else: {type: string, minLength: 3}}", "ab", 400),
        ("{if: {type: integer}, then: {minimum: 9}, else: {pattern: '^[a-z]+$'}}", "12", 204),
        ("{if: {type: integer}, then: {minimum: 9}, else: {pattern: '^[a-z]+$'}}", "7", 400),
        ("{not: {type: string}}", "true", 204),
        ("{minimum: 5}", "3", 204),
        ("{type: integer}", "2.0", 204),
        ("{type: integer}", "2.5", 400),
    ],
)
def test_text_of_no_type_is_what_the_schema_admits(
    tmp_path: Path, schema: str, value: str, status: int
) -> None:
    """It is text first, and a number, a boolean or null where only that satisfies the schema."""
    app = mock_of(
        tmp_path,
        f"paths: {{/a: {{get: {{parameters: [{{name: n, in: query, schema: {schema}}}], "
        "responses: {'204': {description: d}}}}}",
        version="3.1.0",
    )

    assert ask(app, "GET", f"/a?n={value}").status == status


def test_a_query_in_a_path_tells_operations_apart(tmp_path: Path) -> None:
    """The operation that asks for most of the query is meant; the one without any, otherwise."""
    said = "{get: {responses: {'200': {description: d, content: {text/plain: {example: NAME}}}}}}"
    paths = {"/a?b=1": "b", "/a": "none", "/a?b=1&c={c}": "bc", "'/#Action=List'": "list"}
    written = [f"  {path}: {said.replace('NAME', name)}" for path, name in paths.items()]
    app = mock_of(tmp_path, "\n".join(["paths:", *written, ""]))

    def body(target: str) -> bytes:
        return ask(app, "GET", target).body

    assert body("/a") == body("/a?b=2") == body("/a?c=1") == b"none"
    assert body("/a?b=1") == body("/a?x&b=1") == body("/a?%62=1&__wait=0") == b"b"
    assert body("/a?c=anything&b=1") == b"bc"
    assert body("/?Action=List&Version=1") == b"list"


def test_a_documented_type_that_is_wished_for_and_cannot_be_made(tmp_path: Path) -> None:
    """Another type than the one that is accepted would be called what it is not asked for."""
    app = mock_of(
        tmp_path,
        """\
        paths:
          /a:
            get:
              responses:
                "200":
                  description: ok
                  content:
                    application/json: {schema: {type: integer, minimum: 2, maximum: 1}}
                    text/plain: {schema: {type: string}}
        """,
    )

    asked = ask(app, "GET", "/a?__code=200", headers={"accept": "application/json"})
    assert asked.status == 501
    assert ask(app, "GET", "/a?__code=200", headers={"accept": "text/css"}).status == 200

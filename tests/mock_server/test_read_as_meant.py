"""What published contracts write is answered as it is meant, by the letter of OpenAPI or not."""

from __future__ import annotations

from pathlib import Path

import pytest

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

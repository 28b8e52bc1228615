"""What a loaded contract says, and what it says of a faulty one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from spec import AI_CONTRACT, Contract, ContractError, load

Load = Callable[..., Contract]


def codes(read: Contract) -> list[str]:
    """The codes of a contract's faults, in the order of their lines."""
    return [fault.code for fault in read.faults]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "swagger: '1.2'",
            "api.yaml:1: Swagger 1.2 is not supported; Swagger 2.0 and OpenAPI 3.0 to 3.2 are",
        ),
        ("openapi: 3.3.0", "api.yaml:1: OpenAPI 3.3.0 is not supported"),
        ("info: {}", "it lacks the key `openapi`"),
        ("[1]", "an OpenAPI document is a mapping, not a list"),
    ],
)
def test_other_documents_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """The sentence says what it is and what to do."""
    path = tmp_path / "api.yaml"
    path.write_text(text)

    with pytest.raises(ContractError) as caught:
        load(path)
    assert message in str(caught.value)


def test_inherited_facts_reach_the_operation(contract: Load) -> None:
    """Path-level parameters, the nearest servers and security, references everywhere."""
    read = contract(
        """\
        servers: [{url: 'https://x.test/{v}/', variables: {v: {default: v1}}}, {url: /}]
        security: [{key: []}, {}]
        paths:
          /a/{id}:
            parameters:
            - {name: id, in: path, required: true, schema: {type: integer}}
            - {name: q, in: query, schema: {type: string}}
            get:
              operationId: read
              parameters: [{$ref: '#/components/parameters/Q'}]
              responses: {'2xx': {$ref: '#/components/responses/R'}, default: {description: d}}
            put:
              security: []
              servers: [{url: 'https://y.test/w'}]
              responses: {'200': {description: d}}
        components:
          parameters: {Q: {name: q, in: query, required: true, schema: {type: boolean}}}
          responses: {R: {description: from afar}}
          securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
        """
    )
    get, put = read.operations

    assert [(one.name, one.required) for one in get.parameters] == [("id", True), ("q", True)]
    assert (get.base_paths, put.base_paths) == (("/v1", ""), ("/w",))
    assert [dict(one.schemes) for one in get.security] == [{"key": ()}, {}]
    assert put.security == ()
    assert [response.status for response in get.responses] == ["2XX", "default"]
    assert read.operation("read") is read.operation("GET /a/{id}") is get
    assert str(get.place).endswith("api.yaml:10")


def test_operations_come_in_the_order_of_the_document(contract: Load) -> None:
    """People know a contract by the order in which it was written."""
    done = "{responses: {'204': {description: d}}}"
    read = contract(f"paths: {{/b: {{post: {done}, get: {done}}}, /a: {{get: {done}}}}}\n")

    assert [operation.id for operation in read.operations] == ["POST /b", "GET /b", "GET /a"]


def test_the_right_response_governs_a_status(contract: Load) -> None:
    """The code, then its range, then `default` (OpenAPI 3.0 section 4.7.16)."""
    read = contract(
        """\
        paths: {/a: {get: {responses: {default: {description: d}, '404': {description: e},
          4XX: {description: r}}}}}
        """
    )
    get = read.operations[0]
    found = [get.response_for(status) for status in (404, 400, 500)]

    assert [response.description for response in found if response] == ["e", "r", "d"]


FAULTY = {
    "a path that says {objectKey} where the parameter is called key": (
        """\
        paths:
          /b/{objectKey}:
            get:
              parameters: [{name: key, in: path, required: true, schema: {type: integer}}]
              responses: {'200': {description: d}}
        """,
        [(5, "undeclared-path-parameter"), (6, "unknown-path-parameter")],
    ),
    "required: [is_public] where the property is isPublic": (
        """\
        paths: {}
        components:
          schemas:
            B:
              type: object
              required: [is_public]
              properties: {isPublic: {type: boolean}}
        """,
        [(8, "undeclared-required-property")],
    ),
    "examples that miss required fields": (
        """\
        paths:
          /b:
            get:
              responses:
                '200':
                  description: d
                  content:
                    application/json:
                      schema: {type: object, required: [a]}
                      examples:
                        good: {value: {a: 1}}
                        bad: {value: {b: 1}}
        """,
        [(14, "faulty-example")],
    ),
    "security schemes of unknown type, and undeclared ones": (
        """\
        security: [{odd: []}, {none: []}]
        paths: {/b: {get: {responses: {'200': {description: d}}}}}
        components:
          securitySchemes:
            odd:
              type: cookie
        """,
        [(3, "undeclared-security-scheme"), (8, "unknown-security-scheme-type")],
    ),
    "references that lead nowhere or in a circle": (
        """\
        paths:
          /b:
            get:
              responses:
                '200': {$ref: '#/components/responses/None'}
                '400': {$ref: '#/components/responses/Loop'}
                '500': {description: d}
        components:
          responses: {Loop: {$ref: '#/components/responses/Loop'}}
        """,
        [(7, "unresolved-reference"), (11, "unresolved-reference")],
    ),
    "wrong shapes": (
        """\
        paths:
          /b:
            get:
              parameters: {name: q}
              responses: {'20O': {description: d}}
            post: [1]
          c: {}
        """,
        [
            (6, "malformed"),
            (5, "no-response"),
            (7, "malformed"),
            (8, "malformed"),
            (9, "malformed"),
        ],
    ),
    "two paths that differ by a parameter's name only": (
        """\
        paths:
          /b/{x}: {get: {responses: {'200': {description: d}}, parameters: [{name: x, in: path}]}}
          /b/{y}: {put: {responses: {'200': {description: d}}, parameters: [{name: y, in: path}]}}
        """,
        [(5, "duplicate-path")],
    ),
    "a schema reference that leads nowhere": (
        """\
        paths:
          /b:
            get:
              responses:
                '200':
                  description: d
                  content:
                    application/json:
                      schema: {$ref: '#/components/schemas/Gone'}
        """,
        [(11, "unresolved-reference")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), FAULTY.values(), ids=FAULTY.keys())
def test_a_real_fault_is_reported_with_its_line(
    contract: Load, body: str, expected: list[tuple[int, str]]
) -> None:
    """The contract loads all the same."""
    read = contract(body)

    assert sorted((fault.place.line, fault.code) for fault in read.faults) == sorted(expected)


@pytest.mark.parametrize(("version", "expected"), [("3.0.3", ["no-response"]), ("3.1.0", [])])
def test_an_operation_of_3_1_need_not_document_a_response(
    contract: Load, version: str, expected: list[str]
) -> None:
    """OpenAPI 3.1 made `responses` optional."""
    assert codes(contract("paths: {/a: {get: {}}}\n", version=version)) == expected


def test_a_stranger_stands_in_for_the_missing_parameter(contract: Load) -> None:
    """One name too few and one too many: the same parameter is meant."""
    read = contract(FAULTY["a path that says {objectKey} where the parameter is called key"][0])
    (parameter,) = read.operations[0].parameters

    assert parameter.name == "objectKey"
    assert parameter.schema is not None
    assert parameter.schema.value == {"type": "integer"}


def test_a_faulty_example_says_what_is_wrong_and_is_gone(contract: Load) -> None:
    """File, line, pointer, keyword and remedy; the good one stays."""
    read = contract(FAULTY["examples that miss required fields"][0])
    (example,) = read.operations[0].responses[0].content[0].examples

    assert example.name == "good"
    assert str(read.faults[0]).endswith(
        "api.yaml:14: #/paths/~1b/get/responses/200/content/application~1json/examples/bad: "
        "/a is required; correct the example or the schema"
    )


def test_an_expression_is_not_judged_before_it_has_a_value(contract: Load) -> None:
    """`{$request.body#/n}` stands for a number that comes later."""
    read = contract(
        """\
        paths:
          /b:
            get:
              responses:
                '200':
                  description: d
                  content:
                    application/json:
                      schema: {type: object, properties: {n: {type: integer}}}
                      examples:
                        whole: {value: {n: '{$request.body#/n}'}}
                        part: {value: {n: 'n{$request.body#/n}'}}
        """
    )

    assert [one.name for one in read.operations[0].responses[0].content[0].examples] == ["whole"]


def test_a_body_for_the_mock_promises_nothing(contract: Load) -> None:
    """`x-mock-content` serves a response that has no content, and no other."""
    read = contract(
        """\
        paths:
          /b:
            get:
              responses:
                '200':
                  description: d
                  content: {application/json: {example: 1}}
                  x-mock-content: {application/json: {example: 2}}
                '400': {description: d, x-mock-content: {application/json: {example: 3}}}
        """
    )
    ok, bad = read.operations[0].responses

    assert (ok.mock_content, bad.content) == ((), ())
    assert bad.mock_content[0].examples[0].value == 3
    assert codes(read) == ["needless-mock-content"]


def test_a_thousand_operations_cost_a_thousand_times_one(tmp_path: Path) -> None:
    """Loading is linear: ten times the operations take well under thirty times the time."""
    from time import process_time

    document = yaml.safe_load(AI_CONTRACT.read_text(encoding="utf-8"))

    def seconds(copies: int) -> float:
        paths: dict[str, Any] = {
            f"/v{n}{path}": item for n in range(copies) for path, item in document["paths"].items()
        }
        file = tmp_path / f"{copies}.json"
        file.write_text(yaml.safe_dump({**document, "paths": paths}).replace("\t", " "))
        file = file.rename(file.with_suffix(".yaml"))
        start = process_time()
        assert len(load(file).operations) == 9 * copies
        return process_time() - start

    seconds(2)
    assert seconds(100) < 30 * max(seconds(10), 0.02)


def test_every_method_has_its_operation(contract: Load) -> None:
    """`query` and `additionalOperations` (OpenAPI 3.2 section 4.8) beside the older ones."""
    read = contract(
        """\
        paths:
          /a:
            get: {responses: {'204': {description: d}}}
            query: {responses: {'204': {description: d}}}
            additionalOperations:
              COPY: {responses: {'204': {description: d}}}
              'no token': {responses: {'204': {description: d}}}
        """,
        version="3.2.0",
    )

    assert [operation.id for operation in read.operations] == ["GET /a", "QUERY /a", "COPY /a"]
    assert read.operations[2].pointer == "#/paths/~1a/additionalOperations/COPY"
    assert [(fault.code, fault.place.line) for fault in read.faults] == [("malformed", 9)]


def test_a_server_variable_may_be_any_of_its_values(contract: Load) -> None:
    """The default comes first; every combination is a path (OpenAPI 3.0 section 4.7.6)."""
    read = contract(
        """\
        servers:
          - url: https://x.example/{edition}/{place}
            variables:
              edition: {default: v1, enum: [v1, v2]}
              place: {default: eu, enum: [us, eu]}
        paths: {/a: {get: {responses: {'204': {description: d}}}}}
        """
    )

    assert read.operations[0].base_paths == ("/v1/eu", "/v1/us", "/v2/eu", "/v2/us")


@pytest.mark.parametrize("name", ["description", "json", "application/", "application/json, a/b"])
def test_a_key_of_content_that_is_no_media_type_is_left_out(contract: Load, name: str) -> None:
    """RFC 9110 section 8.3.1; what stands beside it is read."""
    read = contract(
        f"""\
        paths:
          /a:
            get:
              responses:
                '200':
                  description: d
                  content:
                    {name}: {{}}
                    Application/Vnd.x+json;v=1: {{}}
                    x-note: {{}}
        """
    )

    content = read.operations[0].responses[0].content
    assert [one.name for one in content] == ["application/vnd.x+json;v=1"]
    assert [(fault.code, fault.place.line) for fault in read.faults] == [("malformed", 10)]


def test_what_nobody_can_give_is_not_required(contract: Load) -> None:
    """A scheme that is not declared, or of a type that OpenAPI does not know."""
    read = contract(
        """\
        security: [{odd: []}, {none: []}]
        paths:
          /open: {get: {responses: {'200': {description: d}}}}
          /half: {get: {security: [{odd: [], key: []}], responses: {'200': {description: d}}}}
        components:
          securitySchemes:
            odd: {type: cookie, name: sid}
            key: {type: apiKey, in: header, name: X-Key}
        """
    )
    is_open, half = read.operations

    assert not is_open.secured
    assert [list(one.schemes) for one in half.security] == [["key"]]

"""Clauses: what a contract promises, with names that last."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.clauses import derive
from conformance.clauses.keyword_sentences import answer_keywords
from conformance.clauses.kinds import KINDS_OF_A_RUN
from conformance.clauses.schema_nodes import UNROLLED, nodes
from spec import AI_CONTRACT, load
from tests.conformance.kit.library import Library
from tests.conformance.kit.running import contract_of

BODY = """
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1}
                tags: {type: array, items: {type: string, enum: [a, b]}}
                how:
                  oneOf:
                    - {type: string}
                    - {type: object, required: [by], properties: {by: {type: integer}}}
      responses:
        '200': {description: well, content: {application/json: {schema: {type: array}}}}
        '400': {description: no}
"""


def names(folder: Path, text: str) -> dict[str, str]:
    """The clauses' names within their operation, with their kinds."""
    return {one.id.split(" ", 2)[-1]: one.kind for one in derive(contract_of(folder, text))}


@pytest.mark.parametrize(
    "name",
    [
        "body.missing",
        "body.type",
        "body.name.required",
        "body.name.minLength",
        "body.tags.optional",
        "body.tags[].enum",
        "body.how.oneOf",
        "body.how.oneOf[1].by.required",
        "body.how.oneOf[1].by.type",
        "body.unknown",
        "status.400",
        "response.200.content-type",
        "response.200.type",
    ],
)
def test_every_keyword_is_a_clause(tmp_path: Path, name: str) -> None:
    """At every depth, a keyword has a clause that says where it stands."""
    found = names(tmp_path, BODY)

    assert name in found


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ("{type: integer}", {"query.at.type"}),
        ("{type: [integer, boolean]}", {"query.at.type"}),
        ("{type: string, nullable: true}", set()),
        ("{type: ['null', string]}", set()),
        ("{type: [integer, string]}", set()),
    ],
)
def test_no_text_has_a_wrong_type_where_a_string_is_good(
    tmp_path: Path, schema: str, found: set[str]
) -> None:
    text = f"""
paths:
  /things:
    get:
      parameters: [{{name: at, in: query, schema: {schema}}}]
      responses: {{'200': {{description: d}}}}
"""

    assert {name for name in names(tmp_path, text) if name.endswith(".at.type")} == found


def test_ids_are_unique_and_kinds_are_known(tmp_path: Path) -> None:
    """No two clauses share a name, and each has a column in the ledger."""
    clauses = (*derive(load(AI_CONTRACT)), *derive(contract_of(tmp_path, Library().contract)))

    assert len({clause.id for clause in clauses}) == len(clauses)
    assert {clause.kind for clause in clauses} == set(KINDS_OF_A_RUN)


def test_every_clause_names_its_line() -> None:
    """A pointer leads into the contract, and a line can be opened in an editor."""
    for clause in derive(load(AI_CONTRACT)):
        assert clause.pointer.startswith("#/")
        assert clause.place is not None
        assert clause.place.line > 0


def test_a_recursive_schema_ends(tmp_path: Path) -> None:
    """A tree of trees has finitely many clauses."""
    text = """
components:
  schemas:
    Tree:
      type: object
      properties:
        below: {type: array, items: {$ref: '#/components/schemas/Tree'}}
paths:
  /tree:
    put:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}
      responses: {'200': {description: well}}
"""
    found = names(tmp_path, text)

    assert "body.below[].below.type" in found
    assert len(found) < 100


def test_schemas_that_refer_to_each_other_in_every_way(tmp_path: Path) -> None:
    """They have thousands of paths through them; each has places, the nearest ones."""
    names = ["Bill", "Firm", "Note", "User"]
    fields = "".join(f"{one.lower()}: {{$ref: '#/components/schemas/{one}'}}, " for one in names)
    schema = f"{{type: object, properties: {{{fields}id: {{type: integer}}}}}}"
    read = contract_of(
        tmp_path,
        "paths: {/a: {get: {responses: {'200': {description: d, content: {application/json:"
        " {schema: {$ref: '#/components/schemas/Bill'}}}}}}}}\n"
        f"components: {{schemas: {{{', '.join(f'{one}: {schema}' for one in names)}}}}}\n",
    )
    media_type = read.operations[0].responses[0].content[0]
    found = list(nodes(read, media_type.schema))

    assert len(found) == UNROLLED
    assert {"firm.id", "note.user.id", "user.bill.note.id"} <= {one.name for one in found}


def test_without_security_nothing_is_promised_of_it(tmp_path: Path) -> None:
    """An operation that anybody may call has no clause about credentials."""
    found = names(tmp_path, BODY)

    assert not [name for name in found if name.startswith("security.")]


def test_state_is_promised_where_something_reads_it_back(tmp_path: Path) -> None:
    """By the POST that creates, and by what changes or deletes the same path."""
    text = """
paths:
  /things:
    post: &write
      requestBody: {content: {application/json: {}}}
      responses: {'201': {description: a}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: &read {responses: {'200': {description: a}}}
    put: *write
    patch: *write
    delete: *read
  /things/{id}/picture:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: *read
    delete: *read
  /signals: {post: *write}
  /signals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: *read
"""
    found = [one.id for one in derive(contract_of(tmp_path, text)) if one.kind == "state"]

    assert found == [
        "POST /things state.readable",
        "PUT /things/{id} state.changed",
        "PATCH /things/{id} state.changed",
        "DELETE /things/{id} state.gone",
    ]


def test_what_operations_share_is_looked_at_once(tmp_path: Path) -> None:
    """Hundreds of operations may answer with one definition of a thousand places."""
    text = """
paths:
  /things:
    get: {responses: &found {'200': {description: a, content: &json {application/json:
      {schema: {$ref: '#/components/schemas/Thing'}}}}}}
    post: {requestBody: {content: *json}, responses: *found}
components: {schemas: {Thing: {type: object, properties: {name: {type: string}}}}}
"""
    contract = contract_of(tmp_path, text)
    reading, writing = contract.operations
    shared = (
        reading.responses[0].content[0].schema,
        writing.responses[0].content[0].schema,
        writing.request_content[0].schema,
    )
    places = [nodes(contract, one) for one in shared]
    first, second = (
        answer_keywords(contract, "response.200", one)
        for one in (contract.resolve(schema) for schema in shared[:2] if schema)
    )

    assert len({one.pointer for one in shared if one}) == 3
    assert all(one is places[0] for one in places)
    assert first is second

"""Which answers a client is tried with: all that the contract allows, one difference each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.client.answered import Answered, ClientAnswer, answered
from conformance.client.variation import Variation
from conformance.client.variations import variations_of
from spec import Contract, Direction, load

CONTRACT = """
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      responses:
        '200':
          description: orders
          content:
            application/json:
              schema:
                type: object
                required: [orders]
                properties:
                  orders: {type: array, maxItems: 7, items: {$ref: '#/components/schemas/Order'}}
                  next: {type: string}
            text/event-stream: {schema: {type: string}}
        '404': {description: none}
        5XX: {description: broken}
components:
  schemas:
    Order:
      type: object
      required: [id, status]
      additionalProperties: false
      properties:
        id: {type: integer, minimum: 1}
        status: {type: string, enum: [new, paid, sent]}
        note: {type: string, nullable: true}
        price: {oneOf: [{type: number}, {type: string, pattern: '^[0-9]+ EUR$'}]}
"""
BODY = {"orders": [{"id": 4, "status": "new", "note": "hello", "price": 3.5}]}


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    """The contract of CONTRACT."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    return load(tmp_path / "openapi.yaml")


def known(*calls: ClientAnswer) -> Answered:
    """What the client has got of its one operation."""
    return Answered(operation="GET /orders", calls=calls)


JSON = ClientAnswer(status=200, media="application/json", body=BODY)


def by_name(contract: Contract, *calls: ClientAnswer) -> dict[str, Variation]:
    """The variations by what follows the operation in their clauses."""
    found = variations_of(contract, known(*calls))
    return {one.clause.removeprefix("GET /orders client.response."): one for one in found}


def first(variation: Variation, *calls: ClientAnswer) -> Any:
    """The body of the first answer that a variation changes."""
    return variation.smallest(known(*calls))["body"]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("200.orders[].note.absent", {"id": 4, "status": "new", "price": 3.5}),
        ("200.orders[].note.nullable(null)", {**BODY["orders"][0], "note": None}),
        ("200.orders[].status.enum('sent')", {**BODY["orders"][0], "status": "sent"}),
        (
            "200.orders[].id.minimum(1 for minimum 1)",
            {**BODY["orders"][0], "id": 1},
        ),
    ],
)
def test_one_property_differs(contract: Contract, name: str, order: Any) -> None:
    """Absent, null, another member, at its bound; all else is as it was."""
    assert first(by_name(contract, JSON)[name], JSON) == {"orders": [order]}


def test_lists_are_empty_and_as_long_as_they_may_be(contract: Contract) -> None:
    """No items, and many of the kind that is known, up to `maxItems`."""
    found = by_name(contract, JSON)

    assert first(found["200.orders.type(an empty array)"], JSON) == {"orders": []}
    assert first(found["200.orders.many"], JSON) == {"orders": BODY["orders"] * 7}


def test_an_optional_property_comes(contract: Contract) -> None:
    """One that the mock's answer does not have is legal too."""
    body = first(by_name(contract, JSON)["200.next.present"], JSON)

    assert isinstance(body.pop("next"), str)
    assert body == BODY


def test_what_nobody_promised_goes(contract: Contract) -> None:
    """The mock's answer may have more than the contract names; a client may lean on it."""
    more = ClientAnswer(status=200, media="application/json", body={**BODY, "total": 1})

    assert first(by_name(contract, more)["200.unnamed(total)"], more) == BODY
    assert "200.unnamed(orders)" not in by_name(contract, more)


def test_each_alternative_is_taken(contract: Contract) -> None:
    """`oneOf` has a second member, which the known answer is not of."""
    found = by_name(contract, JSON)
    body = first(found["200.orders[].price.oneOf[1].oneOf[1]"], JSON)

    assert body["orders"][0]["price"].endswith(" EUR")
    assert "200.orders[].price.oneOf[0].oneOf[0]" in found


def test_unknown_properties_come_where_the_schema_is_open(contract: Contract) -> None:
    """`additionalProperties: false` promises that there are none."""
    unknown = [name for name in by_name(contract, JSON) if name.endswith("unknown")]

    assert unknown == ["200.unknown"]


def test_every_variation_is_an_answer_that_the_contract_allows(contract: Contract) -> None:
    """Whatever is tried, a deployment may answer it."""
    (response, *_) = contract.operations[0].responses
    schema = response.content[0].schema
    assert schema is not None
    found = by_name(contract, JSON)
    bodies = [first(one, JSON) for one in found.values() if "body" in one.smallest(known(JSON))]

    assert len(bodies) > 12
    assert [
        contract.violations(schema, Direction.RESPONSE, body)
        for body in bodies
        if contract.violations(schema, Direction.RESPONSE, body)
    ] == []
    assert len({one.clause for one in found.values()}) == len(found)


def test_documented_errors_and_a_late_answer(contract: Contract) -> None:
    """Each status that has a number; a range names none."""
    found = by_name(contract, JSON)

    assert found["404"].smallest(known(JSON)) == {"status": 404}
    assert found["200.slow"].smallest(known(JSON)) == JSON.document(delay=3)
    assert not [name for name in found if name.startswith("5")]


def test_calls_that_are_not_meant_stay_as_they_were(contract: Contract) -> None:
    """A test that provokes a refusal gets it, in its turn."""
    refused = ClientAnswer(status=404)
    variation = by_name(contract, JSON, refused, JSON)["200.orders.type(an empty array)"]
    scenario = variation.scenario(known(JSON, refused, JSON))

    assert [one["status"] for one in scenario["answers"]] == [200, 404, 200]
    assert [one.get("body") for one in scenario["answers"]] == [
        {"orders": []},
        None,
        {"orders": []},
    ]


def test_a_stream_comes_in_pieces_and_without_each_kind_of_event(contract: Contract) -> None:
    """Events are of one kind by their name, else by the properties of their data."""
    text = 'data: {"chunk": "a"}\n\ndata: {"chunk": "b"}\n\ndata: {"done": true}\n\n'
    stream = ClientAnswer(status=200, media="text/event-stream", body=text)
    found = by_name(contract, stream)
    prefix = "200(text/event-stream)"

    assert found[f"{prefix}.pieces"].smallest(known(stream))["pace"] == len(text)
    assert first(found[f"{prefix}.without(chunk)"], stream) == 'data: {"done": true}\n\n'
    assert first(found[f"{prefix}.without(done)"], stream).count("data:") == 2


def test_the_journal_becomes_answers() -> None:
    """What is no text (an image), or was cut since it is long, is left to the mock."""

    def entry(media: str, body: Any, operation: str | None = "GET /a") -> dict[str, Any]:
        headers = {"Content-Type": media, "Location": "/a/1", "X-Mock-Source": "example"}
        answer = {"headers": headers, "body": body}
        return {"operation": operation, "status": 200, "answer": answer}

    (found,) = answered(
        [
            entry("application/json; charset=utf-8", {"a": 1}),
            entry("application/json", '{"a": "…'),
            entry("image/png", "PNG"),
            entry("text/csv", "a,b"),
            entry("text/html", "the page", None),
        ]
    )

    assert [(one.media, one.body) for one in found.calls] == [
        ("application/json", {"a": 1}),
        ("", None),
        ("", None),
        ("text/csv", "a,b"),
    ]
    assert found.calls[0].document() == {
        "status": 200,
        "headers": {"location": "/a/1"},
        "media": "application/json",
        "body": {"a": 1},
    }


def test_a_header_that_need_not_come(tmp_path: Path) -> None:
    """Each documented one that the answer has is left out once; a required one is not."""
    headers = "{X-A: {schema: {type: string}}, X-B: {required: true, schema: {type: string}}}"
    text = CONTRACT.replace(
        "description: orders\n", f"description: orders\n          headers: {headers}\n"
    )
    (tmp_path / "openapi.yaml").write_text(text, "utf-8")
    sent = {"x-a": "1", "x-b": "2", "x-c": "3"}
    call = ClientAnswer(status=200, media="application/json", body=BODY, headers=sent)
    found = {one.clause: one for one in variations_of(load(tmp_path / "openapi.yaml"), known(call))}
    absent = [one for name, one in found.items() if ".header." in name]

    assert [one.smallest(known(call))["headers"] for one in absent] == [{"x-b": "2", "x-c": "3"}]


def test_a_scenario_repeats_the_headers_of_an_answer() -> None:
    """But for those that the mock makes itself, and for masked credentials."""
    headers = {"X-Total": "3", "Date": "now", "Content-Type": "text/plain", "X-Mock-Source": "x"}
    entry = {
        "operation": "GET /a",
        "status": 200,
        "answer": {"headers": headers | {"X-Token": "••••"}, "body": "a"},
    }
    (one,) = answered([entry])

    assert one.calls[0].headers == {"x-total": "3"}

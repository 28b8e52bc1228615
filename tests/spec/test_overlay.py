"""An overlay adds to a contract and never changes what it promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spec import Contract, OverlayError

Load = Callable[..., Contract]

CONTRACT = """\
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object, properties: {example: {type: string}}}
        '401': {description: no}
    post:
      responses:
        '401': {description: no}
"""


def overlay(target: str, rest: str) -> str:
    """An overlay of one action."""
    head = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions:\n"
    return f"{head}- target: {target}\n  {rest}\n"


def test_one_target_may_reach_many_places(contract: Load) -> None:
    """Every match is updated, and what was added knows the overlay's line."""
    read = contract(
        CONTRACT,
        overlay=overlay(
            "$.paths.*.*.responses['401']",
            "update: {x-mock-content: {application/json: {example: {error: E}}}}",
        ),
    )

    found = [
        response.mock_content[0].examples[0].value
        for operation in read.operations
        for response in operation.responses
        if response.status == "401"
    ]
    assert found == [{"error": "E"}, {"error": "E"}]
    place = read.place("#/paths/~1a/get/responses/401/x-mock-content")
    assert place.file.endswith("overlay.yaml")
    assert place.line == 5


def test_the_promises_are_those_of_the_contract_alone(contract: Load) -> None:
    """Conformance judges by the published document."""
    read = contract(CONTRACT, overlay=overlay("$.paths['/a'].get", "update: {x-mark: 1}"))

    assert read.document["paths"]["/a"]["get"]["x-mark"] == 1
    assert "x-mark" not in read.promises["paths"]["/a"]["get"]


@pytest.mark.parametrize(
    ("target", "rest", "promise"),
    [
        ("$.paths['/a'].get", "update: {deprecated: true}", "/deprecated"),
        ("$.paths['/a'].get.responses", "update: {'500': {description: x}}", "/responses/500"),
        ("$.paths['/a'].get", "remove: true", "/get"),
        ("$.paths['/a'].get.responses['200'].content.*.schema", "update: {type: array}", "/type"),
        (
            "$.paths['/a'].get.responses['200'].content.*.schema.properties",
            "update: {description: {type: string}}",
            "/properties/description",
        ),
        (
            "$.paths['/a'].get.responses['200'].content.*.schema.properties.example",
            "update: {type: integer}",
            "/properties/example/type",
        ),
        ("$", "update: {security: [{a: []}]}", "#/security"),
        ("$", "update: {servers: [{url: /v2}]}", "#/servers"),
    ],
)
def test_a_promise_is_not_changed(contract: Load, target: str, rest: str, promise: str) -> None:
    """The message names the action's line and the promise; a property called `example` is one."""
    with pytest.raises(OverlayError) as caught:
        contract(CONTRACT, overlay=overlay(target, rest))

    assert "overlay.yaml:4: this action would change a promise of the contract" in str(caught.value)
    assert f"{promise};" in str(caught.value)


def test_examples_prose_and_extensions_may_change(contract: Load) -> None:
    """None of them promises anything."""
    read = contract(
        CONTRACT,
        overlay=overlay(
            "$.paths['/a'].get", "update: {summary: s, x-a: [1], description: d, tags: [t]}"
        ),
    )

    assert (read.operations[0].summary, read.operations[0].tags) == ("s", ("t",))


def test_lists_are_appended_to_and_objects_merged(contract: Load) -> None:
    """Overlay 1.0 section 4.4.3; later actions see what earlier ones did."""
    read = contract(
        CONTRACT,
        overlay="""\
        overlay: 1.1.0
        info: {title: O, version: "1"}
        actions:
        - {target: $, update: {x-list: [1], x-map: {a: 1}}}
        - {target: $.x-list, update: 2}
        - {target: $, update: {x-list: [3], x-map: {b: 2}}}
        - {target: "$.x-list[?@ == 1]", remove: true}
        """,
    )

    assert read.document["x-list"] == [2, 3]
    assert read.document["x-map"] == {"a": 1, "b": 2}


def test_copy_takes_another_node(contract: Load) -> None:
    """Overlay 1.1 can copy."""
    read = contract(
        CONTRACT,
        overlay="""\
        overlay: 1.1.0
        info: {title: O, version: "1"}
        actions:
        - {target: $, update: {x-from: {a: 1}, x-to: {b: 2}}}
        - {target: $.x-to, copy: $.x-from}
        """,
    )

    assert read.document["x-to"] == {"b": 2, "a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.3", "it lacks the key `overlay`"),
        ("overlay: 2.0.0\nactions: []", "overlay.yaml:1: Overlay 2.0.0 is not supported"),
        ("overlay: 1.0.0", "`actions` must be a list"),
        ("overlay: 1.0.0\nactions: [{update: {}}]", "an action needs a `target`"),
        (
            overlay("$.paths['/b']", "update: {}"),
            "overlay.yaml:4: the target $.paths['/b'] matches",
        ),
        (overlay("'$.paths['", "update: {}"), "is not a JSONPath"),
        (overlay("$", "updates: {}"), "an action has no key 'updates'; use copy, description"),
    ],
)
def test_a_bad_overlay_is_told_with_its_line(contract: Load, text: str, message: str) -> None:
    """Each error says what is wrong and what to write."""
    with pytest.raises(OverlayError) as caught:
        contract(CONTRACT, overlay=text)

    assert message in str(caught.value)

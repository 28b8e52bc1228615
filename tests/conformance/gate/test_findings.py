"""How changes become findings: one cause once, at its line, with the operations that it touches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.diff import changes, findings
from conformance.diff.cuts.identity import Identity
from conformance.report.findings import Finding
from spec import load

SHARED = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Usage'}}}
  /b:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {usage: {$ref: '#/components/schemas/Usage'}}}
components:
  schemas:
    Usage:
      type: object
      properties:
        tokens: {type: integer}
"""


def compared(folder: Path, old: str, new: str) -> tuple[Finding, ...]:
    before, after = map(load, _written(folder, old, new))
    return findings(changes(before, after))


def _written(folder: Path, *contracts: str) -> list[Path]:
    files = [folder / f"{number}.yaml" for number in range(len(contracts))]
    for file, contract in zip(files, contracts, strict=True):
        file.write_text(contract, "utf-8")
    return files


@pytest.mark.parametrize(
    ("was", "now", "code", "line"),
    [
        ("{type: integer}", "{type: number}", "response-type-widened", 23),
        ("{type: integer}", "{type: integer, default: 1}", "default-changed", 23),
        (
            "tokens: {type: integer}",
            "tokens: {type: integer}\n        cost: {type: number}",
            "property-declared",
            24,
        ),
    ],
)
def test_one_cause_is_one_finding(was: str, now: str, code: str, line: int, tmp_path: Path) -> None:
    """A shared schema that changed is told once, with both operations, at its own line."""
    [finding] = compared(tmp_path, SHARED, SHARED.replace(was, now))

    assert finding.code == code
    assert finding.operations == ("GET /a", "GET /b")
    assert finding.occurrences == 2
    assert finding.place is not None
    assert finding.place.line == line


def test_every_cause_is_told(tmp_path: Path) -> None:
    """One witness does not hide the other causes in the same schema."""
    old = SHARED.replace(
        "{type: integer}", "{type: string, minLength: 2, maxLength: 4, pattern: '^a'}"
    )
    new = SHARED.replace("{type: integer}", "{type: string}")

    found = compared(tmp_path, old, new)

    said = sorted(clause.rpartition(" ")[2] for one in found for clause in one.clauses[:1])
    assert said == ["maxLength", "minLength", "pattern"]


def test_two_names_are_two_causes(tmp_path: Path) -> None:
    """Two properties that may be missing now are two findings, although one keyword says both."""
    text = "      properties:\n        tokens: {type: integer}\n"
    old = SHARED.replace(
        text, f"      required: [tokens, cost]\n{text}        cost: {{type: number}}\n"
    )
    new = SHARED.replace(text, f"{text}        cost: {{type: number}}\n")

    found = compared(tmp_path, old, new)

    assert [one.title for one in found] == [
        "`tokens` in GET /a 200 may now be missing (and 1 more operation)",
        "`cost` in GET /a 200 may now be missing (and 1 more operation)",
    ]
    assert len({one.fingerprint for one in found}) == 2


def test_a_fingerprint_names_the_change(tmp_path: Path) -> None:
    """Another bound is another change, which nobody has accepted; the same one stays the same."""
    body = "{type: integer, maximum: 5}"
    first = compared(tmp_path, SHARED.replace("{type: integer}", body), SHARED)
    second = compared(tmp_path, SHARED.replace("{type: integer}", body.replace("5", "6")), SHARED)

    again = compared(tmp_path, SHARED.replace("{type: integer}", body), SHARED)

    assert first[0].fingerprint == again[0].fingerprint
    assert first[0].fingerprint != second[0].fingerprint


@pytest.mark.parametrize("keyword", ["enum", "x-extensible-enum"])
def test_a_fingerprint_names_all_of_a_long_change(keyword: str, tmp_path: Path) -> None:
    """What a report does not show of a long value is part of the change all the same."""
    known = [f"value {number:03}" for number in range(100)]

    def listed(*more: str) -> str:
        said = [*known, *more]
        return SHARED.replace("{type: integer}", f"{{type: string, {keyword}: {json.dumps(said)}}}")

    first, second = (
        compared(tmp_path, listed(), listed(more))[0] for more in ("value one", "value two")
    )

    assert first.fingerprint != second.fingerprint
    assert max(len(first.first.got), len(first.first.expected)) < 200


@pytest.mark.parametrize("keyword", ["enum", "type"])
def test_members_in_another_order_are_the_same_change(keyword: str, tmp_path: Path) -> None:
    """Who waived it has waived it, however the list is sorted later."""
    members = ["string", "integer", "boolean"]
    fewer = ["string", "integer"]

    def listed(names: list[str]) -> str:
        return SHARED.replace("{type: integer}", f"{{{keyword}: [{', '.join(names)}]}}")

    first = compared(tmp_path, listed(members), listed(fewer))
    again = compared(tmp_path, listed(members[::-1]), listed(fewer[::-1]))

    assert [one.fingerprint for one in first] == [one.fingerprint for one in again]
    assert first != compared(tmp_path, listed(members), listed(fewer[:1]))


@pytest.mark.parametrize(
    ("is_sound", "malformed"),
    [
        ("tokens: {type: integer}", "tokens: {allOf: {a: {}}}"),
        ("tokens: {type: integer}", "tokens: {discriminator: {propertyName: a}, oneOf: 5}"),
        ("description: ok", "description: ok\n          headers: {X: 5}"),
    ],
)
def test_what_is_malformed_is_compared_as_far_as_it_can_be(
    is_sound: str, malformed: str, tmp_path: Path
) -> None:
    """Lint tells it; a comparison with it ends in an answer, and so does one with itself."""
    other = SHARED.replace(is_sound, malformed)

    assert compared(tmp_path, other, other) == ()
    for pair in ((SHARED, other), (other, SHARED)):
        assert isinstance(compared(tmp_path, *pair), tuple)


def _referring(reference: str) -> str:
    return SHARED.replace(
        "tokens: {type: integer}", f"tokens: {{type: integer}}\n        below: {{{reference}}}"
    )


def test_a_keyword_of_an_older_dialect_leaves_nothing_undecided(tmp_path: Path) -> None:
    """JSON Schema 2020-12 has no `$recursiveRef`, so that it leads nowhere."""
    contract = _referring("$recursiveRef: '#'")
    changed = contract.replace("{type: integer}", "{type: number}")

    assert compared(tmp_path, contract, contract) == ()
    assert [one.code for one in compared(tmp_path, contract, changed)] == [
        one.code for one in compared(tmp_path, SHARED, SHARED.replace("integer", "number"))
    ]
    assert Identity(*(load(one).document for one in _written(tmp_path, contract, changed))).is_known


def test_what_is_written_alike_is_the_same_where_references_are_dynamic(tmp_path: Path) -> None:
    """It is not compared, where all that such a reference can lead to is written alike."""
    contract = _referring("$dynamicRef: '#Usage'")
    versions = (
        contract,
        contract.replace("description: ok", "description: well"),
        contract.replace("{type: integer}", "{type: number}"),
    )
    old, edited, changed = (load(one).document for one in _written(tmp_path, *versions))
    usage = {"$ref": "#/components/schemas/Usage"}

    assert Identity(old, edited).same(usage, usage)
    assert not Identity(old, edited).same(usage, {"type": "object"})
    assert not Identity(old, changed).same(usage, usage)


def test_smallest_witness(tmp_path: Path) -> None:
    """The witness has what it needs to show the break, and no more."""
    [finding] = compared(tmp_path, SHARED, SHARED.replace("{type: integer}", "{type: number}"))

    assert finding.witness is not None
    assert list(finding.witness["response"]["body"]) == ["tokens"]


def test_undecided_is_said(tmp_path: Path) -> None:
    """What can be neither proven nor shown is a warning that says so, never a silent pass."""
    alone = SHARED[: SHARED.index("  /b:")] + SHARED[SHARED.index("components:") :]
    old = alone.replace("{type: integer}", r"{type: string, pattern: '^(a|b)\1$'}")
    new = alone.replace("{type: integer}", "{type: string, pattern: '^(?:aa|bb)$'}")

    found = compared(tmp_path, old, new)

    assert {(one.code, one.level.value) for one in found} == {("undecided", "warning")}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("maxLength: 5", "maxLength: 6", "may now have more than 5 characters"),
        ("minLength: 2", "minLength: 1", "may now have fewer than 2 characters"),
        ("maximum: 5", "maximum: 6", "may now be more than 5"),
        ("maxItems: 1", "maxItems: 2", "may now have more than 1 item"),
    ],
)
def test_a_bound_of_how_many_is_had(was: str, now: str, said: str, tmp_path: Path) -> None:
    """A text has more characters, and a number is more: the sentence says which."""
    kind = {"Length": "string", "Items": "array"}.get(was.partition(":")[0][3:], "number")
    shared = SHARED.replace("{type: integer}", f"{{type: {kind}, BOUND}}")

    (found,) = compared(tmp_path, shared.replace("BOUND", was), shared.replace("BOUND", now))

    assert found.title == f"`tokens` in GET /a 200 {said} (and 1 more operation)"


def test_a_credential_without_a_place_in_a_request(tmp_path: Path) -> None:
    """Lint tells the place; nothing can show a request that was good."""
    in_header = SHARED.replace(
        "components:",
        "security: [{key: []}]\ncomponents:\n"
        "  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}",
    )
    in_body = in_header.replace("in: header", "in: body")

    assert compared(tmp_path, in_body, in_header)[0].code == "undecided"
    assert compared(tmp_path, in_header, in_body)[0].code == "credential-refused"


def test_a_server_path_that_moves_into_secured_paths(tmp_path: Path) -> None:
    """The address is the same, and so the operation is; its callback is sent as before."""
    contract = """\
openapi: 3.0.3
info: {title: T, version: '1'}
servers: [{url: https://api.example.com/v1}]
security: [{key: []}]
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      responses: {'204': {description: ok}}
      callbacks:
        done: {'{$request.query.url}': {post: {responses: {'204': {description: ok}}}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""
    moved = contract.replace("com/v1", "com").replace("/a/", "/v1/a/")
    renamed = contract.replace("{id}", "{key}").replace("name: id", "name: key")

    assert compared(tmp_path, contract, moved) == ()
    assert compared(tmp_path, contract, renamed) == ()


def test_a_removed_operation_takes_its_callbacks_along(tmp_path: Path) -> None:
    """One edit is one finding: the callbacks of an operation that is gone are not told apart."""
    contract = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /b: {get: {responses: {'204': {description: ok}}}}
  /a:
    post:
      responses: {'204': {description: ok}}
      callbacks:
        done: {'{$request.query.url}': {post: {responses: {'204': {description: ok}}}}}
"""
    without = contract[: contract.index("  /a:")]

    assert [one.code for one in compared(tmp_path, contract, without)] == ["operation-removed"]


def test_an_example_with_an_id_names_no_schema(tmp_path: Path) -> None:
    """What a database calls `$id` is no `$id` of JSON Schema, and what did not change is equal."""
    shop = SHARED.replace("tokens: {", "tokens: {example: {$id: '7', $anchor: x}, ")
    old, new = (load(file) for file in _written(tmp_path, shop, shop.replace("/b:", "/c:")))

    assert Identity(old.document, new.document).is_known


UNION = """\
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
components:
  schemas:
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind}
    Cat:
      type: object
      required: [kind]
      properties: {kind: {const: Cat}, friend: {$ref: '#/components/schemas/Pet'}}
    Dog: {type: object, required: [kind], properties: {kind: {const: Dog}}}
"""


def test_a_component_by_whose_name_values_are_told_apart(tmp_path: Path) -> None:
    """Its name is a promise; with a mapping it is none, and the component may be renamed."""
    mapped = UNION.replace("Name: kind", "Name: kind, mapping: {Cat: '#/components/schemas/Cat'}")
    found, kept = (
        compared(
            tmp_path, one, one.replace("schemas/Cat'", "schemas/Tom'").replace("  Cat:", "  Tom:")
        )
        for one in (UNION, mapped)
    )

    assert {one.code for one in found} == {"discriminator-changed"}
    assert kept == ()


@pytest.mark.slow
def test_alternatives_that_refer_to_themselves(tmp_path: Path) -> None:
    """A new property of one alternative breaks nobody, whatever else the alternatives refer to."""
    more = UNION.replace("kind: {const: Dog}", "kind: {const: Dog}, age: {type: integer}")

    assert [one.code for one in compared(tmp_path, UNION, more)] == ["property-declared"]

"""The lists of keywords are those of the standard, and every reader looks below each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema_specifications import REGISTRY

from spec import load
from spec.schemas.keywords import COUNTS, DEFINITIONS, EVERY_TYPE, LISTED, NAMED, SINGLE

META = "https://json-schema.org/draft/2020-12/meta"
WRONG = "{type: strnig}"
HOLDERS = {
    **dict.fromkeys(SINGLE, f"{{KEYWORD: {WRONG}}}"),
    **dict.fromkeys(LISTED, f"{{KEYWORD: [{WRONG}]}}"),
    **dict.fromkeys(NAMED | {"$defs"}, f"{{KEYWORD: {{a: {WRONG}}}}}"),
}


def standard() -> dict[str, Any]:
    """Each keyword of JSON Schema 2020-12 with the schema of its value."""
    found: dict[str, Any] = {}
    for name in ("core", "applicator", "unevaluated", "validation", "content"):
        found |= REGISTRY.contents(f"{META}/{name}")["properties"]
    return {name: value for name, value in found.items() if isinstance(value, dict)}


def test_the_keywords_that_hold_subschemas_are_those_of_the_standard() -> None:
    """A list that lacks one leaves what is below it unseen."""
    keywords, own = standard(), {"$dynamicRef": "#meta"}
    single = {name for name, value in keywords.items() if value == own}
    listed = {name for name, value in keywords.items() if value == {"$ref": "#/$defs/schemaArray"}}
    named = {name for name, value in keywords.items() if value.get("additionalProperties") == own}

    assert single == SINGLE
    assert listed == LISTED
    # `definitions` is what 2019-09 called `$defs`.
    assert named == NAMED | DEFINITIONS - {"definitions"}


def test_counts_and_types_are_those_of_the_standard() -> None:
    """They are what the vocabulary of validation calls so."""
    counts = {
        name
        for name, value in standard().items()
        if str(value.get("$ref", "")).startswith("#/$defs/nonNegativeInteger")
    }

    assert counts == COUNTS
    types = REGISTRY.contents(f"{META}/validation")["$defs"]["simpleTypes"]["enum"]
    assert set(types) == EVERY_TYPE


@pytest.mark.parametrize("keyword", sorted(HOLDERS))
def test_a_fault_below_each_keyword_is_seen(keyword: str, tmp_path: Path) -> None:
    """Lint and the start page of the mock tell it with its line."""
    schema = HOLDERS[keyword].replace("KEYWORD", f'"{keyword}"')
    path = tmp_path / "openapi.yaml"
    path.write_text(
        f"openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\n"
        f"components: {{schemas: {{A: {schema}}}}}\n",
        "utf-8",
    )

    contract = load(path)
    contract.check_schemas()

    assert [(one.code, one.place.line) for one in contract.faults] == [("schema-slip", 4)]

"""`$dynamicRef` and `$dynamicAnchor`: a generic means what the outermost schema says it means."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spec import Contract, Direction
from spec.schemas.compiled import compile_schema

Load = Callable[..., Contract]

PAGES = """\
paths: {}
components:
  schemas:
    Page:
      ID page
      type: object
      required: [items]
      properties: {items: {type: array, minItems: 1, items: {$dynamicRef: '#item'}}}
      $defs: {any: {$dynamicAnchor: item}}
    Words:
      ID words
      $ref: REF
      $defs: {word: {$dynamicAnchor: item, type: string}}
    Numbers:
      ID numbers
      $ref: REF
      $defs: {number: {$dynamicAnchor: item, type: integer}}
    Both:
      type: object
      properties: {words: {$ref: '#/components/schemas/Words'}, numbers: {$ref: '#/components/schemas/Numbers'}}
"""  # noqa: E501


@pytest.mark.parametrize(
    "text",
    [
        PAGES.replace("ID ", "$id: https://pages.example/").replace("REF", "page"),
        PAGES.replace("ID ", "x-name: ").replace("REF", "'#/components/schemas/Page'"),
    ],
    ids=["with $id", "without"],
)
def test_one_generic_has_a_meaning_for_each_who_uses_it(contract: Load, text: str) -> None:
    """One generic twice in one contract, and twice in one schema, stays apart."""
    read = contract(text, version="3.1.0")

    def fits(name: str, value: object) -> bool:
        schema = read.schema(f"#/components/schemas/{name}")
        return not read.violations(schema, Direction.RESPONSE, value)

    assert read.faults == ()
    assert fits("Words", {"items": ["a"]})
    assert not fits("Words", {"items": [1]})
    assert fits("Numbers", {"items": [1]})
    assert not fits("Numbers", {"items": ["a"]})
    assert fits("Page", {"items": [None]})
    assert fits("Both", {"words": {"items": ["a"]}, "numbers": {"items": [1]}})
    assert not fits("Both", {"words": {"items": [1]}, "numbers": {"items": [1]}})
    sample = read.sample(read.schema("#/components/schemas/Both"), Direction.RESPONSE)
    assert fits("Both", sample)


def test_a_recursive_generic_recurses_into_what_extends_it(contract: Load) -> None:
    """The tree of JSON Schema Core appendix C: the strict tree has strict children."""
    read = contract(
        """\
        paths: {}
        components:
          schemas:
            Tree:
              $id: https://trees.example/tree
              $dynamicAnchor: node
              type: object
              properties: {data: true, children: {type: array, items: {$dynamicRef: '#node'}}}
            Strict:
              $id: https://trees.example/strict
              $dynamicAnchor: node
              $ref: tree
              unevaluatedProperties: false
        """,
        version="3.1.0",
    )
    misspelt = {"children": [{"daat": 1}]}
    strict, tree = (read.schema(f"#/components/schemas/{name}") for name in ("Strict", "Tree"))

    assert not read.violations(tree, Direction.REQUEST, misspelt)
    assert read.violations(strict, Direction.REQUEST, misspelt)
    assert not read.violations(strict, Direction.REQUEST, {"children": [{"data": 1}]})
    standalone = compile_schema(read.standalone(strict, Direction.REQUEST))
    assert not standalone.is_valid(misspelt)


def test_a_generic_from_another_file(contract: Load) -> None:
    """The generic's own `$id` is its base, wherever it lies."""
    read = contract(
        """\
        paths: {}
        components:
          schemas:
            Words:
              $id: https://pages.example/words
              $ref: list.yaml
              $defs: {word: {$dynamicAnchor: item, type: string}}
        """,
        version="3.1.0",
        list="""\
        $id: https://pages.example/list
        items: {$dynamicRef: '#item'}
        $defs: {any: {$dynamicAnchor: item}}
        """,
    )
    words = read.schema("#/components/schemas/Words")

    assert read.faults == ()
    assert read.violations(words, Direction.RESPONSE, [1])
    assert not read.violations(words, Direction.RESPONSE, ["a"])


def test_a_dynamic_reference_to_what_is_not_dynamic_is_a_reference(contract: Load) -> None:
    """JSON Schema Core section 8.2.3.2: without the anchor it behaves like `$ref`."""
    read = contract(
        """\
        paths: {}
        components:
          schemas:
            A: {items: {$dynamicRef: '#plain'}, $defs: {one: {$anchor: plain, type: integer}}}
        """,
        version="3.1.0",
    )

    assert read.violations(read.schema("#/components/schemas/A"), Direction.REQUEST, ["a"])


@pytest.mark.parametrize("written", ["2.0", "2e0"])
def test_a_count_may_be_written_with_a_fraction(contract: Load, written: str) -> None:
    """A number without a fraction is an integer (JSON Schema Core section 4.2.3)."""
    read = contract(
        f"paths: {{}}\ncomponents: {{schemas: {{A: {{contains: {{const: a}}, type: array, "
        f"minContains: {written}}}}}}}\n",
        version="3.1.0",
    )
    schema = read.schema("#/components/schemas/A")

    assert read.sample(schema, Direction.RESPONSE) == ["a", "a"]

"""Values at the edges of what a schema allows: what a receiver must accept.

What a keyword names is `named`; what nothing forbids is `free`; what RFC 8259 section 9 lets a
receiver limit is `limit`; what the contract does not speak of is `outside`; what may be refused as
long as nothing fails is `lenient`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from conformance.clauses.keyword_sentences import free_keywords
from conformance.clauses.schema_nodes import SchemaNode

__all__ = ["CHARACTERS", "LARGE", "UNKNOWN", "WIDE", "Edge", "Strength", "edges"]

LARGE, LARGER = 2**31 - 1, 2**53 - 1
"""The largest integers of 32 bits, and of what a double holds exactly (RFC 8259 section 6)."""
LONGEST = 100_000
"""A `maxLength` beyond it is not filled: the request would be about size, not about length."""
USUAL = (65_537, 10_001, 4_001, 2_001, 1_001, 501, 256, 201, 101)
"""One character more than the usual columns and limits hold; the first is beyond a TEXT of MySQL
and a 16-bit length."""
MEANINGFUL = "/ : % + ' \" \\ < & $ { } \n"
"""What other formats escape: paths, URLs, forms, SQL, JSON, HTML, shells, templates and logs."""
# Each of them by itself first, so that a short `maxLength` has some; then what decodes, expands or
# counts them wrongly: doubled ones, templates, an injection, and scripts of two to four bytes.
CHARACTERS = (
    MEANINGFUL
    + " // :: %% '' \"\" \\\\ << && $$ {{ }} \n\n %2F ${x} {{y}} <b> &amp; ' OR ''='"
    + " äöü ßéñ Жук 漢字 مرحبا शब्द 😀 👩‍👩‍👧 𝒳 é \u200b \u2028"
)


UNKNOWN = "unknownProperty"
"""The name of a property that no schema has, and that means nothing to a server."""
WIDE = "😀"
"""A length counts characters (Validation section 6.3.1); this one has two UTF-16 units and four
bytes, by which many servers count."""


class Strength(Enum):
    """How much the contract says for a value: the level of a refusal follows from it."""

    NAMED = "named"
    FREE = "free"
    LIMIT = "limit"
    OUTSIDE = "outside"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A value that is allowed at a node. `keyword` names the clause that it speaks for.

    `smaller` are milder ones, to be tried where this one is refused. `instead` is the same edge
    without what a milder one of another clause has. `size` are the bytes of a long text; `telling`
    ones are what many servers fail at: they are not left for the end.
    """

    keyword: str
    label: str
    value: Any
    strength: Strength = Strength.NAMED
    smaller: tuple[Edge, ...] = ()
    instead: Edge | None = None
    size: int = 0
    telling: bool = False


def edges(node: SchemaNode, *, letter: str = WIDE, longest: int = USUAL[0]) -> Iterator[Edge]:
    """The edges of a node, what proves most first; texts at their bounds are made of a letter.

    `longest` is the length of a text that nothing bounds.
    """
    yield from _listed_edges(node)
    if node.typed and "string" in node.types:
        yield from _text_edges(node, letter, longest)
    elif "integer" in node.types and node.typed and "number" not in node.types:
        yield from _whole(node)


def _listed_edges(node: SchemaNode) -> Iterator[Edge]:
    keywords = node.keywords
    if "example" in keywords:
        yield Edge(keyword="type", label="the contract's example", value=keywords["example"])
    members = keywords.get("enum") or ([keywords["const"]] if "const" in keywords else [])
    for member in members:
        yield Edge(
            keyword="enum" if "enum" in keywords else "const", label=repr(member), value=member
        )
    if members:
        return
    if "null" in node.types and node.typed:
        keyword = "nullable" if keywords.get("nullable") is True else "type"
        yield Edge(keyword=keyword, label="null", value=None)
    if node.typed and "boolean" in node.types:
        yield Edge(keyword="type", label="true", value=True)
        yield Edge(keyword="type", label="false", value=False)
    # Inwards: what is allowed lies above a minimum, and below a maximum.
    for keyword, step in (("minimum", 1), ("maximum", -1)):
        yield from _bound(node, keyword, step)
        yield from _beyond(node, f"exclusive{keyword.title()}", step)
    if "number" in node.types and node.typed:
        # A bound that the contract does not tell may lie between them.
        larger = Edge(keyword="type", label="a fraction: 1.5", value=1.5)
        yield Edge(keyword="type", label="a fraction: 0.5", value=0.5, smaller=(larger,))
        yield Edge(keyword="type", label="a whole number: 1", value=1)
    if "array" in node.types and node.typed and not keywords.get("minItems"):
        label = "an empty array"
        yield Edge(keyword="type", label=label, value=[], strength=Strength.FREE, telling=True)


def _bound(node: SchemaNode, keyword: str, step: int) -> Iterator[Edge]:
    bound = node.keywords.get(keyword)
    if isinstance(bound, (int, float)) and not isinstance(bound, bool):
        # In OpenAPI 3.0 `exclusiveMinimum` is a boolean beside the bound.
        value = bound + step if node.keywords.get(f"exclusive{keyword.title()}") is True else bound
        yield Edge(keyword=keyword, label=f"{value} for {keyword} {bound}", value=value)


def _beyond(node: SchemaNode, keyword: str, step: int) -> Iterator[Edge]:
    """The next value where the bound itself is excluded (JSON Schema 2020-12 section 6.2)."""
    bound = node.keywords.get(keyword)
    if isinstance(bound, (int, float)) and not isinstance(bound, bool):
        # Numbers have no next one: half a step away is near, and no rounding hides it.
        value = bound + step if "number" not in node.types else bound + step / 2
        yield Edge(keyword=keyword, label=f"{value} for {keyword} {bound}", value=value)


def _free(node: SchemaNode, keyword: str = "free") -> str:
    """The clause of a value that no keyword names: where the form is given, it is of its type."""
    return keyword if keyword in free_keywords(node) else "type"


def _whole(node: SchemaNode) -> Iterator[Edge]:
    least, most = node.keywords.get("minimum"), node.keywords.get("maximum")
    if least is None:
        small = _free(node, "small")
        yield Edge(keyword=small, label="0", value=0, strength=Strength.FREE)
        yield Edge(keyword=small, label="-1", value=-1, strength=Strength.FREE)
    if most is None:
        keyword = _free(node, "large")
        large = Edge(keyword=keyword, label=str(LARGE), value=LARGE, strength=Strength.FREE)
        yield large if node.keywords.get("format") == "int32" else _larger(large)


def _larger(large: Edge) -> Edge:
    """Beyond 32 bits a receiver may refuse it, and many fail."""
    return replace(
        large,
        label=str(LARGER),
        value=LARGER,
        strength=Strength.LENIENT,
        smaller=(large,),
        telling=True,
    )


def _text_edges(node: SchemaNode, letter: str, longest: int) -> Iterator[Edge]:
    keywords = node.keywords
    if "enum" in keywords or "const" in keywords or node.discriminates:
        return
    least, most = keywords.get("minLength", 0), keywords.get("maxLength")
    shaped = "pattern" in keywords or "format" in keywords
    # Which letter a pattern allows, validation says.
    for one in dict.fromkeys(["a", letter] if shaped else [letter]):
        yield from _lengths(node, one, apart=one == WIDE and not shaped)
    if shaped:
        return
    # First: more servers refuse it, or fail at it, than any other text.
    if "minLength" not in keywords:
        yield Edge(
            keyword=_free(node, "empty"),
            label="the empty string",
            value="",
            strength=Strength.FREE,
            telling=True,
        )
    characters = CHARACTERS if most is None else CHARACTERS[: int(most)].rstrip()
    if len(characters) > max(1, least):
        odd = Edge(
            keyword=_free(node),
            label="characters that other formats escape, and letters of many scripts",
            value=characters,
            strength=Strength.FREE,
        )
        # Where a plain text of that length is refused, the few that come first are tried as well.
        few = replace(odd, label="characters that other formats escape", value=MEANINGFUL)
        plain = _long(node, len(characters))
        apart = most is None and least < len(MEANINGFUL)
        yield replace(odd, smaller=(plain,), instead=few) if apart else odd
    if most is None:
        # The shorter ones from the longest on: a refusal is free, and one acceptance ends it.
        long, *shorter = (_long(node, length) for length in USUAL if length <= longest)
        yield replace(long, smaller=tuple(shorter))


def _long(node: SchemaNode, length: int) -> Edge:
    return Edge(
        keyword=_free(node, "long"),
        label=f"{length:,} characters",
        value="a" * length,
        strength=Strength.FREE,
        size=length,
    )


def _lengths(node: SchemaNode, letter: str, *, apart: bool) -> Iterator[Edge]:
    """Texts of a letter at the bounds; `apart` tells a refused length from a refused letter."""
    least = node.keywords.get("minLength", 0)
    few = Edge(
        keyword=_free(node),
        label=f"letters beyond the first 65,536 code points: {letter}",
        value=letter * max(1, least if isinstance(least, int) and least <= LONGEST else 1),
        strength=Strength.FREE,
    )
    for keyword in ("minLength", "maxLength"):
        length = node.keywords.get(keyword)
        if isinstance(length, int) and length <= LONGEST:
            edge = Edge(keyword=keyword, label=f"{length} characters", value=letter * length)
            plain = replace(edge, value="a" * length)
            yield replace(edge, smaller=(few,), instead=plain) if apart and length else edge

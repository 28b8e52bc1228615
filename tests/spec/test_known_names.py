"""Discriminators that know their names: an unknown one is refused by a mock, and by nobody else."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from spec import Contract, Direction, load

PARTS = """
Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
Dog: {type: object, required: [kind, bark], properties: {kind: {type: string}, bark: {}}}
Fish: {type: object, required: [kind], properties: {kind: {enum: [fish, shark]}}}
Bird:
  allOf: [{$ref: '#/components/schemas/Winged'}, {type: object, required: [wings]}]
Winged: {type: object, properties: {kind: {type: string, example: wren}}}
Swimmer: {oneOf: [{$ref: '#/components/schemas/Fish'}]}
Base:
  type: object
  required: [kind]
  properties: {kind: {type: string}}
  discriminator: {propertyName: kind, mapping: {kitten: '#/components/schemas/Kitten'}}
Kitten: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object}]}
"""
CAT, DOG, FISH, BIRD = (
    f"$ref: '#/components/schemas/{one}'" for one in ("Cat", "Dog", "Fish", "Bird")
)
KITTY = "mapping: {kitty: '#/components/schemas/Cat'}"


def loaded(folder: Path, first: str, version: str, *, refuses: bool) -> Contract:
    """A contract whose schema `Pet` is the one to judge by."""
    head = f"openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n"
    file = folder / "api.yaml"
    file.write_text(f"{head}  schemas:\n    Pet: {first}\n{indent(PARTS, '    ')}")
    return load(file, refuses_unknown_names=refuses)


def told(contract: Contract, value: object, direction: Direction = Direction.REQUEST) -> list[str]:
    """What is wrong with a value, and by which keyword."""
    found = contract.violations(contract.schema("#/components/schemas/Pet"), direction, value)
    return [f"{one.pointer} {one.keyword}: {one.message}" for one in found]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1", "3.2.0"])
@pytest.mark.parametrize(
    ("union", "good", "unknown", "known"),
    [
        (
            f"oneOf: [{{{CAT}}}, {{{DOG}}}], discriminator: {{propertyName: kind, {KITTY}}}",
            ["kitty", "Cat"],
            ["cow", ""],
            '"kitty", "Cat", "Dog"',
        ),
        (
            f"oneOf: [{{{CAT}}}, {{{DOG}}}], discriminator: {{propertyName: kind}}",
            ["Cat", "Dog"],
            ["cat"],
            '"Cat", "Dog"',
        ),
        (
            f"anyOf: [{{{CAT}}}, {{{FISH}}}], discriminator: {{propertyName: kind, {KITTY}}}",
            ["kitty", "fish"],
            ["cow"],
            '"kitty", "fish", "shark", "Cat", "Fish"',
        ),
        (
            f"anyOf: [{{{CAT}}}, {{{BIRD}}}], discriminator: {{propertyName: kind, {KITTY}}}",
            ["wren"],
            ["cow"],
            '"kitty", "wren", "Cat", "Bird"',
        ),
    ],
    ids=["mapping", "names of schemas", "an enum names more", "an example names more"],
)
def test_an_unknown_name_is_told_with_the_known_ones(
    tmp_path: Path, version: str, union: str, good: list[str], unknown: list[str], known: str
) -> None:
    """A name that is neither mapped, nor a schema's, nor listed by one, is refused as such."""
    contract = loaded(tmp_path, f"{{{union}}}", version, refuses=True)

    assert [told(contract, {"kind": one}) for one in good] == [[]] * len(good)
    for name in unknown:
        assert told(contract, {"kind": name}) == [
            f'/kind discriminator: names no alternative: must be one of {known}, got "{name}"'
        ]


@pytest.mark.parametrize(
    "union",
    [
        f"oneOf: [{{{CAT}}}, {{type: object, properties: {{kind: {{type: string}}}}}}], "
        "discriminator: {propertyName: sort}",
        f"anyOf: [{{{CAT}}}, {{type: object, properties: {{kind: {{type: string}}}}}}], "
        f"discriminator: {{propertyName: kind, {KITTY}}}",
        f"anyOf: [{{{CAT}}}, {{{DOG}}}], "
        "discriminator: {propertyName: kind, defaultMapping: Cat}",
        f"anyOf: [{{{CAT}}}, {{$ref: '#/components/schemas/Nowhere'}}], discriminator: 7",
        f"anyOf: [{{{CAT}}}, {{allOf: [{{{CAT}}}]}}], discriminator: {{propertyName: kind}}",
    ],
    ids=["another property", "an inline one", "defaultMapping", "no discriminator", "in allOf"],
)
def test_names_that_are_open_are_not_refused(tmp_path: Path, union: str) -> None:
    """An alternative in place has no name, and `defaultMapping` takes what nothing else does."""
    contract = loaded(tmp_path, f"{{{union}}}", "3.2.0", refuses=True)

    assert not [one for one in told(contract, {"kind": "cow"}) if "discriminator" in one]


def test_a_pattern_leaves_names_open(tmp_path: Path) -> None:
    """Names that a pattern, a format or a `not` describes cannot be listed."""
    other = "{type: object, properties: {kind: {not: {enum: [kitty]}}}}"
    contract = loaded(
        tmp_path,
        f"{{oneOf: [{{{CAT}}}, {{$ref: '#/components/schemas/Other'}}], "
        f"discriminator: {{propertyName: kind, {KITTY}}}}}\n    Other: {other}",
        "3.1.0",
        refuses=True,
    )
    value = {"kind": "cow", "lives": "x"}

    assert told(contract, value) == []


def test_children_of_a_base_are_found_by_nobody(tmp_path: Path) -> None:
    """The `allOf` form is not for validation: any child may be sent for its base."""
    contract = loaded(tmp_path, "{$ref: '#/components/schemas/Base'}", "3.0.3", refuses=True)

    assert told(contract, {"kind": "whale"}) == []


def test_alternatives_of_alternatives_have_names(tmp_path: Path) -> None:
    """A name of an inner union is one of the outer."""
    union = f"oneOf: [{{{CAT}}}, {{$ref: '#/components/schemas/Swimmer'}}]"
    contract = loaded(
        tmp_path,
        f"{{{union}, discriminator: {{propertyName: kind, {KITTY}}}}}",
        "3.0.3",
        refuses=True,
    )
    value = {"kind": "shark", "lives": "x"}

    assert told(contract, value) == []
    assert told(contract, {"kind": "whale"})


@pytest.mark.parametrize(
    ("refuses", "direction"), [(False, Direction.REQUEST), (True, Direction.RESPONSE)]
)
def test_nobody_else_is_accused(tmp_path: Path, refuses: bool, direction: Direction) -> None:
    """A discriminator changes no validation: answers, and all that the kit judges, stay good."""
    union = f"oneOf: [{{{CAT}}}, {{{DOG}}}], discriminator: {{propertyName: kind, {KITTY}}}"
    contract = loaded(tmp_path, f"{{{union}}}", "3.0.3", refuses=refuses)

    assert told(contract, {"kind": "cow"}, direction) == []


def test_a_number_is_no_unknown_name(tmp_path: Path) -> None:
    """How other values become text is not defined (3.1.1, 4.8.25): they are left to the schema."""
    tagged = "{type: object, properties: {kind: {type: integer}}}"
    contract = loaded(
        tmp_path,
        "{oneOf: [{$ref: '#/components/schemas/N'}], discriminator: {propertyName: kind, mapping: "
        f"{{'1': '#/components/schemas/N'}}}}}}\n    N: {tagged}",
        "3.0.3",
        refuses=True,
    )

    assert [told(contract, {"kind": one}) for one in (1, 2)] == [[], []]


def test_a_value_that_fits_nothing_is_told_only_what_is_known(tmp_path: Path) -> None:
    """Where names are listed by enumerations alone, the message lists those as well."""
    union = f"oneOf: [{{{FISH}}}, {{{DOG}}}], discriminator: {{propertyName: kind}}"
    contract = loaded(tmp_path, f"{{{union}}}", "3.1.0", refuses=False)

    (one,) = told(contract, {"kind": "cow"})
    assert one == (
        '/kind discriminator: names no alternative: must be one of "fish", "shark", "Fish", "Dog", '
        'got "cow"'
    )

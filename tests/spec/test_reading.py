"""Text becomes nodes: YAML 1.2 and JSON, with lines, within limits."""

from __future__ import annotations

import json
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spec import AI_CONTRACT, ContractError
from spec.reading.document_text import read_file, read_text
from spec.reading.json_nodes import read_json
from spec.reading.limits import MAX_BYTES, MAX_DEPTH

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("~", None),
        ("", None),
        ("True", True),
        ("'null'", "null"),
        ("!!str 5", "5"),
        ("0b1", "0b1"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    """What YAML 1.1 turns into dates, sexagesimals and booleans stays text."""
    read = read_text(f"key: {text}", "t.yaml").plain()["key"]

    assert (read, type(read)) == (value, type(value))


def test_keys_are_text() -> None:
    """A status such as 200 and a word such as `on` or `null` are names."""
    read = read_text("200: a\non: b\nnull: c\n", "t.yaml").plain()

    assert read == {"200": "a", "on": "b", "null": "c"}


def test_the_packaged_contract_reads_like_pyyaml() -> None:
    """An independent reader agrees on a document that has no YAML 1.1 specialities."""
    text = AI_CONTRACT.read_text(encoding="utf-8")

    assert read_text(text, "ai.yaml").plain() == yaml.safe_load(text)


@given(JSON_VALUES)
def test_every_json_text_is_read_as_json(value: object) -> None:
    """RFC 8259 texts come back as they were, surrogate pairs and tabs included."""
    text = json.dumps({"v": value}, indent="\t")

    assert read_text(text, "t.json").plain() == {"v": value}


def test_merge_keys_yield_to_the_keys_beside_them() -> None:
    """`<<` is not in YAML 1.2, but every tool of the field supports it."""
    read = read_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {z: 4}]}", "t.yaml")

    assert read.plain()["b"] == {"x": 1, "y": 3}
    assert read.plain()["c"] == {"x": 1, "y": 2, "z": 4}


@pytest.mark.parametrize("name", ["t.yaml", "t.json"])
def test_every_key_knows_its_line(name: str) -> None:
    """Lines are those of the keys, in YAML and in JSON."""
    root = read_text('{\n "a": {\n  "b":\n   [1,\n 2]}}', name)

    assert str(root.place_of(["a", "b"])) == f"{name}:3"
    assert str(root.place_of(["a", "b", "1"])) == f"{name}:5"
    assert str(root.place_of(["a", "b", "9"])) == f"{name}:3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\nb: 2\na: 3",
            "t.yaml:3: the key 'a' is repeated here; it is first in line 1; keep one",
        ),
        ("a: [1,", "t.yaml:2: this is not YAML"),
        ("a: &x [*x]", "t.yaml:1: the alias *x contains itself; use a $ref"),
        ("a: *x", "t.yaml:1: the alias *x has no anchor"),
        ("a: !!python/object/apply:os.system [id]", "t.yaml:1: the tag !!python/object"),
        ("a: 1\n---\nb: 1", "t.yaml:2: a second YAML document begins"),
        ("a:\n  ? [x]\n  : 1", "t.yaml:2: a key must be a string"),
        ("a: .nan", "t.yaml:1: .nan is not a JSON value"),
        ("a: 1e999", "t.yaml:1: the number 1e999 is too large"),
        ("a: " + "9" * 5000, "t.yaml:1: the number has too many digits"),
        ("a: b\nb: \0", "t.yaml:2: this is not YAML"),
        ("a:\n  b: Get: it", "t.yaml:2: this is not YAML: mapping values are not allowed in this"),
        (
            "a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> x\n",
            "t.yaml:2: this is not YAML: the mark",
        ),
        ("a:\n\u00a0\u00a0b: 1", "t.yaml:2: no-break spaces indent this line"),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:1",
            "t.yaml:1: this is a pointer of",
        ),
        ("", "t.yaml:1: the file is empty"),
        (f"a: 1\n{'k' * 8001}:\n", "t.yaml:2: this is not YAML"),
        (f"a: 1\n? {'k' * 8001}\n: b", "t.yaml:2: a key has 8,001 characters"),
    ],
)
def test_what_is_no_contract_is_told_with_its_line(text: str, message: str) -> None:
    """Each error names file, line and remedy."""
    with pytest.raises(ContractError) as caught:
        read_text(text, "t.yaml")

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("summary: Get: the thing", "it has a colon of its own"),
        ("summary: @later", "put the text after the colon in quotes"),
        ("- name: *bold* text", "put the text after the colon in quotes"),
        ("summary: `code`", "put the text after the colon in quotes"),
        ("summary: ]", "correct the syntax"),
    ],
)
def test_what_needs_quotes_is_told(line: str, remedy: str) -> None:
    """The parser names a character; people want to know what to do about it."""
    with pytest.raises(ContractError) as caught:
        read_text(f"a:\n  {line}\n", "t.yaml")

    assert caught.value.remedy.endswith(remedy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "t.json:1: this is not JSON: a comma stands before '}'"),
        ('{"a": 1\n"b": 2}', "t.json:2: this is not JSON"),
        ('{"a": 1,\n"a": 2}', "t.json:2: the key 'a' is repeated here; it is first in line 1"),
        ('{"a": NaN}', "t.json:1: this is not JSON"),
        ('{"a": 1} x', "t.json:1: this is not JSON"),
        ('{"a": "\\x"}', "t.json:1: "),
        ("[1", "t.json:1: this is not JSON: the end of the file"),
        (f'{{"a": 1,\n"{"k" * 8001}": 2}}', "t.json:2: a key has 8,001 characters"),
    ],
)
def test_json_has_no_licence(text: str, message: str) -> None:
    """A `.json` file is RFC 8259, not YAML that looks like it."""
    with pytest.raises(ContractError) as caught:
        read_text(text, "t.json")

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("- " * (MAX_DEPTH + 1), "t.yaml"),
        ("[" * 100_000, "t.yaml"),
        ("[" * 100_000, "t.json"),
        ('{"a":' * 100_000, "t.json"),
    ],
    ids=["block", "flow", "json-list", "json-object"],
)
def test_depth_is_limited(text: str, name: str) -> None:
    """Nesting stops at the limit, which is named, and never reaches an interpreter's stack."""
    with pytest.raises(ContractError, match=f"nesting is deeper than {MAX_DEPTH} levels"):
        read_text(text, name)


def test_a_yaml_bomb_is_refused_at_once() -> None:
    """Expansion is measured, not performed."""
    levels = "abcdefghij"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(levels)
    )
    start = time.process_time()

    with pytest.raises(ContractError, match="more than the limit of 2000000"):
        read_text(bomb, "bomb.yaml")
    assert time.process_time() - start < 1


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    """As much as tells that it is."""
    big = tmp_path / "big.yaml"
    with big.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(ContractError, match=f"larger than {MAX_BYTES} bytes"):
        read_file(big)


def test_a_missing_file_and_foreign_bytes_are_named(tmp_path: Path) -> None:
    """Neither an OSError nor a UnicodeDecodeError reaches a user."""
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: 1\nb: caf\xe9\n")

    with pytest.raises(ContractError, match=r"latin\.yaml:2: byte 0xe9 is not UTF-8"):
        read_file(latin)
    with pytest.raises(ContractError, match="no such file"):
        read_file(tmp_path / "none.yaml")


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")

    assert read_file(path).plain() == {"a": 1}


@pytest.mark.parametrize("piece", ["a", '\\"', 'a\\"'])
def test_a_long_text_costs_no_more_memory_than_it_has(piece: str) -> None:
    """A pattern that may give back what it has matched remembers 170 bytes for each character."""
    text = json.dumps({"description": "x"}).replace("x", piece * 1_000_000)

    tracemalloc.start()
    read_json(text, "contract.json")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 5 * len(text)

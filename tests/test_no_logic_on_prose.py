"""Nothing is decided by the wording of a sentence that is made for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROSE = {"label", "got", "expected", "remedy", "detail", "remark"}
"""Fields of cases and findings that hold sentences."""
TESTS = {"startswith", "endswith", "find", "index", "count", "removeprefix", "removesuffix"}


def _is_prose(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in PROSE


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def decisions(source: str) -> Iterator[int]:
    """The lines at which a text of the program is looked for in a sentence."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(_is_prose, sides)) and any(map(_is_text, sides)):
                yield node.lineno
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in TESTS
            and _is_prose(node.func.value)
            and any(map(_is_text, node.args))
        ):
            yield node.lineno


def test_what_is_looked_for() -> None:
    """The two ways in which it was done here."""
    assert list(decisions('if "slash" in case.label: pass')) == [1]
    assert list(decisions('if finding.got.startswith("`"): pass')) == [1]
    assert list(decisions("if case.label: pass")) == []


def test_no_logic_hangs_on_prose() -> None:
    """A better wording must change nothing else."""
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for folder in ("spec", "mock_server", "conformance")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for line in decisions(file.read_text("utf-8"))
    ]

    assert found == []

"""A search for a name finds one thing: modules and classes are not called alike by accident."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FACES = {"__init__.py", "__main__.py", "cli.py", "plugin.py"}
"""Every package has them, for the same purpose."""
MODULES = {
    "har.py": "the format, written by one and read by the other",
    "replay.py": "the command, and the work that it asks for",
    "middleware.py": "ASGI middleware: the recorder's and the server's",
}
CLASSES = {
    "Request": "an HTTP request: the one that the kit sends, and the one that the mock is asked",
}
"""Names that stand twice and mean the same; keep both short."""


def _shared(names: Callable[[Path], Iterator[str]]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for folder in ("spec", "mock_server", "conformance"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for name in names(file):
                places[name].append(str(file.relative_to(ROOT)))
    return {name: found for name, found in places.items() if len(found) > 1}


def _public_classes(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_no_module_has_the_name_of_another() -> None:
    """Name a module for what it knows: `misspelt_keys`, not `spelling`."""
    shared = _shared(lambda file: iter([file.name]))

    assert {name: shared[name] for name in shared.keys() - FACES - MODULES.keys()} == {}
    assert MODULES.keys() <= shared.keys()


def test_no_public_class_has_the_name_of_another() -> None:
    """Name a class for what it holds: `OperationTurn` and `GatePart`, not `Turn` and `Part`."""
    shared = _shared(_public_classes)

    assert {name: shared[name] for name in shared.keys() - CLASSES.keys()} == {}
    assert CLASSES.keys() <= shared.keys()

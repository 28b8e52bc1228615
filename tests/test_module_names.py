"""A search for a name finds one thing: modules are not called alike where they mean two things."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
FACES = {"__init__.py", "__main__.py", "cli.py", "plugin.py"}
"""Every package has them, for the same purpose."""
SAME_MEANING = {
    "har.py": "the format, written by one and read by the other",
    "replay.py": "the command, and the work that it asks for",
    "middleware.py": "ASGI middleware: the recorder's and the server's",
}


def test_no_module_has_the_name_of_another() -> None:
    """Name a module for what it knows: `misspelt_keys`, not `spelling`."""
    places: dict[str, list[str]] = defaultdict(list)
    for folder in ("spec", "mock_server", "conformance"):
        for file in (ROOT / folder).rglob("*.py"):
            places[file.name].append(str(file.relative_to(ROOT)))

    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: shared[name] for name in shared.keys() - FACES - SAME_MEANING.keys()} == {}

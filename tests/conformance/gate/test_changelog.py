"""`conformance changelog`: release notes that a person would send."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from syrupy.assertion import SnapshotAssertion

from conformance.diff import Announcements, differences
from conformance.diff.release_notes import as_changelog
from spec import load

RELEASE = Path(__file__).with_name("release")
"""Two versions of a shop's API, with a change of nearly every kind between them."""


def notes(folder: Path, old: str, new: str) -> str:
    (folder / "old.yaml").write_text(old, "utf-8")
    (folder / "new.yaml").write_text(new, "utf-8")
    before, after = load(folder / "old.yaml"), load(folder / "new.yaml")
    on_the_day = Announcements(today=date(2026, 1, 1))
    return as_changelog(before, after, differences(before, after, on_the_day))


def test_release_notes(snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    """A snapshot, since the whole is what a person reads."""
    old, new = ((RELEASE / name).read_text("utf-8") for name in ("old.yaml", "new.yaml"))

    assert notes(tmp_path, old, new) == snapshot


SENDS = """\
openapi: 3.1.0
info: {title: T, version: '1'}
webhooks:
  shipped:
    post:
      parameters: [%s]
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {%s}}
      responses: {'204': {description: d}}
"""


def test_what_the_api_sends_is_told_from_old_to_new(tmp_path: Path) -> None:
    """Receivers read, so the comparison swaps the contracts; its sentences do not."""
    plain = SENDS % ("", "id: {type: string}")
    more = SENDS % (
        "{name: X-Try, in: header, schema: {type: integer}}",
        "id: {type: string, deprecated: true, default: a}, extra: {type: string}",
    )
    forth, back = notes(tmp_path, plain, more), notes(tmp_path, more, plain)

    where = "in the body of POST /webhooks/shipped"
    assert f"- `extra` {where} is new." in forth
    assert f"- `extra` {where} is no longer declared." in back
    assert f"- `id` {where} is deprecated." in forth
    assert f"- `id` {where} is no longer deprecated." in back
    assert f'- `id` {where} now has the default "a".' in forth
    assert f'- `id` {where} no longer has the default "a".' in back
    assert "- The header parameter X-Try of POST /webhooks/shipped is new." in forth
    assert "- The header parameter X-Try of POST /webhooks/shipped is no longer declared." in back
    assert "### Breaking" not in forth + back


def test_a_long_example_is_cut(tmp_path: Path) -> None:
    """A list of one too many is not printed to its end, and forges no workflow command."""
    contract = yaml.safe_load(SENDS % ("", "a: {type: string}"))
    operation = contract.pop("webhooks")["shipped"]["post"]
    schema: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
    operation["requestBody"]["content"]["application/json"]["schema"] = schema
    old = yaml.safe_dump({**contract, "paths": {"/a": {"post": operation}}})
    schema["maxItems"] = 500
    made = notes(tmp_path, old, yaml.safe_dump({**contract, "paths": {"/a": {"post": operation}}}))

    assert "now takes at most 500 items.\n" in made
    assert "  …\n  ```" in made
    assert len(made.splitlines()) < 60

"""`python -m tests.conformance.gate.field_rules` writes `docs/diff-rules.md`."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.gate.field_rules.verdicts import page

Path("docs/diff-rules.md").write_text(page(), "utf-8")

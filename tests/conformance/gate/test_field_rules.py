"""Every rule of the field's largest rule set is decided, as the page says, with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.gate.field_rules import differently, levels, outside, rule_cases
from tests.conformance.gate.field_rules.verdicts import decided, page

pytestmark = pytest.mark.slow


def test_every_rule_is_tried_once() -> None:
    """At least 200 kinds of breaking changes, and as many harmless ones; none is left out."""
    tried = [case.rule for case in rule_cases()]
    theirs = levels()

    assert sorted([*tried, *outside()]) == sorted(theirs)
    assert sum(level != "note" for level in theirs.values()) >= 200
    assert sum(level == "note" for level in theirs.values()) >= 200


def test_every_level_is_theirs_or_has_a_reason() -> None:
    """A level that differs is written down with why; a reason that nothing needs is deleted."""
    theirs, others = levels(), differently()
    wrong = {}
    for one in decided():
        wanted = others[one.rule].level if one.rule in others else theirs[one.rule]
        got = "note" if one.level == "silent" and wanted == "note" else one.level
        if got != wanted:
            wrong[one.rule] = f"{got}, not {wanted}"

    assert wrong == {}
    assert [rule for rule, one in others.items() if one.level == theirs[rule]] == []


def test_nothing_that_breaks_is_silent_or_unshown() -> None:
    """What the field calls breaking is told, every error has its witness, and 98% is decided."""
    theirs = levels()
    silent = [one.rule for one in decided() if one.level == "silent" and theirs[one.rule] != "note"]
    undecided = [one.rule for one in decided() if {"undecided", "not-compared"} & {*one.codes}]

    assert silent == []
    assert all(one.shown for one in decided())
    assert len(undecided) < 0.02 * len(decided())


def test_the_page_is_what_the_pairs_give() -> None:
    """`python -m tests.conformance.gate.field_rules` writes it anew."""
    assert Path("docs/diff-rules.md").read_text("utf-8") == page()

"""The kit before every fault of the backend, and before every licence that a backend may take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.backend import FAULTS, VARIANTS, Fault, Variant
from tests.conformance.backend.operations import IMAGE, MODELS
from tests.conformance.examination.single import (
    TOGETHER,
    companies,
    examine_correct,
    examined_each,
    examined_together,
    judged,
    options_for,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("faults", companies(), ids=lambda each: "+".join(one.name for one in each))
def test_a_fault_is_found_by_its_own_clause(faults: list[Fault]) -> None:
    """The cases of its family alone find it; every broken clause has a place.

    `make faults` takes each by itself, and with all cases.
    """
    verdicts = examined_each(faults)
    report = verdicts[0][1].report
    broken = {one.id for one in report.clauses if one.verdict.value == "broken"}
    places = {place.clause for one in report.findings for place in one.places}

    assert {one.name: judged(one, verdict) for one, verdict in verdicts} == {
        one.name: "ok" for one in faults
    }
    assert broken <= places


def test_no_fault_is_left_out() -> None:
    """Each stands in one server."""
    assert sorted(one.name for some in companies() for one in some) == sorted(
        one.name for one in FAULTS
    )


def groups() -> list[list[Variant]]:
    """The variants, some of different families in one server; those of the wire by themselves."""
    plain = [one for one in VARIANTS if not one.raw]
    count = -(-len(plain) // TOGETHER)
    return [*(plain[at::count] for at in range(count)), *([one] for one in VARIANTS if one.raw)]


@pytest.mark.parametrize("variants", groups(), ids=lambda each: "+".join(one.name for one in each))
def test_no_legal_variant_is_accused(variants: list[Variant]) -> None:
    """What the contract leaves open is nobody's error, on a read and on an operation that costs.

    `make faults` takes each by itself, and with all operations.
    """
    options = replace(options_for(variants[0]), include=(MODELS, IMAGE), max_examples=0)

    verdict = examined_together(variants, options)

    assert [(one.code, one.got) for one in verdict.found] == []
    held = {one.id for one in verdict.report.clauses if one.verdict.value == "held"}
    assert {f"{one} control" for one in (MODELS, IMAGE)} <= held


def test_the_correct_server_has_neither_error_nor_warning() -> None:
    """All nine operations, writes and a few generated cases included; `make faults` has more."""
    verdict = examine_correct(max_examples=3)

    assert [(one.code, one.got) for one in verdict.found] == []
    assert verdict.report.verdict.value == "conforms"

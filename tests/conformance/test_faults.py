"""The kit before every fault of the backend, and before every licence that a backend may take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.backend import FAULTS, VARIANTS, Fault, Variant
from tests.conformance.backend.operations import IMAGE, MODELS
from tests.conformance.examination.single import (
    examine_correct,
    examined,
    examined_together,
    judged,
    narrowed,
    options_for,
)

pytestmark = pytest.mark.slow

TOGETHER = 4
"""So many legal variants in one server: what they change is in different places."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_its_own_clause(fault: Fault) -> None:
    """The cases of the fault's family alone find it; every broken clause has a place."""
    verdict = examined(fault, narrowed(fault))
    broken = {one.id for one in verdict.report.clauses if one.verdict.value == "broken"}
    places = {place.clause for one in verdict.report.findings for place in one.places}

    assert (judged(fault, verdict), broken - places) == ("ok", set())


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

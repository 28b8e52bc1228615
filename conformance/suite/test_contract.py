"""One test for each clause of the contract; the run that judges them is made once."""

from __future__ import annotations

import pytest

from conformance.clauses.clause import Clause, Verdict
from conformance.suite.outcome import SuiteOutcome

__all__: list[str] = []


def test_clause(clause: Clause, conformance_outcome: SuiteOutcome) -> None:
    """What the contract promises here is kept."""
    judged = conformance_outcome.clauses[clause.id]
    if judged.verdict in (Verdict.UNOBSERVED, Verdict.INCONCLUSIVE):
        pytest.skip(f"{judged.verdict.value}: {judged.why}")
    for finding, place in conformance_outcome.places(clause.id):
        if not place.level.at_least(conformance_outcome.fail_on):
            pytest.xfail(f"{place.level.value}: {finding.title}: {place.got}")
        pytest.fail(conformance_outcome.failure(finding, place), pytrace=False)

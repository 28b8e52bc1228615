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
    for finding in conformance_outcome.findings(clause.id):
        if not finding.level.at_least(conformance_outcome.fail_on):
            pytest.xfail(f"{finding.level.value}: {finding.title}: {finding.got}")
        pytest.fail(conformance_outcome.told(finding), pytrace=False)

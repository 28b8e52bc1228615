"""A case with less in its request: what is optional, and was not changed, is left out.

What is not optional is as in the least request that was accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.cases.body_wire import wire_by
from conformance.cases.case import Case
from conformance.cases.draft_parameters import pairs_of, with_parameter
from conformance.clauses.value_paths import DROP, Path, put
from conformance.http.request_drafts import NOTHING, Draft
from spec import Contract
from spec.contract.parameter_codecs import parameter_codec

__all__ = ["smaller"]


def smaller(
    contract: Contract, case: Case, control: Draft | None, least: Draft | None
) -> Case | None:
    """The case on the `least` request that was accepted; None where it has no more than that.

    What the case has changed of its base stays, and the contract says the same against the body.
    """
    draft, base = case.draft, case.base or control
    if draft is None or base is None or least is None or draft.request() != case.request:
        return None
    if draft.media_type != least.media_type:
        return None
    trial = _without_parameters(contract, case.operation, draft, base, least)
    trial = trial.but(body=_pruned(contract, case, draft, base, least))
    request = trial.request()
    if request == case.request:
        return None
    return replace(case, request=request, draft=trial, base=least)


def _without_parameters(
    contract: Contract, name: str, draft: Draft, base: Draft, least: Draft
) -> Draft:
    """The draft without the parameters that it has as the base has them, and the least has not.

    One stays or goes as a whole: of a list that is too long, all items may stand in the base.
    """
    if (operation := contract.operation(name)) is None:
        return draft
    for parameter in operation.inputs:
        way = parameter_codec(contract, operation, parameter)
        own, others, kept = (pairs_of(one, parameter, way) for one in (draft, base, least))
        if own and own == others and not kept:
            draft = with_parameter(draft, parameter, way, DROP)
    return draft


def _pruned(contract: Contract, case: Case, draft: Draft, base: Draft, least: Draft) -> Any:
    """The body with less of what the base has too, as far as its faults stay the same."""
    body, wire = draft.body, wire_by(contract, case.operation, draft)
    if wire is None:
        return body
    return _with_less(body, list(_unchanged(body, base.body, least.body)), wire.broken)


def _with_less(body: Any, less: list[tuple[Path, Any]], faults: Callable[[Any], object]) -> Any:
    own = faults(body)
    for path, value in less:
        trial = put(body, path, value)
        if faults(trial) == own:
            body = trial
    return body


def _unchanged(body: Any, base: Any, least: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The paths of members that are as in the base, with what the least request has there."""
    if not isinstance(body, dict) or not isinstance(base, dict):
        return
    for name, value in body.items():
        kept = least[name] if isinstance(least, dict) and name in least else NOTHING
        if name not in base:
            continue
        if base[name] == value:
            yield (*at, name), DROP if kept is NOTHING else kept
        else:
            yield from _unchanged(value, base[name], kept, (*at, name))

"""The good request again: many times, and after invalid ones."""

from __future__ import annotations

from conformance.cases.operation_under_test import Subject
from conformance.http.methods import is_safe
from conformance.run.sending.control_cases import control_case
from conformance.run.sending.prober import Prober

__all__ = ["after_bad", "repeatedly"]


async def after_bad(prober: Prober, subject: Subject, family: str, *, last: bool = False) -> None:
    """The good request after a family of bad ones must still succeed.

    Where a success may cost, the next request that is accepted shows it, unless this is the `last`
    chance; the good request itself is sent only where that one is refused.
    """
    label = f"the good request after bad ones: {family}"
    case = control_case(subject, "steady.after-bad", label)
    if last or is_safe(case.request.method):
        await prober.probe([case])
    elif prober.focus.asks(case.clauses):
        prober.after_bad = case


async def repeatedly(prober: Prober, subject: Subject, times: int) -> None:
    """The good request again and again; every refusal counts, since the first was accepted."""
    label = "the good request, repeated"
    case = control_case(subject, "steady.repeated", label)
    await prober.probe([case] * times)

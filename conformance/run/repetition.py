"""The good request again: many times, and after invalid ones."""

from __future__ import annotations

from conformance.cases.operation_under_test import Subject
from conformance.run.control_cases import control_case
from conformance.run.prober import Prober

__all__ = ["after_bad", "repeatedly"]


async def after_bad(prober: Prober, subject: Subject, family: str) -> bool:
    """The good request after a family of bad ones; whether it still succeeds."""
    label = f"the good request after bad ones: {family}"
    case = control_case(subject, "steady.after-bad", label)
    return await prober.probe([case])


async def repeatedly(prober: Prober, subject: Subject, times: int) -> None:
    """The good request again and again; every refusal counts, since the first was accepted."""
    label = "the good request, repeated"
    case = control_case(subject, "steady.repeated", label)
    await prober.probe([case] * times)

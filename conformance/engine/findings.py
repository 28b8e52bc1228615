"""Deviations become findings: one cause, one finding, with every place that shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from conformance.clauses.ids import local_part
from conformance.codes import code
from conformance.engine.ledger import Evidence
from conformance.fingerprint import fingerprint
from conformance.model import Clause, Finding, Level
from conformance.redaction import Redactor

__all__ = ["findings"]

SPREAD = 3
"""From so many different reasons on, one code with one answer is one cause."""
CREDENTIAL_CODES = frozenset({"accepted-credential", "wrong-credential-refusal"})
_IMPLIED = {
    "missing": (
        "malformed",
        "wrong",
        "altered",
        "expired",
        "unsigned",
        "forged",
        "misplaced",
        "again",
    ),
    "malformed": ("wrong", "altered", "expired", "unsigned", "forged"),
    "wrong": ("altered", "expired", "unsigned", "forged"),
    "forged": ("wrong", "expired"),
}
"""Who lets in without a credential lets in with a bad one: not a second cause."""


def findings(
    deviations: Sequence[Evidence], clauses: Mapping[str, Clause], redactor: Redactor
) -> tuple[Finding, ...]:
    """The findings, the gravest first, each with its smallest request."""
    groups: dict[str, list[Evidence]] = defaultdict(list)
    for evidence, cause in zip(deviations, _causes(deviations), strict=True):
        groups[cause].append(evidence)
    found = [_finding(group, clauses, redactor) for group in groups.values()]
    return tuple(sorted(found, key=lambda one: (-one.level.rank, one.code, one.operations)))


def _causes(deviations: Sequence[Evidence]) -> list[str]:
    causes = [evidence.observation.cause for evidence in deviations]
    causes = _fold_spread(deviations, causes)
    causes = _fold_credentials(deviations, causes)
    return _fold_properties(deviations, causes)


def _fold_spread(deviations: Sequence[Evidence], causes: list[str]) -> list[str]:
    """Many keywords broken in the same way are one missing check, not many."""
    reasons: dict[tuple[str, str], set[str]] = defaultdict(set)
    for evidence, cause in zip(deviations, causes, strict=True):
        reasons[_shape(evidence, cause)].add(cause)
    folded = []
    for evidence, cause in zip(deviations, causes, strict=True):
        shape = _shape(evidence, cause)
        same = reasons[shape]
        folded.append("|".join(shape) if shape[1] and len(same) >= SPREAD else cause)
    return folded


def _shape(evidence: Evidence, cause: str) -> tuple[str, str]:
    """Code, family and answer: what the reasons of one cause have in common."""
    parts = cause.split("|")
    family = parts[1].partition(":")[0] if len(parts) == 3 and ":" in parts[1] else ""
    return parts[0], f"{family}|{parts[2]}" if family else ""


def _fold_credentials(deviations: Sequence[Evidence], causes: list[str]) -> list[str]:
    by_operation: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for evidence, cause in zip(deviations, causes, strict=True):
        if (key := _credential_key(evidence, cause)) is not None:
            by_operation[key].setdefault(_aspect(evidence), cause)
    folded = []
    for evidence, cause in zip(deviations, causes, strict=True):
        key = _credential_key(evidence, cause)
        if key is not None:
            for stronger, implied in _IMPLIED.items():
                if _aspect(evidence) in implied and stronger in by_operation[key]:
                    cause = by_operation[key][stronger]
                    break
        folded.append(cause)
    return folded


def _credential_key(evidence: Evidence, cause: str) -> tuple[str, str, str] | None:
    found = evidence.observation.code
    if found not in CREDENTIAL_CODES and not local_part(evidence.observation.clause).startswith(
        "security."
    ):
        return None
    return evidence.operation, found, cause.rpartition("|")[2]


def _aspect(evidence: Evidence) -> str:
    return local_part(evidence.observation.clause).removeprefix("security.")


def _fold_properties(deviations: Sequence[Evidence], causes: list[str]) -> list[str]:
    """What a property shows again belongs to the finding that showed it first."""
    known: dict[tuple[str, str, str], str] = {}
    for evidence, cause in zip(deviations, causes, strict=True):
        if not _is_property(evidence):
            known.setdefault(_answer_key(evidence), cause)
    return [
        known.get(_answer_key(evidence), cause) if _is_property(evidence) else cause
        for evidence, cause in zip(deviations, causes, strict=True)
    ]


def _answer_key(evidence: Evidence) -> tuple[str, str, str]:
    return evidence.operation, evidence.observation.code, str(evidence.answer.status)


def _is_property(evidence: Evidence) -> bool:
    return local_part(evidence.observation.clause).startswith("property.")


def _finding(
    group: Sequence[Evidence], clauses: Mapping[str, Clause], redactor: Redactor
) -> Finding:
    smallest = min(group, key=_size)
    repeatable = any(evidence.repeatable for evidence in group)
    if repeatable:
        smallest = min((one for one in group if one.repeatable), key=_size)
    observation = smallest.observation
    level = max((one.observation.level for one in group), key=lambda level: level.rank)
    names = _ordered(evidence.observation.clause for evidence in group)
    operations = _ordered(evidence.operation for evidence in group)
    entry, clause = code(observation.code), clauses.get(observation.clause)
    title = f"{entry.title}: {smallest.label}" if smallest.label else entry.title
    pointer = observation.pointer or (clause.pointer if clause else "")
    return Finding(
        code=observation.code,
        level=level if repeatable else _milder(level),
        title=title if repeatable else f"{title} (intermittent)",
        fingerprint=fingerprint(observation.code, operations, names),
        operations=operations,
        clauses=names,
        expected=redactor.text(observation.expected),
        got=redactor.text(observation.got),
        request=redactor.request(smallest.request),
        response=redactor.response(smallest.answer),
        curl=redactor.curl(smallest.request),
        occurrences=len(group),
        place=clause.place if clause else None,
        pointer=pointer,
        remedy=entry.explain,
    )


def _milder(level: Level) -> Level:
    return Level.WARNING if level is Level.ERROR else level


def _size(evidence: Evidence) -> tuple[int, int, int]:
    own = 0 if not local_part(evidence.observation.clause).startswith("status.") else 1
    return own, len(evidence.request.body or b""), len(evidence.request.headers)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))

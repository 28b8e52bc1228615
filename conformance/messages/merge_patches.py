"""What null says in a JSON merge patch (RFC 7396): that a member goes, and no value of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spec.model.contract_model import Violation
from spec.model.pointers import split
from spec.text.media_types import is_merge_patch

__all__ = ["without_removals"]


def without_removals(
    violations: Sequence[Violation], media_type: str, body: Any
) -> Sequence[Violation]:
    """The violations of a request body but for those of members that a merge patch takes out."""
    if not is_merge_patch(media_type):
        return violations
    return [one for one in violations if not _is_removal(body, split(one.pointer))]


def _is_removal(value: Any, steps: Sequence[str]) -> bool:
    # Within a list null is an item as any other.
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return bool(steps) and value is None

"""What the variants share."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.backend.exchange import Ask, get
from tests.conformance.backend.fault import Patch, Variant
from tests.conformance.backend.messages import Answer, Request
from tests.conformance.backend.patching import after
from tests.conformance.backend.proof import Shows, shows

__all__ = ["MODELS", "differs", "successes", "variant"]

MODELS = get("models")


def successes(change: Callable[[Request, Answer], Answer]) -> Patch:
    """Change every document that is a success."""
    return after(lambda r, a: change(r, a) if a.status == 200 and a.is_json else a)


def differs(ask: Ask, was: int = 200, becomes: int = 200) -> Shows:
    """The proof that the variant is one."""
    return shows(ask, was=was, becomes=becomes)


def variant(name: str, what: str, patch: Patch, proof: Shows, raw: bool = False) -> Variant:
    """Short for Variant."""
    return Variant(name=name, what=what, patch=patch, shows=proof, raw=raw)

"""What tokens open of each other's operations, as shards of one run tell it to each other."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from conformance.report.finding_places import FindingPlace

__all__ = ["TokenPair", "TokenTrial", "not_told_apart", "places_not_told_apart"]

TokenPair = tuple[str, str]
"""What two tokens were given for, a tag or an operation, "" for all others: an operation's own
token, and the one that was tried there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTrial:
    """A token at an operation that another one was given for.

    `place` is what a report shows if the two are not told apart; None where it was refused.
    """

    pair: TokenPair
    place: FindingPlace | None


def not_told_apart(opened: Set[TokenPair], refused: Set[TokenPair]) -> set[TokenPair]:
    """The pairs of which each token opens all the operations of the other that it was tried at.

    One direction alone may be a token of more rights, which is right.
    """
    found = opened - refused
    return {(own, other) for own, other in found if (other, own) in found}


def places_not_told_apart(trials: Iterable[TokenTrial]) -> list[FindingPlace]:
    """The places of all trials together."""
    every = list(trials)
    opened = [(one.pair, one.place) for one in every if one.place is not None]
    refused = {one.pair for one in every if one.place is None}
    same = not_told_apart({pair for pair, _ in opened}, refused)
    return [place for pair, place in opened if pair in same]

"""A contract that is open, with the names that its caller has for it and for its places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from conformance.commands.contracts.reach import Reach
from conformance.commands.contracts.removed_places import place_in
from conformance.report.findings import Finding, FindingPlace
from spec import Contract
from spec.model.errors import Place
from spec.model.pointers import join

__all__ = ["NoBaseError", "OpenedContract", "SourceError"]


class SourceError(ValueError):
    """A contract that cannot be found: what was looked for, and what to do."""


class NoBaseError(SourceError):
    """The contract is new: the commit that it is compared with does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedContract:
    """A loaded contract and the name that it was asked for by.

    `path` is its file, and `reach` what that may refer to, as long as the source is open. What
    comes out of git lies in a folder for a while; `mounted` is that folder, and `shown` what stands
    for it in messages: `main:`.
    """

    contract: Contract
    name: str
    path: Path
    reach: Reach
    mounted: str = ""
    shown: str = ""

    def named(self, finding: Finding) -> Finding:
        """The finding with its place as the caller knows it."""
        return finding.at(self._original_paths)

    def placed(self, finding: Finding, after: Contract) -> Finding:
        """The finding of a diff with what lies in this source at its place in the contract AFTER.

        An annotation attaches to a file that the change has (SARIF 2.1.0 section 3.4.3), and OLD is
        none. What was removed is reported where it was: at the next node beside it that is left,
        since that line is next to the change, or else at the node above.
        """
        return finding.at(lambda found: self._placed(found, after))

    def _placed(self, found: FindingPlace, after: Contract) -> FindingPlace:
        place = found.place
        mine = place is not None and (
            place.file.startswith(self.mounted) if self.mounted else self._is_own(place, after)
        )
        if not mine:
            return found
        method, _, path = found.operation.partition(" ")
        above = join("#", "paths", path, method.lower()) if path else "#"
        return replace(found, place=place_in(after, self.contract, found.pointer or above))

    def _is_own(self, place: Place, after: Contract) -> bool:
        return place.file == self.contract.file != after.file

    def _original_paths(self, found: FindingPlace) -> FindingPlace:
        place = found.place
        if place is None or not self.mounted or not place.file.startswith(self.mounted):
            return found
        file = self.shown + place.file.removeprefix(self.mounted).lstrip("/")
        return replace(found, place=Place(file=file, line=place.line))

"""A credential that an answer has replaced: a rotated key is used from then on."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.http.header_values import unsendable
from conformance.http.renewal import Fetched, Renewable

__all__ = ["Rotation"]


class Rotation(Renewable):
    """The credential `given` by the caller, and what answers have handed out to replace it.

    Whether one of them does is seen when the given one is refused: the latest is tried then. `by`
    is the operation that has handed it out. `replaced` says that the given one was refused since.
    """

    own = False

    def __init__(self, given: str) -> None:
        self.by, self.replaced = "", False
        self._offered, self._given = "", given
        super().__init__("a rotated credential", self._latest)
        # It was accepted by the request that was answered with another one.
        self.accepted = True

    def offer(self, operation: str, handed_out: Iterable[str]) -> None:
        """Remember what an operation has handed out, for the case that the old one is refused."""
        for one in handed_out:
            if not unsendable(one):
                self.by, self._offered = operation, one

    def settle(self, *, accepted: bool) -> None:
        """Keep the other one where it was `accepted` in the place of the given one."""
        if self.current != self._given and accepted:
            self.replaced = True
        elif not self.replaced:
            self.current = self._given

    def _latest(self) -> Fetched:
        return Fetched(token=self._offered or self._given)

"""What a thing can be used for once only: a run that is cancelled, a user who is restored."""

from __future__ import annotations

from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["UsedThings"]


class UsedThings:
    """The operations that need another thing for each success, and the things that they have had.

    `undeleting` are those that bring back what was deleted: it can be deleted once more.
    """

    def __init__(self) -> None:
        self.undeleting = set[str]()
        self._had = dict[str, set[Thing]]()

    def begin(self, operation: Operation, thing: Thing) -> None:
        """From now on an operation gets each thing once; this one it has had."""
        self._had[operation.id] = {thing}

    def end(self, operation: Operation) -> None:
        """From now on an operation may get the same thing again."""
        self._had.pop(operation.id, None)

    def see(self, operation: Operation, thing: Thing) -> None:
        """An operation has succeeded with a thing."""
        if operation.id in self._had:
            self._had[operation.id].add(thing)

    def uses_up(self, operation: Operation) -> bool:
        """Whether each success of an operation needs a thing of its own."""
        return operation.id in self._had or operation.id in self.undeleting

    def has_had(self, operation: Operation, thing: Thing) -> bool:
        """Whether an operation can do nothing with a thing any more."""
        return thing in self._had.get(operation.id, ())

"""Things of others that a new one may be taken for: what a create sends may be their id.

An answer may not say which id the new thing has, or repeat what was sent. Where a thing of that id
was there before, it is somebody's: the run must not remove it at its end.
"""

from __future__ import annotations

from conformance.http.exchange import Request
from conformance.run.making.thing_answers import answer_about
from conformance.run.session.session import Session
from conformance.run.things.fresh_ids import new_values
from conformance.run.things.named_things import Thing, possible
from spec.model.contract_model import Operation

__all__ = ["Bystanders"]


class Bystanders:
    """Looks for them before a create is sent, until an answer has said the id of a new thing."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._asked, self._telling = set[Thing](), dict[str, bool]()

    async def look(self, name: str, request: Request) -> None:
        """Ask for what a request of an operation may seem to create, the first time."""
        things, options = self.session.things, self.session.options
        operation = self.session.contract.operation(name)
        if operation is None or request.method != "POST" or self._says_ids(operation):
            return
        reader = things.resources.readers.get(things.resources.made_by(operation) or "")
        if reader is None or options.excludes(reader):
            return
        for thing in possible(things.resources, operation, request):
            known = thing in self._asked or thing in things.made or thing in things.seen
            if not known and await self._is_there(reader, thing):
                things.seen[thing] = None

    def _says_ids(self, operation: Operation) -> bool:
        things = self.session.things
        return any(
            maker == operation.id and thing not in things.guessed
            for thing, maker in things.made.items()
        )

    async def _is_there(self, reader: Operation, thing: Thing) -> bool:
        """Whether a GET shows it, and shows nothing for an id that nobody has."""
        self._asked.add(thing)
        # An odd name that only an edge has is nobody's.
        if not (thing.addressable and self._telling.get(reader.id, True)):
            return False
        if not await self._shows(reader, thing):
            return False
        if reader.id not in self._telling:
            ids = (*thing.parents, str(next(new_values())))
            nobody = Thing(collection=thing.collection, ids=ids)
            self._telling[reader.id] = not await self._shows(reader, nobody)
        return self._telling[reader.id]

    async def _shows(self, reader: Operation, thing: Thing) -> bool:
        return (await answer_about(self.session, reader, thing)).success

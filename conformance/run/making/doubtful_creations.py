"""What a run may have made although no answer says so: a POST that failed or was not answered.

Such a thing may be there all the same. It is looked for when the run ends, by what was sent, and
told; it is not removed, since somebody else may have the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from conformance.clauses.collection_operations import last_name
from conformance.http.exchange import Answer, Request
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought, found_in
from conformance.run.making.thing_answers import answer_about
from conformance.run.session.session import Session
from conformance.run.things.named_things import Thing, parents_in, possible
from spec.contract.resource_paths import id_property
from spec.model.contract_model import Operation

__all__ = ["found_doubtful"]


async def found_doubtful(session: Session) -> list[str]:
    """A sentence for each operation whose failed requests have left something behind."""
    told = list[str]()
    for name, failed in session.things.doubtful.items():
        operation = session.contract.operation(name)
        if operation is None:
            continue
        search = _Search(session, operation)
        paths = dict[str, int]()
        for request, status in failed:
            if (thing := await search.made(request)) is not None:
                paths.setdefault(session.things.path(thing), status)
        if paths:
            told.append(_sentence(operation, paths))
    return told


def _sentence(operation: Operation, paths: dict[str, int]) -> str:
    shown = ", ".join([*paths][:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    statuses = Counter(f"answered with {one}" if one else "not answered" for one in paths.values())
    why = " or ".join(statuses)
    return f"left behind by this run: {shown}{more}; {operation.id} was {why}, and made it"


class _Search:
    """Looks for what the failed requests of one operation have made."""

    def __init__(self, session: Session, operation: Operation) -> None:
        self.session, self.operation = session, operation
        self.resources = session.things.resources
        self.collection = self.resources.made_by(operation) or ""
        self.item = self.resources.items[self.collection]
        self.reader = self.resources.readers.get(self.collection)
        self.list = self.resources.by_path.get(self.collection, {}).get("GET")
        self._lists = dict[tuple[str, ...], Any]()

    async def made(self, request: Request) -> Thing | None:
        """What a request has made: under an id that it names, or as the list shows it."""
        for thing in possible(self.resources, self.operation, request):
            if self._is_new(thing) and await self._is_there(thing):
                return thing
        return await self._listed(request)

    def _is_new(self, thing: Thing) -> bool:
        """Whether no answer has named it, and its id is of this run."""
        things, own = self.session.things, thing.ids[-1]
        known = thing in things.seen or thing in things.made
        return thing.addressable and not known and things.nameless.is_coined(own)

    async def _is_there(self, thing: Thing) -> bool:
        answer = await self._get(self.reader, thing)
        nobody = Thing(collection=thing.collection, ids=(*thing.parents, f"{thing.ids[-1]}-not"))
        return answer.success and not (await self._get(self.reader, nobody)).success

    async def _listed(self, request: Request) -> Thing | None:
        parents = parents_in(self.item, self.operation, request.target)
        texts = self.session.things.nameless.texts(request)
        if parents is None or not texts or self.list is None:
            return None
        if parents not in self._lists:
            above = Thing(collection=self.collection, ids=(*parents, ""))
            self._lists[parents] = read_json((await self._get(self.list, above)).body).value
        member = found_in(self._lists[parents], Sought(texts=texts))
        held = id_property(last_name(self.item), member) if isinstance(member, dict) else None
        if not isinstance(member, dict) or held is None:
            return None
        thing = Thing(collection=self.collection, ids=(*parents, str(member[held])))
        return None if thing in self.session.things.made else thing

    async def _get(self, reader: Operation | None, thing: Thing) -> Answer:
        if reader is None or self.session.options.excludes(reader):
            return Answer()
        return await answer_about(self.session, reader, thing)

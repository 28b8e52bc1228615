"""The list of what a DELETE is about, read beside GET of it: it must not keep what is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.state_promises import promise_by_list
from conformance.http.exchange import Answer, Request
from conformance.judgement import Observation
from conformance.judgement.states import Presence, Reading
from conformance.report.level import Level
from conformance.run.sending.prober import Prober
from conformance.run.state.reading_back import BackReader, back_reader
from conformance.run.things.written_items import WrittenItem

__all__ = ["ListBeside", "list_beside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBeside:
    """A list as it was `before` a DELETE; `read` asks for it, and `item` is found in it."""

    reader: BackReader
    item: WrittenItem
    read: Request
    before: Answer

    async def still(self, request: Request, answer: Answer) -> tuple[Answer, Observation] | None:
        """The list that has the thing of a request as before; None where it does not, or did not.

        GET of the thing says that it is gone: that the list says otherwise is no more than a
        warning.
        """
        reading = self.item.reading(request, answer)
        if reading.sighting(self.before).presence is not Presence.THERE:
            return None
        listed, found = await self.reader.settled(self.read, self._judge(reading))
        if found.verdict is not Verdict.BROKEN:
            return None
        return listed, replace(found, level=Level.WARNING)

    def _judge(self, reading: Reading) -> Callable[[Answer], Observation]:
        return lambda listed: reading.of_deleted(listed, [self.before, self.before])


async def list_beside(
    prober: Prober, subject: Subject, item: WrittenItem, request: Request
) -> ListBeside | None:
    """The list that shows what a request will delete, read now; None where GET is that list."""
    operation, aspect = subject.operation, item.promise.aspect
    promise = promise_by_list(subject.contract, operation, aspect)
    if item.promise.listing or promise is None:
        return None
    reader = back_reader(prober, subject, promise)
    if isinstance(reader, str) or reader.apart:
        return None
    read = reader.beside(operation, request)
    before = await reader.answer(read)
    return ListBeside(reader=reader, item=replace(item, promise=promise), read=read, before=before)

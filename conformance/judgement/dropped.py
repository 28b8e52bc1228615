"""What a changed contract takes from the answers of the one before: promises, and parts.

A change of answers reaches whoever got what it takes away. An answer *shows* a promise where it has
the value that the promise speaks of, and a part where it has that status, media type or header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from conformance.clauses import derive
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id, local_part
from conformance.http.exchange import Answer
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.body_judgement import BodyJudge
from conformance.report.findings import Finding, FindingPlace, Level
from spec import Contract, Operation
from spec.model.path_templates import template_shape
from spec.text.media_types import is_json, match, parse

__all__ = ["AnswerPart", "Content", "Dropping", "Promise", "answer_of", "successor"]

Promise: TypeAlias = tuple[str, str]
"""Where a promise stands in the contract, and its keyword: the same in every operation."""
AnswerPart: TypeAlias = tuple[str, int, str]
"""`status`, `media` or `header`; the status of the answer; the name of the part."""
_UNDOCUMENTED = "status.documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an answer shows, or what a change takes away."""

    promises: frozenset[Promise] = frozenset()
    parts: frozenset[AnswerPart] = frozenset()

    def meets(self, other: Content) -> bool:
        """Whether both have something in common."""
        return bool(self.promises & other.promises or self.parts & other.parts)


@dataclass
class _PromiseJudge:
    """The promises of one contract, which answers keep or break."""

    contract: Contract
    answers: AnswerJudge = field(init=False)
    pointers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = AnswerJudge(self.contract, BodyJudge(self.contract))
        self.pointers = {clause.id: clause.pointer for clause in derive(self.contract)}

    def promises(
        self, operation: Operation, answer: Answer, verdict: Verdict, method: str = "GET"
    ) -> frozenset[Promise]:
        """The promises that an answer keeps, or those that it breaks.

        What a recording hides may have kept them.
        """
        wanted = {verdict, Verdict.INCONCLUSIVE} if verdict is Verdict.HELD else {verdict}
        return frozenset(
            self._promise_of(clause)
            for clause, seen in self._observed(operation, answer, method)
            if seen in wanted
        )

    @cached_property
    def known(self) -> frozenset[Promise]:
        """The promises that have a clause of their own, so that an answer can keep them."""
        return frozenset(map(self._promise_of, self.pointers))

    def _observed(
        self, operation: Operation, answer: Answer, method: str
    ) -> Iterator[tuple[str, Verdict]]:
        documented = operation.response_for(answer.status) is not None
        known = Verdict.HELD if documented else Verdict.BROKEN
        yield clause_id(operation.id, _UNDOCUMENTED), known
        for one in self.answers.observe(operation, answer, method):
            if one.verdict is not Verdict.BROKEN or one.level is Level.ERROR:
                yield one.clause, one.verdict

    def _promise_of(self, clause: str) -> Promise:
        steps = local_part(clause).split(".")
        # `required` is said by the object, and its clause is that of the property.
        last = steps[-2:] if steps[-1] == "required" else steps[-1:]
        # Every documented answer shows that only documented statuses occur, in any operation.
        general = local_part(clause) == _UNDOCUMENTED
        return "" if general else self.pointers.get(clause, ""), ".".join(last)


@dataclass
class Dropping:
    """What is between two contracts, for answers that the one before allows."""

    before: Contract
    after: Contract

    @cached_property
    def _old(self) -> _PromiseJudge:
        return _PromiseJudge(self.before)

    def dropped(self, finding: Finding) -> Content | None:
        """What a finding about answers takes away; None where its witness is no answer."""
        witness = (finding.witness or {}).get("response")
        operation = self.before.operation(finding.first.operation)
        if witness is None or operation is None:
            return None
        answer = answer_of(witness)
        promises = self._old.promises(operation, answer, Verdict.BROKEN)
        if not promises:
            # What OLD allows is shown because NEW has no place for a part of it.
            return self._lost(operation, answer)
        # Where many things change, one witness breaks the promises of others as well.
        at = frozenset(one for one in promises if _is_at(finding.first, one))
        return Content(promises=at or promises)

    def is_counted(self, dropped: Content) -> bool:
        """Whether an answer can show what is taken away: not every keyword has a clause."""
        return bool(dropped.parts or dropped.promises & self._old.known)

    def shown(self, operation: Operation, answer: Answer, *, whole: bool = True) -> Content:
        """What an answer shows of OLD; the body is left out where it is not `whole`."""
        # As the answer to a HEAD only its status and headers are judged.
        method = "GET" if whole else "HEAD"
        return Content(
            promises=self._old.promises(operation, answer, Verdict.HELD, method),
            parts=frozenset(_answer_parts(operation, answer)),
        )

    def missed(self, operation: Operation, known: Answer, instead: Answer) -> Content:
        """What is taken away where an answer comes instead of a known one."""
        was, now = (
            Content(
                promises=self._old.promises(operation, one, Verdict.BROKEN),
                parts=frozenset(_answer_parts(operation, one)),
            )
            for one in (known, instead)
        )
        return Content(promises=now.promises - was.promises, parts=was.parts - now.parts)

    def _lost(self, operation: Operation, answer: Answer) -> Content:
        now = successor(self.after, operation)
        parts = _answer_parts(operation, answer)
        return Content(parts=frozenset(one for one in parts if not _documents(now, one)))


def successor(after: Contract, operation: Operation) -> Operation | None:
    """The operation in another contract with the method and the path, however its values are named.

    None where there is none.
    """
    same = (operation.method, template_shape(operation.path))
    found = (one for one in after.operations if (one.method, template_shape(one.path)) == same)
    return after.operation(operation.id) or next(found, None)


def answer_of(document: Mapping[str, Any]) -> Answer:
    """The answer of a witness, or of a scenario, whose Content-Type may be named as `media`."""
    headers = dict(document.get("headers", {}))
    if "media" in document:
        headers["content-type"] = document["media"]
    body = document.get("body")
    sent = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    text = body if isinstance(body, str) and not is_json(sent) else json.dumps(body)
    data = b"" if body is None and not is_json(sent) else text.encode("utf-8", "surrogatepass")
    pairs = tuple((name, str(value)) for name, value in headers.items())
    return Answer(status=document["status"], headers=pairs, body=data)


def _is_at(place: FindingPlace, promise: Promise) -> bool:
    pointer, keyword = promise
    if pointer != place.pointer:
        return False
    return not keyword.endswith(".required") or keyword == f"{place.detail}.required"


def _answer_parts(operation: Operation, answer: Answer) -> Iterator[AnswerPart]:
    response = operation.response_for(answer.status)
    if response is None:
        return
    yield "status", answer.status, ""
    media = parse(answer.header("content-type"))
    if media is not None and answer.body and response.content:
        yield "media", answer.status, media.essence
    for header in response.headers:
        if answer.header(header.name) is not None:
            yield "header", answer.status, header.name.lower()


def _documents(operation: Operation | None, part: AnswerPart) -> bool:
    kind, status, name = part
    response = None if operation is None else operation.response_for(status)
    if response is None:
        return False
    if kind == "media":
        return match(name, [one.name for one in response.content]) is not None
    return kind == "status" or name in {one.name.lower() for one in response.headers}

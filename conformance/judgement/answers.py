"""An answer against what the contract documents for its status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id, response_prefix
from conformance.clauses.schema_nodes import root_node
from conformance.http.content_codings import is_unread
from conformance.http.exchange import Answer, Trouble
from conformance.judgement.body_judgement import BodyJudge
from conformance.judgement.header_judgement import header_observations
from conformance.judgement.json_answers import JsonAnswer, is_unlabelled, read_json, read_leniently
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.messages.body_values import Said, said_by_events, said_by_items
from conformance.messages.event_streams import stream_problems
from conformance.messages.sequence_bodies import is_of_lists
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, Direction
from spec.contract.media_codecs import media_codec
from spec.model.contract_model import MediaType, Operation, Response
from spec.model.http_statuses import BODILESS
from spec.text.body_codecs import BodyKind
from spec.text.json_text import UnreadableError
from spec.text.media_types import is_event_stream, is_json, match, parse
from spec.text.multipart import UnclosedError
from spec.text.styles import StyleError
from spec.text.xml_reading import UnjudgedError

__all__ = ["AnswerJudge"]

_WITH_RESULT = frozenset({200, 201, 203})
"""Successes whose content is the result of the request (RFC 9110 section 15.3)."""
_BEGIN_OF_EVENTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:")
"""The first field, or comment, of an event stream (WHATWG HTML section 9.2.5)."""
_OF_LABELS = (FindingCode.MISSING_CONTENT_TYPE, FindingCode.UNDOCUMENTED_CONTENT_TYPE)


@dataclass(frozen=True, slots=True)
class AnswerJudge:
    """Judges answers by their documented response: content type, body, headers, streams."""

    contract: Contract
    bodies: BodyJudge

    def observe(self, operation: Operation, answer: Answer, method: str) -> Iterator[Observation]:
        """Everything that a whole answer with a documented status shows."""
        response = operation.response_for(answer.status)
        if response is None:
            return
        yield held(clause_id(operation.id, f"status.{response.status}"))
        yield from header_observations(self.contract, operation, response, answer)
        if method == "HEAD" or answer.status in BODILESS:
            return
        if response.content:
            yield from self._content(operation, response, answer)
        else:
            yield from self._free(operation, answer)

    def observe_error(
        self, operation: Operation, answer: Answer, method: str
    ) -> Iterator[Observation]:
        """What is wrong with a success beside the error in it. Nothing is held by it.

        What is nothing but an error has no result that could be judged, and a label all the same.
        """
        for one in _broken(self.observe(operation, answer, method)):
            if one.code in _OF_LABELS or not answer.refuses:
                yield one

    def observe_undocumented(self, operation: Operation, answer: Answer) -> Iterator[Observation]:
        """What is wrong with the body of a success that should have had the documented status.

        A client reads the result of a 201 like that of a 200: its faults are no less than the
        status. Nothing is held by it.
        """
        meant = [one for one in operation.responses if one.content and one.status[:1] == "2"]
        sent = answer.header("content-type") or ""
        if len(meant) != 1:
            return
        # A 202 may be about a job that is to be done, or the result all the same.
        if answer.status not in _WITH_RESULT and not self._has_shape(meant[0], answer):
            return
        # An answer of another media type is another answer, and no result of the documented shape.
        if match(sent, [one.name for one in meant[0].content]) is None:
            return
        yield from _broken(self._content(operation, meant[0], answer))

    def _has_shape(self, response: Response, answer: Answer) -> bool:
        """Whether a body is plainly the documented one: an object with most of its properties."""
        schemas = (one.schema for one in response.content if is_json(one.name))
        schema = next((one for one in schemas if one is not None), None)
        root = root_node(self.contract, schema)
        value = read_json(answer.body).value
        if root is None or not root.properties or not isinstance(value, dict):
            return False
        declared, required = set(root.properties), set(root.keywords.get("required") or ())
        known = declared & value.keys()
        return required <= known and len(known) * 2 > max(len(declared), len(value))

    def _content(
        self, operation: Operation, response: Response, answer: Answer
    ) -> Iterator[Observation]:
        sent = answer.header("content-type")
        names = [one.name for one in response.content]
        clause = clause_id(operation.id, f"{response_prefix(response.status)}.content-type")
        documented = " or ".join(names)
        if sent is None:
            yield broken(
                clause,
                FindingCode.MISSING_CONTENT_TYPE,
                expected=f"Content-Type: {documented}",
                got=f"no Content-Type, {len(answer.body)} bytes",
                cause=FindingCode.MISSING_CONTENT_TYPE,
            )
            yield from self._mislabelled(operation, response, answer)
            return
        fitting = match(sent, names)
        if fitting is None:
            yield broken(
                clause,
                FindingCode.UNDOCUMENTED_CONTENT_TYPE,
                expected=f"Content-Type: {documented}",
                got=f"Content-Type: {sent}",
                cause=f"undocumented-content-type|{sent.split(';')[0]}",
            )
            if is_unlabelled(sent):
                yield from self._mislabelled(operation, response, answer)
            return
        yield held(clause)
        media_type = next(one for one in response.content if one.name == fitting)
        if is_unread(answer):
            if is_json(sent):
                local = f"{response_prefix(response.status, media_type.name)}.well-formed"
                why = f"its Content-Encoding, {answer.header('content-encoding')}, is not read"
                yield inconclusive(clause_id(operation.id, local), why)
            return
        if answer.streams:
            yield from self._stream(operation, response, media_type, answer)
        elif is_json(sent):
            yield from self._json(operation, response, media_type, answer)
        else:
            yield from self._other(operation, response, media_type, answer)

    def _mislabelled(
        self, operation: Operation, response: Response, answer: Answer
    ) -> Iterator[Observation]:
        """What is wrong with JSON, or with events, that are not labelled so. Nothing is held by it.

        Clients that parse it whatever its label meet its other faults as well.
        """
        if is_unread(answer):
            return
        streams = [one for one in response.content if is_event_stream(one.name)]
        if streams and _BEGIN_OF_EVENTS.match(answer.body):
            yield from _broken(self._stream(operation, response, streams[0], answer))
            return
        documented = [one for one in response.content if is_json(one.name)]
        if len(documented) != 1:
            return
        read = read_leniently(answer.body)
        if isinstance(read.value, (dict, list)):
            yield from _broken(self._document(operation, response, documented[0], read))

    def _other(
        self, operation: Operation, response: Response, media_type: MediaType, answer: Answer
    ) -> Iterator[Observation]:
        """A body that is no JSON, by what its media type says how it is read."""
        sent = answer.header("content-type") or media_type.name
        own = _named_as_sent(media_type, sent)
        codec = media_codec(self.contract, own, Direction.RESPONSE)
        if codec is None or (own is not media_type and codec.kind is not BodyKind.TEXT):
            return  # a schema that holds for a range of types is not written for forms or XML
        prefix = response_prefix(response.status, media_type.name)
        clause = clause_id(operation.id, f"{prefix}.well-formed")
        try:
            value = codec.read(answer.body, sent)
            yield held(clause)
        except UnjudgedError as error:
            yield inconclusive(clause, str(error))
            return
        except UnclosedError as error:
            # Nearly every reader takes what came, and what came can be judged.
            yield _malformed(clause, codec.kind, str(error), Level.WARNING)
            value = codec.read(error.closed, sent)
        except (StyleError, UnreadableError) as error:
            yield _malformed(clause, codec.kind, str(error))
            return
        said: Iterable[Said] = (Said(value=value, media_type=media_type),)
        if codec.of_items and isinstance(value, list):
            word = "part" if codec.kind is BodyKind.PARTS else "line"
            said = said_by_items(self.contract, media_type, value, word=word)
            if is_of_lists(self.contract, media_type, Direction.RESPONSE):
                yield from self.bodies.observe_whole(operation, response, media_type, value)
        yield from self._each(operation, response, said)

    def _each(
        self, operation: Operation, response: Response, said: Iterable[Said]
    ) -> Iterator[Observation]:
        """What several values show: a clause is broken by the first that breaks it."""
        shown = dict[str, Observation]()
        for one in said:
            for each in self.bodies.observe(operation, response, one.media_type, one.value):
                known = shown.get(each.clause)
                if known is None or (
                    each.verdict is Verdict.BROKEN and known.verdict is not Verdict.BROKEN
                ):
                    got = f"{one.part}: {each.got}" if one.part and each.got else each.got
                    shown[each.clause] = replace(each, got=got)
        yield from shown.values()

    def _json(
        self, operation: Operation, response: Response, media_type: MediaType, answer: Answer
    ) -> Iterator[Observation]:
        prefix = response_prefix(response.status, media_type.name)
        clause = clause_id(operation.id, f"{prefix}.well-formed")
        read = read_json(answer.body)
        if read.problem:
            yield broken(
                clause,
                FindingCode.RESPONSE_MALFORMED,
                level=read.level,
                expected="one JSON document (RFC 8259)",
                got=f"a body that {read.problem}",
                cause=f"response-malformed|{read.problem.split(':')[0]}",
            )
            # What a client reads of it all the same has faults of its own.
            yield from _broken(
                self._document(operation, response, media_type, read_leniently(answer.body))
            )
        else:
            yield from self._document(operation, response, media_type, read)

    def _document(
        self, operation: Operation, response: Response, media_type: MediaType, read: JsonAnswer
    ) -> Iterator[Observation]:
        """What a JSON document shows that was read; nothing of one that could not be."""
        if read.problem:
            return
        prefix = response_prefix(response.status, media_type.name)
        clause = clause_id(operation.id, f"{prefix}.well-formed")
        if read.repeated:
            yield broken(
                clause,
                FindingCode.RESPONSE_DUPLICATE_KEY,
                level=Level.WARNING,
                expected="every key once (RFC 8259 section 4)",
                got=f"the key {read.repeated!r} twice",
                cause=f"response-duplicate-key|{read.repeated}",
            )
        else:
            yield held(clause)
        yield from self.bodies.observe(operation, response, media_type, read.value)

    def _free(self, operation: Operation, answer: Answer) -> Iterator[Observation]:
        """A body of which the contract says nothing still is what its Content-Type says."""
        sent = answer.header("content-type")
        if not answer.body or not is_json(sent) or is_unread(answer):
            return
        clause, read = clause_id(operation.id, "answer.well-formed"), read_json(answer.body)
        if read.problem:
            yield broken(
                clause,
                FindingCode.RESPONSE_MALFORMED,
                level=read.level,
                expected=f"JSON, as Content-Type: {sent} says",
                got=f"{answer.status} with a body that {read.problem}",
                cause=f"response-malformed|free|{read.problem.split(':')[0]}",
            )
        else:
            yield held(clause)

    def _stream(
        self, operation: Operation, response: Response, media_type: MediaType, answer: Answer
    ) -> Iterator[Observation]:
        prefix = f"{response_prefix(response.status, media_type.name)}.stream"
        codes = {
            "framing": FindingCode.STREAM_MALFORMED,
            "end": FindingCode.STREAM_CUT,
            "honest": FindingCode.STREAM_ERROR,
        }
        accused = set[str]()
        cut = answer.trouble is Trouble.TIMEOUT
        for problem in stream_problems(answer.body, by_event=media_type.item_schema is not None):
            # The kit stopped reading: that the end is missing is no fault of the server.
            if cut and problem.aspect == "end":
                continue
            accused.add(problem.aspect)
            yield broken(
                clause_id(operation.id, f"{prefix}.{problem.aspect}"),
                codes[problem.aspect],
                expected="an event stream (WHATWG HTML section 9.2) that ends well",
                got=problem.what,
                cause=codes[problem.aspect],
            )
        for aspect in codes.keys() - accused:
            if not (cut and aspect == "end"):
                yield held(clause_id(operation.id, f"{prefix}.{aspect}"))
        text = answer.body.decode("utf-8", "replace").removeprefix("\ufeff")
        yield from self._each(operation, response, said_by_events(self.contract, media_type, text))


def _broken(observations: Iterable[Observation]) -> Iterator[Observation]:
    """What speaks against a clause: of an answer that is not as it should be, nothing is held."""
    return (one for one in observations if one.verdict is Verdict.BROKEN)


def _named_as_sent(media_type: MediaType, sent: str) -> MediaType:
    """The media type by its own name; a range by the one that was sent for it."""
    own, other = parse(media_type.name), parse(sent)
    if own is not None and own.is_range and other is not None:
        return replace(media_type, name=other.essence)
    return media_type


def _malformed(
    clause: str, kind: BodyKind, problem: str, level: Level = Level.ERROR
) -> Observation:
    return broken(
        clause,
        FindingCode.RESPONSE_MALFORMED,
        level=level,
        expected=f"{kind.value}, as Content-Type says",
        got=f"a body that {problem}",
        cause=f"response-malformed|{kind.value}",
    )

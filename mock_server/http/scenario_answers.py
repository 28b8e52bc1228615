"""How an answer of a scenario leaves: with its own body, slowly, in part, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from starlette.types import Receive, Send

from mock_server.answers import cors
from mock_server.answers.prepared_answers import PreparedAnswer
from mock_server.answers.rendering import concrete_line
from mock_server.answers.streams import Stream
from mock_server.http.pacing import send_pieces
from mock_server.model.header_lines import (
    STREAMED,
    VARY,
    HeaderLine,
    HeaderLines,
    content_type_line,
    header_text,
    length_line,
)
from mock_server.model.problems import Problem
from mock_server.model.scenarios import ScenarioAnswer, Turn
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.scenario_judgement import undocumented
from mock_server.plan.selection import (
    RoutedRequest,
    answer_for,
    documented_problem,
    media_for,
    reply_for,
)
from spec.model.http_statuses import BODILESS

__all__ = ["CutError", "Shaped", "Shapes", "check_cut", "send_shaped"]


class CutError(ConnectionError):
    """The connection was to be cut, and the server that runs the mock has no way to do so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What is sent: the head and the pieces of the body. A stream's pieces come one by one.

    `exposing` are the lines that let a page of another origin read the head.
    """

    status: int
    source: str
    lines: HeaderLines
    exposing: HeaderLines
    pieces: tuple[bytes, ...]
    is_stream: bool = False

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    def lines_for(self, origin: bytes | None) -> HeaderLines:
        """The head as a page of another origin may read it; None is no page."""
        if origin is None:
            return self.lines
        return (cors.allowing(origin), *self.exposing, *self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a turn is for one operation: `whole` where no request changes anything about it.

    `heads` are those of answers of the contract whose heads are always the same, by the answer's
    `id`; the answer itself is kept beside it, so that no other can get that `id`. The other two are
    the lines of the head, and those of `Shaped.exposing`.
    """

    source: str
    whole: Shaped | None
    heads: dict[int, tuple[PreparedAnswer, HeaderLines, HeaderLines]] = field(default_factory=dict)


class Shapes:
    """The answers of turns. Each turn is judged by the contract once for each operation.

    It is for one plan, whose operations it knows by their keys: a reload begins with a new one.
    """

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        # A turn is shared by its requests and goes with its scenario: so does what is made of it.
        self._steps: WeakKeyDictionary[Turn, dict[str, _Step]] = WeakKeyDictionary()

    def shaped(self, request: RoutedRequest, turn: Turn) -> Shaped:
        """The answer of a turn: the contract's own where it documents one and no body is given.

        Raises Refused: the contract has no such example, or cannot make the documented answer.
        """
        steps = self._steps.get(turn)
        if steps is None:
            steps = self._steps[turn] = {}
        step = steps.get(request.operation.key)
        if step is None:
            step = steps[request.operation.key] = _step(request.operation, turn)
        return step.whole or _of_contract(request, turn.answer, step)


def _step(operation: OperationPlan, turn: Turn) -> _Step:
    answer, difference = turn.answer, undocumented(operation, turn.answer)
    source = "undocumented" if difference else f"scenario:{turn.name}"
    if answer.events is not None or (
        answer.body is None and not _is_undocumented(operation, answer)
    ):
        return _Step(source=source, whole=None)
    status = answer.status if answer.status is not None else operation.success_status
    if answer.body is None:
        body = Problem.of("undocumented", difference, status=status).body()
        whole = _whole(status, source, "application/problem+json", body, answer)
    else:
        whole = _whole(status, source, answer.media or "application/json", answer.body, answer)
    return _Step(source=source, whole=whole)


def _is_undocumented(operation: OperationPlan, answer: ScenarioAnswer) -> bool:
    status = answer.status
    return status is not None and operation.operation.response_for(status) is None


def _whole(status: int, source: str, media: str, body: bytes, answer: ScenarioAnswer) -> Shaped:
    if status in BODILESS:
        lines: list[HeaderLine] = [(b"x-mock-source", header_text(source)), VARY]
        own = _with(lines, answer.headers)
        exposing = tuple(cors.exposing(own))
        return Shaped(status=status, source=source, lines=own, exposing=exposing, pieces=())
    lines = [content_type_line(media), (b"x-mock-source", header_text(source)), VARY]
    is_stream = media.startswith("text/event-stream")
    if is_stream:
        lines += STREAMED
    pieces = tuple(_events(body)) if is_stream else (body,)
    length = () if is_stream else (length_line(body),)
    own = _with(lines, answer.headers)
    return Shaped(
        status=status,
        source=source,
        lines=(*own, *length),
        exposing=tuple(cors.exposing(own)),
        pieces=pieces,
        is_stream=is_stream,
    )


def _of_contract(request: RoutedRequest, answer: ScenarioAnswer, step: _Step) -> Shaped:
    reply, status = reply_for(request)
    chosen, source = answer_for(request, reply, media_for(request, reply)), step.source
    if not chosen.medium and status >= 400:
        body = documented_problem(request, status).body()
        return _whole(status, source, "application/problem+json", body, answer)
    kept = step.heads.get(id(chosen))
    if kept is None:
        lines = _with(_own_lines(request, chosen, source), answer.headers)
        kept = (chosen, lines, tuple(cors.exposing(lines)))
        # A generated answer is another one each time.
        if _has_fixed_head(chosen) and any(one is chosen for one in reply.answers):
            step.heads[id(chosen)] = kept
    _, lines, exposing = kept
    is_stream = isinstance(chosen.body, Stream)
    if isinstance(chosen.body, Stream):
        pieces = _events_of(request, chosen.body, answer)
    else:
        pieces = (chosen.fixed or (chosen.body.fill(request) if chosen.body else b""),)
        lines = (*lines, length_line(pieces[0])) if chosen.medium else lines
    return Shaped(
        status=status,
        source=source,
        lines=lines,
        exposing=exposing,
        pieces=pieces,
        is_stream=is_stream,
    )


def _events_of(request: RoutedRequest, body: Stream, answer: ScenarioAnswer) -> tuple[bytes, ...]:
    pieces = tuple(piece.fill(request) for piece in body.pieces)
    if answer.events is None:
        return pieces
    return (*pieces[: answer.events], *((answer.body,) if answer.body else ()))


def _has_fixed_head(chosen: PreparedAnswer) -> bool:
    """Whether no request changes anything about an answer's head."""
    return not chosen.echoes and "*" not in chosen.medium


def _own_lines(request: RoutedRequest, chosen: PreparedAnswer, source: str) -> list[HeaderLine]:
    """The head of the contract's answer, whose source is the scenario."""
    own = [line for line in chosen.headers if line[0] not in (b"x-mock-source", b"content-length")]
    if "*" in chosen.medium:
        label = concrete_line(chosen.medium, request.fields.get(b"accept"))
        own = [label if line[0] == b"content-type" else line for line in own]
    echoed = [(name, header_text(text.fill(request))) for name, text in chosen.echoes]
    return [*own, *echoed, (b"x-mock-source", header_text(source))]


def _events(body: bytes) -> Iterator[bytes]:
    """The events of a stream, each with the blank line that ends it."""
    *whole, rest = body.replace(b"\r\n", b"\n").split(b"\n\n")
    yield from (event + b"\n\n" for event in whole)
    if rest:
        yield rest


def _with(lines: list[HeaderLine], more: HeaderLines) -> HeaderLines:
    own = {name for name, _ in more}
    return (*(line for line in lines if line[0] not in own), *more)


async def send_shaped(
    request: RoutedRequest,
    answer: ScenarioAnswer,
    what: Shaped,
    stream_pace: float,
    receive: Receive,
    send: Send,
) -> None:
    """Send an answer as its scenario wants it. What it cuts was looked at by `check_cut`."""
    if answer.cut == "before":
        _close(request)
        return
    request.is_sent = True
    await send({"type": "http.response.start", "status": what.status, "headers": [*what.lines]})
    if request.is_head:
        await send({"type": "http.response.body", "body": b""})
        return
    if answer.cut == "headers":
        # An empty piece makes the head leave, which waits for a body otherwise.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        _close(request)
        return
    pieces = what.pieces if answer.cut is None else _until(what.pieces, int(answer.cut))
    pause = stream_pace if what.is_stream else 0.0
    if not await send_pieces(pieces, receive, send, pause=pause, rate=answer.pace):
        return
    if answer.cut is None:
        await send({"type": "http.response.body", "body": b""})
    else:
        _close(request)


def check_cut(request: RoutedRequest, answer: ScenarioAnswer) -> None:
    """Raise CutError where a connection is to be cut under a server that is not ours."""
    if answer.cut is not None and request.connection is None:
        raise CutError("the mock cannot cut a connection under this server")


def _close(request: RoutedRequest) -> None:
    if request.connection is not None:
        request.connection()


def _until(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The first bytes of a body."""
    for piece in pieces:
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return

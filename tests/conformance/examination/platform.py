"""What several faults are planted in: the backend, or one of the small services."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from conformance.clauses.ids import local_part
from conformance.http.credentials import Credentials
from conformance.report.findings import FindingPlace, Level
from conformance.run.session.run_options import RunOptions
from spec import AI_CONTRACT, AI_OVERLAY, Contract, load
from tests.conformance.backend import FAULTS, VARIANTS, Backend, Family, Fault
from tests.conformance.backend.exchange import Application
from tests.conformance.backend.proof import Shows
from tests.conformance.examination.expectations import is_own
from tests.conformance.services import SERVICES, TOKEN, Planted, Service

__all__ = ["CONTRACT", "Known", "Platform", "known_of", "platforms"]

CONTRACT = load(AI_CONTRACT, overlay=AI_OVERLAY)

Tells = Callable[[str, FindingPlace], bool]
"""What a code at a place says of a fault."""
CONSEQUENCES = re.compile(
    r"status\.no-failure|status\.documented|property\.(in)?valid|answer\.honest|answer\.discreet"
)
"""What any fault may break beside its own clause: they speak of every answer of the operation."""
NO_ANSWER = frozenset({"server-error", "false-length", "no-answer", "undocumented-status"})
"""Codes that may be told of the good request itself: it was refused for nothing in it."""

_BLOCKING = re.compile(
    r"repetition: good after bad|control refused"
    r"|response: (truthful length|framing|content coding|an answer)"
)
"""Faults after which, or behind which, the answers of the operation say nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fault as the examination sees it, wherever it is planted.

    `owns` tells whether a place is the fault's own, `explains` whether it can come of the fault at
    all. Two of one `sort` are not planted together: they would have one place between them. At the
    operations that a fault `blocks` no client sees what else is wrong, and at its own no client
    looks for what it `veils`: a pattern for what others are found by, each its `finds`.
    """

    name: str
    level: Level
    operations: frozenset[str]
    shows: Shows
    sort: tuple[object, ...]
    owns: Tells
    explains: Tells
    raw: bool = False
    blocks: frozenset[str] = frozenset()
    finds: str = ""
    veils: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An API with faults; `build` makes an application with some of them, and legal variants."""

    name: str
    contract: Contract
    faults: Sequence[Known]
    variants: Sequence[str]
    build: Callable[[Iterable[str]], Application]
    options: RunOptions = field(default_factory=RunOptions)

    def known(self, name: str) -> Known:
        """The fault of that name."""
        return next(one for one in self.faults if one.name == name)


def _path(operation: str) -> str:
    return operation.partition(" ")[2]


_LAYERS = (
    (r"stream: content type", r"stream: framing", r"stream:"),
    (
        r"response: content type$",
        r"response: (JSON|UTF-8|one document|schema$)",
        r"response schema:",
    ),
)
"""An answer is read from the outside: of another media type nothing is promised, and what cannot
be read has no values that could be wrong."""


def _veils(finds: str) -> str:
    """A pattern for the faults that lie within what one is found by; "" where none do."""
    for layers in _LAYERS:
        for number, layer in enumerate(layers[:-1]):
            if re.match(layer, finds):
                return "|".join(layers[number + 1 :])
    return ""


def _blocks(fault: Fault) -> bool:
    """Whether no good request is answered as one."""
    good = fault.family in (Family.RESPONSES, Family.LEAKS) and fault.shows.was == 200
    failing = good and not 200 <= fault.shows.becomes < 300
    return failing or _BLOCKING.match(fault.finds) is not None


def known_of(fault: Fault) -> Known:
    """A fault of the backend as the examination sees it."""
    paths = {_path(one) for one in (*fault.operations, *fault.beside)}
    wholly = fault.family in (Family.REPETITION, Family.WIRE)
    insecure = fault.family is Family.CREDENTIALS

    def owns(code: str, place: FindingPlace) -> bool:
        return _path(place.operation) in paths and is_own(fault, local_part(place.clause))

    def explains(code: str, place: FindingPlace) -> bool:
        local = local_part(place.clause)
        if _path(place.operation) not in paths:
            # That two tokens open the same is told of the operations of both.
            return insecure and local == "security.other-tag"
        beside = CONSEQUENCES.match(local) or (fault.also and re.match(fault.also, local))
        unanswered = local == "control" and code in NO_ANSWER
        doubtful = insecure and local.startswith("security.")
        return wholly or owns(code, place) or bool(beside) or unanswered or doubtful

    return Known(
        name=fault.name,
        level=Level(fault.level),
        operations=frozenset(fault.operations),
        shows=fault.shows,
        sort=(fault.finds, *sorted(paths)),
        owns=owns,
        explains=explains,
        raw=fault.raw,
        blocks=frozenset(fault.operations if _blocks(fault) else ()),
        finds=fault.finds,
        veils=_veils(fault.finds),
    )


def _of_service(fault: Planted) -> Known:
    everywhere = fault.breaks.startswith("methods")

    def at(place: FindingPlace) -> bool:
        return everywhere or place.operation == fault.operation

    def owns(code: str, place: FindingPlace) -> bool:
        fits = re.match(fault.breaks, local_part(place.clause)) is not None
        return at(place) and fits and fault.code in ("", code)

    def explains(code: str, place: FindingPlace) -> bool:
        local = local_part(place.clause)
        beside = bool(fault.also) and re.match(fault.also, local) is not None
        return at(place) and (owns(code, place) or beside or CONSEQUENCES.match(local) is not None)

    return Known(
        name=fault.name,
        level=Level(fault.level),
        operations=frozenset({fault.operation}),
        shows=fault.shows,
        sort=(fault.slot or (fault.breaks, fault.code), fault.operation),
        owns=owns,
        explains=explains,
    )


def _backend() -> Platform:
    tokens = Backend().tokens
    credentials = Credentials(
        token=tokens.admin, by_tag={"Client": tokens.client}, expired=tokens.expired()
    )
    slow = [one.name for one in FAULTS if one.shows.seconds or "time limit" in one.finds]
    return Platform(
        name="backend",
        contract=CONTRACT,
        # What takes seconds to see is examined by itself.
        faults=[known_of(one) for one in FAULTS if one.name not in slow],
        variants=[one.name for one in VARIANTS if not one.raw],
        build=Backend,
        options=RunOptions(credentials=credentials, allow_writes=True, max_consistency_time=1),
    )


def _platform(service: type[Service]) -> Platform:
    token = TOKEN if service.secured else ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{service.name}.yaml"
        file.write_text(service.contract, "utf-8")
        contract = load(file)
    return Platform(
        name=service.name,
        contract=contract,
        faults=[_of_service(one) for one in service.faults],
        variants=[one.name for one in service.every_licence()],
        build=service,
        # These services have no caches: what is not there at once is never there.
        options=RunOptions(
            credentials=Credentials(token=token), allow_writes=True, max_consistency_time=1
        ),
    )


@cache
def platforms() -> dict[str, Platform]:
    """Every platform by its name."""
    every = [_backend(), *(_platform(one) for one in SERVICES)]
    return {one.name: one for one in every}

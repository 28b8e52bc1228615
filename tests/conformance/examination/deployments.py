"""Deployments with several faults, drawn so that each can be seen in the presence of the others."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from conformance.judgement.json_answers import read_json
from tests.conformance.backend import Backend
from tests.conformance.backend.exchange import PATIENCE, Seen
from tests.conformance.backend.proof import play
from tests.conformance.backend.raw import raw_answers, status_of
from tests.conformance.examination.platform import Known, Platform, platforms

__all__ = ["CROWDS", "Deployment", "drawn", "is_observable", "numbers"]

SIZES = (3, 4, 5, 6, 8, 10, 12, 15, 18, 20)
EACH = {"backend": 20}
"""So many deployments of a platform; of every other one `FEW`."""
FEW = 5
CROWDS = (15, 20, 25, 30)
"""So many faults at once in the backend, as a real deployment may have them."""
RAW = (7, 13)
"""Deployments of the backend that stand on a socket, with one fault of the wire among theirs."""
BRIEF = 0.3
"""Seconds after which an answer that has no end is taken for endless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Some faults in one platform; `variants` are switched on beside them and are no faults."""

    platform: str
    number: int
    faults: tuple[str, ...]
    variants: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a line of the table calls it."""
        return f"{self.platform} {self.number}"


def numbers(words: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """The deployments of the examination, or those of the platforms that are named."""
    for name in platforms():
        for number in range(EACH.get(name, FEW)):
            if not words or name in words or f"{name} {number}" in words:
                yield name, number


def drawn(name: str, number: int, seed: int = 1, *, size: int = 0) -> Deployment:
    """Some faults of a platform, each observable beside all the others; `size` says how many."""
    platform, random = platforms()[name], Random(f"{seed} {name} {number}")
    step = 1 if name in EACH else len(SIZES) // FEW
    size = size or SIZES[(number * step + step - 1) % len(SIZES)]
    wired = platform.name == "backend" and number in RAW
    order = sorted(platform.faults, key=lambda one: one.name)
    random.shuffle(order)
    order.sort(key=lambda one: not one.raw)
    chosen = list[Known]()
    for fault in order:
        if any(_cover(one, fault) or _cover(fault, one) for one in chosen):
            continue
        if fault.raw and (not wired or any(one.raw for one in chosen)):
            continue
        trial = [*chosen, fault]
        if all(is_observable(platform, trial, one) for one in trial):
            chosen = trial
        if len(chosen) == size:
            break
    some = sorted(platform.variants)
    random.shuffle(some)
    variants = [] if wired else _kept(platform, chosen, some[: number % 3])
    return Deployment(
        platform=platform.name,
        number=number,
        faults=tuple(one.name for one in chosen),
        variants=tuple(variants),
    )


def _cover(one: Known, other: Known) -> bool:
    """Whether the one hides the other, or takes its place in a report."""
    within = bool(one.veils) and re.match(one.veils, other.finds) is not None
    veiled = within and not one.operations.isdisjoint(other.operations)
    return one.sort == other.sort or bool(one.blocks & other.operations) or veiled


def _kept(platform: Platform, chosen: Sequence[Known], variants: Iterable[str]) -> list[str]:
    """The legal variants beside which every fault can still be seen."""
    kept = list[str]()
    for variant in variants:
        if all(is_observable(platform, chosen, one, (*kept, variant)) for one in chosen):
            kept.append(variant)
    return kept


def is_observable(
    platform: Platform, company: Sequence[Known], fault: Known, variants: Sequence[str] = ()
) -> bool:
    """Whether the fault's own requests show it in this company, and do not without it."""
    names = [*(one.name for one in company), *variants]
    others = [name for name in names if name != fault.name]
    if any(one.raw for one in company):
        return _on_the_wire(names, others, fault)
    patience = BRIEF if fault.shows.endless else PATIENCE
    try:
        seen = asyncio.run(play(platform.build(names), fault.shows, patience))
        without = asyncio.run(play(platform.build(others), fault.shows, patience))
    except (LookupError, TypeError, ValueError, AttributeError):
        return False  # the changes do not fit each other: no deployment is like that
    shown = seen[-1].status == fault.shows.becomes and seen[-1].ended is not fault.shows.endless
    return shown and [*map(_substance, seen)] != [*map(_substance, without)]


def _substance(seen: Seen) -> tuple[object, ...]:
    """What a reader of the answer is told: no fault is the order of its keys, nor its spaces."""
    told = read_json(seen.body)
    if told.problem or told.repeated:
        return seen.status, seen.headers, seen.body, seen.pieces, seen.ended
    length = ("content-length", str(len(seen.body)))
    headers = [pair for pair in seen.headers if pair != length]
    # In Python True is 1, and in JSON it is not.
    value = json.dumps(told.value, sort_keys=True, default=repr)
    return seen.status, headers, value, seen.ended


def _on_the_wire(names: Sequence[str], others: Sequence[str], fault: Known) -> bool:
    """The same on a socket, byte for byte; what needs more than a request and its bytes is left."""
    proof = fault.shows
    if proof.at_once or proof.endless or any(question.chunked for question in proof.asks):
        return False
    seen = raw_answers(Backend(names), proof.asks)
    without = raw_answers(Backend(others), proof.asks)
    return status_of(seen[-1]) == proof.becomes and seen != without

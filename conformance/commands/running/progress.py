"""Progress of long work: one changing line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from conformance.clauses.item_addresses import item_collection
from conformance.report.formats.printable import one_line
from conformance.run.making.providing import makers_for, most_provided
from conformance.run.making.removal import lasting
from conformance.run.whole_run import Run
from spec.model.contract_model import Operation
from spec.model.short_texts import shortened

__all__ = ["Progress", "billable", "expectation"]

EVERY = 0.1
"""Seconds between two drawings of the line."""
EVERY_PLAIN = 10.0
"""Seconds between two lines about one operation, where lines are not drawn over."""
LONGEST = 40
"""Characters of the case that is being tried."""
MOST_NAMED = 12
"""Operations that are named before a run begins; the report names all that it has asked."""


class Progress:
    """Follows a run on a stream; call it with the run whenever something has happened."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty() and not os.environ.get("CI")
        self._quiet, self._last, self._shown = quiet, 0.0, ""

    def __call__(self, run: Run) -> None:
        """Draw, if it is time to."""
        if self._quiet:
            return
        if not self._live:
            self._plain(run)
            return
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            # One column less: a full line would wrap, and `\r` would not come back to its begin.
            width = max(20, _columns() - 1)
            self._stream.write("\r\x1b[2K" + _line(run)[:width])
            self._stream.flush()

    def finish(self) -> None:
        """Leave an empty line behind, so that the report begins where it should."""
        if self._live and not self._quiet:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def _plain(self, run: Run) -> None:
        now = time.monotonic()
        is_new = run.current != self._shown
        if run.current and (is_new or now - self._last >= EVERY_PLAIN):
            self._shown, self._last = run.current, now
            print(_line(run), file=self._stream, flush=True)


def expectation(run: Run) -> list[str]:
    """What a run may cost, said before it begins."""
    lines = []
    paid = [one for one in run.operations if not one.safe]
    writes = [one for one in paid if run.options.writes(one)]
    able = [one for one in paid if not run.options.lacks_leave(one)]
    if able:
        budgets = dict[int, list[str]]()
        for one in able:
            budgets.setdefault(run.options.most_successes(one), []).append(one.id)
        shares = "; ".join(f"{most} for each of {_few(ids)}" for most, ids in budgets.items())
        lines.append(
            f"At most {sum(most * len(ids) for most, ids in budgets.items())} requests with unsafe "
            f"methods will succeed, {shares} (--max-billable)."
        )
    lines += _provided(run, able)
    stays = [one.id for one in lasting(run.contract, run.options, writes)]
    if stays:
        lines.append(f"--allow-writes: what these operations do is not undone: {_few(stays)}.")
    return lines


def _provided(run: Run, able: list[Operation]) -> list[str]:
    """What is made beside, for operations about things: one each, and for a DELETE many."""
    made = Counter[str]()
    for operation in run.operations:
        most = most_provided(operation, run.options.max_billable) if operation in able else 0
        for maker in makers_for(run.contract, run.options, operation):
            own = run.things.resources.made_by(maker) == item_collection(operation)
            made[maker.id] += 1 + (most if own else 0)
    if not made:
        return []
    shown = _few([f"{number} of {name}" for name, number in made.items()])
    return [
        f"Beside these, at most {sum(made.values())} requests create what paths name and DELETE "
        f"removes ({shown}); what a run has created it deletes at its end."
    ]


def _few(names: Sequence[str]) -> str:
    """A sentence's list; of a large contract the first ones, and how many there are besides."""
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:-more])} and {more} more"


def billable(run: Run) -> int:
    """The 2xx of unsafe methods so far."""
    return sum(run.session.billable.values()) if run.session else 0


def _line(run: Run) -> str:
    session = run.session
    elapsed = session.elapsed if session else 0.0
    done, all_ = run.finished, len(run.operations)
    expected = f" of about {elapsed / done * all_:.0f} s" if done else " s"
    return (
        f"[{done + 1}/{all_}] {one_line(run.current)}{_tried(run)}: {run.ledger.judged()} of "
        f"{len(run.ledger.clauses)} clauses, {session.requests if session else 0} requests, "
        f"{billable(run)} billable, {elapsed:.0f}{expected}"
    )


def _tried(run: Run) -> str:
    """What is being tried at the operation, in as many letters as leave room for the rest."""
    label = one_line(run.redactor.text(run.session.trying)) if run.session else ""
    return f", {shortened(label, LONGEST)}" if label else ""


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 100

"""What came of documents, as rows of a table; what is wrong is printed when it is found."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

from tests.corpus.answers import Tally, refused

__all__ = ["columns", "line", "of_document", "title"]

_SLOW = 2.0
"""Seconds of processor time to the first answer that are told."""


def of_document(file: Path, root: Path) -> Tally:
    """The tally of a document; a failure of ours is as wrong as a wrong answer."""
    try:
        found = refused(file, root)
    except Exception:
        found = Tally(wrong=[f"FAILURE: {file}\n{traceback.format_exc()}"])
    if not isinstance(found, Tally):
        print(f"refused: {file}: {str(found)[:200]}", flush=True)
        return Tally()
    if found.seconds > _SLOW:
        print(f"slow: {file}: {found.seconds:.1f} s", flush=True)
    print(*found.wrong, sep="\n", end="\n" if found.wrong else "", flush=True)
    return found


def columns(served: int, tally: Tally) -> Mapping[str, int]:
    """The cells of a row by the names of their columns; `served` counts documents."""
    requests, answers = tally.requests, tally.counts
    return {
        "documents": served,
        "operations": tally.operations,
        "requests": requests.total(),
        **{f"requests {one}": requests[one] for one in ("right", "told", "wrong")},
        "answers": answers.total(),
        **{f"answers {one}": answers[one] for one in ("right", "told", "wrong", "unjudged")},
    }


def title(name: str) -> str:
    """The head of a table whose first column is called so."""
    names = columns(0, Tally())
    short = [one.removeprefix("requests ").removeprefix("answers ") for one in names]
    return f"| {' | '.join([name, *short])} |\n|---|{'--:|' * len(names)}"


def line(name: str, cells: Mapping[str, int]) -> str:
    """A row."""
    return f"| {' | '.join([name, *(f'{value:,}' for value in cells.values())])} |"

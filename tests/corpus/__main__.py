"""`make corpus FOLDER=…`: the answers of every document of a folder, as a table."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from tests.corpus.answers import Tally, documents, refused

_COLUMNS = ("right", "told", "wrong", "unjudged")
_SLOW = 2.0
"""Seconds of processor time to the first answer that are told."""


def main() -> int:
    """Print what is wrong, and the table; the status is 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="make corpus", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    total, served = Tally(), 0
    for folder in parser.parse_args().folder:
        for file in documents(folder):
            found = _tally(file, folder)
            if found.seconds > _SLOW:
                print(f"slow: {file}: {found.seconds:.1f} s", flush=True)
            print(*found.wrong, sep="\n", end="\n" if found.wrong else "", flush=True)
            served += bool(found.operations)
            total.add(found)
    cells = {"documents": served, "operations": total.operations}
    cells |= {"requests": total.requests.total()}
    cells |= {one: total.requests[one] for one in ("right", "told", "wrong")}
    answers = {f"{one} ": total.counts[one] for one in _COLUMNS}
    cells |= {"answers": total.counts.total(), **answers}
    print(f"| {' | '.join(map(str.strip, cells))} |\n|{'--:|' * len(cells)}")
    print(f"| {' | '.join(f'{value:,}' for value in cells.values())} |")
    return 1 if total.wrong else 0


def _tally(file: Path, root: Path) -> Tally:
    """The tally of a document; a failure of ours is as wrong as a wrong answer."""
    try:
        found = refused(file, root)
    except Exception:
        return Tally(wrong=[f"FAILURE: {file}\n{traceback.format_exc()}"])
    if isinstance(found, Tally):
        return found
    print(f"refused: {file}: {str(found)[:200]}", flush=True)
    return Tally()


if __name__ == "__main__":
    sys.exit(main())

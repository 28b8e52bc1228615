"""`make corpus FOLDER=…`: the answers of every document of a folder, as a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.corpus.answers import Tally, documents, refused

_COLUMNS = ("right", "told", "wrong", "unjudged")


def main() -> int:
    """Print what is wrong, and the table; the status is 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="make corpus", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    total, served = Tally(), 0
    for folder in parser.parse_args().folder:
        for file in documents(folder):
            found = refused(file)
            if isinstance(found, Tally):
                served += 1
                total.add(found)
            else:
                print(f"refused: {file}: {str(found)[:200]}")
    print(*total.wrong, sep="\n")
    names = ("documents", "operations", "answers", *_COLUMNS)
    values = (served, total.operations, total.counts.total(), *map(total.counts.get, _COLUMNS))
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    print(f"| {' | '.join(f'{value or 0:,}' for value in values)} |")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

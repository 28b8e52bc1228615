"""`make corpus FOLDER=…`: the answers of every document of a folder, as a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.corpus.answers import Tally, documents
from tests.corpus.table import columns, line, of_document, title


def main() -> int:
    """Print what is wrong, and the table; the status is 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="make corpus", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    total, served, rows = Tally(), 0, [title("folder")]
    for folder in parser.parse_args().folder:
        tally, count = Tally(), 0
        for file in documents(folder):
            found = of_document(file, folder)
            count += bool(found.operations)
            tally.add(found)
        rows.append(line(folder.name, columns(count, tally)))
        served += count
        total.add(tally)
    if len(rows) > 2:
        rows.append(line("all", columns(served, total)))
    print(*rows, sep="\n")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

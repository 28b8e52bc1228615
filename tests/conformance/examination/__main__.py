"""The examination of the kit (`make faults`).

python -m tests.conformance.examination                    every fault alone, and the deployments
python -m tests.conformance.examination NAME …             faults whose name contains one of these
python -m tests.conformance.examination several [NAME …]   the deployments alone, of some platforms
python -m tests.conformance.examination crowds             15 to 30 faults at once in the backend
"""

from __future__ import annotations

import sys

import click

from tests.conformance.examination.several import crowds, several_faults
from tests.conformance.examination.single import single_faults


def main(words: list[str]) -> int:
    """1 where a fault is hidden, or somebody innocent is accused."""
    if words[:1] == ["several"]:
        return several_faults(words[1:])
    if words == ["crowds"]:
        return crowds()
    if words:
        return single_faults(words)
    return max(single_faults([]), several_faults([]))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except click.UsageError as mistake:
        sys.exit(f"Error: {mistake}")

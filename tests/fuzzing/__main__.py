"""`make fuzz ARGS='--minutes 10 --seed 7'`: each fuzzer against a mock of its own."""

from __future__ import annotations

import argparse
import sys

from tests.fuzzing.by_schema import send_by_schema
from tests.fuzzing.random_bytes import send_random_bytes
from tests.fuzzing.running import CONTRACT, Fuzzed, fuzzed


def main() -> int:
    """Run both; the status is 1 where the mock did not come through."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for each of the two (10)")
    parser.add_argument("--seed", type=int, default=1, help="another one sends other requests")
    told = parser.parse_args()
    good = True
    for name, fuzzer in FUZZERS.items():
        found: Fuzzed = fuzzed(fuzzer, told.minutes * 60, told.seed)
        print(f"{name}: {found}", flush=True)
        good = good and found.is_good
    return 0 if good else 1


FUZZERS = {
    "random bytes": send_random_bytes,
    "by schema": lambda url, seconds, seed: send_by_schema(url, CONTRACT, seconds, seed),
}

if __name__ == "__main__":
    sys.exit(main())

"""Commands that the gate starts: whatever they print, waiting ends and nothing grows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.commands.processes.processes import ProcessError, running

pytestmark = pytest.mark.slow

KEPT = 2 * 64 * 1024


@pytest.mark.parametrize("end", ["\\n", ""], ids=["lines", "one line without an end"])
def test_a_flood_of_output_keeps_nobody_waiting(end: str) -> None:
    """The time to wait is over when it is over; beginning and end of the output are kept."""
    code = f"import sys\nwhile True: sys.stdout.write('x' * 5000 + '{end}')"
    with running([sys.executable, "-c", code], name="the server") as process:
        with pytest.raises(ProcessError, match="ran for 1 s without a response") as told:
            process.wait_until(lambda: False, 1, "a response")
        output = process.output()

    assert 0 < len(output) <= KEPT
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 2_000


def test_a_command_that_ends_is_not_waited_for() -> None:
    """Its status and its last lines say why."""
    code = "import sys; print('no port'); print('::error::forged'); sys.exit(4)"
    with (
        running([sys.executable, "-c", code], name="the server") as process,
        pytest.raises(ProcessError) as told,
    ):
        process.wait_until(lambda: False, 60, "a response")

    assert str(told.value) == (
        "the server ended with status 4 before a response; its last output was: "
        "no port | ::error::forged"
    )


def test_what_came_after_a_mark_is_told_however_much_came_before(tmp_path: Path) -> None:
    """Of an output that is longer than what is kept as well."""
    code = (
        "import pathlib, time, sys; print('x' * 300_000, flush=True)\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\n"
        "print('and this', flush=True)"
    )
    with running([sys.executable, "-c", code], name="the server") as process:
        process.wait_until(lambda: process.mark() == 300_001, 60, "its first line")
        mark = process.mark()
        (tmp_path / "go").touch()
        process.wait()

        assert process.since(mark) == "and this\n"
        assert len(process.since(0)) == KEPT

"""Commands that the gate starts: whatever they print, waiting ends and nothing grows."""

from __future__ import annotations

import sys

import pytest

from conformance.commands.processes import ProcessError, running

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

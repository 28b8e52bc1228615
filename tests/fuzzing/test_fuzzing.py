"""Four seconds of each fuzzer; `make fuzz` takes as long as it is told."""

from __future__ import annotations

import pytest

from tests.fuzzing.__main__ import FUZZERS
from tests.fuzzing.random_bytes import wrong_with
from tests.fuzzing.running import fuzzed


@pytest.mark.slow
@pytest.mark.parametrize("name", FUZZERS)
def test_the_mock_comes_through(name: str) -> None:
    """It lives, it answers or closes the connection, and its memory comes back."""
    found = fuzzed(FUZZERS[name], 4, 1)

    assert found.is_good, str(found)
    assert found.requests > 100


@pytest.mark.parametrize(
    ("answer", "is_wrong"),
    [
        (b"", False),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
        (b"garbage", True),
        (b"HTTP/1.1 500 X\r\n\r\n{urn:mock-server:problem:internal}", True),
        (None, True),
    ],
)
def test_what_is_wrong(answer: bytes | None, is_wrong: bool) -> None:
    """A held connection, what is no HTTP, and a failure of the mock itself."""
    assert bool(wrong_with(answer)) == is_wrong

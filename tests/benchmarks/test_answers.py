"""Reading an answer off the wire."""

import pytest

from tests.benchmarks.answers import Answer, read_answer

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello"
LENGTH_LAST = b"HTTP/1.1 404 Not Found\r\nserver: x\r\ncontent-length: 0\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"3;note=x\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(LENGTH, Answer(200, b"hello"), id="content-length"),
        pytest.param(LENGTH_LAST, Answer(404, b""), id="content-length in the last line"),
        pytest.param(CHUNKED, Answer(201, b"hello"), id="chunked"),
    ],
)
def test_a_whole_answer_is_read_and_no_part_of_one_is(data: bytes, expected: Answer) -> None:
    """Wherever the network cuts an answer in two, it is not taken for whole before it is."""
    parts = {read_answer(data[:length]) for length in range(len(data))}

    assert parts == {None}
    assert read_answer(data) == expected


def test_an_answer_without_an_end_is_refused() -> None:
    """Without a length or chunks only a closed connection would end it: that is not keep-alive."""
    with pytest.raises(ValueError, match="without Content-Length"):
        read_answer(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello")

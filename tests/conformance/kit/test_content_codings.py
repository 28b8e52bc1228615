"""A packed answer is read as it was before, and costs no more than a plain one."""

from __future__ import annotations

import gzip
import zlib

import pytest

from conformance.http import content_codings
from conformance.http.content_codings import decoded
from conformance.http.exchange import Answer, Trouble


def packed(body: bytes, coding: str) -> Answer:
    return Answer(status=200, headers=(("Content-Encoding", coding),), body=body)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        pytest.param(gzip.compress(b"{}"), "gzip", id="gzip"),
        pytest.param(gzip.compress(b"{") + gzip.compress(b"}"), "gzip", id="two members"),
        pytest.param(gzip.compress(b"{}") + bytes(9), "x-gzip", id="padded with zeros"),
        pytest.param(zlib.compress(b"{}"), "deflate", id="deflate"),
        pytest.param(zlib.compress(b"{}")[2:-4], "deflate", id="bare deflate"),
    ],
)
def test_the_coding_is_taken_off(body: bytes, coding: str) -> None:
    """A file of gzip may have several members (RFC 1952 section 2.2)."""
    assert decoded(packed(body, coding)).body == b"{}"


@pytest.mark.parametrize("members", [1, 3])
def test_a_bomb_is_cut_like_any_long_answer(members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is judged as a plain answer of that length is: by its length alone."""
    monkeypatch.setattr(content_codings, "MOST_BYTES", 100_000)
    monkeypatch.setattr(content_codings, "KEPT_BYTES", 1_000)

    answer = decoded(packed(gzip.compress(bytes(90_000)) * members, "gzip"))

    assert answer.trouble is (None if members == 1 else Trouble.OVERSIZED)
    assert len(answer.body) == (90_000 if members == 1 else 1_000)


def test_a_packed_answer_that_is_cut_off_is_told() -> None:
    """Also where its second member is."""
    whole = gzip.compress(b"{}")

    for body in (whole[:-9], whole + whole[:-9]):
        assert decoded(packed(body, "gzip")).trouble is Trouble.FALSE_ENCODING

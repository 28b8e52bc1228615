"""Bodies in files of their own, as Playwright's recordHar writes them."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conformance.traffic.exchanges import Seen
from conformance.traffic.har import HarError, read_har
from tests.conformance.traffic.recorded import archive, entry

BODY = b'[{"name": "desk"}]'


def attaching(name: str) -> str:
    """An archive with an answer whose body is in the file of that name."""
    one: dict[str, Any] = entry("GET", "/lamps", 200)
    one["response"]["content"] = {"size": len(BODY), "mimeType": "application/json", "_file": name}
    return archive(one)


def seen(file: Path) -> list[Seen]:
    """All exchanges."""
    return list(read_har(file))


def packed(file: Path, text: str, **members: bytes) -> Path:
    """A zip with an archive and members."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("har.har", text)
        for name, data in members.items():
            opened.writestr(name, data)
    return file


def test_a_body_beside_the_archive(tmp_path: Path) -> None:
    """`content: "attach"`."""
    (tmp_path / "0a1b.json").write_bytes(BODY)
    (tmp_path / "e2e.har").write_text(attaching("0a1b.json"), "utf-8")
    (one,) = seen(tmp_path / "e2e.har")

    assert (one.answer.body, one.answer_known) == (BODY, True)


def test_a_body_in_the_zip(tmp_path: Path) -> None:
    """A path that ends in `.zip`."""
    (one,) = seen(packed(tmp_path / "e2e.zip", attaching("a"), a=BODY))

    assert (one.answer.body, one.answer_known) == (BODY, True)


def test_the_body_of_a_request(tmp_path: Path) -> None:
    """It may be attached as well."""
    one = entry("POST", "/lamps", 201, body={})
    one["request"]["postData"] = {"mimeType": "application/json", "_file": "a"}
    (found,) = seen(packed(tmp_path / "e2e.zip", archive(one), a=b'{"name": "a"}'))

    assert (found.request.body, found.body_known) == (b'{"name": "a"}', True)


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/hostname", "link", "pipe", "nothing", "", ".", "a\0b", "x" * 5000]
)
def test_no_file_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    """Nor what is no regular file: the body is not known, and nothing hangs."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (inside / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(inside / "pipe")
    (inside / "e2e.har").write_text(attaching(name), "utf-8")
    (one,) = seen(inside / "e2e.har")

    assert (one.answer.body, one.answer_known) == (b"", False)


def test_a_member_that_unpacks_to_far_more_is_left_out(tmp_path: Path) -> None:
    """A zip gives 64 MB at most, or a hundred times its size; one body no more than 16 MB."""
    many = [json.loads(attaching(name))["log"]["entries"][0] for name in "abcdef"]
    bombs = {name: bytes(16_000_000) for name in "abcde"}
    found = seen(packed(tmp_path / "e2e.zip", archive(*many), f=bytes(30_000_000), **bombs))

    assert [one.answer_known for one in found] == [True, True, True, True, False, False]


def test_an_archive_that_is_a_bomb(tmp_path: Path) -> None:
    """It is refused before it is unpacked, and told how it is read all the same."""
    bomb = packed(tmp_path / "e2e.zip", " " * 70_000_000)

    with pytest.raises(HarError, match="unpack it and name"):
        seen(bomb)


def test_a_zip_without_an_archive(tmp_path: Path) -> None:
    """One sentence says what is missing."""
    with zipfile.ZipFile(tmp_path / "e2e.zip", "w") as opened:
        opened.writestr("a", b"")

    with pytest.raises(HarError, match=r"must have one"):
        seen(tmp_path / "e2e.zip")


def test_a_damaged_member_is_not_known(tmp_path: Path) -> None:
    """The others are read."""
    file = packed(tmp_path / "e2e.zip", attaching("a"), a=BODY)
    data = file.read_bytes()
    with zipfile.ZipFile(file) as opened:
        at = opened.getinfo("a").header_offset + 31
    file.write_bytes(data[:at] + bytes([data[at] ^ 0xFF] * 4) + data[at + 4 :])
    (one,) = seen(file)

    assert one.answer_known is False

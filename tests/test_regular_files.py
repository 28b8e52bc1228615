"""What is no regular file is refused at once, whoever is to read it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from conformance.report.formats.json_reader import ReportError, read_report
from conformance.traffic.har import HarError, read_har
from spec import ContractError
from spec.reading.document_text import read_file
from spec.reading.regular_files import bytes_of
from spec.settings.option_sources import find_table, read_table


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "socket"])
def test_what_has_no_end_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """A pipe has nobody who writes to it: whoever opened it would wait for ever."""
    path, listening = tmp_path / "pyproject.toml", socket.socket(socket.AF_UNIX)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        listening.bind(str(path))
    else:
        path.symlink_to("/dev/zero")

    with listening, pytest.raises(ContractError, match="cannot read"):
        read_file(path)
    with pytest.raises(ReportError, match="cannot be read"):
        read_report(path)
    with pytest.raises(HarError, match="pyproject"):
        next(read_har(path))
    assert find_table("conformance", tmp_path) is None


def test_a_pipe_that_a_shell_hands_over_is_read() -> None:
    """`--contract <(jq …)`: it ends with the command that writes to it."""
    reading, writing = os.pipe()
    os.write(writing, b"openapi: 3.0.3")
    os.close(writing)

    assert read_file(Path(f"/dev/fd/{reading}")).plain() == {"openapi": "3.0.3"}
    os.close(reading)


def test_nothing_can_be_read() -> None:
    """`--config /dev/null`: a device that has an end, at its beginning."""
    assert bytes_of(Path(os.devnull)) == b""
    assert read_table("conformance", Path(os.devnull)) is not None

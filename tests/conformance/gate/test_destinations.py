"""Where reports go: files, links, pipes, devices."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from conformance.report.findings import ContractIdentity, Report, ReportVerdict
from conformance.report.formats.destinations import (
    DestinationError,
    apart,
    destination,
    write,
)

REPORT = Report(
    verdict=ReportVerdict.CONFORMS,
    target="t",
    contract=ContractIdentity(title="T", version="1", sha256="0" * 64),
)


def written(path: Path) -> None:
    write(destination(f"json={path}"), REPORT)


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    """The file behind a link, also behind one that leads to no file yet, gets the report."""
    for name, old in (("there", "old"), ("missing", None)):
        real, link = tmp_path / f"{name}.json", tmp_path / f"{name}-link.json"
        if old:
            real.write_text(old)
        link.symlink_to(real)
        written(link)

        assert link.is_symlink()
        assert '"verdict"' in real.read_text()


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    """Whoever reads at the other end gets the report, and the pipe is still one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = list[str]()
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    written(pipe)
    reader.join(10)

    assert pipe.is_fifo()
    assert '"verdict"' in got[0]


def test_permissions_stay(tmp_path: Path) -> None:
    """A new report is as open as any new file, an old one as it was."""
    old, new, plain = (tmp_path / name for name in ("old", "new", "plain"))
    old.touch(0o604)
    old.chmod(0o604)
    plain.touch()
    written(old)
    written(new)

    assert old.stat().st_mode & 0o777 == 0o604
    assert new.stat().st_mode == plain.stat().st_mode


def test_half_a_report_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last step fails, the old report stays and nothing lies beside it."""
    report = tmp_path / "r.json"
    report.write_text("old")
    to = destination(f"json={report}")

    def full(self: Path, mode: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "chmod", full)
    with pytest.raises(DestinationError, match="no space left"):
        write(to, REPORT)

    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]
    assert report.read_text() == "old"


def test_two_reports_need_two_files(tmp_path: Path) -> None:
    """One report must not replace the other, by a link either; a device takes both."""
    (tmp_path / "link").symlink_to(tmp_path / "file")
    places = [f"json={tmp_path}/file", f"junit={tmp_path}/link"]
    twice = [destination(one) for one in (places[0], places[0], "json=/dev/null", "har=/dev/null")]

    with pytest.raises(DestinationError, match="are the same file"):
        apart([destination(one) for one in places])
    with pytest.raises(DestinationError, match="are the same file"):
        apart([destination("json=-"), destination("junit=-")])
    assert [one.format for one in apart(twice)] == ["json", "json", "har"]


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.0.3\n",
        "# a comment\n\n'openapi': 3.1.0\n",
        '{"openapi": "3.1.0"}',
        "\n{\n  'swagger': '2.0'}",
        "overlay: 1.0.0\n",
    ],
)
def test_a_contract_is_never_replaced_by_a_report(text: str, tmp_path: Path) -> None:
    """`--report json=openapi.yaml` is a slip that would cost the contract."""
    file = tmp_path / "openapi.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(DestinationError, match="it is a contract, which a report would replace"):
        destination(f"json={file}")
    assert file.read_text("utf-8") == text


def test_a_file_called_by_a_hyphen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` alone is standard output (POSIX, Utility Syntax Guideline 13); `./-` is a file."""
    monkeypatch.chdir(tmp_path)
    write(destination("json=./-"), REPORT)

    assert '"verdict"' in (tmp_path / "-").read_text()

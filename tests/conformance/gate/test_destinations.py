"""Where reports go: files, links, pipes, devices."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from conformance.report.findings import ContractIdentity, Report, ReportVerdict
from conformance.report.formats.destinations import DestinationError, destination, write

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

"""The kit and the servers that it tests, each in a separate process."""

from __future__ import annotations

import os
import re
import ssl
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import spec
from conformance.commands.contracts.reach import Reach
from conformance.commands.processes.processes import Process, running
from conformance.report.findings import Report
from conformance.report.formats.json_reader import read_report
from spec.settings.option_sources import variable

__all__ = [
    "PAIR", "TOKEN", "KitDone", "KitRun", "clean_environment", "in_shell", "mock_server", "ours",
    "started",
]  # fmt: skip

TOKEN = "conformance-gate"
"""The one token that our own mock accepts; the mock listens on this machine alone."""
PAIR = "conformance:gate"
"""The same for HTTP Basic: a user and a password."""
_URL = re.compile(r"https?://\S+")
_MOCK_SECONDS = 30.0
"""Seconds in which the mock has to print its URL."""
_PROBE_SECONDS = 2.0
"""Seconds of one look whether the deployment answers."""
_SECRET_FREE = ("CONFORMANCE_", "MOCK_SERVER_")


@dataclass(frozen=True, slots=True, kw_only=True)
class KitDone:
    """How a run of the kit ended: without a report its input was bad, and `said` says why."""

    status: int
    report: Report | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitRun:
    """A run of the kit as `conformance run` does it, so that both are one thing.

    `options` are the run's, by name, as their variables have them; they may hold secrets, so they
    travel in the environment and not on a command line.
    """

    url: str
    contract: Path
    overlay: Path | None
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def execute(self) -> KitDone:
        """Run it to its end, or to an interruption: what was found by then is in its report.

        Raises:
            ProcessError: it cannot be started.
        """
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            written = Path(folder) / "report.json"
            # The gate applies the waivers to all its parts together.
            unwaived = Path(folder) / "waivers.yaml"
            unwaived.write_text("waivers: []\n", "utf-8")
            command = [*ours("conformance"), "run", "--quiet", "--report", f"json={written}"]
            command += ["--waivers", str(unwaived)]
            env = clean_environment(Path(folder)) | self._variables()
            with running(command, name=f"the test of {self.url}", env=env) as process:
                try:
                    status = process.wait()
                except KeyboardInterrupt:
                    status = process.end()
                    if not written.exists():
                        raise
                said = process.output().strip() or f"{process.name} printed nothing"
            report = read_report(written) if written.exists() else None
            return KitDone(status=status, report=report, said=said)

    def _variables(self) -> dict[str, str]:
        given = {"url": self.url, "contract": str(self.contract), **self.options}
        if self.overlay is not None:
            given["overlay"] = str(self.overlay)
        return {variable("conformance", name): value for name, value in given.items()}


def ours(name: str) -> list[str]:
    """A command of this package: whatever the folder calls its own modules, these are ours."""
    root = Path(spec.__file__).parents[1]
    homes = (root / "insforge_contract.py", root / "spec/settings/import_names.py")
    return [sys.executable, "-P", str(next(home for home in homes if home.is_file())), name]


@contextmanager
def mock_server(
    contract: Path,
    overlay: Path | None,
    reach: Reach,
    *,
    options: Sequence[str] = ("--auth", f"token={TOKEN}", "--auth", f"token={PAIR}"),
    port: int = 0,
    watch: bool = False,
) -> Iterator[str]:
    """Our own mock of the contract, and its URL; the port is a free one where none is named.

    With `watch` it serves what the files become.

    Raises:
        ProcessError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        command = [*ours("mock_server"), str(contract)]
        command += ["--port", str(port), "--quiet", *options]
        command += [] if watch else ["--no-watch"]
        command += ["--overlay", str(overlay)] if overlay else ["--no-overlay"]
        env = clean_environment(Path(folder)) | _reaching(reach)
        with running(command, name="the mock server", env=env) as process:
            process.wait_until(
                lambda: bool(_printed_url(process)), _MOCK_SECONDS, "printing its URL"
            )
            yield _printed_url(process)


def _reaching(reach: Reach) -> dict[str, str]:
    given = {"root": str(reach.root or ""), "remote_ref": "\n".join(reach.remote_refs)}
    return {variable("mock_server", name): value for name, value in given.items() if value}


def _printed_url(process: Process) -> str:
    first, newline, _ = process.output().partition("\n")
    found = _URL.search(first) if newline else None
    return found.group() if found else ""


def in_shell(command: str) -> list[str]:
    """The command line of a shell that runs a command as a person wrote it."""
    return ["/bin/sh", "-c", command] if os.name == "posix" else ["cmd", "/c", command]


@contextmanager
def started(command: str, wait_for: str, seconds: float) -> Iterator[None]:
    """An implementation that is started for the run, once it answers at `wait_for`.

    Raises:
        ProcessError: it ends, or does not answer in time.
    """
    with running(in_shell(command), name=f"`{command}`") as process:
        process.wait_until(lambda: _answers(wait_for), seconds, f"a response from {wait_for}")
        yield


def _answers(url: str) -> bool:
    """Whether anything below 500 comes back: what else it says is the kit's business."""
    # Nothing is sent that needs protection, and the run itself verifies the certificate.
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=_PROBE_SECONDS, context=trusting):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


def clean_environment(folder: Path) -> dict[str, str]:
    """The environment without settings that are meant for us: a child gets its own, and only those.

    An empty settings file keeps the pyproject.toml of this folder from speaking to it as well.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_SECRET_FREE) and name != "PORT"
    }
    settings = folder / "settings.toml"
    settings.write_text("", "utf-8")
    return kept | {
        "CONFORMANCE_CONFIG": str(settings),
        "MOCK_SERVER_CONFIG": str(settings),
        # What a child prints is waited for, and a pipe would be written in blocks.
        "PYTHONUNBUFFERED": "1",
    }

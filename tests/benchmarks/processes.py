"""A measured server as a process: started, asked until it answers, its usage read, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.benchmarks.answers import Answer, read_answer
from tests.benchmarks.cores import pin

#: Seconds after which a server that has not answered is given up.
START_LIMIT = 60.0

#: Seconds between two attempts to get the first answer.
POLL = 0.002

PROC = Path("/proc")


class BenchmarkError(Exception):
    """The benchmark cannot go on, or would measure something else than it claims; the text says
    why.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process and all its descendants have used: processor time in seconds, resident memory
    in bytes.
    """

    processor: float
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server, its first answer, and the seconds from the process' start to it."""

    port: int
    pid: int
    first: Answer
    first_after: float

    def usage(self) -> Usage | None:
        """None where the system has no /proc."""
        return tree_usage(self.pid) if PROC.joinpath("self/stat").exists() else None


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    request: bytes,
    folder: Path,
    environment: Mapping[str, str],
    cores: frozenset[int] = frozenset(),
) -> Iterator[Server]:
    """Start `command` in `folder`, wait for its answer to `request`, and stop it at the end.

    Raises:
        BenchmarkError: it ended or gave no answer, with the end of what it said.

    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: pin(0, cores),
        )
        try:
            first = _first_answer(process, port, request, started, output)
            yield Server(
                port=port,
                pid=process.pid,
                first=first,
                first_after=time.perf_counter() - started,
            )
        finally:
            _stop(process)


def _first_answer(
    process: "subprocess.Popen[bytes]",
    port: int,
    request: bytes,
    started: float,
    output: IO[bytes],
) -> Answer:
    while time.perf_counter() - started < START_LIMIT:
        if process.poll() is not None:
            raise BenchmarkError(f"ended with {process.returncode}: {_last_words(output)}")
        with contextlib.suppress(OSError):
            return ask(port, request)
        time.sleep(POLL)
    raise BenchmarkError(f"no answer within {START_LIMIT:.0f} s: {_last_words(output)}")


def _last_words(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read()[-2000:].decode(errors="replace").strip() or "it printed nothing"


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, request: bytes) -> Answer:
    """Send one request to 127.0.0.1 and read the answer.

    Raises:
        OSError: nobody listens, or the connection ended before the answer did.

    """
    with socket.create_connection(("127.0.0.1", port), timeout=START_LIMIT) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if answer := read_answer(received):
                return answer
    raise ConnectionError("the connection ended before the answer did")


def tree_usage(root: int) -> Usage:
    """Processor time and resident memory of `root` and its living descendants, from /proc
    (proc_pid_stat(5)).
    """
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    fields = _stat_by_pid()
    tree, grown = {root}, True
    while grown:
        children = {pid for pid, stat in fields.items() if int(stat[1]) in tree}
        grown = not children <= tree
        tree |= children
    stats = [fields[pid] for pid in tree if pid in fields]
    return Usage(
        processor=sum(int(stat[11]) + int(stat[12]) for stat in stats) / ticks,
        memory=sum(int(stat[21]) for stat in stats) * page,
    )


def _stat_by_pid() -> dict[int, list[str]]:
    """The fields of each process' `stat` from the third (state) on: the name before them may hold
    spaces.
    """
    found = {}
    for path in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    return found

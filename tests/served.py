"""The installed command, as a process of its own, for as long as a test needs it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).with_name("mock-server")


@contextmanager
def mock_server(*arguments: str, folder: Path | None = None) -> Iterator[str]:
    """Start `mock-server` in a folder and on a free port, and give its URL; stop it afterwards.

    The first line of its output names the URL. The rest is read and kept, so that the process
    never waits for a reader, and shown where it did not start.
    """
    command = [str(COMMAND), *arguments, "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        lines = [first]
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            url = re.search(r"https?://[^\s/]+", first)
            if url is None:
                process.terminate()
                reader.join(timeout=10)
                raise AssertionError(f"{command} did not start:\n{''.join(lines)}")
            yield url.group()
        finally:
            process.terminate()
            process.wait(timeout=10)
            reader.join(timeout=10)

"""Ctrl-C, SIGTERM and SIGHUP end a run at once, and what was found by then is written."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from conformance.report.formats.json_reader import read_report
from tests.conformance.kit.targets import speaking

pytestmark = pytest.mark.slow

CONTRACT = """
openapi: 3.0.3
info: {title: Slow, version: '1'}
paths:
  /slow:
    get:
      responses:
        '200': {description: well, content: {application/json: {schema: {type: object}}}}
"""
WRONG = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_found_is_reported(number: signal.Signals, tmp_path: Path) -> None:
    """Exit 130 however it is ended, with the finding that was made before."""
    (tmp_path / "slow.yaml").write_text(CONTRACT, "utf-8")
    waiting, asked = Event(), list[bytes]()

    async def answer_thrice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            if len(asked) > 3:
                waiting.set()
                await asyncio.sleep(60)
            writer.write(WRONG)
            await writer.drain()

    with speaking(answer_thrice) as url:
        arguments = ["run", "--url", url, "--contract", "slow.yaml", "--report", "json=r.json"]
        # Under `nohup` a child ignores SIGHUP, and so does the program: here it must not.
        program = f"import signal; signal.signal({int(number)}, signal.default_int_handler)"
        program += "; from conformance.cli import main; main()"
        running = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CI": "1"},
        )
        assert waiting.wait(60)
        running.send_signal(number)
        said, _ = running.communicate(timeout=60)

    assert running.returncode == 130, said.decode()
    report = read_report(tmp_path / "r.json")
    assert report.interrupted
    assert [finding.code for finding in report.findings] == ["response-schema"]

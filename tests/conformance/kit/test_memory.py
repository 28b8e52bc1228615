"""What an answer is made of costs the kit a bounded amount of memory, however much arrives."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conformance.kit.targets import Talk, always, speaking

pytestmark = pytest.mark.slow

CONTRACT = """
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /things: {get: {responses: {'200': {description: ok}}}}
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEASURED = """
import json, resource, sys
from conformance.cli import main
sys.argv[0] = "conformance"
try:
    main()
except SystemExit:
    pass
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss), file=sys.stderr)
"""
MOST = 500_000
"""Kilobytes that a hostile answer may cost beside an ordinary one: a few at once, each cut."""


def bomb() -> bytes:
    """A quarter of a gigabyte of zeros, packed into 260 kB."""
    packer = zlib.compressobj(9, wbits=31)
    pieces = [packer.compress(bytes(1 << 24)) for _ in range(16)]
    return b"".join([*pieces, packer.flush()])


Make = Callable[[], Talk]


def packed() -> Talk:
    """A gzip bomb in every answer."""
    body = bomb()
    head = HEAD + b"Content-Encoding: gzip\r\n"
    return always(head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def flooding(head: bytes, piece: bytes, total: int) -> Talk:
    """So many bytes after the head, or as many as anybody takes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        for _ in range(total // len(piece)):
            writer.write(piece)
            await writer.drain()

    return talk


HOSTILE: Mapping[str, Make] = {
    "a gzip bomb": packed,
    "3 GB": lambda: flooding(
        HEAD + b"Content-Length: 3000000000\r\n\r\n", bytes(1 << 20), 3_000_000_000
    ),
    "endless headers": lambda: flooding(HEAD, b"X-More: " + b"x" * 8000 + b"\r\n", 3_000_000_000),
}


def peak(folder: Path, talk: Talk) -> int:
    """Kilobytes at most while a run is made, in a process of its own."""
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    with speaking(talk) as url:
        words = ["run", "--url", url, "--contract", "contract.yaml", "--max-examples", "0"]
        words += ["--time-budget", "3", "--report", "json=report.json"]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    return int(json.loads(done.stderr.strip().splitlines()[-1]))


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a run costs whose answers have two bytes."""
    talk = always(HEAD + b"Content-Length: 2\r\n\r\n{}")
    return peak(tmp_path_factory.mktemp("ordinary"), talk)


@pytest.mark.parametrize("kind", HOSTILE)
def test_memory_is_bounded(kind: str, tmp_path: Path, ordinary: int) -> None:
    """However large an answer says it is, and however large it is."""
    assert peak(tmp_path, HOSTILE[kind]()) - ordinary < MOST

"""Golden cases: plain text, in the format that README.md beside this file describes, read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Case", "CaseError", "Exchange", "Expected", "Request", "read"]


class CaseError(Exception):
    """A file that is not written as the format says; the text names file and line."""


@dataclass(slots=True, kw_only=True)
class Request:
    """What is sent."""

    line: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)

    @property
    def method(self) -> str:
        return self.line.partition(" ")[0]

    def as_bytes(self) -> bytes:
        """The request as it goes over the wire."""
        names = {name.lower(): value for name, value in self.headers}
        headers = list(self.headers)
        if "host" not in names:
            headers.insert(0, ("Host", "localhost"))
        if "connection" not in names:
            headers.append(("Connection", "close"))
        if names.get("transfer-encoding") == "chunked":
            body = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in self.body)
            body += b"0\r\n\r\n"
        else:
            body = b"\n".join(self.body)
            if body and "content-length" not in names:
                headers.append(("Content-Length", str(len(body))))
        head = [f"{self.line} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(head).encode() + body


@dataclass(slots=True, kw_only=True)
class Expected:
    """What must come back; `body` is None where any will do."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and the answer to it."""

    request: Request
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One titled case: how the mock is started, and what is asked of it, in this order."""

    file: Path
    line: int
    title: str
    arguments: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


def read(file: Path) -> Iterator[Case]:
    """The cases of a file. Raises CaseError."""
    arguments: tuple[str, ...] = ()
    begun: tuple[int, str] | None = None
    lines: list[tuple[int, str]] = []
    for number, line in enumerate([*file.read_text(encoding="utf-8").splitlines(), "$ "], start=1):
        if line.startswith(("--- ", "$ ")):
            if begun is not None:
                exchanges = tuple(_exchanges(file, lines))
                yield Case(
                    file=file,
                    line=begun[0],
                    title=begun[1],
                    arguments=arguments,
                    exchanges=exchanges,
                )
            begun, lines = None, []
            if line.startswith("--- "):
                begun = number, line[4:].strip()
            else:
                arguments = tuple(line.split()[2:])
        elif line.startswith((">", "<")):
            lines.append((number, line))


def _exchanges(file: Path, lines: list[tuple[int, str]]) -> Iterator[Exchange]:
    request: Request | None = None
    expected: Expected | None = None
    for number, line in lines:
        text = line[1:].removeprefix(" ")
        if line.startswith(">"):
            if expected is not None or request is None:
                if expected is not None and request is not None:
                    yield Exchange(request=request, expected=expected)
                request, expected, in_body = Request(line=text), None, False
            elif in_body:
                is_hex = line.startswith(">x ")
                request.body.append(bytes.fromhex(line[3:]) if is_hex else text.encode())
            elif text:
                request.headers.append(_header(file, number, text))
            else:
                in_body = True
        elif request is None:
            raise CaseError(f"{file}:{number}: an answer without a request")
        elif expected is None:
            if not re.fullmatch("[1-5][0-9]{2}", text):
                raise CaseError(f"{file}:{number}: an answer begins with its status, not {text!r}")
            expected = Expected(status=int(text))
        elif expected.body is not None:
            expected.body.append(text)
        elif text:
            expected.headers.append(_header(file, number, text))
        else:
            expected.body = []
    if request is None or expected is None:
        raise CaseError(f"{file}: a case has a request and an answer")
    yield Exchange(request=request, expected=expected)


def _header(file: Path, number: int, text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise CaseError(f"{file}:{number}: {text!r} is no header")
    return name, value.strip()

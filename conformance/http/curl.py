"""A request as a command line that sends it again: one line, to be pasted into a shell."""

from __future__ import annotations

import base64
import gzip
import re
import shlex
from collections.abc import Callable, Iterable, Sequence

from conformance.http.exchange import Framing, Request
from conformance.http.target import Target

__all__ = ["command", "sequence"]

LONGEST = 4000
"""Characters of a body that a command line has room for."""
_VARIABLE = re.compile(r"\$(?:(?:ALTERED_)?TOKEN|SECRET|NEW_ID\d*|NEW_TAG)")
"""What stands for a secret, an id or a tag: the shell fills it in, so it must not be quoted."""
_RUN = re.compile(r"([0-9A-Za-z])\1{199,}")
"""One letter 200 times or more, as cases of `maxLength` have it: the shell repeats it shorter."""


def command(request: Request, target: Target, hidden: Callable[[str], str]) -> str:
    """`curl` with the request's target and headers, which are as they may be shown already.

    `hidden` takes the secrets out of the body. What curl cannot send says so in a comment.
    """
    parts = ["curl", "-i", "-X", request.method] if request.method != "GET" else ["curl", "-i"]
    # With `-X HEAD` curl waits for a body that never comes.
    if request.method == "HEAD":
        parts = ["curl", "-I"]
    if request.wire or re.search(r"/\.{1,2}(?:/|$|\?)|/%2e", request.target, re.IGNORECASE):
        parts.append("--path-as-is")
    url = f"{target.url}{request.target}"
    # Without -g curl reads brackets and braces of a URL as a pattern of many.
    parts += ["-g", url] if re.search(r"[][{}]", url) else [url]
    if target.insecure:
        parts.append("-k")
    for name, value in request.headers:
        # `Name:` would take the header out; with a semicolon curl sends it empty.
        parts += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.body is not None and not _has_type(request):
        # Without this curl sends a Content-Type of its own.
        parts += ["-H", "Content-Type:"]
    note = ""
    if request.framing is Framing.CHUNKED:
        parts += ["-H", "Transfer-Encoding: chunked"]
    elif request.framing is not Framing.LENGTH:
        note = f"  # with wrong framing ({request.framing.value}), which curl does not send"
    if request.body is None:
        return _shell(parts) + note
    return _with_body(parts, request.body, hidden) + note


def sequence(commands: Iterable[tuple[str, str, str]]) -> str:
    """Several commands as one line: each with the variable that it sets, and the filter for it.

    The variable is what the filter leaves of the answer, which is shown all the same.
    """
    line = ""
    for text, variable, found_by in commands:
        if variable:
            quiet = text.replace("curl -i", "curl -s -i", 1)
            text = f"{variable}=$({quiet} | tee /dev/stderr | {found_by})"
        # A comment would take what follows with it.
        line += f"{text}\n" if "  # " in text else f"{text}; "
    return line.removesuffix("; ").rstrip("\n")


def _has_type(request: Request) -> bool:
    return any(name.lower() == "content-type" for name, _ in request.headers)


def _with_body(parts: list[str], body: bytes, hidden: Callable[[str], str]) -> str:
    try:
        text = hidden(body.decode())
    except UnicodeDecodeError:
        text = ""
    short = len(_RUN.sub("", text)) <= LONGEST and "\x00" not in text
    if short and (text or not body):
        # An @ at the beginning would name a file.
        return _shell([*parts, "--data-raw" if text[:1] == "@" else "--data-binary", text])
    plain = body.decode("utf-8", "surrogateescape")
    packed = base64.b64encode(gzip.compress(body, mtime=0)).decode()
    if hidden(plain) == plain and len(packed) <= LONGEST:
        piped = _shell([*parts, "--data-binary", "@-"])
        return f"echo {packed} | base64 -d | gzip -d | {piped}"
    line = _shell([*parts, "--data-binary", "@body"])
    return f"{line}  # body: {len(body):,} bytes, as the report has it"


def _shell(parts: Sequence[str]) -> str:
    """Quoted for a shell; `$TOKEN` is left to be filled in by it."""
    return " ".join(_quoted(part) for part in parts)


def _quoted(part: str) -> str:
    """One word of the shell; a letter many times over is left to it to repeat."""
    if not _VARIABLE.search(part) and not _RUN.search(part):
        return shlex.quote(part)
    escaped = re.sub(r'([\\"`]|\$(?!(?:ALTERED_)?TOKEN|SECRET|NEW_ID|NEW_TAG))', r"\\\1", part)
    return f'"{_RUN.sub(_repeated, escaped)}"'


def _repeated(found: re.Match[str]) -> str:
    return f"$(printf '{found[1]}%.0s' $(seq {len(found[0])}))"

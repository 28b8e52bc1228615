"""`mock-server export DIR`: every answer as a file, for hosts that serve files and run nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mock_server.command.contract_source import refuse_faults
from mock_server.command.export_names import FileNames, redirect
from mock_server.command.start_options import Options
from mock_server.model.wishes import WishKey
from spec import Direction, SpecError
from spec.text import media_types

if TYPE_CHECKING:
    from mock_server.http.application import MockApp
    from mock_server.plan.operation_plan import OperationPlan

__all__ = ["ExportError", "export"]

_MANIFEST = "mock-export"
_OWN = ("manifest.json", "fetch.js", "_headers", "_redirects")
_UNSENT = frozenset({"content-length", "vary", "x-mock-source", "preference-applied"})
"""Header lines that are the mock's own, or that are the host's to decide."""


class ExportError(Exception):
    """The folder cannot be written to: which one, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One answer of the mock."""

    status: int
    headers: dict[str, str]
    body: bytes


def export(options: Options, folder: Path) -> tuple[int, list[str]]:
    """Write every answer of the contracts into a folder.

    Returns:
        The number of answers, and a sentence for everything that is not served as written.

    Raises:
        spec.SpecError: a contract cannot be read.
        ExportError: the folder has other things in it, or cannot be written to.
    """
    from mock_server import create_app

    contracts = [source.load() for source in options.sources]
    faults = [one for contract in contracts for one in contract.faults if not one.harmless]
    # Files know no state, and nobody waits for the events of a stream that is written to one.
    settings = replace(options.settings, journal=False, stateful=False, stream_pace=0.0)
    app = create_app(contracts, settings=settings)
    unserved = list(dict.fromkeys(map(str, (*app.clashes, *faults, *app.unserved))))
    if options.strict:
        refuse_faults(unserved)
    try:
        _make_room(folder)
        number = _AnswerFiles(folder, app).write()
    except OSError as problem:
        raise ExportError(f"{problem.filename or folder}: {problem.strerror}") from None
    return number, unserved


def _make_room(folder: Path) -> None:
    """Remove an earlier export, and nothing else. Raises ExportError."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.json"
    try:
        old = json.loads(manifest.read_text(encoding="utf-8"))
        written = [*old[_MANIFEST]["files"], *_OWN]
    except (OSError, ValueError, KeyError, TypeError):
        if any(folder.iterdir()):
            raise ExportError(
                f"{folder}: the folder is not empty and does not contain an earlier export; name "
                f"another folder"
            ) from None
        return
    home = folder.resolve()
    for name in map(str, written):
        file = folder / name
        # The manifest may have been written by anybody; only what lies in the folder is removed.
        if file.resolve().is_relative_to(home) and file.is_file():
            file.unlink()


class _AnswerFiles:
    """Writes the answers of a mock."""

    def __init__(self, folder: Path, app: MockApp) -> None:
        self._folder, self._app = folder, app
        self._names = FileNames(_OWN)
        self._files: dict[str, str] = {}
        self._redirects: list[str] = []

    def write(self) -> int:
        """Write everything; returns the number of answers."""
        operations = [self._operation(one) for one in self._app.operations]
        about = [{"title": one.title, "version": one.version} for one in self._app.contracts]
        manifest = {
            _MANIFEST: {"version": 1, "contracts": about, "files": sorted(self._files)},
            "operations": operations,
        }
        self._put("manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
        script = files(str(__package__)).joinpath("export_assets/fetch.js")
        self._put("fetch.js", script.read_bytes())
        self._put("_redirects", "".join(self._redirects).encode())
        self._put("_headers", "".join(self._header_lines()).encode())
        return sum(len(one["answers"]) for one in operations)

    def _operation(self, plan: OperationPlan) -> dict[str, Any]:
        answers = [self._answer(plan, *variant) for variant in _variants(plan)]
        for number, one in enumerate(answers):
            one["default"] = number == 0
        path = plan.bare_path
        if plan.operation.method == "GET" and answers and answers[0]["file"]:
            self._redirects.append(redirect(path, answers[0]["file"], answers[0]["status"]))
        return {
            "id": plan.id,
            "method": plan.operation.method,
            "path": path,
            "answers": answers,
        }

    def _answer(
        self, plan: OperationPlan, status: int, medium: str, example: str | None, is_first: bool
    ) -> dict[str, Any]:
        asked = asyncio.run(_ask(self._app, plan, status, medium, example))
        media = asked.headers.get("content-type", "")
        name = None
        if asked.body:
            # What a plain GET is answered with has the plain name.
            is_plain = is_first and plan.operation.method == "GET"
            parts = () if is_plain else (plan.operation.method, str(asked.status), example or "")
            name = self._names.of(plan.bare_path, parts, media)
            self._put(name, asked.body)
            self._files[name] = media
        kept = {name: value for name, value in asked.headers.items() if name not in _UNSENT}
        return {
            "status": asked.status,
            "media": media,
            "example": example,
            "headers": kept,
            "file": name,
        }

    def _put(self, name: str, content: bytes) -> None:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def _header_lines(self) -> Iterator[str]:
        """For Netlify and Cloudflare Pages: pages of any origin may read, and types are right."""
        yield "/*\n  Access-Control-Allow-Origin: *\n"
        for name, media in self._files.items():
            yield f"/{quote(name)}\n  Content-Type: {media}\n"


def _variants(plan: OperationPlan) -> Iterator[tuple[int, str, str | None, bool]]:
    """Status, media type and example of each answer; the one without a wish comes first."""
    from mock_server.answers.choice import status_of

    replies = plan.replies
    first = plan.success_key
    for key in sorted(replies, key=lambda one: one != first):
        # As a refusal `default` stands for everything that can go wrong.
        status = 500 if key == "default" and key != first else status_of(key)
        reply = replies[key]
        named = {one.medium for one in reply.answers if one.name is not None}
        wanted = [
            (one.medium, one.name)
            for one in reply.answers
            if one.name is not None or one.medium not in named
        ]
        for number, (medium, name) in enumerate(dict.fromkeys(wanted)):
            yield status, medium, name, key == first and number == 0


async def _ask(
    app: MockApp, plan: OperationPlan, status: int, medium: str, example: str | None
) -> _Asked:
    """Ask the mock in process; the request is the plainest one, so that echoes are sensible."""
    wish = f"{WishKey.CODE.in_query}={status}"
    if example:
        wish += f"&{WishKey.EXAMPLE.in_query}={quote(example, safe='')}"
    lines = [(b"host", b"localhost"), (b"accept", medium.encode() or b"*/*")]
    body = _request_body(plan)
    if body:
        lines.append((b"content-type", b"application/json"))
    path = _concrete(plan)
    scope = {
        "type": "http",
        "method": plan.operation.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": wish.encode(),
        "headers": [*lines, (b"content-length", str(len(body)).encode())],
    }
    sent: list[Any] = []
    coming = [body]

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.Event().wait()  # the client stays until it has its answer
        return {"type": "http.request", "body": coming.pop()}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return _Asked(
        status=sent[0]["status"],
        headers=headers,
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )


def _request_body(plan: OperationPlan) -> bytes:
    """The contract's first example of a JSON body, else the plainest one; empty without one."""
    for one in plan.operation.request_content:
        if media_types.is_json(one.name):
            if one.examples:
                return json.dumps(one.examples[0].value).encode()
            try:
                schema = one.schema
                value = schema and plan.contract.sample(schema, Direction.REQUEST)
            except SpecError:
                return b""
            return json.dumps(value).encode() if schema else b""
    return b""


def _concrete(plan: OperationPlan) -> str:
    """Its path with an example for each parameter, or 1."""
    path = plan.bare_path
    examples = {one.name: one.examples for one in plan.operation.parameters}
    for name in plan.path_names:
        value = next((one.value for one in examples.get(name, ())), 1)
        text = value if isinstance(value, str) and value else json.dumps(value)
        path = path.replace("{" + name + "}", quote(text, safe=""))
    return path

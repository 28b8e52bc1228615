"""Things that a change renames: what is asked of them afterwards finds them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Refusal
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

QUEUES = """
paths:
  /queues:
    post:
      requestBody: {required: true, content: {application/json: {schema: &made
        {type: object, required: [name], properties: &properties
          {name: {type: string, pattern: '^[a-z0-9-]{1,40}$'},
           size: {type: integer, minimum: 1, maximum: 9}, paused: {type: boolean}}}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: *made}}}
        '400': {description: no}
        '409': {description: taken}
        '415': {description: no JSON}
  /queues/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: it, content: {application/json: {schema: *made}}}
        '404': {description: none}
    patch:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, properties: *properties}}}}
      responses:
        '204': {description: changed}
        '400': {description: no}
        '415': {description: no JSON}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


class Queues:
    """A queue is found by its name, which a PATCH may change without a word."""

    def __init__(self) -> None:
        self.kept = dict[str, Any]()

    def answer(self, asked: Asked) -> tuple[int, Any]:
        media_type = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if asked.method in ("POST", "PATCH") and media_type != "application/json":
            return 415, None
        name = unquote(asked.path.removeprefix("/queues").strip("/"))
        if asked.method == "POST":
            return self._made(_read(asked))
        if name not in self.kept:
            return (400 if asked.method == "PATCH" and not _good(_read(asked)) else 404), None
        if asked.method == "PATCH":
            return self._changed(name, _read(asked))
        if asked.method == "DELETE":
            del self.kept[name]
            return 204, None
        return (200, self.kept[name]) if asked.method in ("GET", "HEAD") else (405, None)

    def _made(self, sent: Any) -> tuple[int, Any]:
        if not _good(sent) or "name" not in sent:
            return 400, None
        if sent["name"] in self.kept:
            return 409, None
        self.kept[sent["name"]] = _known(sent)
        return 201, self.kept[sent["name"]]

    def _changed(self, name: str, sent: Any) -> tuple[int, Any]:
        new = sent.get("name", name) if _good(sent) else None
        if new is None or (new != name and new in self.kept):
            return 400, None
        self.kept[new] = {**self.kept.pop(name), **_known(sent)}
        return 204, None


def _read(asked: Asked) -> Any:
    try:
        return parse(asked.body)
    except Refusal:
        return None


def _known(sent: dict[str, Any]) -> dict[str, Any]:
    return {key: sent[key] for key in ("name", "size", "paused") if key in sent}


def _good(sent: Any) -> bool:
    if not isinstance(sent, dict):
        return False
    name, size, paused = sent.get("name", "a"), sent.get("size", 1), sent.get("paused", False)
    whole = isinstance(size, (int, float)) and not isinstance(size, bool) and size in range(1, 10)
    named = isinstance(name, str) and re.fullmatch("[a-z0-9-]{1,40}", name)
    return bool(named and whole and isinstance(paused, bool))


def test_a_change_of_the_name_loses_nothing(tmp_path: Path) -> None:
    """The change says nothing of the new name: it is what the request asked for."""
    queues = Queues()

    report = run(contract_of(tmp_path, QUEUES), Application(queues.answer), allow_writes=True)

    assert not [one.title for one in report.findings if one.level.value != "note"]
    assert queues.kept == {}
    assert not [one for one in report.remarks if "left behind" in one]

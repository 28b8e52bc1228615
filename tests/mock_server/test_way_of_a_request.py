"""The steps of a request's way come one after the other, and the first that refuses ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.mock_server.asking import Answered, ask, mock_of

LAMPS = """
paths:
  /lamps/{id}:
    post:
      security: [{key: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [on]}}}
      responses:
        "201": {description: lit, content: {application/json: {example: {lit: true}}}}
        "503": {description: dark, content: {application/json: {example: {lit: false}}}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
"""
WRONG = {"content-type": "text/csv", "accept": "image/png"}
"""Every step has something to refuse; a row mends what the step before refused."""
MENDED: list[tuple[str, int, str, str, dict[str, str], bytes]] = [
    ("no route", 404, "POST", "/lumps/a", {}, b"{}"),
    ("no method", 405, "PUT", "/lamps/a", {}, b"{}"),
    ("a wish that cannot be read", 404, "POST", "/lamps/a?__code=9", {}, b"{}"),
    ("no credential", 401, "POST", "/lamps/a", {}, b"{}"),
    ("media type", 415, "POST", "/lamps/a", {"authorization": "Bearer a-good-token"}, b"{}"),
    ("parameter, body", 400, "POST", "/lamps/a", {"content-type": "application/json"}, b"{}"),
    ("Accept", 406, "POST", "/lamps/1", {}, b'{"on": 1}'),
    ("chosen", 201, "POST", "/lamps/1", {"accept": "application/json"}, b'{"on": 1}'),
]


def test_one_step_after_the_other(tmp_path: Path) -> None:
    """Of a request with many faults the first step speaks; each that is mended lets it go on."""
    app, headers, seen = mock_of(tmp_path, LAMPS), {**WRONG}, []
    for _name, _status, method, target, better, body in MENDED:
        headers |= better
        seen.append(ask(app, method, target, body, headers=headers).status)

    assert seen == [status for _, status, *_ in MENDED]


def scenario(app: Any) -> Answered:
    app.play({"operation": "POST /lamps/{id}", "answers": [{"status": 503}]})
    return ask(app, "POST", "/lamps/a", b"{}", headers=WRONG)


def wish(app: Any) -> Answered:
    return ask(app, "POST", "/lamps/a?__code=503", b"{}", headers=WRONG)


@pytest.mark.parametrize("forced", [wish, scenario])
def test_what_is_forced_passes_every_step(forced: Any, tmp_path: Path) -> None:
    """A wish that names an answer, and a turn of a scenario, hold for any request."""
    answer = forced(mock_of(tmp_path, LAMPS))

    assert (answer.status, answer.json) == (503, {"lit": False})


def test_the_way_is_what_connexion_runs(tmp_path: Path) -> None:
    """Connexion's stack has the steps of the list, in its order."""
    app: Any = mock_of(tmp_path, LAMPS)
    from mock_server.http.way_of_a_request import way_of_a_request  # Connexion is imported by now

    way = way_of_a_request()
    step, stack = app._connexion, []
    while step is not None and type(step) in [*way.middlewares, type(way.inside)]:
        stack.append(type(step))
        step = getattr(step, "app", None)

    assert stack == [*way.middlewares, type(way.inside)]

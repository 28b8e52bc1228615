"""What Allow says of methods, where trying them needs leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.report.findings import Report
from conformance.run.replaying.replay import Standing
from tests.conformance.kit.applications import Application, Asked, Message
from tests.conformance.kit.running import contract_of, run
from tests.conformance.kit.test_sequences import replayed, served

CONTRACT = """
paths:
  /lamps:
    get: {responses: {'200': {description: ok}}}
"""


def of_methods(report: Report) -> set[tuple[str, str]]:
    """Code and level of what was found at the clauses of methods."""
    places = [(one.code.value, place) for one in report.findings for place in one.places]
    return {(code, at.level.value) for code, at in places if " methods." in at.clause}


def lamps(asked: Asked) -> tuple[int, Any]:
    """GET alone."""
    return (200, None) if asked.method in ("GET", "HEAD") else (405, None)


@pytest.mark.parametrize(
    ("allow", "found"),
    [
        ("GET", set()),
        ("GET, HEAD, OPTIONS", set()),
        ("GET, DELETE", {("accepted-method", "warning")}),
        ("GET, FROBNICATE", {("false-allow", "warning")}),
    ],
)
def test_what_allow_names(tmp_path: Path, allow: str, found: set[tuple[str, str]]) -> None:
    """The server's own word for an undeclared method is told; the method itself is never sent."""
    application = Application(lamps, allow)

    report = run(contract_of(tmp_path, CONTRACT), application, max_examples=0)

    assert of_methods(report) == found
    assert not {"POST", "PUT", "PATCH", "DELETE"} & {one.method for one in application.asked}


@pytest.mark.parametrize(
    ("other", "served", "found"),
    [
        (404, 200, {("method-not-found", "note")}),
        (405, 200, set()),
        (404, 404, set()),
    ],
)
def test_a_404_to_a_method_of_a_path_that_is_there_is_a_note(
    tmp_path: Path, other: int, served: int, found: set[tuple[str, str]]
) -> None:
    """Where nothing was ever found at the path, 404 is the truth."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (served if asked.method in ("GET", "HEAD") else other), None

    application = Application(answer, "GET, HEAD, OPTIONS")
    report = run(contract_of(tmp_path, CONTRACT), application, max_examples=0, allow_writes=True)

    assert of_methods(report) == found


def test_with_leave_a_named_method_is_tried(tmp_path: Path) -> None:
    """Then what Allow says of it is either true, or a false Allow."""
    application = Application(lamps, "GET, DELETE")

    report = run(contract_of(tmp_path, CONTRACT), application, max_examples=0, allow_writes=True)

    assert of_methods(report) == {("false-allow", "warning")}
    assert "DELETE" in {one.method for one in application.asked}


WRITABLE = (
    CONTRACT
    + """
    post: {responses: {'201': {description: made}}}
"""
)


def test_one_clause_alone_is_judged_by_all_methods_of_the_path(tmp_path: Path) -> None:
    """A 405 whose Allow lacks a declared method, which is asked for with its control alone."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (201, None) if asked.method == "POST" else lamps(asked)

    clause, contract = "GET /lamps methods.allow", contract_of(tmp_path, WRITABLE)
    application = Application(answer, "GET")
    whole = run(contract, Application(answer, "GET"), allow_writes=True, max_examples=0)

    report = run(contract, application, allow_writes=True, clauses=(clause,))

    assert ("false-allow", "warning") in of_methods(whole)
    assert of_methods(report) == {("false-allow", "warning")}
    assert [one.id for one in report.clauses] == [clause]
    assert [one.method for one in application.asked].count("POST") < 5


RECENT = """
paths:
  /lamps/recent:
    get: {responses: {'200': {description: ok}}}
  /lamps/{ID}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


@pytest.mark.parametrize(("template", "found"), [("{id}", False), ("{id}/parts", True)])
def test_a_router_may_look_further_for_a_method(
    tmp_path: Path, template: str, *, found: bool
) -> None:
    """`/lamps/recent` fits `/lamps/{id}` as well, whose methods its server has there too."""
    application = Application(lamps, "GET, HEAD, DELETE")
    contract = contract_of(tmp_path, RECENT.replace("{ID}", template))

    report = run(contract, application, max_examples=0, include=("GET /lamps/recent",))

    assert (("accepted-method", "warning") in of_methods(report)) is found


def test_options_may_tell_as_well(tmp_path: Path) -> None:
    """A success to OPTIONS is right; an undeclared method in its Allow is told."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, None) if asked.method in ("GET", "HEAD", "OPTIONS") else (404, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(answer, "GET, PUT"), max_examples=0)

    assert of_methods(report) == {("accepted-method", "warning")}


def test_what_options_allows_must_not_be_refused_elsewhere(tmp_path: Path) -> None:
    """OPTIONS names PATCH, which is answered with 405; what no method refuses is not accused."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, None) if asked.method in ("GET", "HEAD", "OPTIONS") else (405, None)

    def of(allow: str) -> set[tuple[str, str]]:
        contract, app = contract_of(tmp_path, CONTRACT), OptionsAlone(answer, allow)
        report = run(contract, app, allow_writes=True, max_examples=0)
        return of_methods(report) - {("missing-allow", "warning")}

    assert of("GET, PATCH") == {("false-allow", "warning")}
    assert of("GET, HEAD, OPTIONS") == set()


class OptionsAlone(Application):
    """An application that says only to OPTIONS what it allows."""

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Leave `Allow` out of every other answer."""

        async def sent(message: Message) -> None:
            if scope["method"] != "OPTIONS" and "headers" in message:
                found = [pair for pair in message["headers"] if pair[0] != b"allow"]
                message = {**message, "headers": found}
            await send(message)

        await super().__call__(scope, receive, sent)


TWO = """
paths:
  /lamps:
    get: {responses: {'200': {description: ok}}}
    post:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [watts], properties: {watts: {type: integer}}}}}}
      responses: {'201': {description: made}, '422': {description: no}}
"""


@pytest.mark.parametrize("leave", [False, True], ids=["without-leave", "with-leave"])
@pytest.mark.parametrize(
    ("allow", "found"), [("GET, POST", set()), ("GET", {("false-allow", "warning")})]
)
def test_allow_names_every_method_of_the_path(
    tmp_path: Path, allow: str, found: set[tuple[str, str]], leave: bool
) -> None:
    """A router that knows one method for each route says so of that one alone."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "POST":
            body = asked.json if isinstance(asked.json, dict) else {}
            return (201 if type(body.get("watts")) is int else 422), None
        return lamps(asked)

    contract = contract_of(tmp_path, TWO)

    report = run(contract, Application(answer, allow), max_examples=0, allow_writes=leave)

    assert of_methods(report) == found


def test_a_replay_tells_whether_allow_is_still_the_same(tmp_path: Path) -> None:
    """No single answer says which methods a path has: the Allow that was seen is looked for."""
    application = Application(
        lambda asked: (422 if asked.method == "POST" else lamps(asked)[0], None)
    )
    application.allow = "GET"
    contract = contract_of(tmp_path, TWO)
    with served(application) as url:
        report = run(contract, url, max_examples=0)
        before = replayed(contract, url, report)
        application.allow = "GET, POST"
        after = replayed(contract, url, report)

    assert before["GET /lamps methods.allow"] is Standing.BROKEN
    assert after["GET /lamps methods.allow"] is Standing.HELD

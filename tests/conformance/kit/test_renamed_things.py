"""Things that a change renames: what is asked of them afterwards finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Finding
from conformance.run.making import lost_items, providing
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Refusal
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

NAME = "pattern: '^[a-z0-9-]{1,40}$'"
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
        '409': {description: taken}
        '415': {description: no JSON}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


class Queues:
    """A queue is found by its name, which a PATCH may change without a word.

    `pattern` is that of names; `ids` says that a queue is found by an id of its own as well;
    `missing` is what a GET of no queue is answered.
    """

    def __init__(
        self, pattern: str = "[a-z0-9-]{1,40}", *, ids: bool = False, missing: int = 404
    ) -> None:
        self._missing = missing
        self.kept = dict[str, Any]()
        self._pattern, self._ids = re.compile(pattern, re.DOTALL), ids
        self._numbers = count()

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.method in ("POST", "PATCH") and _media_type(asked) != "application/json":
            return 415, None
        name = self._key(unquote(asked.path.removeprefix("/queues").strip("/")))
        if asked.path.strip("/") == "queues":
            return self._made(_read(asked)) if asked.method == "POST" else (405, None)
        if name not in self.kept:
            if asked.method in ("GET", "HEAD"):
                return self._missing, None
            return (400 if asked.method == "PATCH" and not self._good(_read(asked)) else 404), None
        if asked.method == "PATCH":
            return self._changed(name, _read(asked))
        if asked.method == "DELETE":
            del self.kept[name]
            return 204, None
        return (200, self.kept[name]) if asked.method in ("GET", "HEAD") else (405, None)

    def _made(self, sent: Any) -> tuple[int, Any]:
        if not self._good(sent) or "name" not in sent:
            return 400, None
        if sent["name"] in self.kept:
            return 409, None
        own = {"id": f"q{next(self._numbers)}"} if self._ids else {}
        self.kept[sent["name"]] = {**own, **_known(sent)}
        return 201, self.kept[sent["name"]]

    def _changed(self, name: str, sent: Any) -> tuple[int, Any]:
        if not self._good(sent):
            return 400, None
        new = sent.get("name", name)
        if new != name and new in self.kept:
            return 409, None
        self.kept[new] = {**self.kept.pop(name), **_known(sent)}
        return 204, None

    def _good(self, sent: Any) -> bool:
        if not isinstance(sent, dict):
            return False
        name, size, paused = sent.get("name", "a"), sent.get("size", 1), sent.get("paused", False)
        whole = isinstance(size, (int, float)) and not isinstance(size, bool)
        named = isinstance(name, str) and self._pattern.fullmatch(name)
        return bool(named and whole and size in range(1, 10) and isinstance(paused, bool))

    def _key(self, said: str) -> str:
        """The name of the queue that a path names by its id."""
        byid = (name for name, one in self.kept.items() if self._ids and one["id"] == said)
        return next(byid, said)


def _media_type(asked: Asked) -> str:
    return asked.headers.get("content-type", "").partition(";")[0].strip().lower()


def _read(asked: Asked) -> Any:
    try:
        return parse(asked.body)
    except Refusal:
        return None


def _known(sent: dict[str, Any]) -> dict[str, Any]:
    return {key: sent[key] for key in ("name", "size", "paused") if key in sent}


def test_a_change_of_the_name_loses_nothing(tmp_path: Path) -> None:
    """The change says nothing of the new name: it is what the request asked for."""
    queues = Queues()

    report = run(contract_of(tmp_path, QUEUES), Application(queues.answer), allow_writes=True)

    assert not [one.title for one in report.findings if one.level.value != "note"]
    assert queues.kept == {}
    assert not [one for one in report.remarks if "left behind" in one]


def test_what_fails_for_nothing_hides_no_loss(tmp_path: Path) -> None:
    """GET of a queue that has moved fails: the good request tells that it is there no more."""
    queues = Queues(".*", missing=500)

    def answer(asked: Asked) -> tuple[int, Any]:
        status, value = queues.answer(asked)
        if asked.method == "PATCH" and status == 204 and _read(asked).get("size") == 9:
            queues.kept.pop(_read(asked).get("name", asked.path.removeprefix("/queues/")), None)
        return status, value

    contract = contract_of(tmp_path, QUEUES.replace(NAME, "maxLength: 99999999"))
    only = ("POST", "GET", "PATCH")
    report = run(
        contract, Application(answer), allow_writes=True, by_clock=True, max_examples=0,
        include=only,
    )  # fmt: skip

    told = [at for one in report.findings if one.level.value != "note" for at in one.places]
    assert {at.operation for at in told} == {"GET /queues/{name}"}


@pytest.mark.parametrize("of_any_text", ["", "pattern: '^[^/%]*$'"])
def test_a_name_that_no_path_can_have_costs_one_thing(tmp_path: Path, of_any_text: str) -> None:
    """What is renamed so is not found again: the next request is about another one."""
    queues = Queues("[^/%]*" if of_any_text else ".*")
    contract = contract_of(tmp_path, QUEUES.replace(NAME, of_any_text or "maxLength: 99999999"))

    # What other operations have made is not there to take its place.
    only = ("PATCH /queues/{name}",)
    report = run(contract, Application(queues.answer), allow_writes=True, include=only)

    assert not [one.title for one in report.findings if one.level.value != "note"]


def test_what_has_an_id_or_a_name_is_found_by_its_id(tmp_path: Path) -> None:
    """The name may be changed, and then leads nowhere."""
    contract = contract_of(
        tmp_path,
        QUEUES.replace("{name}", "{id_or_name}")
        .replace("name: name", "name: id_or_name")
        .replace(
            "&properties\n          {",
            "&properties\n          {id: {type: string, readOnly: true}, ",
        )
        .replace(NAME, "maxLength: 99999999"),
    )
    queues = Queues(".*", ids=True)

    report = run(contract, Application(queues.answer), allow_writes=True)

    assert not [one.title for one in report.findings if one.level.value != "note"]
    assert queues.kept == {}


BOOKS = """
paths:
  /books:
    post:
      requestBody: {required: true, content: {application/json: {schema: &book
        {type: object, required: [isbn], properties: &properties
          {isbn: {type: string, maxLength: 40}, pages: {type: integer, minimum: 1, maximum: 9}}}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: *book}}}
        '400': {description: no}
        '415': {description: no JSON}
  /books/{isbn}:
    parameters: [{name: isbn, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: it, content: {application/json: {schema: *book}}}
        '404': {description: none}
    patch:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, properties: *properties}}}}
      responses:
        '200': {description: changed, content: {application/json: {schema: *book}}}
        '400': {description: no}
        '415': {description: no JSON}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


NOBODY = {"PATCH /books/{isbn} path.isbn.free", "PATCH /books/{isbn} status.documented"}
"""An id that nobody has is answered with 404, which the contract does not document."""


def clauses(findings: Iterable[Finding]) -> set[str]:
    """The clauses that are broken."""
    return {place.clause for one in findings for place in one.places}


class Books:
    """A book is found by its number, which a PATCH may change; `written` is how it is stored."""

    def __init__(self, written: Callable[[str], str]) -> None:
        self.kept, self.written = dict[str, Any](), written

    def answer(self, asked: Asked) -> tuple[int, Any]:
        media_type = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        isbn = unquote(asked.path.removeprefix("/books").strip("/"))
        if asked.method in ("POST", "PATCH") and media_type != "application/json":
            return 415, None
        # Looked up first, as many frameworks do.
        if asked.method != "POST" and isbn not in self.kept:
            return 404, None
        if asked.method in ("POST", "PATCH"):
            return self._stored(asked.method, isbn, _read(asked))
        if asked.method == "DELETE":
            del self.kept[isbn]
            return 204, None
        return (200, self.kept[isbn]) if asked.method in ("GET", "HEAD") else (405, None)

    def _stored(self, method: str, isbn: str, sent: Any) -> tuple[int, Any]:
        sent = {"isbn": isbn, **sent} if isinstance(sent, dict) and method == "PATCH" else sent
        if not isinstance(sent, dict) or not sent.get("isbn"):
            return 400, None
        number, pages = sent["isbn"], sent.get("pages", 1)
        whole = isinstance(pages, (int, float)) and not isinstance(pages, bool)
        if isinstance(number, bool) or not isinstance(number, (str, int, float)):
            return 400, None
        new = self.written(str(number))
        taken = new in self.kept and (method == "POST" or new != isbn)
        if len(new) > 40 or taken or not whole or pages not in range(1, 10):
            return 400, None
        self.kept.pop(isbn, None)
        self.kept[new] = {"isbn": new, "pages": pages}
        return (201 if method == "POST" else 200), self.kept[new]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str.lower, id="as-text"),
        pytest.param(lambda one: re.sub(r"\W", "-", one) or "-", id="as-slug"),
    ],
)
def test_what_another_value_has_renamed_is_no_refusal(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    """A number as the name renames it to a text: that it is not found says nothing of a request."""
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY, ClauseKind.EDGES})
    books = Application(Books(written).answer)

    report = run(contract_of(tmp_path, BOOKS), books, allow_writes=True, families=kinds)
    patched = [one for one in report.findings if "PATCH /books/{isbn}" in one.operations]

    assert "PATCH /books/{isbn} body.isbn.type" in clauses(patched)
    assert clauses(one for one in patched if one.got.startswith("404")) <= NOBODY


def test_a_new_name_that_another_thing_of_the_run_has_is_free(tmp_path: Path) -> None:
    """POST has made what the longest name means: a PATCH to it is refused for that, undocumented
    or not, and says nothing of the length.
    """
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})
    books = Application(Books(str.lower).answer)

    report = run(contract_of(tmp_path, BOOKS), books, allow_writes=True, families=kinds)

    assert clauses(one for one in report.findings if one.level.value == "error") <= NOBODY


class Settings(Queues):
    """The name is changed by a PATCH of the settings, unchecked; tags that it has not are 404."""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if not asked.path.endswith("/settings"):
            return super().answer(asked)
        name = self._key(unquote(asked.path.split("/")[2]))
        sent = _read(asked) if asked.method == "PATCH" else {}
        if asked.method == "PATCH" and _media_type(asked) != "application/json":
            return 415, None
        if not isinstance(sent, dict) or not self._good({**sent, "name": "a"}):
            return 400, None
        if name not in self.kept or sent.get("dropTags"):
            return 404, None
        if asked.method == "PATCH":
            self.kept[str(sent.get("newName", name))] = self.kept.pop(name)
        return (204 if asked.method == "PATCH" else 405), None


SETTINGS = """
  /queues/{name}/settings:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    patch:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties:
        {size: {type: integer, minimum: 1, maximum: 9}, paused: {type: boolean},
         dropTags: {type: array, items: {type: string}},
         newName: {type: string, minLength: 1, pattern: '^[a-z0-9-]{1,40}$'}}}}}}
      responses: {'204': {description: changed}, '400': {description: no},
        '404': {description: no queue, or no such tag}, '415': {description: no JSON}}
"""


@pytest.mark.parametrize("most", [8, 1])
def test_a_part_of_a_thing_that_was_renamed_is_asked_of_another_thing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Many requests are rightly answered 404 before; where no more are made, 404 says nothing."""
    monkeypatch.setattr(lost_items, "RENAMED", most)
    monkeypatch.setattr(providing, "RENAMED", most)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY, ClauseKind.EDGES, ClauseKind.SYNTAX})
    contract = contract_of(tmp_path, QUEUES.replace("    patch:", "    x-patch:") + SETTINGS)

    report = run(contract, Application(Settings().answer), allow_writes=True, families=kinds)
    patched = [one for one in report.findings if one.level.value == "error"]

    assert clauses(patched)
    assert [one for one in clauses(patched) if ".newName." not in one] == []
    assert {one.code for one in patched} == {"accepted-invalid-body"}


CARS = """
paths:
  /people: {post: &post {requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [name], properties: {name: {type: string}}}}}},
      responses: {'201': &one {description: it, content: {application/json: {schema:
        {type: object, required: [id], properties: {id: {type: integer}}}}}},
        '400': {description: no}, '415': {description: no JSON}}}}
  /people/{id}:
    parameters: &id [{name: id, in: path, required: true, schema: {type: integer}}]
    get: &get {responses: {'200': *one, '404': {description: none}}}
    delete: &delete {responses: {'204': {description: gone}}}
  /cars: {post: *post}
  /cars/{id}: {parameters: *id, get: *get, delete: *delete}
"""


def test_what_went_with_another_thing_is_made_anew(tmp_path: Path) -> None:
    """Who removes a person removes the cars: a DELETE of one finds nothing, and is right."""
    kept: dict[str, dict[str, Any]] = {"people": {}, "cars": {}}
    numbers = count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        kind, _, number = asked.path.strip("/").partition("/")
        if asked.method == "POST" and kind in kept and not number:
            if _media_type(asked) != "application/json":
                return 415, None
            sent = _read(asked)
            if not isinstance(sent, dict) or not isinstance(sent.get("name"), str):
                return 400, None
            new = {"id": next(numbers)}
            kept[kind][str(new["id"])] = new
            return 201, new
        if number not in kept.get(kind, {}):
            return 404, None
        if asked.method != "DELETE":
            return (200, kept[kind][number]) if asked.method in ("GET", "HEAD") else (405, None)
        kept["cars"].clear() if kind == "people" else kept["cars"].pop(number)
        kept["people"].pop(number, None)
        return 204, None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.STATUS, ClauseKind.STEADINESS})
    contract = contract_of(tmp_path, CARS)

    report = run(contract, Application(answer), allow_writes=True, families=kinds)

    assert not [one.title for one in report.findings if "DELETE /cars/{id}" in one.operations]

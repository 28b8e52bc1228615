"""With --allow-writes: what is changed is the run's own, or what nothing else can stand for."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.commands.running.progress import expectation
from conformance.http.credentials import Credentials
from conformance.http.target import Target
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Report
from conformance.run.replaying.replay import Standing
from conformance.run.session.run_options import RunOptions
from conformance.run.whole_run import Run
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.library import Library
from tests.conformance.kit.running import codes, contract_of, run, verdicts
from tests.conformance.kit.test_sequences import places, replayed, served

FEW = frozenset({ClauseKind.STATE, ClauseKind.BODY, ClauseKind.STATUS})

BOXES = """
paths:
  /boxes/{name}:
    parameters: [{name: name, in: path, required: true, schema: NAME, example: mine}]
    get: {responses: {'200': &box {description: one, content: {application/json: {schema: &says
      {type: object, required: [label], properties: {label: {type: string, example: old}}}}}},
      '404': &no {description: no}}}
    put:
      parameters: TAGS
      requestBody: {required: true, content: {application/json: {schema: *says}}}
      responses: {'200': *box, CREATED, '400': *no, '404': *no, '409': *no, '412': *no}
    delete: {responses: {'204': *no, '404': *no}}
"""


@dataclass(kw_only=True)
class Boxes:
    """Labelled boxes. A PUT `creates`, or finds only what is there; `heeds` says of `If-Match`."""

    creates: bool = True
    heeds: bool = True
    boxes: dict[str, dict[str, Any]] = field(default_factory=lambda: {"mine": {"label": "kept"}})
    asked: list[str] = field(default_factory=list)

    def contract(self, name: str = "{type: string}", tags: str = "[]") -> str:
        """Its contract, without the head."""
        created = "'201': *box" if self.creates else "'410': *no"
        text = BOXES.replace("NAME", name).replace("TAGS", tags)
        return text.replace("CREATED", created)

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """One request."""
        self.asked.append(f"{asked.method} {asked.path}")
        name = asked.path.removeprefix("/boxes/")
        if not re.fullmatch(r"/boxes/[^/]+", asked.path):
            return 404, None
        if asked.method == "PUT":
            return self._put(name, asked)
        if name not in self.boxes:
            return 404, None
        if asked.method == "DELETE":
            del self.boxes[name]
            return 204, None
        return (200, self.boxes[name]) if asked.method in ("GET", "HEAD") else (405, None)

    def _put(self, name: str, asked: Asked) -> tuple[int, Any]:
        body, tag = asked.json, asked.headers.get("if-match", "*")
        if not isinstance(body, dict) or not isinstance(body.get("label"), str):
            return 400, None
        if not self.creates and name not in self.boxes:
            return 404, None
        if self.heeds and tag != "*":
            return 412, None
        status = 200 if name in self.boxes else 201
        self.boxes[name] = {"label": body["label"]}
        return status, self.boxes[name]


def ran(tmp_path: Path, boxes: Boxes, contract: str, **options: Any) -> Report:
    """A run that may write, of a few kinds of clauses."""
    options.setdefault("families", FEW)
    application = Application(boxes, "GET, PUT, DELETE")
    return run(contract_of(tmp_path, contract), application, allow_writes=True, **options)


@pytest.mark.parametrize(
    "name", ["{type: string}", "{type: string, format: uuid}", "{type: string, maxLength: 13}"]
)
def test_a_put_that_creates_gets_an_id_that_nobody_has(tmp_path: Path, name: str) -> None:
    """It replaces nothing, what it made is read, changed and deleted, and nothing is left."""
    boxes = Boxes()

    report = ran(tmp_path, boxes, boxes.contract(name=name))

    controls = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert codes(report) == []
    assert set(controls.values()) == {"held"}
    assert {one.verdict.value for one in report.clauses if one.kind == "state"} == {"held"}
    assert boxes.boxes == {"mine": {"label": "kept"}}
    assert "PUT /boxes/mine" not in boxes.asked
    assert "DELETE /boxes/mine" not in boxes.asked


def test_what_a_delete_needs_is_made_by_a_put(tmp_path: Path) -> None:
    """One operation alone, of a collection that nothing but a PUT fills."""
    boxes = Boxes()

    report = ran(tmp_path, boxes, boxes.contract(), include=("DELETE",), max_billable=3)

    assert verdicts(report)["state.gone"] == "held"
    assert list(boxes.boxes) == ["mine"]


def test_what_others_have_made_is_not_changed(tmp_path: Path) -> None:
    """The contract says how shelves are made, and the run may not make any."""
    library = Library(numbered=True)
    contract = contract_of(tmp_path, library.contract)

    report = run(contract, library, allow_writes=True, families=FEW, exclude=("POST /shelves",))

    whys = {one.why for one in report.clauses if one.id == "PUT /shelves/{shelfId} control"}
    assert library.shelves == {"1": {"id": 1, "name": "of somebody"}}
    assert not any(one.startswith("PUT /shelves/1 ") for one in library.asked)
    assert "what others have made stays" in whys.pop()


LAMPS = """
paths:
  /lamps:
    get: {responses: {'200': {description: all}}}
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [on], properties: {on: {type: boolean}}}}}}
      responses: {'200': {description: ok}, '400': &no {description: no}, '404': *no}
"""


def test_where_nothing_can_be_made_a_listed_thing_is_changed(tmp_path: Path) -> None:
    """Lamps are built in: the list says which there are, and the example is none of them."""
    asked = list[str]()

    def lamps(one: Asked) -> tuple[int, Any]:
        asked.append(f"{one.method} {one.path}")
        if one.path == "/lamps" and one.method == "GET":
            return 200, [{"id": 7, "on": True}]
        if one.path != "/lamps/7":
            return 404, None
        good = isinstance(one.json, dict) and isinstance(one.json.get("on"), bool)
        return (200 if good else 400) if one.method == "PUT" else 405, None

    application = Application(lamps, "GET, PUT")
    contract = contract_of(tmp_path, LAMPS)

    report = run(contract, application, allow_writes=True, families=FEW)

    held = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert held["PUT /lamps/{id}"] == "held"
    assert "PUT /lamps/1" not in asked


@pytest.mark.parametrize("selected", ["POST /shelves", "POST /shelves/{shelfId}/books"])
def test_what_a_run_made_it_removes_though_only_that_was_selected(
    tmp_path: Path, selected: str
) -> None:
    """`--include` says what is tested; cleaning up is left out by `--exclude` alone."""
    library = Library()
    contract = contract_of(tmp_path, library.contract)

    run(contract, library, allow_writes=True, families=FEW, include=(selected,), max_billable=5)

    assert list(library.shelves) == ["1"]


TAG = "[{name: If-Match, in: header, required: REQUIRED, schema: {type: string}}]"


@pytest.mark.parametrize("required", ["true", "false"])
@pytest.mark.parametrize(
    ("heeds", "found"), [(True, []), (False, [FindingCode.IGNORED_PRECONDITION])]
)
def test_a_stale_tag_changes_nothing(
    tmp_path: Path, required: str, heeds: bool, found: list[str]
) -> None:
    """412 is right, a success a warning; a header that is demanded has a value all may send."""
    boxes = Boxes(heeds=heeds)
    tags = TAG.replace("REQUIRED", required)

    report = ran(tmp_path, boxes, boxes.contract(tags=tags), families=frozenset({ClauseKind.STATE}))

    assert codes(report) == found
    assert {one.level.value for one in report.findings} <= {"warning"}
    assert verdicts(report)["state.if-match"] == ("held" if heeds else "broken")


PAGES = """
paths:
  /pages:
    post:
      requestBody: &text {required: true, content: {application/json: {schema: &says
        {type: object, required: [text], properties: {text: {type: string, example: old}}}}}}
      responses: {'400': &no {description: no},
        '201': &page {description: one, content: {application/json: {schema:
          {type: object, properties: {id: {type: string}, text: {type: string}}}}}}}
  /pages/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *page, '404': *no}}
    put:
      parameters: TAGS
      requestBody: *text
      responses: {'200': *page, '400': *no, '404': *no, '412': *no}
    delete: {responses: {'204': *no, '404': *no}}
"""
HEADERS = (
    "[{name: If-Match, in: header, schema: {type: string}},"
    " {name: If-None-Match, in: header, schema: {type: string}}]"
)


@dataclass(kw_only=True)
class Pages:
    """Pages with an ETag that says how often they were written. `faults` are what is wrong."""

    faults: frozenset[str] = frozenset()
    pages: dict[str, tuple[int, str]] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        given = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        status, key = self._answer(scope["method"], scope["path"], given, body)
        headers, content = list[tuple[bytes, bytes]](), b""
        if key in self.pages and status < 300:
            version, text = self.pages[key]
            content = b'{"id": "%s", "text": "%s"}' % (key.encode(), text.encode())
            headers = [(b"content-type", b"application/json"), (b"etag", self._tag(version))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _tag(self, version: int) -> bytes:
        weak = b"W/" if "weak" in self.faults else b""
        return weak + b'"v%d"' % (1 if "one tag" in self.faults else version)

    def _answer(
        self, method: str, path: str, given: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        key = path.removeprefix("/pages").lstrip("/")
        found = re.fullmatch(rb'\s*\{\s*"text"\s*:\s*"([a-z0-9-]*)"\s*\}\s*', body)
        if method == "POST" and not key:
            key = f"p{len(self.pages) + 1}"
            self.pages[key] = (1, found[1].decode()) if found else (0, "")
            return (201, key) if found else (400, self.pages.pop(key)[1])
        if key not in self.pages or method not in ("GET", "PUT", "DELETE"):
            return 404 if key else 405, ""
        if method == "DELETE":
            del self.pages[key]
            return 204, key
        if method == "PUT":
            return self._put(key, given, found[1].decode() if found else None), key
        return 200, key

    def _put(self, key: str, given: dict[str, str], text: str | None) -> int:
        version, match = self.pages[key][0], given.get("if-match")
        same = match in (None, "*", self._tag(version).decode())
        if "blind" in self.faults and match is not None and match.startswith('"v'):
            same = True  # any tag that was once its own
        if "refuses" in self.faults and match not in (None, "*"):
            same = False
        if "overwrites" not in self.faults and given.get("if-none-match") == "*":
            return 412
        if not same and "ignores" not in self.faults:
            return 412
        if text is None:
            return 400
        self.pages[key] = (version + 1, text)
        return 200


@pytest.mark.parametrize(
    ("fault", "code", "clause"),
    [
        ("", "", ""),
        ("weak", "", ""),
        ("blind", FindingCode.IGNORED_PRECONDITION, "state.if-match"),
        ("ignores", FindingCode.IGNORED_PRECONDITION, "state.if-match"),
        ("refuses", FindingCode.REFUSED_VALID, "state.if-match"),
        ("one tag", FindingCode.FALSE_VALIDATOR, "state.if-match"),
        ("overwrites", FindingCode.IGNORED_PRECONDITION, "state.if-none-match"),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_conditions_of_a_change(
    tmp_path: Path, fault: str, code: str, clause: str, declared: bool
) -> None:
    """The current tag lets a change through, a stale one does not, and `*` overwrites nothing.

    Where the contract has no such header, a strong ETag of the GET is worth a note.
    """
    pages = Pages(faults=frozenset({fault}))
    contract = contract_of(tmp_path, PAGES.replace("TAGS", HEADERS if declared else "[]"))
    families = frozenset({ClauseKind.STATE})

    report = run(contract, pages, allow_writes=True, families=families, by_clock=True)

    found = {
        (one.code, one.level.value, one.places[0].clause.rpartition(" ")[2])
        for one in report.findings
    }
    untold = not declared and fault == "overwrites"
    level = "warning" if declared else "note"
    assert found == ({(code, level, clause)} if code and not untold else set())
    assert pages.pages == {}
    if declared and not fault:
        assert verdicts(report)["state.if-match"] == "held"
        assert verdicts(report)["state.if-none-match"] == "held"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        ("blind", "state.if-match"),
        ("ignores", "state.if-match"),
        ("refuses", "state.if-match"),
        ("one tag", "state.if-match"),
        ("overwrites", "state.if-none-match"),
    ],
)
def test_a_change_under_a_condition_is_replayed(tmp_path: Path, fault: str, clause: str) -> None:
    """With the tag that the thing has now, in the curl as well, until it is mended."""
    pages = Pages(faults=frozenset({fault}))
    contract = contract_of(tmp_path, PAGES.replace("TAGS", HEADERS))
    whole = f"PUT /pages/{{id}} {clause}"
    with served(pages) as url:
        report = run(contract, url, allow_writes=True, families=frozenset({ClauseKind.STATE}))
        place = places(report)[whole]
        pasted = subprocess.run(
            ["bash", "-c", place.curl], capture_output=True, text=True, timeout=60, check=True
        )
        broken = replayed(contract, url, report)[whole]
        pages.faults = frozenset()
        held = replayed(contract, url, report)[whole]

    assert ("NEW_TAG=$(curl" in place.curl) is (fault in ("blind", "refuses", "one tag"))
    assert ("412" if fault == "refuses" else "200 OK") in pasted.stdout
    assert (broken, held) == (Standing.BROKEN, Standing.HELD)


DIALS = """
paths:
  /dials:
    post:
      requestBody: &body {required: true, content: {application/json: {schema: {type: object,
        required: [on], properties: {on: {type: boolean}}}}}}
      responses: {'400': &no {description: no}, '201': &dial {description: one,
        content: {application/json: {schema: {type: object, properties: {id: {type: integer},
          on: {type: boolean}}}}}}}
  /dials/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *dial, '404': *no}}
    put:
      parameters: [{name: If-Match, in: header, schema: {type: string}}]
      requestBody: *body
      responses: {'200': *dial, '400': *no, '404': *no, '412': *no}
"""


@pytest.mark.parametrize(("heeds", "verdict"), [(True, "held"), (False, "broken")])
def test_a_second_change_really_is_another_one(tmp_path: Path, heeds: bool, verdict: str) -> None:
    """What is as it should be already may be answered with success, whatever the tag."""
    dials = dict[int, tuple[int, bool]]()

    def dial(asked: Asked) -> tuple[int, Any]:
        key = int(asked.path.removeprefix("/dials").lstrip("/") or 0)
        value = asked.json.get("on") if isinstance(asked.json, dict) else None
        if asked.method in ("POST", "PUT") and not isinstance(value, bool):
            return 400, None
        if asked.method == "POST" and not key:
            dials[len(dials) + 1] = (1, bool(value))
            return 201, {"id": len(dials), "on": value}
        if key not in dials or asked.method not in ("GET", "PUT"):
            return 404 if key not in dials and key else 405, None
        version, old = dials[key]
        if asked.method == "PUT":
            tag, known = asked.headers.get("if-match", "*"), ("*", f'"v{version}"')
            foreign = tag not in known and (heeds or tag[:2] != '"v')
            if foreign and not (value == old and tag[:2] == '"v'):
                return 412, None
            dials[key] = (version + (value != old), bool(value))
        return 200, {"id": key, "on": dials[key][1]}

    async def tagged(scope: Any, receive: Any, send: Any) -> None:
        async def marked(message: Any) -> None:
            key = scope["path"].rpartition("/")[2]
            if message["type"] == "http.response.start" and key.isdigit() and int(key) in dials:
                tag = (b"etag", b'"v%d"' % dials[int(key)][0])
                message["headers"] = [*message["headers"], tag]
            await send(message)

        await Application(dial)(scope, receive, marked)

    families = frozenset({ClauseKind.STATE})

    report = run(
        contract_of(tmp_path, DIALS), tagged, allow_writes=True, families=families, by_clock=True
    )

    assert verdicts(report)["state.if-match"] == verdict


CHAT = """
paths:
  /models:
    get: {responses: {'200': {description: all}}}
  /chat:
    post:
      x-conformance: {writes: false}
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [NAMED], properties: {NAMED: {type: string, example: m-of-the-document}}}}}}
      responses: {'200': {description: ok}, '400': &no {description: no}, '404': *no}
"""


@pytest.mark.parametrize("listed", [["m-1"], [{"id": "m-1"}], {"data": [{"id": "m-1", "by": "x"}]}])
@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("named", ["model", "model_id"])
def test_a_model_that_is_listed_is_used_where_the_example_is_refused(
    tmp_path: Path, listed: Any, status: int, named: str
) -> None:
    """The contract's example is of another deployment, and that is no fault of this one."""

    def chat(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/models":
            return (200, listed) if asked.method == "GET" else (405, None)
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get(named), str):
            return 400, None
        return (200, None) if body[named] == "m-1" else (status, None)

    contract = contract_of(tmp_path, CHAT.replace("NAMED", named))
    families = frozenset({ClauseKind.BODY})

    report = run(contract, Application(chat, "GET"), families=families)

    assert codes(report) == []
    assert verdicts(report)["control"] == "held"
    assert verdicts(report)[f"body.{named}.required"] == "held"


def test_a_failure_at_the_example_is_told_though_a_listed_model_is_accepted(tmp_path: Path) -> None:
    """A model that is not known is refused; what fails is wrong, documented or not."""

    def chat(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/models":
            return (200, ["m-1"]) if asked.method == "GET" else (405, None)
        model = asked.json.get("model") if isinstance(asked.json, dict) else None
        known = 200 if model == "m-1" else 500
        return known if isinstance(model, str) else 400, None

    text = CHAT.replace("NAMED", "model").replace("'404': *no", "'500': {description: failed}")
    families = frozenset({ClauseKind.BODY})

    report = run(contract_of(tmp_path, text), Application(chat, "GET"), families=families)

    assert verdicts(report)["control"] == "broken"
    assert "server-error" in codes(report)


def test_what_is_made_for_others_is_announced(tmp_path: Path) -> None:
    """The successes of a run are told before it begins, those that create for a DELETE too."""
    library = Library()
    contract = contract_of(tmp_path, library.contract)
    options = RunOptions(credentials=Credentials(), allow_writes=True, max_billable=5)
    running = Run(contract, Target(app=library), options)

    told = "\n".join(expectation(running))
    given: dict[str, Any] = {"max_billable": 5, "keep_exchanges": True}
    report = run(contract, Library(), allow_writes=True, families=FEW, **given)

    most = 5 * sum(not one.safe for one in contract.operations)
    beside = int(re.findall(r"at most (\d+) requests create", told)[0])
    created = [one for one in report.exchanges if one.request.method == "POST"]
    succeeded = [one for one in created if one.response and one.response.status == 201]
    assert "POST /shelves" in told
    assert len(succeeded) <= most + beside

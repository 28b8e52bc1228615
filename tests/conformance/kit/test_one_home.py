"""What had drifted apart where one fact had several homes: how a person's YAML is read, which
overlay belongs to a contract, what a second success costs.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.commands.run import command, contract_of, prepared
from conformance.commands.running.progress import expectation
from conformance.http.credentials import Placed
from conformance.http.exchange import Answer, Framing, Request, Trouble
from conformance.http.request_drafts import Draft
from conformance.http.target import Target
from conformance.http.transport import _timed
from conformance.run.contract_verification import contract_named
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.whole_run import Run
from spec.sampling.search import NOTHING, Spot
from tests.conformance.kit.applications import Application
from tests.conformance.kit.running import contract_of as contract_in

CONTRACT = """
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /ask:
    post:
      x-conformance: {writes: false}
      requestBody:
        content: {application/json: {schema: {type: object}}}
      responses: {"200": {description: OK}}
"""
OVERLAY = """
overlay: 1.0.0
info: {title: O, version: "1"}
actions: [{target: $.info, update: {title: from the overlay}}]
"""
TWO_TAGS = """
security: [{key: []}]
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
""" + "".join(
    f"""
  /{name}:
    {method}:
      tags: [{tag}]
      x-conformance: {{writes: false}}
      responses: {{"200": {{description: OK}}, "401": {{description: No}}}}
"""
    for name, tag, method in (
        ("one", "Paid", "post"),
        ("two", "Paid", "post"),
        ("three", "Other", "post"),
        ("four", "Free", "get"),
        ("five", "Free", "get"),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contract beside its overlay."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "openapi.overlay.yaml").write_text(OVERLAY, "utf-8")
    return tmp_path


def test_an_example_is_read_as_the_contract_is(folder: Path) -> None:
    """YAML 1.1 would make `no` false, a date an object, and 1_000 a number."""
    example = folder / "ask.yaml"
    example.write_text("prompt: no\nday: 2024-05-01\nnumber: 1_000\n", "utf-8")
    arguments = ["--url", "http://x", "--contract", str(folder / "openapi.yaml")]

    with command.make_context("run", [*arguments, "--example", f"POST /ask={example}"]) as context:
        run_of_it = prepared(context.params)

    assert run_of_it.options.examples == {
        "POST /ask": {"prompt": "no", "day": "2024-05-01", "number": "1_000"}
    }


def test_the_overlay_of_a_contract_is_laid_over_it_by_whoever_opens_it(folder: Path) -> None:
    """`conformance run` and `conformance.verify` mean the same contract by one file."""
    from conformance.commands.contracts.reach import Reach

    path = folder / "openapi.yaml"

    assert contract_of(path, None, Reach()).title == "from the overlay"
    assert contract_named(path).title == "from the overlay"
    assert contract_named(path, overlay=None).title == "from the overlay"


def _unlike_the_default(kind: type[Any]) -> Any:
    """An instance in which no field has its default, so that a lost one is seen."""
    odd: dict[str, Any] = {
        "headers": (("X-Odd", "1"),),
        "body": b"odd",
        "framing": Framing.CHUNKED,
        "trouble": Trouble.TIMEOUT,
        "wire": True,
    }
    plain = {"str": "odd", "int": 7, "float": 7.5, "bool": True}
    given = {one.name: odd.get(one.name, plain.get(str(one.type))) for one in fields(kind)}
    assert None not in given.values(), "give the new field a value here"
    return kind(**given)


def test_a_copy_with_other_headers_keeps_every_field() -> None:
    """A field that a later version adds is not lost by the way."""
    session = object.__new__(Session)
    session.options = RunOptions(headers=(("X-Added", "2"),))
    request = _unlike_the_default(Request)

    made = session._with_headers(request)

    assert made == replace(request, headers=(("X-Odd", "1"), ("X-Added", "2")))


def test_a_copy_with_times_keeps_every_field() -> None:
    """The same for what came back."""
    answer = _unlike_the_default(Answer)

    assert _timed(answer, 1.0, 2.0) == replace(answer, started=1.0, seconds=2.0)


def test_a_draft_with_another_header_keeps_every_field() -> None:
    """The same for a request before it is bytes."""
    draft = Draft(method="PUT", path="/odd", wire=True, framing=Framing.BOTH, omitted=("accept",))

    assert replace(draft.header("X-Odd", "1"), headers=()) == draft


def _marked(kind: type[Any]) -> Any:
    """An instance with a value of its own in every field, whatever fields there are."""
    names = [one.name for one in fields(kind) if one.init]
    return kind(**{name: 7 if name == "depth" else object() for name in names})


def test_the_place_of_a_property_keeps_every_wish() -> None:
    """One level deeper, by its name; what is wanted of the value holds there as well."""
    whole, refs = _marked(Spot), frozenset({"#/components/schemas/A"})

    below = whole.below("inner", refs)

    assert below == replace(whole, name="inner", depth=8, refs=refs, nth=0, tag=NOTHING)


def test_a_case_of_a_scheme_keeps_all_of_its_draft() -> None:
    """Only the credential is another one."""
    draft, placed = _marked(Draft), Placed(headers=(("Authorization", "Bearer wrong"),))

    assert draft.but(credential=placed) == replace(draft, credential=placed)


def test_the_expected_cost_is_that_of_all_operations(tmp_path: Path) -> None:
    """Each of the three POSTs may succeed seven times, and the sentence names them."""
    given = RunOptions(max_billable=7)
    planned = Run(
        contract_in(tmp_path, TWO_TAGS), Target(app=Application(lambda asked: (401, None))), given
    )

    (line,) = expectation(planned)

    assert line.startswith("At most 21 requests with unsafe methods will succeed, 7 for each of")
    assert line.count("POST /") == 3

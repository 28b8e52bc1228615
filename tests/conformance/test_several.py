"""The kit before servers with many faults at once, and before correct ones that look odd."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.conformance.backend.proof import play
from tests.conformance.examination.deployments import Deployment, drawn, is_observable
from tests.conformance.examination.platform import platforms
from tests.conformance.examination.several import examine_together
from tests.conformance.services import SERVICES, Planted, Service

pytestmark = pytest.mark.slow

PLANTED = [(service, fault) for service in SERVICES for fault in service.faults]
QUICK = [("notes", 1), ("events", 3), ("search", 4)]
"""Deployments that take a second; `make faults` examines all of them, with generated requests."""


@pytest.mark.parametrize(("service", "fault"), PLANTED, ids=lambda one: one.name)
def test_a_planted_fault_shows(service: type[Service], fault: Planted) -> None:
    """Its own requests are answered otherwise than by the correct service, and as it says."""
    patience = 0.3 if fault.shows.endless else 2.0
    correct = asyncio.run(play(service(), fault.shows))
    other = asyncio.run(play(service([fault.name]), fault.shows, patience))

    assert (correct[-1].status, other[-1].status) == (fault.shows.was, fault.shows.becomes)
    assert other != correct
    assert other[-1].ended is not fault.shows.endless


@pytest.mark.parametrize(("name", "number"), QUICK)
def test_each_of_many_faults_has_a_place_of_its_own(name: str, number: int) -> None:
    """None is hidden by the others, and nothing is told that none of them breaks."""
    examined = examine_together(drawn(name, number), max_examples=0)

    assert len(examined.deployment.faults) >= 6
    assert (examined.hidden, examined.innocent) == ((), ())


@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_a_correct_service_is_not_accused(name: str) -> None:
    """Neither an error nor a warning, with every licence that a correct service may take."""
    variants = tuple(platforms()[name].variants)
    correct = Deployment(platform=name, number=0, faults=(), variants=variants)
    examined = examine_together(correct, max_examples=3)

    assert examined.innocent == ()


def test_a_fault_that_another_hides_is_not_counted() -> None:
    """What the raw request does not show beside another fault is not drawn with it."""
    notes = platforms()["notes"]
    optional, required = notes.known("title-optional"), notes.known("rank-zero-crashes")
    events = platforms()["events"]
    bare, endless = events.known("news-cut"), events.known("news-endless")

    assert is_observable(notes, [optional, required], optional)
    assert not is_observable(events, [bare, endless], bare)


def test_another_order_of_the_same_answer_shows_no_fault() -> None:
    """A variant that writes the answer anew has taken the repeated name out of it."""
    backend = platforms()["backend"]
    repeated = backend.known("answer-duplicate-keys")

    assert is_observable(backend, [repeated], repeated)
    assert not is_observable(backend, [repeated], repeated, ["never-the-same-twice"])


def test_no_error_is_not_said_in_the_place_of_one() -> None:
    """A success that says so has no error in it, and none is taken away."""
    backend = platforms()["backend"]
    hidden = backend.known("error-object-in-success")

    assert is_observable(backend, [hidden], hidden, ["null-error-in-success"])


@pytest.mark.parametrize("name", ["failure-with-sql", "overview-fails", "redirect-to-new-path"])
def test_where_no_good_request_succeeds_no_client_sees_what_else_is_wrong(name: str) -> None:
    """A fault that fails the good request is planted alone at its operation."""
    fault = platforms()["backend"].known(name)

    assert fault.blocks == fault.operations


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("stream-typed-json", "stream-not-utf-8"),
        ("stream-escaped-breaks", "error-in-stream"),
        ("two-content-types", "image-type-wrong"),
        ("answer-cut", "image-type-wrong"),
    ],
)
def test_what_cannot_be_read_has_no_values_that_could_be_wrong(outer: str, inner: str) -> None:
    """The outer fault veils the inner one, and not the other way round."""
    backend = platforms()["backend"]
    one, other = backend.known(outer), backend.known(inner)

    assert re.match(one.veils, other.finds)
    assert not (other.veils and re.match(other.veils, one.finds))


def test_events_are_rewritten_as_a_whole() -> None:
    """Comments between the events are none within them, however the pieces are cut."""
    backend = platforms()["backend"]
    error = backend.known("error-after-chunks")
    together = backend.build(["stream-byte-by-byte", "stream-with-comments"])

    said = asyncio.run(play(together, error.shows))[-1].body.decode()
    assert [
        line for line in said.splitlines() if line and not line.startswith((":", "data: "))
    ] == []


@pytest.mark.parametrize("number", range(3))
def test_drawing_is_the_same_every_time(number: int) -> None:
    """A seed draws the same faults, none of them twice."""
    first, again = drawn("search", number), drawn("search", number)

    assert first == again
    assert len(set(first.faults)) == len(first.faults)

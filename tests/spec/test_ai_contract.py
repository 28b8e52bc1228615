"""The contract that the project ships, and that its overlay leaves nothing unanswered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import yaml
from openapi_spec_validator import validate

from spec import AI_CONTRACT, Operation, Response, load
from tests.ai import CHAT, CONTRACT, EMBEDDINGS, IMAGES, answers, examples_of, requests


def responses() -> Iterator[tuple[Operation, Response]]:
    for each in CONTRACT.operations:
        for response in each.responses:
            yield each, response


every_response = pytest.mark.parametrize(
    ("each", "response"),
    [pytest.param(o, r, id=f"{o.id} {r.status}") for o, r in responses()],
)


def test_it_is_valid_openapi() -> None:
    """The contract alone and the contract under its overlay are both OpenAPI documents."""
    validate(dict(CONTRACT.promises))
    validate(dict(CONTRACT.document))


def test_it_has_nine_operations_on_eight_paths() -> None:
    """Nothing of the published API is missing, and nothing was added."""
    found = {each.id for each in CONTRACT.operations}

    assert found == {
        "POST /api/ai/image/generation",
        "POST /api/ai/chat/completion",
        "POST /api/ai/embeddings",
        "GET /api/ai/models",
        "GET /api/ai/overview",
        "GET /api/ai/config",
        "PUT /api/ai/config",
        "GET /api/ai/{provider}/api-key",
        "POST /api/ai/{provider}/api-key/rotate",
    }
    assert len(CONTRACT.promises["paths"]) == 8


def test_yaml_1_1_and_1_2_read_it_alike() -> None:
    """No word in it changes its type between the two YAMLs, so every tool sees this contract."""
    read_as_1_1 = yaml.safe_load(AI_CONTRACT.read_text(encoding="utf-8"))

    assert read_as_1_1 == CONTRACT.promises


def test_nothing_in_it_is_faulty() -> None:
    """Every example satisfies its schema, requests and answers alike."""
    assert [str(fault) for fault in CONTRACT.faults] == []


def test_the_overlay_changes_no_promise() -> None:
    """What conformance judges by is the same with the overlay and without."""
    assert CONTRACT.promises == load(AI_CONTRACT).promises


@every_response
def test_every_documented_status_has_a_canned_answer(each: Operation, response: Response) -> None:
    """No answer of this contract has to be made up."""
    named = answers(response)

    assert named
    assert all(named.values())


@every_response
def test_every_name_can_be_typed(each: Operation, response: Response) -> None:
    """A wish such as ?__example=no-credit needs no escape and no look into the file."""
    for name in itertools.chain(*answers(response).values()):
        assert name.replace("-", "").isalpha()
        assert name.islower()
        assert len(name) <= 14


@pytest.mark.parametrize(
    ("each", "response"),
    [pytest.param(o, r, id=f"{o.id} {r.status}") for o, r in responses() if r.status != "200"],
)
def test_errors_have_the_backends_shape(each: Operation, response: Response) -> None:
    """A client reads `error`, `message`, `statusCode` and `nextActions` from every error."""
    for example in answers(response)["application/json"].values():
        assert list(example.value) == ["error", "message", "statusCode", "nextActions"]
        assert example.value["error"].replace("_", "").isupper()
        assert example.value["statusCode"] == int(response.status)


@pytest.mark.parametrize("name", [IMAGES, CHAT, EMBEDDINGS])
def test_a_frontend_can_ask_for_each_failure(name: str) -> None:
    """The 500s are told apart by their code, because a user can do something about some."""
    codes = {key: example.value["error"] for key, example in examples_of(name, 500).items()}

    assert codes == {
        "broken": "INTERNAL_ERROR",
        "no-credit": "BILLING_INSUFFICIENT_BALANCE",
        "unknown-model": "AI_INVALID_MODEL",
        "busy": "RATE_LIMITED",
        "provider-down": "AI_UPSTREAM_UNAVAILABLE",
        "no-key": "AI_INVALID_API_KEY",
    }


@pytest.mark.parametrize("name", [IMAGES, CHAT, EMBEDDINGS, "PUT /api/ai/config"])
def test_a_request_example_has_an_answer_of_its_name(name: str) -> None:
    """Trying an example out shows the answer that is meant for it."""
    assert set(requests(name)) <= set(examples_of(name))


def test_marks_of_the_client_operations() -> None:
    """The three that only cost money are marked so, and say since when they are deprecated."""
    marked = {
        each.id: (each.extensions["x-conformance"], each.extensions["x-deprecated-at"])
        for each in CONTRACT.operations
        if each.extensions
    }

    assert marked == dict.fromkeys([IMAGES, CHAT, EMBEDDINGS], ({"writes": False}, "2026-06-01"))

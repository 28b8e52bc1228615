"""The contract that the project ships, under its overlay, and what tests ask of it."""

from __future__ import annotations

from typing import Any

from spec import AI_CONTRACT, AI_OVERLAY, Contract, Example, Operation, Response, load

CONTRACT: Contract = load(AI_CONTRACT, overlay=AI_OVERLAY)

IMAGES = "POST /api/ai/image/generation"
CHAT = "POST /api/ai/chat/completion"
EMBEDDINGS = "POST /api/ai/embeddings"
OVERVIEW = "GET /api/ai/overview"


def operation(name: str) -> Operation:
    """The operation of that name, which there is."""
    found = CONTRACT.operation(name)
    assert found is not None, name
    return found


def answers(response: Response) -> dict[str, dict[str, Example]]:
    """The named examples of a response, by media type and name."""
    content = response.content or response.mock_content
    return {
        media.name: {example.name: example for example in media.examples if example.name}
        for media in content
    }


def answer(name: str, example: str, status: int = 200) -> Any:
    """The value of one named example of a response."""
    return examples_of(name, status)[example].value


def examples_of(name: str, status: int = 200) -> dict[str, Example]:
    """The named examples of one response, whatever their media type."""
    response = operation(name).response_for(status)
    assert response is not None, (name, status)
    return {key: each for media in answers(response).values() for key, each in media.items()}


def requests(name: str) -> dict[str, Any]:
    """The request examples of an operation, by name."""
    body = operation(name).request_body
    assert body is not None, name
    return {example.name: example.value for example in body.content[0].examples if example.name}

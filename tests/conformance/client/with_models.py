"""httpx and the pydantic models that `datamodel-code-generator` makes of the contract.

Its one argument is the file of the models.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

import httpx

URL = os.environ["MOCK_SERVER_URL"] + "/api/ai"
MODELS = runpy.run_path(sys.argv[1])
MESSAGES = [{"role": "user", "content": "Why is the sky blue?"}]


def call(method: str, path: str, model: str, body: Any = None) -> Any:
    """The answer as the model of that name."""
    answer = httpx.request(
        method, URL + path, json=body, headers={"authorization": "Bearer token"}, timeout=20
    )
    answer.raise_for_status()
    return MODELS[model].model_validate(answer.json())


call("POST", "/chat/completion", "ChatCompletionResponse", {"model": "m", "messages": MESSAGES})
call("POST", "/embeddings", "EmbeddingsResponse", {"model": "m", "input": "Hello"})
call("GET", "/models", "ListModelsResponse")

"""The one exchange that all servers are measured with, and the contract as the peers get it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from tests.benchmarks.answers import Answer
from tests.benchmarks.processes import BenchmarkError

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

#: Shaped like a JWT, because the contract's scheme says so; no server of the benchmark verifies the
#: signature.
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJiZW5jaCIsImV4cCI6NDEwMjQ0NDgwMH0.c2lnbmF0dXJl"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A valid POST with a token and a JSON body, as a browser on another origin sends it, and the
    schema of its 200.
    """

    path: str
    payload: Mapping[str, Any]
    answer_schema: Mapping[str, Any] = field(compare=False)

    @property
    def request(self) -> bytes:
        content = json.dumps(self.payload).encode()
        head = (
            f"POST {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "User-Agent: benchmark",
            "Accept: application/json, text/plain, */*",
            "Origin: http://localhost:5173",
            f"Authorization: Bearer {TOKEN}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        )
        return "\r\n".join(head).encode() + b"\r\n\r\n" + content

    def check(self, answer: Answer) -> None:
        """Let only the documented good answer pass, so that no server is fast by refusing or by
        saying nothing.

        Raises:
            BenchmarkError: another status than 200, or a body that is not JSON of the documented
                shape.

        """
        said = answer.body[:500].decode(errors="replace")
        if answer.status != 200:
            raise BenchmarkError(f"answers {self.path} with {answer.status}: {said}")
        try:
            jsonschema_rs.validate(dict(self.answer_schema), json.loads(answer.body))
        except (ValueError, jsonschema_rs.ValidationError) as error:
            raise BenchmarkError(
                f"answers {self.path} with a wrong body: {error}: {said}"
            ) from error


def image_generation(document: Mapping[str, Any]) -> Exchange:
    """The exchange of the published contract that the figures are about.

    An answer must name a model and show an image, which the contract's schema alone does not ask
    for: an empty object would satisfy it.
    """
    path = "/api/ai/image/generation"
    content = document["paths"][path]["post"]["responses"]["200"]["content"]
    return Exchange(
        path=path,
        payload={"model": "google/gemini-2.5-flash-image", "prompt": "A lighthouse in the fog"},
        answer_schema={
            "allOf": [content["application/json"]["schema"]],
            "required": ["model", "images"],
            "properties": {"images": {"minItems": 1}},
            "components": document["components"],
        },
    )


def with_operation_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with an `operationId` for every operation, which openapi-backend and Connexion
    cannot do without.
    """
    copy = deepcopy(dict(document))
    for path, item in copy["paths"].items():
        for method in METHODS & item.keys():
            name = "".join(letter if letter.isalnum() else "_" for letter in path)
            item[method].setdefault("operationId", f"{method}{name}")
    return copy

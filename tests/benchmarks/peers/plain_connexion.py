"""Connexion as its documentation sets it up, with a handler that returns a dict.

Usage: python -m tests.benchmarks.peers.plain_connexion DOCUMENT PATH PORT
"""

import json
import sys
from pathlib import Path
from typing import Any

import connexion
import uvicorn
from connexion.resolver import Resolver

from tests.benchmarks.peers.ceiling import documented_answer


def bearer_info(token: str) -> dict[str, Any]:
    """Take any token, as the mock does by default."""
    return {"sub": token}


def main(document: str, path: str, port: str) -> None:
    contract = json.loads(Path(document).read_text())
    answer = documented_answer(contract["paths"][path]["post"])
    for scheme in contract["components"]["securitySchemes"].values():
        scheme["x-bearerInfoFunc"] = "tests.benchmarks.peers.plain_connexion.bearer_info"

    async def handler(body: dict[str, Any] | None = None) -> dict[str, Any]:
        assert isinstance(answer, dict)
        return answer

    app = connexion.AsyncApp(__name__)
    app.add_api(
        contract,
        resolver=Resolver(lambda name: handler),
        swagger_ui_options=connexion.options.SwaggerUIOptions(swagger_ui=False),
    )
    uvicorn.run(
        app,
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

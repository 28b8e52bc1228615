"""Our mock of any sound contract conforms: `python -m tests.conformance.gate.own_mock [NAME]...`.

`conformance gate --no-lint` on every sound contract of the tests, and on forty of every kind: each
way to say 400, each credential, each kind of body, both versions. Slow, so not among the tests.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any

import click

from tests.conformance.gate.command import COMMAND, environment
from tests.yaml_files import read_yaml

__all__ = ["contracts", "main"]

_HERE = Path(__file__).parents[2]
_WRITTEN = ("contracts/everything.yaml", "contracts/everything31.yaml")
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {"title": {"type": "string"}, "status": {"type": "integer"}},
}
_REFUSALS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "json": {"application/json": {"schema": _ERROR}},
    "problem": {"application/problem+json": {"schema": _PROBLEM}},
    "text": {"text/plain": {"schema": {"type": "string"}}},
    "closed": {"application/json": {"schema": {**_ERROR, "additionalProperties": False}}},
}
_SCHEMES: Mapping[str, Mapping[str, Any] | None] = {
    "open": None,
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query key": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
}
_NAME = {"type": "string", "minLength": 1, "maxLength": 40}
_BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": _NAME, "size": {"type": "integer", "minimum": 0, "maximum": 9}},
}
_PARAMETERS = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}},
    {"name": "q", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
]


def _sends(media: str, schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


_CLOSED = {**_BODY, "additionalProperties": False}
_TOKENS = {
    "type": "object",
    "required": ["refreshToken"],
    "properties": {"refreshToken": {"type": "string", "minLength": 8}},
}
_KINDS: Mapping[str, tuple[str, dict[str, Any], Any]] = {
    "read": ("get", {}, _BODY),
    "list": ("get", {}, {"type": "array", "items": _BODY, "maxItems": 3}),
    "create": ("post", _sends("application/json", _BODY), _BODY),
    "closed": ("post", _sends("application/json", _CLOSED), _CLOSED),
    "refresh": ("post", _sends("application/json", _TOKENS), _TOKENS),
    "form": ("put", _sends("application/x-www-form-urlencoded", _BODY), _BODY),
    "upload": ("post", _sends("multipart/form-data", _BODY), _BODY),
    "patch": ("patch", _sends("application/merge-patch+json", _BODY), _BODY),
    "text": ("post", _sends("text/plain", {"type": "string", "maxLength": 20}), _BODY),
    "remove": ("delete", {}, None),
}


def contracts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Forty contracts, each kind of operation with four refusals and credentials in turn."""
    refusals, schemes, versions = cycle(_REFUSALS), cycle(_SCHEMES), cycle(("3.0.3", "3.1.0"))
    for turn in range(4):
        for kind in _KINDS:
            refusal, scheme = next(refusals), next(schemes)
            yield (
                f"{kind}, {refusal}, {scheme}, {turn}",
                _contract(kind, refusal, scheme, next(versions)),
            )
        # The numbers of refusals and of credentials both divide what is in a turn.
        next(refusals)
        next(schemes)


def _contract(kind: str, refusal: str, scheme: str, version: str) -> dict[str, Any]:
    method, sent, answered = _KINDS[kind]
    content = {"content": _REFUSALS[refusal]} if _REFUSALS[refusal] else {}
    good = {"content": {"application/json": {"schema": answered}}} if answered else {}
    declared = _SCHEMES[scheme]
    responses: dict[str, Any] = {
        "200" if answered else "204": {"description": "done", **good},
        "400": {"description": "wrong", **content},
        **({"401": {"description": "who", **content}} if declared else {}),
    }
    secured = {
        "security": [{"it": []}], "components": {"securitySchemes": {"it": declared}},
    } if declared else {}  # fmt: skip
    return {
        "openapi": version,
        "info": {"title": "KnownItems", "version": "1"},
        "paths": {
            "/things/{id}": {method: {"parameters": _PARAMETERS, **sent, "responses": responses}}
        },
        **secured,
    }


def _written() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in _WRITTEN:
        yield name, read_yaml(_HERE / name)


def _gate(name: str, contract: dict[str, Any]) -> tuple[str, int, str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "openapi.json").write_text(json.dumps(contract), "utf-8")
        done = subprocess.run(
            [COMMAND, "gate", "--no-lint", "--contract", "openapi.json", "--max-examples", "5"],
            cwd=folder, env=environment(), text=True, capture_output=True, check=False,
        )  # fmt: skip
    return name, done.returncode, done.stdout + done.stderr


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Hold our mock of each contract, or of those whose name has one of NAMES in it, against it."""
    every = [
        one for one in (*contracts(), *_written()) if not names or any(n in one[0] for n in names)
    ]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: _gate(*one), every))
    failed = [(name, status, said) for name, status, said in done if status]
    for name, status, said in failed:
        print(f"--- {name}: exit {status}\n{said}")
    print(f"{len(done) - len(failed)} of {len(done)} contracts: our mock conforms")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

"""One document: each documented status and media type, asked for and judged independently.

The judge is `openapi-schema-validator`, on the document as PyYAML reads it. It judges JSON; what is
of another type, has no schema or leads to another file counts as `unjudged`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from mock_server import create_app
from spec import MediaType, Operation, Response, SpecError, load
from spec.text.media_types import is_json
from tests.mock_server.asking import Answered, ask

__all__ = ["Judge", "Tally", "documents", "refused", "tally_of"]

_FIRST_OF = {"default": "599"}
_OPENAPI = re.compile(
    r"""^(?:\{?\s*"openapi"|["']?openapi["']?)\s*:\s*["']?3\.[01]""", re.MULTILINE
)


@dataclass(kw_only=True)
class Tally:
    """What came of a document. `told` are answers that the mock says it cannot make."""

    operations: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another document as well."""
        self.operations += other.operations
        self.counts += other.counts
        self.wrong += other.wrong


def documents(folder: Path) -> Iterator[Path]:
    """The OpenAPI 3.0 and 3.1 documents of a folder and those below it."""
    for file in sorted(folder.rglob("*")):
        is_named = file.suffix in (".yaml", ".yml", ".json") and file.is_file()
        if is_named and _OPENAPI.search(file.read_text(errors="replace")[:20_000]):
            yield file


def tally_of(file: Path) -> Tally:
    """Ask for everything that a document says is answered. Raises SpecError where it is refused."""
    contract = load(file)
    app, judge = create_app(contract), Judge(file)
    tally = Tally(operations=len(contract.operations))
    for operation in contract.operations:
        for response in operation.responses:
            for medium in (*response.content,) or (None,):
                if response.status.startswith("1"):
                    continue  # no final answer (RFC 9110 section 15.2), and told as such
                code = _FIRST_OF.get(response.status, response.status.replace("XX", "00"))
                accept = medium.name if medium else "*/*"
                path = re.sub(r"\{[^{}]*\}", "1", operation.base_paths[0] + operation.path)
                headers = {"prefer": f"code={code}", "accept": accept}
                answer = ask(app, operation.method, quote(path, safe="/:@"), headers=headers)
                outcome, why = judge.outcome(answer, code, medium)
                tally.counts[outcome] += 1
                if outcome == "wrong":
                    tally.wrong.append(f"{file}: {_named(operation, response, accept)}: {why}")
    return tally


def _named(operation: Operation, response: Response, accept: str) -> str:
    return f"{operation.id} {response.status} {accept}"


class Judge:
    """Judges the answers of one document."""

    def __init__(self, file: Path) -> None:
        self._document: Any = yaml.safe_load(file.read_text())
        resource = DRAFT202012.create_resource(self._document)
        self._registry: Any = Registry().with_resource("urn:contract", resource)
        is_30 = str(self._document["openapi"]).startswith("3.0")
        self._validator: Any = OAS30ReadValidator if is_30 else OAS31Validator

    def outcome(self, answer: Answered, code: str, medium: MediaType | None) -> tuple[str, str]:
        """`right`, `told`, `wrong` or `unjudged`, and why it is wrong."""
        if b"urn:mock-server:problem:unserved" in answer.body:
            return "told", ""
        if answer.status != int(code):
            return "wrong", f"{answer.status} {answer.body[:200]!r}"
        if medium is None:
            return "right", ""
        if medium.schema is None or not is_json(medium.name) or not answer.body:
            return "unjudged", ""
        schema = {"$ref": f"urn:contract#{quote(medium.schema.pointer[1:], safe='/~*{}')}"}
        judge = self._validator(
            schema, registry=self._registry, format_checker=self._validator.FORMAT_CHECKER
        )
        try:
            error = next(judge.iter_errors(json.loads(answer.body)), None)
        except (Unresolvable, re.error, RecursionError):
            return "unjudged", ""
        if error is None:
            return "right", ""
        if error.validator == "pattern" and not _compiles(error.validator_value):
            return "unjudged", ""  # the document's fault, or ECMA-262 that Python does not read
        return "wrong", f"{error.json_path}: {error.message[:200]}"


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def refused(file: Path) -> Tally | SpecError:
    """The tally of a document, or why it is not served."""
    try:
        return tally_of(file)
    except SpecError as error:
        return error

"""One document: each documented status and media type, and each plainest request, judged.

The judge is `openapi-schema-validator`, on the document as PyYAML reads it. Swagger 2.0 it cannot
read: there it judges by the document as the reader upgrades it. It judges JSON; what is of another
type, has no schema or leads to another file counts as `unjudged`.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jsonschema.exceptions import UnknownType
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30WriteValidator,
    OAS31Validator,
    OAS32Validator,
)
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from conformance.cases.controls import candidates
from conformance.cases.draft_parameters import value_in
from conformance.http.credentials import Credentials
from conformance.http.exchange import Request
from conformance.http.request_drafts import NOTHING, Draft
from mock_server import MockApp, Settings, create_app
from mock_server.model.mock_settings import AuthPolicy
from spec import Contract, Direction, MediaType, Operation, Response, Schema, SpecError, load
from spec.contract.parameter_codecs import parameter_codec
from spec.text.forms import is_form
from spec.text.media_types import is_json
from spec.text.styles import Absent
from tests.mock_server.asking import Answered, ask

__all__ = ["Judge", "Tally", "documents", "refused", "tally_of"]

_FIRST_OF = {"default": "599"}
_VERSION = r"""["']?(?:openapi["']?\s*:\s*["']?3\.[012]|swagger["']?\s*:\s*["']?2\.0)"""
_OPENAPI = re.compile(rf"(?:^|[{{,])[ \t]*{_VERSION}", re.MULTILINE)
_OUTERMOST = re.compile(rf"^ {{0,2}}{_VERSION}", re.MULTILINE)
_REFUSING = frozenset({400, 404, 405, 406, 415, 422})
"""What a mock answers to a request that it takes for a wrong one."""


@dataclass(kw_only=True)
class Tally:
    """What came of a document. `told` are answers that the mock says it cannot make.

    `requests` counts what came of the plainest valid request of each operation. `seconds` is the
    processor time from the file to the first answer.
    """

    operations: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Count another document as well."""
        self.operations += other.operations
        self.counts += other.counts
        self.requests += other.requests
        self.wrong += other.wrong
        self.seconds = max(self.seconds, other.seconds)


def documents(folder: Path) -> Iterator[Path]:
    """The OpenAPI 3 and Swagger 2.0 documents of a folder and those below it."""
    for file in sorted(folder.rglob("*")):
        is_named = file.suffix in (".yaml", ".yml", ".json") and file.is_file()
        if is_named and _says_openapi(file.read_text("utf-8-sig", errors="replace")):
            yield file


def _says_openapi(text: str) -> bool:
    """Whether it is an OpenAPI document: the version may stand after all that it has."""
    ends = _OPENAPI.search(text[:20_000]) or _OPENAPI.search(text[-20_000:])
    return bool(ends or _OUTERMOST.search(text))


def tally_of(file: Path, root: Path | None = None) -> Tally:
    """Ask for everything that a document says is answered. Raises SpecError where it is refused."""
    before = time.process_time()
    contract = load(file, root=root)
    app = create_app(contract, settings=Settings(auth=AuthPolicy(mode="off")))
    judge, tally = Judge(contract, file), Tally(operations=len(contract.operations))
    for operation in contract.operations:
        _ask_plainly(app, contract, operation, judge, tally)
        tally.seconds = tally.seconds or time.process_time() - before
        for response in operation.responses:
            for medium in (*response.content,) or (None,):
                if not response.status.startswith("1"):  # no final answer (RFC 9110 section 15.2)
                    _ask_for(app, operation, response, medium, judge, tally)
    tally.wrong = [f"{file}: {one}" for one in tally.wrong]
    return tally


def _ask_for(
    app: MockApp,
    operation: Operation,
    response: Response,
    medium: MediaType | None,
    judge: Judge,
    tally: Tally,
) -> None:
    """Ask for a documented answer by its status."""
    code = _FIRST_OF.get(response.status, response.status.replace("XX", "00"))
    accept = medium.name if medium else "*/*"
    # Some paths have a query (or a fragment, which travels as one) that tells operations apart.
    path, query = (
        re.sub(r"\{[^{}]*\}", "1", one)
        for one in (operation.base_paths[0] + operation.bare_path, operation.path_query)
    )
    headers = {"prefer": f"code={code}", "accept": accept}
    target = quote(path, safe="/:@") + (f"?{query}" if query else "")
    answer = ask(app, operation.method, target, headers=headers)
    outcome, why = judge.outcome(answer, code, medium)
    tally.counts[outcome] += 1
    if outcome == "wrong":
        tally.wrong.append(f"{operation.id} {response.status} {accept}: {why}")


def _ask_plainly(
    app: MockApp, contract: Contract, operation: Operation, judge: Judge, tally: Tally
) -> None:
    """Send the plainest valid request, which no mock may take for a wrong one."""
    drafts = candidates(contract, operation, Credentials())
    draft = next((one for one in drafts if not _breaks(contract, operation, one)), None)
    if draft is None:
        tally.requests["told"] += 1
        return
    request = draft.request()
    answer = ask(app, request.method, request.target, request.body, headers=dict(_fields(request)))
    outcome = _taken(operation, answer)
    why = "" if outcome != "wrong" else f"{answer.status} {answer.body[:300]!r}"
    schema = _sent_schema(operation, draft.media_type)
    if outcome != "wrong" and schema is not None and request.body:
        fault = judge.fault(schema, request.body, sent=True)
        outcome, why = ("wrong", f"sent {fault}") if fault else (outcome, "")
    tally.requests[outcome] += 1
    if outcome == "wrong":
        tally.wrong.append(f"{operation.id} {request.target}: {why}")


def _breaks(contract: Contract, operation: Operation, draft: Draft) -> bool:
    """Whether it has an example that the contract itself forbids, which is told at the start.

    One that breaks a `format` alone is kept, and refused all the same where it is sent.
    """
    for parameter in operation.inputs:
        way = parameter_codec(contract, operation, parameter)
        value, said = value_in(draft, parameter, way), parameter.value_schema
        is_sent = not isinstance(value, Absent)
        if is_sent and said and contract.violations(said, Direction.REQUEST, value):
            return True
    schema = _sent_schema(operation, draft.media_type)
    if is_form(draft.media_type) and isinstance(draft.body, str):
        return True  # an example that is the text of another media type
    if schema is None or draft.body is NOTHING:
        return False
    return bool(contract.violations(schema, Direction.REQUEST, draft.body))


def _fields(request: Request) -> Iterator[tuple[str, str]]:
    yield from ((name.lower(), value) for name, value in request.headers)


def _taken(operation: Operation, answer: Answered) -> str:
    if b"urn:mock-server:problem:unserved" in answer.body:
        return "told"
    documented = {one.status for one in operation.responses}
    only_errors = documented and not any(one[0] in "123d" for one in documented)
    return "wrong" if answer.status in _REFUSING and not only_errors else "right"


def _sent_schema(operation: Operation, media_type: str) -> Schema | None:
    body = operation.request_body
    found = (one.schema for one in body.content if one.name == media_type) if body else ()
    return next(iter(found), None) if is_json(media_type) else None


class _Yaml12(yaml.CSafeLoader):
    """PyYAML without what YAML 1.2 has no more: `OFF` is a text, and a date is one too."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in known if not tag.endswith((":bool", ":timestamp"))]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


_Yaml12.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class Judge:
    """Judges by one document as it is written; what stands in other files, as we bundle it."""

    def __init__(self, contract: Contract, file: Path) -> None:
        self._contract, self._file = contract, file
        self._version = contract.openapi[:3]
        self._registries: dict[tuple[bool, bool], Any] = {}

    @cached_property
    def _text(self) -> str:
        return self._file.read_text("utf-8-sig")

    @cached_property
    def _whole_text(self) -> str:
        """What stands in the document and in the files that it refers to."""
        return json.dumps(self._contract.document)

    @cached_property
    def _written(self) -> Any:
        """The document as PyYAML reads it; ours where a tab or Swagger 2.0 stops the judge."""
        try:
            written = (
                json.loads(self._text)
                if self._file.suffix == ".json"
                else yaml.load(self._text, _Yaml12)
            )
        except (yaml.YAMLError, json.JSONDecodeError):
            return self._contract.document
        return self._contract.document if "swagger" in written else written

    def _registry(self, *, sent: bool, bundled: bool) -> Any:
        if (sent, bundled) not in self._registries:
            document = self._contract.document if bundled else self._written
            mark = "readOnly" if sent else "writeOnly"
            resource = DRAFT202012.create_resource(_without_demands(document, mark))
            self._registries[(sent, bundled)] = Registry().with_resource("urn:contract", resource)
        return self._registries[(sent, bundled)]

    def _validator(self, sent: bool) -> Any:
        if self._version == "3.0":
            return OAS30WriteValidator if sent else OAS30ReadValidator
        return OAS32Validator if self._version == "3.2" else OAS31Validator

    def _is_written(self, error: Any) -> bool:
        """Whether the document has the value: a fault of `format` alone is served, and told."""
        if self._version == "3.0" and isinstance(error.schema, dict) and "$ref" in error.schema:
            # Beside a `$ref` nothing counts (4.8.23), and the judge reads it all the same.
            return True
        # The judge of 3.0 takes a time with an offset (RFC 3339 section 5.6) for none.
        is_time = error.validator_value == "time" and str(error.instance)[-1:].isalnum()
        if error.validator == "readOnly":
            # It speaks of properties (OpenAPI 3.0.4 section 4.8.24.3); of an example it is told.
            return isinstance(error.path[-1], int) or self._has(error.instance)
        if error.validator in ("oneOf", "anyOf"):
            # Of one alternative nothing but formats is wrong.
            branches: dict[Any, list[Any]] = {}
            for one in error.context:
                branches.setdefault(one.relative_schema_path[0], []).append(one)
            return any(all(map(self._is_written, errors)) for errors in branches.values())
        return error.validator == "format" and (is_time or str(error.instance) in self._text)

    def _has(self, value: Any) -> bool:
        """Whether the document has the value, or all that it consists of."""
        if isinstance(value, (dict, list)):
            return all(map(self._has, value.values() if isinstance(value, dict) else value))
        texts = str(value), json.dumps(value)
        return any(one in self._text for one in texts) or texts[1] in self._whole_text

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
        # A fault of `format` alone is served where the document has the example, and told.
        is_given = not answer.headers.get("x-mock-source", "").startswith("generated")
        fault = self.fault(medium.schema, answer.body)
        if fault and is_given:
            # Without formats all the same: of two alternatives a format alone may tell which.
            fault = self.fault(medium.schema, answer.body, formats=False)
        if fault is None:
            return "unjudged", ""
        return ("wrong", fault) if fault else ("right", "")

    def fault(
        self, written: Schema, body: bytes, *, sent: bool = False, formats: bool = True
    ) -> str | None:
        """What is wrong with a body by its schema; None where it cannot be judged."""
        try:
            return self._fault(written, body, sent=sent, formats=formats, bundled=False)
        except Unresolvable:
            pass
        try:
            fault = self._fault(written, body, sent=sent, formats=formats, bundled=True)
        except Unresolvable:
            return None
        # Bundling has resolved what `$dynamicRef` means by names that the judge knows no more.
        return None if fault and "$dynamicRef" in self._text else fault

    def _fault(
        self, written: Schema, body: bytes, *, sent: bool, formats: bool, bundled: bool
    ) -> str | None:
        validator = self._validator(sent)
        schema = {"$ref": f"urn:contract#{quote(written.pointer[1:], safe='/~*{}')}"}
        registry = self._registry(sent=sent, bundled=bundled)
        checker = validator.FORMAT_CHECKER if formats else None
        judge = validator(schema, registry=registry, format_checker=checker)
        try:
            errors = judge.iter_errors(json.loads(body))
            error = next((one for one in errors if not self._is_written(one)), None)
        except (UnknownType, re.error, RecursionError, TypeError, AttributeError):
            return None  # a schema that is none stops the judge, and is served around here
        if error is None:
            return ""
        if error.validator == "pattern" and not _compiles(error.validator_value):
            return None  # the document's fault, or ECMA-262 that Python does not read
        if error.validator in ("readOnly", "writeOnly") and error.validator_value is not True:
            return None  # `"true"` is no mark, and the judge takes it for one
        kind = error.schema.get("type") if isinstance(error.schema, dict) else None
        if self._version == "3.0" and (isinstance(kind, list) or kind == "null"):
            return None  # of OpenAPI 3.1, read as it is meant, and told
        if "could not be resolved" in error.message or "discriminating" in error.message:
            return None  # no names of schemas (OpenAPI 3.0.4 section 4.8.25.2); a misplaced one
        return f"{error.json_path}: {error.message[:200]}"


def _without_demands(document: Any, mark: str) -> Any:
    """The document with no property `required` that may not travel this way.

    Since 3.1 the validator looks at no direction, before it follows no reference, and the rule of
    OpenAPI 3.0 section 4.7.24.1 is meant: what is `writeOnly` is required of the request alone.
    """
    made = copy.deepcopy(document)
    waiting = [made]
    while waiting:
        node = waiting.pop()
        below = node.values() if isinstance(node, dict) else node
        waiting += [one for one in below if isinstance(one, (dict, list))]
        if not isinstance(node, dict) or not isinstance(node.get("required"), list):
            continue
        properties = _properties(node)
        node["required"] = [
            name for name in node["required"] if not _is_marked(made, properties.get(name), mark)
        ]
    return made


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties that a schema and the members of its `allOf` describe in place."""
    found: dict[str, Any] = {}
    members = schema.get("allOf")
    for one in (*(members if isinstance(members, list) else ()), schema):
        properties = one.get("properties") if isinstance(one, dict) else None
        found |= properties if isinstance(properties, dict) else {}
    return found


def _is_marked(document: Any, schema: Any, mark: str, deepest: int = 8) -> bool:
    if not isinstance(schema, dict) or not deepest:
        return False
    parts = [*schema.get("allOf", ())] if isinstance(schema.get("allOf"), list) else []
    if str(schema.get("$ref", "")).startswith("#/"):
        target = document
        for token in schema["$ref"][2:].split("/"):
            target = target.get(token) if isinstance(target, dict) else None
        parts.append(target)
    below = any(_is_marked(document, one, mark, deepest - 1) for one in parts)
    return schema.get(mark) is True or below


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def refused(file: Path, root: Path | None = None) -> Tally | SpecError:
    """The tally of a document with files below `root`, or why it is not served."""
    try:
        return tally_of(file, root)
    except SpecError as error:
        return error

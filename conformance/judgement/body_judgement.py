"""The body of an answer against the schema that the contract gives it, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.clauses.ids import clause_id, node_clause, response_prefix
from conformance.clauses.keyword_sentences import is_write_only, response_keywords
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import OTHER, Path, Step, expand, get, path_of
from conformance.judgement.observation import Observation, broken, held
from conformance.judgement.stored_faults import StoredFaults
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, Direction
from spec.contract.resource_paths import canonical
from spec.model.contract_model import MediaType, Operation, Response, Schema, Violation

__all__ = ["BodyJudge"]

MOST_INSTANCES = 200
"""Of a long array so many items are looked at for what they show; all are validated."""


@dataclass(frozen=True, slots=True)
class BodyJudge:
    """Judges JSON values by response schemas.

    What is `stored` against the contract by this run is no evidence against who shows it.
    """

    contract: Contract
    stored: StoredFaults = field(default_factory=StoredFaults)

    def observe(
        self, operation: Operation, response: Response, media_type: MediaType, value: Any
    ) -> Iterator[Observation]:
        """What a value shows of each keyword of its schema."""
        schema = media_type.schema
        if schema is None:
            return
        prefix = response_prefix(response.status, media_type.name)
        found = self.contract.violations(schema, Direction.RESPONSE, value)
        places = nodes(self.contract, schema)
        accused, silent = set[str](), set[str]()
        for violation in found:
            path = path_of(violation.pointer, value)
            explained = self.stored.explain(canonical(operation.path), value, path)
            for local, pointer in self._accused(places, prefix, violation, path):
                silent |= {local} if explained else set()
                if local not in accused and not explained:
                    accused.add(local)
                    yield self._broken(operation, local, pointer, violation, path)
        accused |= silent
        if found and not accused:
            pointer = found[0].schema_pointer or schema.pointer
            yield self._broken(operation, f"{prefix}.schema", pointer, found[0])
            accused.add(f"{prefix}.schema")
        hidden = [n for n in places if is_write_only(n) and self._occurs(n, value)]
        for node in hidden:
            local = node_clause(prefix, node.name, "writeOnly")
            accused.add(local)
            yield self._sent_write_only(operation, local, node)
        yield from self._held(operation, prefix, places, value, accused, bool(found))

    def observe_whole(
        self, operation: Operation, response: Response, media_type: MediaType, value: list[Any]
    ) -> Iterator[Observation]:
        """What a list shows of its own: its length, what it must contain. Its items are not judged.

        The schema of lines is one of all of them together (OpenAPI 3.2, Sequential Media Types).
        """
        if (schema := media_type.schema) is None:
            return
        found = self.contract.violations(schema, Direction.RESPONSE, value)
        own = next((one for one in found if not one.pointer), None)
        if own is not None:
            prefix = response_prefix(response.status, media_type.name)
            pointer = own.schema_pointer or schema.pointer
            yield self._broken(operation, f"{prefix}.schema", pointer, own)

    def _accused(
        self,
        places: tuple[SchemaNode, ...],
        prefix: str,
        violation: Violation,
        path: tuple[str | int, ...],
    ) -> Iterator[tuple[str, str]]:
        """The clauses that a violation breaks, with the pointers to their keywords.

        A missing or unknown property is reported under its own name.
        """
        keyword, named = violation.keyword, path
        # The validator names the property; the keyword stands at the object that has it.
        if keyword in ("required", "additionalProperties"):
            path = path[:-1]
        # Alternatives have one path and a pointer each; the violation's pointer says which it is.
        fitting = [n for n in places if _leads(n, path) and keyword in n.keywords]
        exact = [n for n in fitting if violation.schema_pointer.startswith(f"{n.pointer}/")]
        node = next(iter(exact or fitting), None)
        if node is not None:
            suffix = f":{named[-1]}" if keyword == "required" and named else ""
            keyword = node.own_keyword(keyword)
            local = node_clause(prefix, node.name, f"{keyword}{suffix}")
            yield local, node.keyword_pointer(keyword)

    def _broken(
        self,
        operation: Operation,
        local: str,
        pointer: str,
        violation: Violation,
        path: Path = (),
    ) -> Observation:
        where = violation.pointer or "the body"
        return broken(
            clause_id(operation.id, local),
            FindingCode.RESPONSE_SCHEMA,
            expected=f"a body that satisfies {pointer}",
            got=f"{where}: {violation.message}"[:300],
            cause=f"response-schema|{pointer}",
            pointer=pointer,
            path=path,
        )

    def _sent_write_only(self, operation: Operation, local: str, node: SchemaNode) -> Observation:
        pointer = node.keyword_pointer("writeOnly")
        return broken(
            clause_id(operation.id, local),
            FindingCode.RESPONSE_SCHEMA,
            level=Level.WARNING,
            expected=f"an answer without `{node.name}`, which is writeOnly",
            got=f"`{node.name}` is in the answer",
            cause=f"response-schema|{pointer}",
            pointer=pointer,
        )

    def _held(
        self,
        operation: Operation,
        prefix: str,
        places: tuple[SchemaNode, ...],
        value: Any,
        accused: set[str],
        violated: bool,
    ) -> Iterator[Observation]:
        if not violated:
            yield held(clause_id(operation.id, f"{prefix}.schema"))
        for node in places:
            local = node_clause(prefix, node.name, "writeOnly")
            if is_write_only(node) and local not in accused:
                yield held(clause_id(operation.id, local))
            if self._occurs(node, value):
                for one in response_keywords(prefix, node):
                    if one.local not in accused and self._shows(node, one.keyword, value):
                        yield held(clause_id(operation.id, one.local))

    def _occurs(self, node: SchemaNode, value: Any) -> bool:
        paths = _instances(node, value)
        if not node.branched:
            return bool(paths)
        schema = Schema(pointer=node.pointer, value=node.keywords)
        # A branch occurs where a value satisfies it. Three are enough: each is a validation.
        return any(
            not self.contract.violations(schema, Direction.RESPONSE, get(value, path))
            for path in paths[:3]
        )

    def _shows(self, node: SchemaNode, keyword: str, value: Any) -> bool:
        """Whether a value there is of the type that the keyword speaks of."""
        wanted = _APPLIES.get(keyword.partition(":")[0])
        if wanted is None:
            return True
        found = (get(value, path) for path in _instances(node, value))
        # Python's `bool` is an `int`, and JSON's `true` is no number.
        return any(isinstance(one, wanted) and not isinstance(one, bool) for one in found)


_NUMBERS = (int, float)
# A keyword says nothing of values of other types, which pass it (JSON Schema Validation, section
# 6): a text under `minimum` would be counted as having kept it.
_APPLIES: dict[str, type | tuple[type, ...]] = {
    "required": dict,
    "additionalProperties": dict,
    "minProperties": dict,
    "maxProperties": dict,
    "minItems": list,
    "maxItems": list,
    "uniqueItems": list,
    "minLength": str,
    "maxLength": str,
    "pattern": str,
    "format": (str, int, float),
    "minimum": _NUMBERS,
    "maximum": _NUMBERS,
    "exclusiveMinimum": _NUMBERS,
    "exclusiveMaximum": _NUMBERS,
    "multipleOf": _NUMBERS,
}


def _instances(node: SchemaNode, value: Any) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = []
    for path in expand(value, node.steps):
        found.append(path)
        if len(found) >= MOST_INSTANCES:
            break
    return found


def _leads(node: SchemaNode, path: tuple[str | int, ...]) -> bool:
    return len(node.steps) == len(path) and all(
        _fits(step, key) for step, key in zip(node.steps, path, strict=True)
    )


def _fits(step: Step, key: str | int) -> bool:
    if isinstance(step, (str, int)):
        return step == key
    return isinstance(key, str) if step is OTHER else isinstance(key, int)

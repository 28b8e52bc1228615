"""The body of an answer against the schema that the contract gives it, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
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
_Present = tuple[SchemaNode, list[Path]]
"""A place that a value has, and the paths to what stands there."""


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
        present = [*self._present(places, value)]
        for node, _ in present:
            if is_write_only(node):
                local = node_clause(prefix, node.name, "writeOnly")
                accused.add(local)
                yield self._sent_write_only(operation, local, node)
        if not found:
            yield held(clause_id(operation.id, f"{prefix}.schema"))
        kept = (*self._not_sent(prefix, places), *_kept(prefix, present, value))
        yield from (held(clause_id(operation.id, one)) for one in kept if one not in accused)

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

    def _not_sent(self, prefix: str, places: Iterable[SchemaNode]) -> Iterator[str]:
        """The clauses of what is writeOnly: whatever is not in an answer keeps them."""
        if "writeOnly" in self.contract.keys_present:
            for node in places:
                if is_write_only(node):
                    yield node_clause(prefix, node.name, "writeOnly")

    def _present(self, places: Iterable[SchemaNode], value: Any) -> Iterator[_Present]:
        """The places that a value has; of alternatives those that it satisfies."""
        missing = set[tuple[Step, ...]]()
        for node in places:
            # Parents come first, and below what is not there is nothing.
            paths = [] if node.steps[:-1] in missing else _instances(node, value)
            if not paths:
                missing.add(node.steps)
            elif not node.branched or self._satisfied(node, value, paths):
                yield node, paths

    def _satisfied(self, node: SchemaNode, value: Any, paths: list[Path]) -> bool:
        schema = Schema(pointer=node.pointer, value=node.keywords)
        # Three are enough: each is a validation.
        return any(
            not self.contract.violations(schema, Direction.RESPONSE, get(value, path))
            for path in paths[:3]
        )


def _kept(prefix: str, present: Iterable[_Present], value: Any) -> Iterator[str]:
    """The clauses of keywords that speak of a value, as far as it does not break them."""
    for node, paths in present:
        for one in response_keywords(prefix, node):
            if _shows(one.keyword, value, paths):
                yield one.local


def _shows(keyword: str, value: Any, paths: list[Path]) -> bool:
    """Whether a value there is of the type that the keyword speaks of."""
    wanted = _APPLIES.get(keyword.partition(":")[0])
    if wanted is None:
        return True
    found = (get(value, path) for path in paths)
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


def _instances(node: SchemaNode, value: Any) -> list[Path]:
    return list(islice(expand(value, node.steps), MOST_INSTANCES))


def _leads(node: SchemaNode, path: tuple[str | int, ...]) -> bool:
    return len(node.steps) == len(path) and all(
        _fits(step, key) for step, key in zip(node.steps, path, strict=True)
    )


def _fits(step: Step, key: str | int) -> bool:
    if isinstance(step, (str, int)):
        return step == key
    return isinstance(key, str) if step is OTHER else isinstance(key, int)

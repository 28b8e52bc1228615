"""A contract that was read: operations, schemas, faults, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from spec.contract.contract_schemas import keys_present, schemas_in, schemas_of
from spec.contract.endless_references import ReferenceCheck
from spec.contract.examples import ExampleReader
from spec.contract.misspelt_keys import grammatical_objects, spelling_faults
from spec.contract.operation_reading import OperationReader
from spec.contract.outgoing_paths import outgoing_paths
from spec.contract.schema_checks import endless_faults, unsatisfiable_faults, value_faults
from spec.contract.slips import slips
from spec.contract.steering_checks import steering_faults
from spec.model.contract_model import Direction, Operation, Schema, SecurityScheme, Violation
from spec.model.errors import Fault, Place
from spec.model.pointers import follow, join, split
from spec.reading.external_files import ExternalFiles
from spec.reading.nodes import Node
from spec.reading.structure import objects, undeclared_names
from spec.reading.walking import Walker
from spec.sampling.proposals import LENGTH, VALUE
from spec.sampling.sampler import SampleLibrary
from spec.schemas.canonical_algebra import unsatisfiable
from spec.schemas.compiled import SchemaJudge, SchemaLibrary
from spec.schemas.dialect import Translator
from spec.schemas.dynamic_scopes import DynamicAnchors

__all__ = ["Contract"]

_VALUE_KEYWORDS = frozenset({"example", "examples", "default"})
"""The keywords of a schema that hold values of it."""


class Contract:
    """One reading of a contract. Nothing in it changes; a changed file is a new `Contract`."""

    def __init__(
        self,
        *,
        file: str,
        root: Node,
        published: Node,
        files: tuple[Path, ...],
        sha256: str,
        faults: tuple[Fault, ...] = (),
        dynamic_anchors: DynamicAnchors | None = None,
        refuses_unknown_names: bool = False,
    ) -> None:
        self.file, self.files, self.sha256 = file, files, sha256
        self._root, self._published = root, published
        self._faults: dict[tuple[str, str, str], Fault] = {}
        self._places = dict[str, Place]()
        self.document: dict[str, Any] = root.plain()
        self.openapi = str(self.document["openapi"])
        info = self.document.get("info")
        info = info if isinstance(info, dict) else {}
        self.title = str(info.get("title", "") or "an API without a title")
        self.version = str(info.get("version", ""))
        self.description = str(info.get("description", ""))
        self.keys_present = keys_present(root)
        self._library = SchemaLibrary(
            translator=Translator(
                find=self.find,
                is_30=self.openapi.startswith("3.0"),
                has_marks=bool({"readOnly", "writeOnly"} & self.keys_present),
                refuses_unknown_names=refuses_unknown_names
                and "discriminator" in self.keys_present,
                dynamic_anchors=dynamic_anchors or {},
            ),
            report=self._report_schema,
        )
        self._samples = SampleLibrary(schemas=self._library)
        walk = Walker(document=self.document, find=self.find, report=self._report, place=self.place)
        external = ExternalFiles(folder=files[0].resolve().parent)
        examples = ExampleReader(walk=walk, violations=self._library.violations, external=external)
        operations = OperationReader.of(walk, examples)
        walked = list(objects(root))
        # Before the examples are judged, so that all schemas are compiled together: compiling
        # each as it is met would translate what they share again and again.
        self._library.expect(schemas_in(walked))
        references = ReferenceCheck(
            find=self.find, target=self._library.translator.target, place=self.place
        )
        endless = references.endless(join("#", *path) for path, _ in walked)
        for fault in (*faults, *undeclared_names(walked), *endless):
            self._report(fault)
        self._is_checked = False
        self._told_in_words: set[str] = set()
        self.security_schemes: Mapping[str, SecurityScheme] = operations.security.security_schemes()
        self.operations: tuple[Operation, ...] = operations.read(self.security_schemes)
        # What `externalValue` names is opened while the operations are read.
        self.files = (*files, *external.seen)
        # Most contracts have no such key, and need no second walk.
        if {VALUE, LENGTH} & self.keys_present:
            for fault in steering_faults(walked, self._library.violations):
                self._report(fault)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Defects that are served around, in the order of the files' lines.

        A schema is compiled when it is first used, so `check_schemas()` may add to them.
        """
        found = (
            fault
            for fault in self._faults.values()
            # What the validator of schemas says of the same keyword names no remedy.
            if fault.code != "invalid-schema" or fault.pointer not in self._told_in_words
        )
        return tuple(sorted(found, key=lambda fault: fault.place))

    @cached_property
    def promises(self) -> dict[str, Any]:
        """The document as it was published, without the overlay."""
        promised: dict[str, Any] = self._published.plain()
        return promised

    def outgoing(self, known_as: Mapping[str, str]) -> Contract:
        """The requests that the API itself sends, as the operations of a contract of their own.

        A webhook is served under `/webhooks/NAME` there, a callback under
        `/callbacks/NAME/METHOD/PATH` (OpenAPI 3.1.1, 4.8.1 and 4.8.18). Lines are this contract's.
        `known_as` has the path for each operation, by its id, whose callbacks are asked for.
        """
        root = self._root.without("servers").without("security")
        asked = {one: known_as[one.id] for one in self.operations if one.id in known_as}
        root = root.with_child("paths", outgoing_paths(self._root, asked))
        return Contract(
            file=self.file,
            root=root,
            published=root,
            files=self.files,
            sha256=self.sha256,
            dynamic_anchors=self._library.translator.dynamic_anchors,
        )

    def objects(self) -> Iterator[tuple[str, str, Any]]:
        """Every object that OpenAPI has fields for: its pointer, its name, its plain value."""
        for path, node, kind in grammatical_objects(self._root):
            yield join("#", *path), kind, node.plain()

    def find(self, pointer: str) -> Any:
        """The plain value at a pointer of the document.

        Raises:
            KeyError: there is none.
        """
        if not pointer.startswith("#"):
            raise KeyError(pointer)
        return follow(self.document, split(pointer))

    def place(self, pointer: str) -> Place:
        """File and line of a pointer, or of the nearest node above it that exists."""
        if pointer not in self._places:
            self._places[pointer] = self._root.place_of(split(pointer))
        return self._places[pointer]

    def operation(self, name: str) -> Operation | None:
        """The operation of an id such as `POST /api/x`, or of an `operationId`."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Operation]:
        # An id such as `GET /x` wins over an operationId that is written like one.
        by_id = {one.operation_id: one for one in self.operations if one.operation_id}
        return {**by_id, **{one.id: one for one in self.operations}}

    def schema(self, pointer: str) -> Schema:
        """The schema at a pointer.

        Raises:
            KeyError: nothing stands there.
        """
        return Schema(pointer=pointer, value=self.find(pointer))

    def resolve(self, schema: Schema, *, bare: bool = False) -> Schema:
        """The schema that a chain of `$ref`s ends in; the last one found where it breaks.

        `bare` goes no further than a `$ref` that has other keywords beside it.
        """
        seen = {schema.pointer}
        while isinstance(schema.value, Mapping) and isinstance(schema.value.get("$ref"), str):
            if bare and len(schema.value) > 1:
                break
            pointer = self._library.translator.target(schema.value["$ref"])
            if pointer in seen:
                break
            seen.add(pointer)
            try:
                schema = self.schema(pointer)
            except KeyError:
                break
        return schema

    def standalone(self, schema: Schema, direction: Direction) -> dict[str, Any]:
        """The schema as self-contained JSON Schema 2020-12; it must not be changed."""
        return self._library.standalone(schema.pointer, direction).schema

    def origin(self, schema: Schema, direction: Direction, path: list[str | int]) -> str:
        """The contract's pointer for a path into what `standalone` gives.

        A definition's name means the same in the whole contract, so the schema itself need not
        refer to it.
        """
        return self._library.origin(schema.pointer, direction, path)

    def validator(self, schema: Schema, direction: Direction) -> SchemaJudge:
        """The compiled schema, shared by all who ask for it."""
        return self._library.judge(schema.pointer, direction)

    def violations(self, schema: Schema, direction: Direction, value: Any) -> tuple[Violation, ...]:
        """Everything that a value violates, not the first thing only."""
        return self._library.violations(schema.pointer, direction, value)

    def sample(self, schema: Schema, direction: Direction, seed: int | None = None) -> Any:
        """A valid value: the plainest one, or one that the seed varies.

        Raises:
            UnsatisfiableError: there is none, or none was found.
        """
        return self._samples.sample(schema.pointer, direction, seed)

    def left_out(self, schema: Schema, direction: Direction) -> tuple[str, ...]:
        """The optional properties that the last sample lacks, since no value could be made."""
        return self._samples.left_out(schema.pointer, direction)

    def check_schemas(self) -> None:
        """Look at every schema and at every key, so that `faults` is complete; once."""
        if self._is_checked:
            return
        self._is_checked = True
        used = [(one.pointer, way) for o in self.operations for one, way in schemas_of(o)]
        for pointer, direction in used:
            self._library.judge(pointer, direction)
        schemas: list[tuple[str, Any]] = []
        for path, node, kind in grammatical_objects(self._root):
            for fault in spelling_faults(path, node, kind):
                self._report(fault)
            for fault in slips(self._root, path, node, kind):
                self._told_in_words.add(fault.pointer)
                self._report(fault)
            if kind == "Schema":
                schemas.append((join("#", *path), node.plain()))
        self._check_values(schemas)
        self._check_satisfiability(used)

    def _check_values(self, schemas: list[tuple[str, Any]]) -> None:
        valued = [one for one in schemas if not _VALUE_KEYWORDS.isdisjoint(one[1])]
        self._library.expect((at, direction) for at, _ in valued for direction in Direction)
        for pointer, schema in valued:
            for fault in value_faults(pointer, schema, self._library.violations, self.place):
                self._report(fault)

    def _check_satisfiability(self, used: list[tuple[str, Direction]]) -> None:
        definitions = self._library.definitions
        seen, unknown = set[str](), set[str]()
        for root, direction in dict.fromkeys(used):
            for pointer in definitions.unseen([root], direction, seen):
                standalone = self._library.alone(pointer, direction)
                try:
                    reasons = unsatisfiable(standalone.schema)
                except ValueError:
                    # Malformed, which is told elsewhere, or too much to be decided.
                    unknown.add(pointer)
                    continue
                for fault in unsatisfiable_faults(standalone, reasons, self.place):
                    self._report(fault)
        for direction in Direction:
            roots = [pointer for pointer, way in used if way is direction]
            named = {
                definitions.name(one, direction): definitions.schema(one, direction)
                for one in definitions.closure(roots)
                if one not in unknown
            }
            origin = partial(definitions.origin, path=())
            for fault in endless_faults(named, origin, self.place):
                self._report(fault)

    def _report(self, fault: Fault) -> None:
        # A part that is referred to from many places is read many times and reported once.
        self._faults.setdefault((fault.code, fault.pointer, fault.what), fault)

    def _report_schema(self, code: str, what: str, pointer: str) -> None:
        place = self.place(pointer)
        remedy = "correct the schema; until then it is served without this keyword"
        self._report(Fault(code=code, place=place, pointer=pointer, what=what, remedy=remedy))

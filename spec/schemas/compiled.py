"""The schemas of one contract: translated, compiled and judged by, each of them once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import jsonschema_rs
from jsonschema_rs import FancyRegexOptions, ValidationError, Validator

from spec.model.contract_model import Direction, Violation
from spec.model.pointers import join
from spec.model.short_texts import shortened
from spec.schemas.combining import Combinations
from spec.schemas.dialect import Translator
from spec.schemas.ecma_patterns import LONGEST, TOO_LONG, length_bounds, lengths_joined
from spec.schemas.explaining import JointValidator
from spec.schemas.schema_definitions import Definitions
from spec.schemas.string_formats import STRING_FORMATS
from spec.schemas.surrogates import without_surrogates
from spec.schemas.translated import JsonSchema, Standalone, without_references
from spec.schemas.violations import violations

__all__ = ["SchemaJudge", "SchemaLibrary", "compile_schema"]

_FORMATS = {name: one.is_valid for name, one in STRING_FORMATS.items() if one.is_valid}
"""What the engine does not know and we judge."""
_BACKTRACK_LIMIT = 20_000
"""Steps that one pattern may take on one string, for the few patterns that no automaton decides."""
_SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes that one compiled pattern may have; a count such as `{1,20000}` needs millions."""
_MENDS = 50
"""How many defects of one schema are cut out before the whole schema is given up."""

_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_SHOWN = 200
"""Characters of a pattern that a message repeats."""

OnDefect = Callable[[str, str, str], None]
"""Called with a code, the sentence that says what is wrong, and the contract's pointer."""


def compile_schema(schema: Mapping[str, Any] | bool) -> Validator:
    """A validator for a self-contained JSON Schema 2020-12.

    Formats are asserted; patterns are ECMA-262's, in linear time where they can be, else limited.

    Raises:
        jsonschema_rs.ValidationError: it is no valid schema.
    """
    return jsonschema_rs.Draft202012Validator(
        schema if isinstance(schema, bool) else dict(schema),
        validate_formats=True,
        formats=_FORMATS,
        pattern_options=FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT, size_limit=_SIZE_LIMIT),
        offline=True,
    )


@dataclass(frozen=True, slots=True)
class SchemaJudge:
    """Judges values by one schema of a library."""

    joint: JointValidator
    name: str

    def is_valid(self, value: Any) -> bool:
        """Whether the schema allows a value."""
        return self.joint.is_valid(self.name, value)


@dataclass(slots=True, kw_only=True)
class SchemaLibrary:
    """Compiles the schemas of one contract.

    What `expect` announces is compiled together, at the first question about any of it; another
    schema is compiled with what it refers to when it is asked for. `report` is called with the
    code, the pointer and the sentence of each defect that was cut out.
    """

    translator: Translator
    report: OnDefect
    definitions: Definitions = field(init=False)
    _expected: list[tuple[str, Direction]] = field(default_factory=list)
    _judges: dict[tuple[str, Direction], SchemaJudge] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        combinations = Combinations(
            part=lambda pointer: self.translator.part(pointer, Direction.RESPONSE),
            report=self._report_combinations,
        )
        self.definitions = Definitions(translator=self.translator, combinations=combinations)

    def expect(self, schemas: Iterable[tuple[str, Direction]]) -> None:
        """Announce schemas that will be asked for."""
        self._expected += [(self.translator.scopes.entry(at), way) for at, way in schemas]

    def judge(self, pointer: str, direction: Direction) -> SchemaJudge:
        """The judge for the schema at a pointer."""
        pointer = self.translator.scopes.entry(pointer)
        found = self._judges.get((pointer, direction))
        if found is not None:
            return found
        # Found ones are given without the lock: requests of several threads ask all the time.
        with self._lock:
            if self._expected:
                expected, self._expected = self._expected, []
                self._compile(expected)
            if (pointer, direction) not in self._judges:
                self._compile([(pointer, direction)])
            return self._judges[(pointer, direction)]

    def standalone(self, pointer: str, direction: Direction) -> Standalone:
        """The schema at a pointer as one that needs no document, without what is no schema."""
        self.judge(pointer, direction)
        with self._lock:
            entry = self.translator.scopes.entry(pointer)
            return self.definitions.standalone(entry, direction)

    def origin(self, pointer: str, direction: Direction, path: Sequence[str | int]) -> str:
        """The contract's pointer for a path into what `standalone` gives."""
        if path[:1] == ["$defs"] and len(path) > 1:
            return self.definitions.origin(str(path[1]), path[2:])
        return self.standalone(pointer, direction).origin(list(path))

    def alone(self, entry: str, direction: Direction) -> Standalone:
        """The schema of an entry with what is said of the same value; all else is left open."""
        with self._lock:
            return self.definitions.alone(entry, direction)

    def violations(self, pointer: str, direction: Direction, value: Any) -> tuple[Violation, ...]:
        """What a value violates; nothing where it is valid."""
        judge = self.judge(pointer, direction)
        try:
            return self._violations(judge, value)
        except UnicodeEncodeError:
            # The engine is Rust, whose strings cannot hold a lone surrogate.
            return self._violations(judge, without_surrogates(value))

    def _violations(self, judge: SchemaJudge, value: Any) -> tuple[Violation, ...]:
        if judge.is_valid(value):
            return ()
        return violations(judge.joint, judge.name, value, self.definitions.origin)

    def _report_combinations(self, pointer: str, keyword: str) -> None:
        what = f"`{keyword}` offers more choices than can be tried for one value"
        self.report("too-many-choices", what, join(pointer, keyword))

    def _compile(self, roots: Sequence[tuple[str, Direction]]) -> None:
        names = self.definitions
        names.add([pointer for pointer, _ in roots])
        schemas: dict[str, JsonSchema] = {}
        for direction in Direction:
            reached = names.closure([at for at, way in roots if way is direction])
            schemas |= {names.name(one, direction): names.schema(one, direction) for one in reached}
        joint = self._joint(schemas)
        for pointer, direction in roots:
            self._judges[(pointer, direction)] = SchemaJudge(joint, names.name(pointer, direction))

    def _joint(self, schemas: dict[str, JsonSchema]) -> JointValidator:
        """Compile; what does not compile is reported, cut out, and the rest serves on."""
        # All at once first: nearly every contract compiles, and one by one is slower.
        try:
            return JointValidator(schemas, compile_schema)
        except ValidationError:
            mended = {name: self._mended(name, schema) for name, schema in schemas.items()}
        try:
            return JointValidator(mended, compile_schema)
        except ValidationError:
            return JointValidator(dict.fromkeys(schemas, True), compile_schema)

    def _mended(self, name: str, schema: JsonSchema) -> JsonSchema:
        """A definition without the keywords that no validator takes."""
        written = schema
        for _ in range(_MENDS):
            try:
                # Without references, so that only this definition's own keywords are judged.
                compile_schema(without_references(schema))
                break
            except ValidationError as error:
                path = _culprit(list(error.instance_path))
                counted = _counted(schema, path)
                if counted is None:
                    self.report(*_defect(error), self.definitions.origin(name, path))
                    # A schema that is wrong as a whole admits anything.
                    counted = _without(schema, path) if path else True
                schema = counted
        else:
            schema = True
        if schema is not written:
            self.definitions.replace(name, schema)
        return schema


def _culprit(path: list[str | int]) -> list[str | int]:
    """The keyword that is to blame: an item of a list blames the list."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _counted(schema: Any, path: list[str | int]) -> Any:
    """A copy that counts by its lengths what a pattern counts; None where the pattern does more.

    The engine unrolls counts, and has no room for those of long texts.
    """
    if path[-1:] != ["pattern"]:
        return None
    holder = schema
    try:
        for token in path[:-1]:
            holder = holder[token]
        found = length_bounds(holder["pattern"])
        if found is None:
            return None
        pattern, least, most = found
        return _with(schema, path[:-1], lengths_joined({**holder, "pattern": pattern}, least, most))
    except (KeyError, TypeError):
        return None


def _with(schema: Any, path: list[str | int], node: Any) -> Any:
    """A copy of a schema with another node at a path."""
    if not path:
        return node
    copy = schema.copy()
    copy[path[0]] = _with(schema[path[0]], path[1:], node)
    return copy


def _defect(error: ValidationError) -> tuple[str, str]:
    """The code and the sentence of what the compiler refuses."""
    value = error.instance
    if error.kind.name == "format":
        if value == TOO_LONG:
            what = f"the pattern has more than {LONGEST:,} characters, too many to be checked"
            return "unchecked-pattern", what
        shown = shortened(str(value), _SHOWN)
        # The engine reports both in the same way, and a large pattern is no mistake of the author.
        if isinstance(value, str) and _is_merely_large(value):
            return "unchecked-pattern", f"the pattern {shown!r} is too large to be checked"
        return "invalid-pattern", f"the pattern {shown!r} is no valid regular expression"
    keyword = next((one for one in reversed(error.instance_path) if isinstance(one, str)), "")
    named = f"`{keyword}` is not valid" if keyword else "this is not a valid schema"
    return "invalid-schema", f"{named}: {str(error.message)[:200]}"


def _is_merely_large(pattern: str) -> bool:
    """Whether a pattern is refused for its counts alone: with small ones it is a good one."""
    if any(most and int(least) > int(most) for least, most in _COUNT.findall(pattern)):
        return False
    try:
        compile_schema({"pattern": _COUNT.sub("{1}", pattern)})
    except ValueError:
        return False
    return True


def _without(schema: Any, path: list[str | int]) -> Any:
    """A copy of a schema that lacks the node at a path."""
    first, rest = path[0], path[1:]
    if isinstance(schema, dict):
        if not rest:
            return {key: child for key, child in schema.items() if key != first}
        return {
            key: _without(child, rest) if key == first else child for key, child in schema.items()
        }
    if not rest:
        return [child for index, child in enumerate(schema) if index != first]
    return [_without(child, rest) if i == first else child for i, child in enumerate(schema)]

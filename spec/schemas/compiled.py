"""The schemas of one contract: translated, compiled and judged by, each of them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from jsonschema_rs import FancyRegexOptions, ValidationError, Validator

from spec.model.contract_model import Direction, Violation
from spec.schemas.dialect import Standalone, Translator
from spec.schemas.explaining import Explainer
from spec.schemas.openapi_formats import FORMATS
from spec.schemas.surrogates import replaced
from spec.schemas.violations import violations

if TYPE_CHECKING:
    from spec.sampling import Sampler

__all__ = ["SchemaLibrary", "compile_schema"]

_BACKTRACK_LIMIT = 20_000
"""Steps that one pattern may take on one string, for the few patterns that no automaton decides."""
_MENDS = 50
"""How many defects of one schema are cut out before the whole schema is given up."""

OnDefect = Callable[[str, str], None]
"""Called with the contract's pointer and the sentence that says what is wrong there."""


def compile_schema(schema: Mapping[str, Any] | bool) -> Validator:
    """A validator for a self-contained JSON Schema 2020-12.

    Formats are asserted; patterns are ECMA-262's, in linear time where they can be, else limited.

    Raises:
        jsonschema_rs.ValidationError: it is no valid schema.
    """
    return jsonschema_rs.Draft202012Validator(
        schema if isinstance(schema, bool) else dict(schema),
        validate_formats=True,
        formats=FORMATS,
        pattern_options=FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT),
        offline=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    validator: Validator
    standalone: Standalone


@dataclass(slots=True, kw_only=True)
class SchemaLibrary:
    """Compiles what is asked for, at the first asking."""

    translator: Translator
    on_defect: OnDefect
    _compiled: dict[tuple[str, Direction], _Compiled] = field(default_factory=dict)
    _explainers: dict[tuple[str, Direction], Explainer] = field(default_factory=dict)
    _samplers: dict[tuple[str, Direction], Sampler] = field(default_factory=dict)

    def compiled(self, pointer: str, direction: Direction) -> _Compiled:
        """The validator for the schema at a pointer, and the schema that it was made from."""
        key = (pointer, direction)
        if key not in self._compiled:
            self._compiled[key] = self._compile(self.translator.standalone(pointer, direction))
        return self._compiled[key]

    def _compile(self, standalone: Standalone) -> _Compiled:
        """Compile; what does not compile is reported, cut out, and the rest serves on."""
        for _ in range(_MENDS):
            try:
                validator = compile_schema(standalone.schema)
                return _Compiled(validator=validator, standalone=standalone)
            except ValidationError as error:
                path = _culprit(list(error.instance_path))
                self.on_defect(standalone.origin(path), _defect(error))
                if not path:
                    break
                standalone = Standalone(
                    schema=_without(standalone.schema, path), origins=standalone.origins
                )
        anything = Standalone(schema={}, origins=standalone.origins)
        return _Compiled(validator=compile_schema({}), standalone=anything)

    def violations(self, pointer: str, direction: Direction, value: Any) -> tuple[Violation, ...]:
        """What a value violates; nothing where it is valid."""
        try:
            return self._violations(pointer, direction, value)
        except UnicodeEncodeError:
            return self._violations(pointer, direction, replaced(value))

    def _violations(self, pointer: str, direction: Direction, value: Any) -> tuple[Violation, ...]:
        compiled = self.compiled(pointer, direction)
        if compiled.validator.is_valid(value):
            return ()
        key = (pointer, direction)
        if key not in self._explainers:
            self._explainers[key] = Explainer(compiled.standalone, compile_schema)
        return violations(self._explainers[key], compiled.standalone, value)

    def sample(self, pointer: str, direction: Direction, seed: int | None) -> Any:
        """A valid value of the schema.

        Raises:
            UnsatisfiableError: there is none, or none was found.
        """
        return self._sampler(pointer, direction).sample(seed)

    def _sampler(self, pointer: str, direction: Direction) -> Sampler:
        key = (pointer, direction)
        if key not in self._samplers:
            from spec.sampling import Sampler

            compiled = self.compiled(pointer, direction)
            self._samplers[key] = Sampler(
                compiled.standalone.schema,
                compiled.validator.is_valid,
                omitted="readOnly" if direction is Direction.REQUEST else "writeOnly",
            )
        return self._samplers[key]


def _culprit(path: list[str | int]) -> list[str | int]:
    """The keyword that is to blame: an item of a list blames the list."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _defect(error: ValidationError) -> str:
    value = error.instance
    if error.kind.name == "format":
        return f"the pattern {value!r} is no valid regular expression"
    return f"this is no valid schema: {str(error.message)[:200]}"


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

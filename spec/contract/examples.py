"""Examples, and whether each of them is true to its schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema_rs import ValidationError

from spec.model.contract_model import Direction, Example, Schema, Violation
from spec.model.errors import Fault, SpecError
from spec.model.pointers import follow, join, split
from spec.reading.external_files import ExternalFiles
from spec.reading.walking import Walker, extensions
from spec.schemas.compiled import compile_schema
from spec.text import json_text, media_types

__all__ = ["EXPRESSION", "ExampleReader", "Violations", "is_format_alone"]

Violations = Callable[[str, Direction, Any], tuple[Violation, ...]]
"""What a value violates of the schema at a pointer."""

EXPRESSION = re.compile(r"\{\$[^{}]*\}\Z")
"""A string that is one runtime expression (OpenAPI 3.0 section 4.7.20.2) and nothing else."""


_VALUES = ("value", "dataValue", "serializedValue")
"""Where the value of an example stands; the latter two since OpenAPI 3.2 (Example Object)."""
_VALUE_KEY = re.compile(rf"/(?:{'|'.join(_VALUES)})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleReader:
    """Reads the examples of one document and lets only true ones through."""

    walk: Walker
    violations: Violations
    external: ExternalFiles

    def read(
        self,
        holder: Mapping[str, Any],
        pointer: str,
        schema: Schema | None,
        direction: Direction,
        media_type: str = "application/json",
    ) -> tuple[Example, ...]:
        """The examples that are true: named ones, the single one, then those of the schema."""
        judge = _Judge(
            schema=schema, direction=direction, media_type=media_type, violations=self.violations
        )
        written = [
            *self.written_examples(holder, pointer, media_type),
            *self.schema_examples(schema),
        ]
        return tuple(one for one in written if self.is_true(one, judge))

    def written_examples(
        self, holder: Mapping[str, Any], pointer: str, media_type: str
    ) -> Iterator[Example]:
        """What is under `examples` and `example`."""
        for name, value, at in self.walk.objects(holder, "examples", pointer):
            key = next((one for one in _VALUES if one in value), None)
            if key is not None:
                yield Example(
                    name=name,
                    value=_value_as_written(value[key], key, media_type),
                    pointer=join(at, key),
                    summary=str(value.get("summary", "")),
                    when=self.condition(value, at),
                    extensions=extensions(value),
                )
            elif "externalValue" in value:
                yield from self.external_example(name, value, at, media_type)
            else:
                self.walk.fault(
                    "malformed", at, f"the example {name!r} has no `value`", "give it one"
                )
        if "example" in holder:
            yield Example(
                name=None,
                value=holder["example"],
                pointer=join(pointer, "example"),
                origin="example",
            )

    def external_example(
        self, name: str, value: Mapping[str, Any], pointer: str, media_type: str
    ) -> Iterator[Example]:
        """An example that stands in a file of its own, within the contract's folder."""
        at = join(pointer, "externalValue")
        try:
            beside = Path(self.walk.place(at).file)
            data = self.external.read(str(value["externalValue"]), beside)
            written = json_text.read(data) if media_types.is_json(media_type) else _text_of(data)
        except (SpecError, json_text.UnreadableError) as error:
            remedy = "name a file beside the contract; until then it is not served"
            self.walk.fault("unread-example", at, f"the example {name!r}: {error}", remedy)
            return
        yield Example(
            name=name,
            value=data.decode("latin-1") if written is None else written,
            pointer=at,
            summary=str(value.get("summary", "")),
            when=self.condition(value, pointer),
            octets=data if written is None else None,
            extensions=extensions(value),
        )

    def condition(self, value: Mapping[str, Any], pointer: str) -> Any:
        """An example's `x-mock-when`, if it is a valid JSON Schema."""
        when = value.get("x-mock-when")
        if when is None:
            return None
        try:
            compile_schema(when)
        except (ValidationError, TypeError, ValueError) as error:
            self.walk.fault(
                "invalid-condition",
                join(pointer, "x-mock-when"),
                f"this is not a JSON Schema: {str(error).splitlines()[0]}",
                "write a schema for {path, query, headers, body}; until then it never matches",
            )
            return False
        return when

    def schema_examples(self, schema: Schema | None) -> Iterator[Example]:
        """The `example` of a schema, and the `examples` of OpenAPI 3.1."""
        if schema is None:
            return
        value, pointer = self.walk.resolved(schema.value, schema.pointer)
        if not isinstance(value, dict):
            return
        if "example" in value:
            at = join(pointer, "example")
            yield Example(name=None, value=value["example"], pointer=at, origin="schema")
        listed = value.get("examples")
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            at = join(pointer, "examples", index)
            yield Example(name=None, value=one, pointer=at, origin="schema")

    def is_true(self, example: Example, judge: _Judge) -> bool:
        """Whether an example satisfies its schema, apart from `format`; violations are reported."""
        found = judge.violations_of(example.value)
        # `format` is an annotation unless asked for (JSON Schema Validation section 7.2.1).
        harmless = is_format_alone(found)
        for violation in found:
            # Without its final key the pointer is the name that people know.
            named = _VALUE_KEY.sub("", example.pointer)
            self.walk.report(
                Fault(
                    code="faulty-example",
                    place=self.walk.place(example.pointer + violation.pointer),
                    pointer=named,
                    what=f"{violation.pointer or 'the example'} {violation.message}",
                    remedy="correct the example or the schema",
                    keyword=violation.keyword,
                    harmless=harmless,
                    many=f"examples break `format: {violation.format}`" if violation.format else "",
                )
            )
        return harmless


def is_format_alone(violations: Iterable[Violation]) -> bool:
    """Whether nothing but formats are broken, which OpenAPI leaves open to readers."""
    return all(one.keyword == "format" for one in violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Judges the examples of one media type, parameter or header."""

    schema: Schema | None
    direction: Direction
    media_type: str
    violations: Violations

    def violations_of(self, example: Any) -> tuple[Violation, ...]:
        """What is wrong with an example; nothing where it is true or cannot be judged.

        Not judged are a serialised example of a type other than JSON (OpenAPI 3.0 section 4.7.15
        lets it be a string), and a string that is one runtime expression: its value comes later.
        """
        if self.schema is None:
            return ()
        found = self.violations(self.schema.pointer, self.direction, example)
        # An example of XML or CSV is often the text of a body, which no schema of its value
        # describes.
        if found and isinstance(example, str) and not media_types.is_json(self.media_type):
            return ()
        return tuple(one for one in found if not _is_expression(example, one.pointer))


def _value_as_written(value: Any, key: str, media_type: str) -> Any:
    """The value of an example; of JSON that is given as text, what the text says."""
    if key != "serializedValue" or not isinstance(value, str):
        return value
    if not media_types.is_json(media_type):
        return value
    try:
        return json_text.read_text(value)
    except json_text.UnreadableError:
        return value


def _text_of(data: bytes) -> str | None:
    """The text of a file; None where it is none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    # No text has a NUL; a small binary file may happen to be UTF-8.
    return None if "\x00" in text else text


def _is_expression(example: Any, pointer: str) -> bool:
    try:
        value = follow(example, split(pointer))
    except KeyError:
        return False
    return isinstance(value, str) and EXPRESSION.match(value) is not None

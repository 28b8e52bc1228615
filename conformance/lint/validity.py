"""Whether the document is valid OpenAPI, by openapi-spec-validator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from conformance.lint.remark import Remark, holders_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.pointers import join
from spec.model.short_texts import shortened

__all__ = ["validity_remarks"]


_MOST_DRILLED = 100
"""Errors of alternatives for which the alternative that was meant is looked for."""
_MOST_SHOWN = 100
"""Characters of a pattern, or of another value, in a sentence."""
_LONGEST = 300
"""Characters of a sentence."""
_RANGE = re.compile(r"^[1-5]xx$")


def validity_remarks(contract: Contract) -> Iterator[Remark]:
    """What the validator has against the document.

    A property is unevaluated too where another error is at or below its object: JSON Schema
    2020-12 drops what a failed part has evaluated. Such errors are no news.
    """
    found = list(_found(contract))
    told = {above for error, one in found if not error.follows for above in holders_of(one.pointer)}
    for error, remark in found:
        if not (error.follows and remark.pointer.rpartition("/")[0] in told):
            yield remark


def _found(contract: Contract) -> Iterator[tuple[_Told, Remark]]:
    validator = _validator(contract)
    for number, error in enumerate(validator.iter_errors(contract.document)):
        path = list(error.absolute_path)
        value = _at(contract.document, path)
        meant = _meant(validator.schema, error, value) if number < _MOST_DRILLED else []
        for one in meant or [_Told(path=(), what=str(error.message), remedy="")]:
            # The schema's own text and the whole instance follow after the first line.
            what = one.what.splitlines()[0]
            yield (
                one,
                Remark(
                    code=FindingCode.INVALID_OPENAPI,
                    pointer=join("#", *path, *one.path),
                    what=shortened(what, _LONGEST),
                    remedy=one.remedy or f"see the specification of OpenAPI {contract.openapi}",
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An error in words; `path` leads on from where the validator found it.

    `follows` where it may only be the consequence of another error.
    """

    path: tuple[str | int, ...]
    what: str
    remedy: str
    follows: bool = False


def _meant(root: Mapping[str, Any], error: Any, value: Any) -> list[_Told]:
    """The errors of the alternative that was meant, since "fits none of them" helps nobody."""
    schema: Any = root
    for step in list(error.absolute_schema_path)[:-1]:
        schema = schema[step]
    # The part that refused it, by an engine that tells the errors of each alternative.
    known = {key: root[key] for key in ("$schema", "$defs", "definitions") if key in root}
    asked = {**known, "allOf": [schema]}
    found = jsonschema_rs.validator_for(asked).iter_errors(value)
    kept = [one for one in found if one.schema_path[-1:] == list(error.absolute_schema_path)[-1:]]
    return [told for one in kept for leaf in _leaves(one) for told in _in_words(leaf)]


def _at(value: Any, path: list[str | int]) -> Any:
    """What stands at the path of an error, which has a number for a name such as `200`."""
    for step in path:
        value = value[int(step)] if isinstance(value, list) else value[str(step)]
    return value


def _leaves(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    branches = getattr(error.kind, "context", None)
    if not branches:
        return [error]
    told = [
        [leaf for one in branch for leaf in _leaves(one)]
        for branch in branches
        if not any(_asks_for_a_reference(one) for one in branch)
    ]
    return min(told, key=_distance, default=[error])


def _asks_for_a_reference(error: jsonschema_rs.ValidationError) -> bool:
    """Whether an alternative is that of a Reference Object: few people forget a `$ref`."""
    return error.kind.name == "required" and error.kind.as_dict()["property"] == "$ref"


def _distance(leaves: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
    """How far a value is from an alternative: most, where a name says that it is another one."""
    return sum(one.kind.name in ("enum", "const") for one in leaves), len(leaves)


def _in_words(error: jsonschema_rs.ValidationError) -> Iterator[_Told]:
    path, facts = tuple(error.instance_path), error.kind.as_dict()
    if error.kind.name == "required":
        yield _Told(path=path, what=f"`{facts['property']}` is missing", remedy="add it")
    elif error.kind.name == "additionalProperties" or error.kind.name == "unevaluatedProperties":
        for name in map(str, facts["unexpected"]):
            yield replace(_unexpected((*path, name), name), follows=True)
    elif error.kind.name == "enum":
        options = facts["options"]
        shown = shortened(json.dumps(error.instance, ensure_ascii=False, default=str), _MOST_SHOWN)
        what = f"this must be one of {', '.join(map(str, options))}, got {shown}"
        yield _Told(path=path, what=what, remedy="write one of them")
    elif error.kind.name == "format" and facts.get("format") == "regex":
        shown = shortened(str(error.instance), _MOST_SHOWN)
        what = f"the pattern {shown!r} is no regular expression of ECMA 262"
        yield _Told(path=path, what=what, remedy="correct it; flags such as `(?i)` are not ECMA's")
    elif error.kind.name == "type":
        yield _of_type(path, facts["types"], error.instance)
    else:
        yield _Told(path=path, what=str(error.message), remedy="")


def _unexpected(path: tuple[str | int, ...], name: str) -> _Told:
    remedy = "remove it, or correct its spelling or its indentation"
    if _RANGE.match(name):
        remedy = f"write it in upper case: `{name.upper()}`"
    return _Told(path=path, what=f"`{name}` is not allowed here", remedy=remedy)


def _of_type(path: tuple[str | int, ...], types: list[str], value: Any) -> _Told:
    shown = shortened(json.dumps(value, ensure_ascii=False, default=str), _MOST_SHOWN)
    remedy = ""
    if types == ["string"] and not isinstance(value, (Mapping, list)):
        remedy = f"write it in quotes: `'{shown}'`" if value is not None else "give it a text"
    elif types == ["boolean"]:
        remedy = "write `true` or `false`, without quotes"
    elif types == ["array"]:
        remedy = "write a list: its items with `-`"
    elif types == ["object"]:
        remedy = "write a mapping: `key: value`, indented below"
    return _Told(path=path, what=f"this must be of type {' or '.join(types)}, got {shown}",
                 remedy=remedy)  # fmt: skip


def _validator(contract: Contract) -> Any:
    """The validator of OpenAPI documents of the contract's version.

    The rest of openapi-spec-validator follows every reference from every operation: its time grows
    to the power of the depth, and what it finds a check of our own says with a line.
    """
    # It takes a quarter of a second to import, which who lints nothing does not wait for.
    from openapi_spec_validator import (
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        OpenAPIV32SpecValidator,
    )

    others = {"3.0": OpenAPIV30SpecValidator, "3.2": OpenAPIV32SpecValidator}
    minor = ".".join(contract.openapi.split(".")[:2])
    return others.get(minor, OpenAPIV31SpecValidator).schema_validator

"""The rules of the field's largest rule set, a pair of contracts for each, and our verdict on it.

`levels.yaml` has the rules, `schemas.yaml` and `contracts.yaml` the pairs, `differently.yaml` says
where we decide otherwise, and why.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spec.model.pointers import split
from tests.yaml_files import read_yaml

__all__ = ["Different", "RuleCase", "differently", "levels", "outside", "rule_cases"]

HERE = Path(__file__).parent
_WAYS = ("narrowed", "widened", "changed", "same")
_BACK = ("-removed", "-deleted", "-reactivated")
"""What the rules are called that take back what others add."""
_PAST = ("request-read-only-property", "response-write-only-property")
"""Where a property does not travel, so that nothing breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """A rule of the field with the two contracts that it is tried by."""

    rule: str
    what: str
    old: Mapping[str, Any] = field(repr=False)
    new: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Different:
    """Our level of a rule where it is another one than the field's, and why."""

    level: str
    why: str


def _read(name: str) -> Any:
    return read_yaml(HERE / name)


def levels() -> dict[str, str]:
    """The field's level of each rule."""
    return {rule: level for level, rules in _read("levels.yaml").items() for rule in rules}


def outside() -> dict[str, str]:
    """The rules that are not about what a contract promises, with the reason."""
    return {rule: one["why"] for one in _read("contracts.yaml")["outside"] for rule in one["rules"]}


def differently() -> dict[str, Different]:
    """Where our level is another one."""
    return {
        rule: Different(level=one["level"], why=one["why"])
        for one in _read("differently.yaml")
        for rule in one["rules"]
    }


def rule_cases() -> list[RuleCase]:
    """A case for every rule that a pair of contracts can show."""
    return [*_schema_cases(), *_contract_cases()]


def _schema_cases() -> Iterator[RuleCase]:
    for entry in _read("schemas.yaml"):
        for way in _WAYS:
            for rule in entry.get(way, ()):
                old, new = entry["wide"], entry["narrow"]
                if way == "widened" or (way == "same" and rule.endswith(_BACK)):
                    old, new = new, old
                yield RuleCase(
                    rule=rule,
                    what=entry["what"],
                    old=_contract(rule, old, whole=entry.get("whole", False)),
                    new=_contract(rule, new, whole=entry.get("whole", False)),
                )


def _contract(rule: str, schema: Any, *, whole: bool) -> dict[str, Any]:
    """A contract in which the schema stands where the rule's name says."""
    operation: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}
    inner = schema
    if not whole and "-property" in rule and "header-property" not in rule:
        extra = {"readOnly": True} if rule.startswith(_PAST[0]) else {}
        extra = {"writeOnly": True} if rule.startswith(_PAST[1]) else extra
        inner = {"type": "object", "properties": {"a": {**schema, **extra}}}
    if rule.startswith("request-header-property"):
        operation["parameters"] = [{"name": "X-Q", "in": "header", "schema": inner}]
    elif rule.startswith("request-parameter"):
        deep = {"style": "deepObject", "explode": True} if "-property" in rule else {}
        operation["parameters"] = [{"name": "q", "in": "query", "schema": inner, **deep}]
    elif rule.startswith("response-header"):
        operation["responses"]["200"]["headers"] = {"X-Q": {"required": True, "schema": inner}}
    elif rule.startswith("response"):
        operation["responses"]["200"]["content"] = {"application/json": {"schema": inner}}
    else:
        content = {"application/json": {"schema": inner}}
        operation["requestBody"] = {"required": True, "content": content}
    pets = {
        name: {"type": "object", "required": ["kind"], "properties": {"kind": {"const": name}}}
        for name in ("Cat", "Dog")
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": pets},
    }


def _contract_cases() -> Iterator[RuleCase]:
    document = _read("contracts.yaml")
    for entry in document["changes"]:
        old, new = (_laid(document, entry["at"], entry[key]) for key in ("old", "new"))
        for key, before, after in (("rules", old, new), ("back", new, old)):
            for rule in entry.get(key, ()):
                yield RuleCase(rule=rule, what=entry["what"], old=before, new=after)


def _laid(document: Mapping[str, Any], at: str, value: Any) -> dict[str, Any]:
    """The contract with something else at a place of it."""
    head, slash, rest = at.partition("/")
    pointer = f"{document['places'][head]}{slash}{rest}" if head else at
    made: dict[str, Any] = copy.deepcopy(document["contract"])
    *above, last = split(f"#{pointer}")
    holder: Any = made
    for token in above:
        holder = holder[int(token)] if isinstance(holder, list) else holder.setdefault(token, {})
    if isinstance(holder, list):
        holder[int(last) :] = [] if value is None else [value]
    elif value is None:
        holder.pop(last, None)
    else:
        holder[last] = value
    return made

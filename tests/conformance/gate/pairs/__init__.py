"""Pairs of contracts with the verdict on each change, read from the YAML beside this file."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spec.model.pointers import split
from tests.yaml_files import read_yaml

__all__ = ["PairCase", "pair_cases"]

HERE = Path(__file__).parent
_ERRORS = {
    "constraint": ("request-constraint-tightened", "response-constraint-loosened"),
    "type": ("request-type-narrowed", "response-type-widened"),
    "enum": ("request-enum-narrowed", "response-enum-widened"),
    "required": ("request-property-required", "response-property-optional"),
    "property": ("request-property-refused", "response-property-unpromised"),
    "alternative": ("request-alternative-removed", "response-alternative-added"),
}
_NOTES = ("note request-widened", "note response-narrowed")
_DIRECTIONS = ("request", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCase:
    """Two contracts and the complete verdict: `error CODE`, `warning CODE`, `note CODE`."""

    name: str
    old: dict[str, Any] = field(repr=False)
    new: dict[str, Any] = field(repr=False)
    expected: frozenset[str]


def pair_cases() -> list[PairCase]:
    """All of them."""
    return [
        *_schema_cases("narrowing.yaml"),
        *_schema_cases("narrowing-3.1.yaml"),
        *_schema_cases("same.yaml"),
        *_contract_cases("contracts.yaml"),
        *_contract_cases("contracts-3.1.yaml"),
        *_contract_cases("contracts-3.2.yaml"),
    ]


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(HERE / name)
    return document


def _schema_cases(name: str) -> Iterator[PairCase]:
    document = _read(name)
    for pair in document["pairs"]:
        for at, direction in enumerate(_DIRECTIONS):
            for forth in (True, False):
                first, second = ("wide", "narrow") if "wide" in pair else ("one", "other")
                old, new = (first, second) if forth else (second, first)
                yield PairCase(
                    name=f"{pair['name']}, {direction} from {old} to {new}",
                    old=_schema_contract(document, pair, pair[old], direction),
                    new=_schema_contract(document, pair, pair[new], direction),
                    expected=_schema_verdict(pair, at, forth),
                )


def _schema_verdict(pair: dict[str, Any], at: int, forth: bool) -> frozenset[str]:
    if "family" not in pair:
        return frozenset()
    error = f"error {_ERRORS[pair['family']][at]}"
    if pair.get("both"):
        return frozenset({error, _NOTES[at]})
    breaks = forth == (at == 0)
    return frozenset({error if breaks else _NOTES[at]})


def _schema_contract(
    document: dict[str, Any], pair: dict[str, Any], schema: Any, direction: str
) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    operation: dict[str, Any] = {"responses": {"200": {"description": "Done"}}}
    if direction == "request":
        operation["requestBody"] = {"required": True, **content}
    else:
        operation["responses"]["200"].update(content)
    return {
        "openapi": document["openapi"],
        "info": {"title": "Pairs", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": pair.get("schemas", {})},
    }


def _contract_cases(name: str) -> Iterator[PairCase]:
    document = _read(name)
    for pair in document["pairs"]:
        pointer = document["places"][pair["at"]]
        contracts = {
            side: _replaced(document["contract"], pointer, pair[side]) for side in ("old", "new")
        }
        for way, (old, new) in {"forward": ("old", "new"), "backward": ("new", "old")}.items():
            yield PairCase(
                name=f"{pair['name']}, {way}, {document['contract']['openapi']}",
                old=contracts[old],
                new=contracts[new],
                expected=_verdict(pair[way]),
            )


def _verdict(written: str | list[str]) -> frozenset[str]:
    if written == "nothing":
        return frozenset()
    return frozenset([written] if isinstance(written, str) else written)


def _replaced(contract: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(contract)
    *above, last = split(f"#{pointer}")
    node: Any = made
    for token in above:
        node = node[int(token) if isinstance(node, list) else token]
    if isinstance(node, list):
        node[int(last) :] = [] if value is None else [value]
    elif value is None:
        node.pop(last, None)
    else:
        node[last] = value
    return made

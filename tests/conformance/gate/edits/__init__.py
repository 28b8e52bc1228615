"""Many edits of one contract at once, read from the YAML beside this file."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spec.model.pointers import split
from tests.yaml_files import read_yaml

__all__ = ["Edit", "edited", "shop_edits"]

SHOP = Path(__file__).with_name("shop.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit: what is set where; what it breaks, by code and place; else the words to be quiet.

    `breaks` has pairs of `CODE WORDS` and the operationId where it is told.
    """

    name: str
    set: Mapping[str, Any] = field(repr=False)
    breaks: Mapping[str, str] = field(default_factory=dict, repr=False)
    quiet: str = ""


def shop_edits() -> tuple[dict[str, Any], list[Edit]]:
    """The contract, and all its edits."""
    document = read_yaml(SHOP)
    return document["contract"], [Edit(**one) for one in document["edits"]]


def edited(contract: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The contract with the edits made."""
    made = dict(copy.deepcopy(contract))
    for edit in edits:
        for pointer, value in edit.set.items():
            _set(made, split(f"#{pointer}"), copy.deepcopy(value))
    return made


def _set(node: Any, tokens: Iterable[str], value: Any) -> None:
    *above, last = tokens
    for token in above:
        node = node[int(token) if isinstance(node, list) else token]
    if isinstance(node, list):
        node[int(last) :] = [value]
    elif value is None:
        node.pop(last, None)
    else:
        node[last] = value

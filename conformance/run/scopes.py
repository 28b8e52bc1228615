"""The tree of what a request consists of, in which a clause is a leaf: `request, body, a, type`."""

from __future__ import annotations

import re
from functools import lru_cache

from conformance.clauses.clause import Clause
from conformance.clauses.credential_aspects import BAD
from conformance.clauses.ids import local_part

__all__ = ["CREDENTIALS", "REQUEST", "Scope", "named", "scope_of"]

Scope = tuple[str, ...]
REQUEST, CREDENTIALS, SYNTAX = "request", "security", "syntax"
_PARAMETERS = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}
_STEP = re.compile(r"\[[^\]]*\]|(?:[^.\[(]|\([^)]*\))+")


def scope_of(clause: Clause) -> Scope:
    """The clause's way from the root; one step alone where no wider scope can be named."""
    return _scope(local_part(clause.id), clause.kind)


@lru_cache(maxsize=1 << 16)
def _scope(local: str, kind: str) -> Scope:
    steps = tuple(_STEP.findall(local))
    if kind == SYNTAX:
        return (REQUEST, SYNTAX, steps[-1])
    if steps[0] in _PARAMETERS or steps[0].partition("(")[0] == "body":
        return (REQUEST, *steps)
    if steps[0] == CREDENTIALS and steps[-1] in BAD:
        return steps
    return (local,)


def named(scope: Scope) -> str:
    """What a sentence calls it: `the body`, `messages[].content`, `query parameter limit`."""
    root, *steps = scope
    if root != REQUEST:
        return "the credential" if root == CREDENTIALS else root
    if not steps:
        return "the request"
    first, *below = steps
    if first == SYNTAX:
        return "the JSON text"
    path = _joined(below)
    if first in _PARAMETERS:
        return f"{first} parameter {path}" if path else f"{first} parameters"
    return path or "the body"


def _joined(steps: list[str]) -> str:
    text = ""
    for step in steps:
        text += step if step.startswith("[") or not text else f".{step}"
    return text

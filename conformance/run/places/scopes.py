"""The tree of what a request consists of, in which a clause is a leaf: `request, body, a, type`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import get_args

from conformance.clauses.clause import Clause
from conformance.clauses.credential_aspects import BAD
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind
from spec.model.contract_model import ParameterLocation
from spec.text.body_codecs import BodyKind, body_kind

__all__ = [
    "CREDENTIALS",
    "PARAMETERS",
    "REQUEST",
    "Scope",
    "answer_steps",
    "is_of_parsing",
    "is_syntax",
    "named",
    "path_of",
    "scope_of",
]

Scope = tuple[str, ...]
REQUEST, CREDENTIALS, SYNTAX = "request", "security", "syntax"
RESPONSE = "response"
PARAMETERS = frozenset(get_args(ParameterLocation))
_ALL_OF = "allOf"
_MEMBER = re.compile(r"\[\d+\]")
# Dots and brackets are steps, but not inside the parentheses of a media type.
_STEP = re.compile(r"\[[^\]]*\]|(?:[^.\[(]|\([^)]*\))+")


def scope_of(clause: Clause) -> Scope:
    """The clause's way from the root; one step alone where no wider scope can be named."""
    return _scope(local_part(clause.id), clause.kind)


@lru_cache(maxsize=1 << 16)
def _scope(local: str, kind: ClauseKind) -> Scope:
    steps = tuple(_STEP.findall(local))
    # How a body is written is a scope of its own: its values may be checked well.
    if kind is ClauseKind.SYNTAX:
        return (REQUEST, steps[0].replace("body", SYNTAX, 1), steps[-1])
    if steps[0] in PARAMETERS or steps[0].partition("(")[0] == "body":
        return (REQUEST, *steps)
    if steps[0] == CREDENTIALS and steps[-1] in BAD:
        return steps
    return (local,)


def named(scope: Scope) -> str:
    """What a sentence calls a part of a request: `messages[].content`, `query parameter limit`."""
    _, *steps = scope
    if not steps:
        return "the request"
    first, *below = steps
    written = _written(first)
    whole = f"the {written.removeprefix('a ')}" if written else ""
    if is_syntax(scope):
        return whole or "the JSON text"
    path = path_of(below)
    if first in PARAMETERS:
        return f"{first} parameter {path}" if path else f"{first} parameters"
    if not path:
        return whole or "the body"
    return f"{path} in {written}" if written else path


def answer_steps(scope: Scope) -> Scope:
    """The response that a clause is about, and the steps below it; () for other clauses."""
    root, *steps = _STEP.findall(scope[0]) if scope else ("",)
    return tuple(steps) if root == RESPONSE else ()


def is_syntax(scope: Scope) -> bool:
    """Whether it is how a body is written, and not what it says."""
    return len(scope) > 1 and scope[1].partition("(")[0] == SYNTAX


def is_of_parsing(scope: Scope) -> bool:
    """Whether a parser decides it before the operation sees a value: syntax, or no body at all."""
    absent = len(scope) == 3 and scope[1].partition("(")[0] == "body" and scope[2] == "missing"
    return is_syntax(scope) or absent


def _written(step: str) -> str:
    """How a body that is no plain JSON is written: `a form`; "" where it is plain JSON."""
    name = step.partition("(")[2].removesuffix(")")
    kind = body_kind(name)
    return kind.value if kind and kind is not BodyKind.JSON else name


def path_of(steps: Sequence[str]) -> str:
    """The place of a value as an author of JSON writes it: `messages[].role`.

    Which member of `allOf` says something of it, a value does not show.
    """
    text = ""
    for before, step, after in zip(("", *steps), steps, (*steps[1:], ""), strict=False):
        chosen = after if step == _ALL_OF else step if before == _ALL_OF else ""
        if not _MEMBER.fullmatch(chosen):
            text += step if step.startswith("[") or not text else f".{step}"
    return text

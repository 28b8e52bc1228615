"""Every way in which a receiver refuses what a sender may send, each with a value that shows it.

One witness would hide all the other causes. So the keyword that refused it is taken out of the
receiver's schema, and the question is asked again, until nothing is refused any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jsonschema_rs import ValidationError

from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.inclusion.closed_schemas import closed
from conformance.diff.inclusion.inclusion import Contained, Undecided, Work, inclusion
from conformance.diff.inclusion.subschemas import subschemas
from spec.schemas.compiled import compile_schema

__all__ = ["SEVERAL", "Gap", "Gaps", "gaps"]

SchemaDict: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str | int, ...]

SEVERAL = "fits several"
MOST = 40
"""Causes that one pair of schemas is searched for; more than that is another schema."""
EFFORT = 40_000
"""Values that are tried for one pair of schemas, in units of `Work`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One cause: `keyword` at `schema_path` of the receiver's schema refuses the `witness`.

    `path` leads to the refused place in the witness; `detail` is the keyword's own name or
    names, where it has them: what is required, what is unknown.
    """

    path: Path
    keyword: str
    schema_path: Path
    witness: Any = field(compare=False)
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was found. `undecided` says why the search cannot vouch for the rest; else it is ""."""

    found: tuple[Gap, ...]
    undecided: str = ""


def gaps(
    sender: SchemaDict,
    receiver: SchemaDict,
    *,
    confirm: Callable[[Any], bool] | None = None,
    effort: int = EFFORT,
) -> Gaps:
    """All the causes for which `receiver` refuses what `sender` names and allows.

    Both are self-contained. `confirm` has the last word on each witness, as in `inclusion`.
    `effort` limits the search, in subschemas that are judged.
    """
    sender = closed(sender, receiver)
    # A large schema costs more for each value, by about its number of subschemas.
    weight = 1 + sum(1 for one in (sender, receiver) for _ in subschemas(one)) // 50
    work = Work(effort, weight=weight)
    found: dict[tuple[str, Path, str], Gap] = {}
    relaxed: SchemaDict = receiver
    named = Position.of(sender, [sender])
    while len(found) < MOST:
        answer = inclusion(sender, relaxed, confirm=confirm, work=work)
        if isinstance(answer, Contained):
            return Gaps(found=tuple(found.values()))
        if isinstance(answer, Undecided):
            return Gaps(found=tuple(found.values()), undecided=answer.why)
        new, before = _causes(relaxed, answer.witness, named), relaxed
        for gap in new:
            found.setdefault((gap.keyword, gap.schema_path, gap.detail), gap)
            relaxed = _without(relaxed, gap)
        # A demand that cannot be taken out would give the same witness for ever.
        if relaxed == before:
            return Gaps(found=tuple(found.values()), undecided="there may be more")
        if work.left < 0:
            return Gaps(found=tuple(found.values()), undecided="the search for more was ended")
    return Gaps(found=tuple(found.values()), undecided=f"{MOST} causes were found, and no end")


def _causes(receiver: SchemaDict, witness: Any, sender: Position) -> list[Gap]:
    validator = compile_schema(dict(receiver))
    return [
        _gap(error, witness, sender)
        for whole in validator.iter_errors(witness)
        for error in _meant_errors(whole)
    ]


def _meant_errors(error: ValidationError) -> list[ValidationError]:
    """The errors of the one alternative that a value was meant for, or the error itself."""
    branches = getattr(error.kind, "context", None)
    if error.kind.name == "oneOfMultipleValid" or not branches:
        return [error]
    depth = len(error.instance_path)
    meant = [branch for branch in branches if branch and not _is_other(branch, depth)]
    if len(meant) != 1:
        return [error]
    return [told for inner in meant[0] for told in _meant_errors(inner)]


def _is_other(branch: list[ValidationError], depth: int) -> bool:
    """Whether a branch is for values of another type, or with another constant to tell by."""
    return any(
        (error.kind.name == "type" and len(error.instance_path) == depth)
        or (error.kind.name in ("const", "enum") and len(error.instance_path) == depth + 1)
        for error in branch
    )


def _gap(error: ValidationError, witness: Any, sender: Position) -> Gap:
    facts = error.kind.as_dict()
    path = tuple(error.instance_path)
    detail = ""
    if error.kind.name == "required":
        detail = str(facts["property"])
    elif error.kind.name in ("additionalProperties", "unevaluatedProperties"):
        unexpected = [str(name) for name in facts["unexpected"]]
        declared = list(filter(sender.reaches(path).declares, unexpected))
        detail = declared[0] if declared else ""
        path = (*path, detail or unexpected[0])
    elif error.kind.name == "oneOfMultipleValid":
        detail = SEVERAL
    return Gap(
        path=path,
        keyword=_keyword(error),
        schema_path=tuple(error.schema_path),
        witness=witness,
        detail=detail,
    )


def _keyword(error: ValidationError) -> str:
    path = list(error.schema_path)
    # What it holds is about a name, and the name is what is refused.
    if "propertyNames" in path[:-1]:
        return "propertyNames"
    return "falseSchema" if error.kind.name == "falseSchema" or not path else str(path[-1])


def _without(schema: SchemaDict, gap: Gap) -> SchemaDict:
    """The schema without the demand that was not met; everything else stays demanded."""
    changed: SchemaDict = _edited(schema, gap.schema_path, gap)
    return changed


def _edited(node: Any, path: Path, gap: Gap) -> Any:
    if not path:
        return True
    head, rest = path[0], path[1:]
    if isinstance(node, list):
        return [_edited(c, rest, gap) if i == head else c for i, c in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    if head == "oneOf" and rest and isinstance(rest[0], int):
        # A widened branch may overlap another one: from here on any match will do.
        node, head = _any_of(node)
    if head not in node:
        # Another cause of the same witness has taken this out already.
        return node
    if rest:
        return {**node, head: _edited(node[head], rest, gap)}
    return _released(node, str(head), gap)


def _any_of(node: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The node with `anyOf` for `oneOf`, where it has no other one, and the keyword's name now."""
    if "anyOf" in node:
        return node, "oneOf" if "oneOf" in node else "anyOf"
    return {("anyOf" if k == "oneOf" else k): v for k, v in node.items()}, "anyOf"


_TOGETHER = {"contains": ("contains", "minContains", "maxContains")}
"""Keywords that mean nothing without another one (JSON Schema Validation, 6.4.4 and 6.4.5)."""


def _released(node: Mapping[str, Any], keyword: str, gap: Gap) -> Mapping[str, Any]:
    if gap.keyword == "required" and keyword == "required":
        return {**node, "required": [name for name in node["required"] if name != gap.detail]}
    if gap.keyword in ("additionalProperties", "unevaluatedProperties") and gap.detail:
        return _admitting(node, gap.detail)
    if gap.detail == SEVERAL and "anyOf" not in node:
        return _any_of(node)[0]
    released = _TOGETHER.get(keyword, (keyword,))
    return {k: v for k, v in node.items() if k not in released}


def _admitting(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {**node, "properties": {**node.get("properties", {}), name: True}}

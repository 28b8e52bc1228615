"""What a contract promises of state: what is written can be read, and what is deleted is gone.

Every such clause needs two operations, one that writes and one that reads what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import Step
from spec import Contract
from spec.contract.resource_paths import collection_of
from spec.model.contract_model import MediaType, Operation
from spec.model.path_templates import template_names
from spec.text.secrets import is_secret_name

__all__ = [
    "StateAspect",
    "StatePromise",
    "comparable",
    "inner_places",
    "is_shown",
    "state_promise",
]


class StateAspect(StrEnum):
    """What a write does to what is stored; the clause is `state.NAME`."""

    READABLE = "readable"
    CHANGED = "changed"
    GONE = "gone"


_PROMISES = {
    StateAspect.READABLE: "what was created can be read, with what was sent",
    StateAspect.CHANGED: "what was changed is read back changed (RFC 9110 section 9.3.4)",
    StateAspect.GONE: "what was deleted is gone (RFC 9110 section 9.3.5)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePromise:
    """A promise of an operation that writes; `reader` is the GET that shows whether it is kept."""

    aspect: StateAspect
    reader: Operation

    @property
    def local(self) -> str:
        """The name of its clause within the operation."""
        return f"state.{self.aspect}"

    @property
    def text(self) -> str:
        """The promise as one sentence."""
        return _PROMISES[self.aspect]


def state_promise(contract: Contract, operation: Operation) -> StatePromise | None:
    """What an operation promises of state; None where nothing in the contract could show it.

    A DELETE counts where it is about an item: of a part of it (`/users/{id}/avatar`) a default may
    be left.
    """
    # The answer names the item; the path of the others does.
    if operation.method == "POST":
        resources = collection_operations(contract)
        reader = resources.readers.get(resources.made_by(operation) or "")
        aspect = StateAspect.READABLE
    else:
        reader = contract.operation(f"GET {operation.path}")
        aspect = StateAspect.GONE if operation.method == "DELETE" else StateAspect.CHANGED
    written = operation.method in ("PUT", "PATCH") and operation.request_body is not None
    item = collection_of(operation.path) is not None
    shown = {StateAspect.READABLE: True, StateAspect.CHANGED: written, StateAspect.GONE: item}
    safe_or_other = operation.method not in ("POST", "PUT", "PATCH", "DELETE")
    if reader is None or safe_or_other or not shown[aspect]:
        return None
    return StatePromise(aspect=aspect, reader=reader)


def comparable(
    contract: Contract, operation: Operation, reader: Operation
) -> dict[str, SchemaNode]:
    """The properties that are sent and read under one name, with what a request may say there.

    Credentials, and what is written and never read, may come back masked or not at all; an id is
    the server's to give.
    """
    sent = _sent(contract, operation)
    response = reader.response_for(200)
    read = [
        node for one in (response.content if response else ()) for node in _nodes(contract, one)
    ]
    ids = {"id", *template_names(reader.path)}
    # An envelope holds the item one level below: `{data: {...}}`.
    returned = {node.steps[-1] for node in read if 1 <= len(node.steps) <= 2}
    hidden = {"value", "content", "data"} if _keeps_secrets(operation) else set[str]()
    return {
        str(node.steps[0]): node
        for node in sent
        if len(node.steps) == 1 and node.steps[0] in returned - ids - hidden and is_shown(node)
    }


def inner_places(contract: Contract, operation: Operation) -> dict[tuple[Step, ...], SchemaNode]:
    """What a request may say below its properties, by the steps that lead there."""
    return {node.steps: node for node in _sent(contract, operation) if len(node.steps) > 1}


def _sent(contract: Contract, operation: Operation) -> list[SchemaNode]:
    body = operation.request_body
    return [node for one in (body.content if body else ()) for node in _nodes(contract, one)]


def _nodes(contract: Contract, media_type: MediaType) -> Iterator[SchemaNode]:
    if media_type.schema is not None:
        yield from nodes(contract, media_type.schema)


def _keeps_secrets(operation: Operation) -> bool:
    """Whether the things themselves are credentials: `/secrets`, `/users/{id}/tokens`."""
    steps = [one for one in operation.path.split("/") if one and "{" not in one]
    # A stored secret may come back encrypted, or as its first letters.
    return bool(steps) and is_secret_name(steps[-1].removesuffix("s"))


def is_shown(node: SchemaNode) -> bool:
    """Whether GET shows a property as it was sent: no credential, no bytes, nothing hidden."""
    hidden = any(node.keywords.get(mark) is True for mark in ("writeOnly", "readOnly"))
    bytes_or_secret = node.keywords.get("format") in ("password", "binary", "byte")
    name = node.steps[-1]
    return not (hidden or bytes_or_secret or not isinstance(name, str) or is_secret_name(name))

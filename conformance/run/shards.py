"""Shards: the operations of a run divided among several machines, always in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from conformance.clauses.schema_nodes import root_node
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["shard_of"]


def shard_of(
    contract: Contract, operations: Sequence[Operation], number: int, total: int
) -> tuple[Operation, ...]:
    """The operations of shard `number` (from 1) of `total`, in the order in which they came.

    Operations of one resource stay together: what one of them creates, another one asks for.
    """
    made = {one.path for one in operations if one.method == "POST"}
    paths = {one.id: _path(contract, one, made) for one in operations}
    resources = {_resource(paths[one.id]) for one in operations if "{" in one.path}
    homes = {name: _home(path, resources) for name, path in paths.items()}
    loads, chosen = [0] * total, set[str]()
    # The largest first, each to the shard with the least: by names, so that every machine agrees.
    for home, members in sorted(Counter(homes.values()).items(), key=lambda one: (-one[1], one[0])):
        at = loads.index(min(loads))
        loads[at] += members
        if at == number - 1:
            chosen.add(home)
    return tuple(one for one in operations if homes[one.id] in chosen)


def _path(contract: Contract, operation: Operation, made: Set[str]) -> str:
    """The path without braces at what is no id, because the contract lists all of its values.

    Below a path that things are `made` at it is one all the same.
    """
    path = operation.path
    for one in operation.parameters:
        node = root_node(contract, one.value_schema)
        before = operation.path.partition(f"/{{{one.name}}}")[0]
        if (
            one.location == "path"
            and node is not None
            and node.keywords.keys() & {"enum", "const"}
            and before not in made
        ):
            path = path.replace(f"{{{one.name}}}", one.name)
    return path


def _resource(path: str) -> str:
    """What a path with ids is about: what is before the first id that has a name before it."""
    named = list[str]()
    for segment in path.split("/")[1:]:
        if "{" in segment and any("{" not in one for one in named):
            break
        named.append(segment)
    return "/" + "/".join(named)


def _home(path: str, resources: set[str]) -> str:
    """The outermost resource with ids that a path belongs to; the path itself where there is none.

    So `/things/search` and `/things` are where `/things/{id}` is.
    """
    own = _resource(path)
    above = [one for one in resources if own == one or own.startswith(f"{one}/")]
    return min(above, key=len, default=own)

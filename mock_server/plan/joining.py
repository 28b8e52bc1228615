"""Several contracts on one port: what of each is served, and by which name it is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from spec import Contract, Operation
from spec.model.path_templates import template_shape

__all__ = ["Clash", "Joined", "joined_operations", "label_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A method and a path that two contracts have; `first` is the operation that is served."""

    path: str
    operation: Operation
    first: Operation

    def __str__(self) -> str:
        return (
            f"{self.operation.place}: {self.operation.method} {self.path} is also declared in "
            f"{self.first.place}, and that one is served; give the contracts different paths "
            f"under `servers`, or remove one of the operations"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An operation that is served. `name` is its id, and has its contract's label where two
    contracts have that id. `at_root` is whether it is served without its servers' path as well.
    """

    contract: Contract
    operation: Operation
    name: str
    at_root: bool = True


def joined_operations(
    contracts: Sequence[Contract],
) -> tuple[tuple[Joined, ...], tuple[Clash, ...]]:
    """The operations of all contracts, in order, and those that clash: the first one is served."""
    taken: dict[tuple[str, str], Operation] = {}
    clashes: list[Clash] = []
    served: list[tuple[Contract, Operation]] = []
    for contract in contracts:
        own = [(one, [_place(one, base) for base in one.base_paths]) for one in contract.operations]
        for one, places in own:
            # An operation is served at those of its servers that no earlier contract has.
            free = [place for place in places if place not in taken]
            clashes += [
                Clash(path=path, operation=one, first=taken[method, path])
                for method, path in places
                if (method, path) in taken
            ]
            if free:
                served.append((contract, one))
        # Not before all of them were looked at: a contract does not clash with itself.
        for one, places in own:
            for place in places:
                taken.setdefault(place, one)
    return _named_apart(contracts, served), tuple(clashes)


def label_of(contract: Contract, contracts: Sequence[Contract]) -> str:
    """What a contract is called beside others: its title, or its file where two have the title."""
    titles = [one.title for one in contracts]
    return contract.title if titles.count(contract.title) == 1 else contract.file


def _named_apart(
    contracts: Sequence[Contract], served: Sequence[tuple[Contract, Operation]]
) -> tuple[Joined, ...]:
    # Each contract counts once: one that has a path twice is not taken for two.
    ids = Counter(name for name, _ in {(one.id, id(contract)) for contract, one in served})
    places = {(_place(one), id(contract)) for contract, one in served}
    at_root = Counter(place for place, _ in places)
    return tuple(
        Joined(
            contract=contract,
            operation=one,
            name=one.id if ids[one.id] == 1 else f"{label_of(contract, contracts)}:{one.id}",
            at_root=at_root[_place(one)] == 1,
        )
        for contract, one in served
    )


def _place(operation: Operation, base: str = "") -> tuple[str, str]:
    """Where an operation stands, below a base path."""
    return operation.method, template_shape(base + operation.bare_path)

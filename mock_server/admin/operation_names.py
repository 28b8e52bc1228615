"""The names by which a client may call an operation: its id, its operationId, with its contract."""

from __future__ import annotations

from mock_server.model.scenarios import ANY_OPERATION
from mock_server.plan.joining import label_of
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.whole_plan import Plan
from spec.model.near_names import near_names

__all__ = ["UnknownOperationError", "named_operation"]


class UnknownOperationError(ValueError):
    """A name of no operation, or of several."""


def named_operation(named: str, plan: Plan) -> str:
    """The id of the operation that is meant; `*` stands for all.

    Raises:
        UnknownOperationError: no operation has the name, or several contracts have one; the
            sentence has the names that come near.
    """
    every = {one.id: one for one in plan.operations.values()}
    if named == ANY_OPERATION or named in every:
        return named
    others = _other_names(plan)
    fitting = others.get(named, [])
    if len(fitting) == 1:
        return fitting[0].id
    if fitting:
        listed = " and ".join(repr(one.id) for one in fitting)
        raise UnknownOperationError(
            f"several contracts have an operation {named!r}; name one of {listed}"
        )
    near = _near(named, dict.fromkeys([*every, *others]))
    hint = f"; did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
    raise UnknownOperationError(f"the contract has no operation {named[:200]!r}{hint}")


def _near(named: str, names: dict[str, None]) -> list[str]:
    """Two names at most: a path alone may stand for its methods, and case does not matter."""
    # `/users` without a method is the commonest slip.
    of_path = [name for name in names if name.partition(" ")[2] == named]
    return of_path[:2] or near_names(named, names, most=2, folded=str.lower)


def _other_names(plan: Plan) -> dict[str, list[OperationPlan]]:
    """What may stand for an operation's id: its operationId, and both behind its contract's name.

    Where several contracts share a port, one name may stand for several operations.
    """
    found: dict[str, list[OperationPlan]] = {}
    for one in plan.operations.values():
        label = label_of(one.contract, plan.contracts)
        for name in filter(None, (one.operation.id, one.operation.operation_id)):
            for spoken in (name, f"{label}:{name}"):
                found.setdefault(spoken, []).append(one)
    return found

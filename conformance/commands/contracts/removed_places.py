"""The line of NEW at which a part that only OLD has is reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spec import Contract
from spec.model.errors import Place
from spec.model.pointers import join, split

__all__ = ["place_in"]


def place_in(after: Contract, before: Contract, pointer: str) -> Place:
    """Where what OLD (`before`) has at a pointer is, or was, in NEW (`after`).

    What was removed has no line; the one that follows it is next to the change, where a review
    shows it. Without one, that of what stood before it, and else of what it stood in.
    """
    left = pointer
    while left != "#" and not _is_there(after, left):
        left = left.rpartition("/")[0]
    if left == pointer or pointer == "#":
        return after.place(left)
    levels = list(_levels(before, after, pointer))
    for above, behind, _ in levels:
        if behind:
            return after.place(join(above, behind[0]))
    for above, _, ahead in levels:
        if ahead:
            return after.place(join(above, ahead[-1]))
    return after.place(left)


def _levels(
    before: Contract, after: Contract, pointer: str
) -> Iterator[tuple[str, list[str], list[str]]]:
    """For each mapping that holds the pointer, the inmost first: what is left behind and ahead."""
    while pointer != "#":
        above, name = pointer.rpartition("/")[0], split(pointer)[-1]
        was, now = _members(before, above), set(_members(after, above))
        if name in was and now:
            at = was.index(name)
            behind = [one for one in was[at + 1 :] if one in now]
            yield above, behind, [one for one in was[:at] if one in now]
        pointer = above


def _is_there(contract: Contract, pointer: str) -> bool:
    try:
        contract.find(pointer)
    except KeyError:
        return False
    return True


def _members(contract: Contract, pointer: str) -> list[str]:
    """The keys of a mapping, in their order; none where there is no mapping."""
    try:
        found = contract.find(pointer)
    except KeyError:
        return []
    return [str(name) for name in found] if isinstance(found, Mapping) else []

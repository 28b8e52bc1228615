"""Parts of a contract that are not compared: that they changed is said, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.diff.change import Change
from conformance.diff.identity import Identity
from conformance.diff.matched import Matched
from spec import Contract, Operation, Response

__all__ = ["uncompared_changes", "webhook_changes"]


def uncompared_changes(matched: Matched, identity: Identity) -> Iterator[Change]:
    """One warning for each part that differs: callbacks, links, the values of server variables."""
    old, new = matched.before, matched.after
    was, now = _under(matched.old, old.pointer, "callbacks"), _under(
        matched.new, new.pointer, "callbacks"
    )  # fmt: skip
    if not identity.same_text(was, now):
        yield _warning(matched, "callbacks")
    yield from _variable_changes(matched)
    after = {response.status: response for response in new.responses}
    for response in old.responses:
        if response.status in after and not identity.same_text(
            _links(matched.old, response), _links(matched.new, after[response.status])
        ):
            yield _warning(matched, f"response {response.status} links")


def _variable_changes(matched: Matched) -> Iterator[Change]:
    """Servers are compared at their variables' defaults; of the other values this much is said."""
    was, now = (_members(c, o) for c, o in (
        (matched.old, matched.before), (matched.new, matched.after)
    ))  # fmt: skip
    for name, members in was.items():
        lost = members - now.get(name, members)
        if lost:
            yield Change(
                code="not-compared",
                operation=matched.id,
                part=f"server variable {name}",
                what=f"the server variable {name} no longer allows {', '.join(sorted(lost))}",
                old=f"allows {', '.join(sorted(members))}",
                new=f"allows {', '.join(sorted(now[name]))}",
                origin=next((server.pointer for server in matched.after.servers), ""),
                place=matched.after.place,
            )


def _members(contract: Contract, operation: Operation) -> dict[str, set[str]]:
    """The values that the variables of an operation's servers may have, where they are listed."""
    found: dict[str, set[str]] = {}
    for server in operation.servers:
        variables = _under(contract, server.pointer, "variables")
        for name, facts in variables.items() if isinstance(variables, dict) else ():
            listed = facts.get("enum") if isinstance(facts, dict) else None
            if isinstance(listed, list):
                found.setdefault(str(name), set()).update(map(str, listed))
    return found


def webhook_changes(old: Contract, new: Contract, identity: Identity) -> Iterator[Change]:
    """One warning where the webhooks of OpenAPI 3.1 differ."""
    if not identity.same_text(old.document.get("webhooks"), new.document.get("webhooks")):
        yield Change(
            code="not-compared",
            operation="",
            part="webhooks",
            what="webhooks changed, which is not compared",
            old="another text",
            new="another text",
            place=new.place("#/webhooks"),
        )


def _links(contract: Contract, response: Response) -> Any:
    return _under(contract, response.pointer, "links")


def _under(contract: Contract, pointer: str, key: str) -> Any:
    try:
        found = contract.find(pointer)
    except KeyError:
        return None
    return found.get(key) if isinstance(found, dict) else None


def _warning(matched: Matched, part: str) -> Change:
    return Change(
        code="not-compared",
        operation=matched.id,
        part=part,
        what=f"{part} changed, which is not compared",
        old="another text",
        new="another text",
        place=matched.after.place,
    )

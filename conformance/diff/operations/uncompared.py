"""Links and values of server variables: a change is reported with the old value, not compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.diff.cuts.identity import Identity
from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Operation, Response

__all__ = ["uncompared_changes"]


def uncompared_changes(matched: Matched, identity: Identity) -> Iterator[Change]:
    """One warning for each link that changed or went, and for lost values of server variables."""
    old, new = matched.before, matched.after
    yield from _variable_changes(matched)
    yield from _callback_addresses(matched)
    after = {response.status: response for response in new.responses}
    for response in old.responses:
        if response.status in after:
            yield from _link_changes(matched, identity, response, after[response.status])


def _callback_addresses(matched: Matched) -> Iterator[Change]:
    """Callbacks that are sent to another place; what is sent is compared with the webhooks."""
    was, now = (
        _mapping(_under(contract, operation.pointer, "callbacks"))
        for contract, operation in ((matched.old, matched.before), (matched.new, matched.after))
    )
    for name in was:
        old, new = (
            _expressions(c, m.get(name)) for c, m in ((matched.old, was), (matched.new, now))
        )
        if new and old != new:
            yield Change(
                code=FindingCode.WEBHOOK_CHANGED,
                operation=matched.id,
                part=f"callback {name}",
                what=f"the callback {name} of {matched.id} is sent to another place",
                old=", ".join(old),
                new=", ".join(new),
                place=matched.after.place,
            )


def _expressions(contract: Contract, callback: Any) -> list[str]:
    reference = _mapping(callback).get("$ref")
    if isinstance(reference, str):
        try:
            callback = contract.find(reference)
        except KeyError:
            return []
    return [str(name) for name in _mapping(callback) if not str(name).startswith("x-")]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _variable_changes(matched: Matched) -> Iterator[Change]:
    """Servers are compared at their variables' defaults; of the other values this much is said."""
    was, now = (_members(c, o) for c, o in (
        (matched.old, matched.before), (matched.new, matched.after)
    ))  # fmt: skip
    for name, members in was.items():
        # A variable that is gone is a server that moved, which is reported there.
        lost = members - now.get(name, members)
        if lost:
            yield Change(
                code=FindingCode.NOT_COMPARED,
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


def _link_changes(
    matched: Matched, identity: Identity, old: Response, new: Response
) -> Iterator[Change]:
    was, now = _links(matched.old, old), _links(matched.new, new)
    for name, link in was.items():
        if name not in now:
            yield _link(matched, FindingCode.LINK_REMOVED, old, name, "is gone", link, None)
        elif not identity.same_text(link, now[name]):
            yield _link(
                matched, FindingCode.LINK_CHANGED, old, name, "leads elsewhere", link, now[name]
            )
    for name, link in now.items():
        if name not in was:
            yield _link(matched, FindingCode.LINK_ADDED, new, name, "is new", None, link)


def _links(contract: Contract, response: Response) -> Mapping[str, Any]:
    found = _under(contract, response.pointer, "links")
    return found if isinstance(found, Mapping) else {}


def _link(
    matched: Matched,
    code: FindingCode,
    response: Response,
    name: str,
    verb: str,
    old: Any,
    new: Any,
) -> Change:
    return Change(
        code=code,
        operation=matched.id,
        part=f"response {response.status} link {name}",
        what=f"the link {name} of {matched.id} {response.status} {verb}",
        old=_written(old),
        new=_written(new),
        place=matched.after.place,
    )


def _written(link: Any) -> str:
    return "no such link" if link is None else json.dumps(link, ensure_ascii=False, default=str)


def _under(contract: Contract, pointer: str, key: str) -> Any:
    try:
        found = contract.find(pointer)
    except KeyError:
        return None
    return found.get(key) if isinstance(found, dict) else None

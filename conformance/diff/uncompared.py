"""Parts of a contract that are not compared: that they changed is said, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.diff.change import Change
from conformance.diff.identity import Identity
from conformance.diff.matched import Matched
from spec import Contract, Response

__all__ = ["uncompared_changes", "webhook_changes"]


def uncompared_changes(matched: Matched, identity: Identity) -> Iterator[Change]:
    """One warning for each part that differs: callbacks, and the links of responses."""
    old, new = matched.before, matched.after
    was, now = _under(matched.old, old.pointer, "callbacks"), _under(
        matched.new, new.pointer, "callbacks"
    )  # fmt: skip
    if not identity.same_text(was, now):
        yield _warning(matched, "callbacks")
    after = {response.status: response for response in new.responses}
    for response in old.responses:
        if response.status in after and not identity.same_text(
            _links(matched.old, response), _links(matched.new, after[response.status])
        ):
            yield _warning(matched, f"response {response.status} links")


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

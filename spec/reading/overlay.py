"""OpenAPI Overlay 1.0 and 1.1: what we add to a contract that someone else publishes.

An overlay brings examples, prose and `x-` keys. One that would change what the contract promises
is refused, with its own line and the promise that it would change.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from spec.model.errors import OverlayError, Place
from spec.model.pointers import join
from spec.reading.document_text import read_file
from spec.reading.nodes import Node, Tokens
from spec.reading.promises import broken_promises

__all__ = ["lay_over", "overlay_of"]

_VERSION = re.compile(r"1\.[01](\.\d+)?\Z")
_ACTION_KEYS = frozenset({"target", "description", "update", "remove", "copy"})


def overlay_of(contract: Path, given: Path | None = None) -> Path | None:
    """The overlay of a contract: the one that was given, else its companion by name.

    The companion of `ai.yaml` is `ai.overlay.yaml` beside it; None where there is no such file.
    """
    if given is not None:
        return given
    beside = contract.with_name(f"{contract.stem}.overlay{contract.suffix}")
    try:
        return beside if beside.is_file() else None
    except OSError:
        return None  # a name that is too long for a file


def lay_over(root: Node, overlay: Path, name: str) -> Node:
    """The document with an overlay's actions applied in their order.

    Args:
        root: the contract.
        overlay: the overlay's file.
        name: how messages call it.

    Raises:
        ContractError: the overlay cannot be read.
        OverlayError: it is no overlay, a target finds nothing, or it would change a promise.
    """
    document = read_file(overlay, name)
    for action in _actions(document, name):
        changed = _applied(root, action)
        # After each action, not at the end: the message names the action that did it.
        for path in broken_promises(root, changed):
            raise OverlayError(
                f"this action would change a promise of the contract at {join('#', *path)}",
                place=action.place,
                remedy="an overlay may only add examples, descriptions and x- keys; change the "
                "contract instead",
            )
        root = changed
    return root


def _actions(document: Node, name: str) -> list[Node]:
    version, actions = document.child("overlay"), document.child("actions")
    if version is None:
        raise OverlayError(
            "this is not an OpenAPI Overlay: it lacks the key `overlay`",
            place=Place(file=name, line=1),
            remedy="begin with `overlay: 1.0.0`",
        )
    if not _VERSION.match(str(version.value)):
        raise OverlayError(
            f"Overlay {version.plain()} is not supported",
            place=version.place,
            remedy="write it for Overlay 1.0 or 1.1",
        )
    if actions is None or not isinstance(actions.value, list):
        raise OverlayError(
            "`actions` must be a list", place=document.place, remedy="add `actions: []`"
        )
    return actions.value


def _applied(root: Node, action: Node) -> Node:
    if not isinstance(action.value, dict) or not isinstance(action.text("target"), str):
        raise OverlayError("an action needs a `target`", place=action.place)
    for key in action.value.keys() - _ACTION_KEYS:
        if not key.startswith("x-"):
            place = action.place_of([key])
            raise OverlayError(f"an action has no key {key!r}", place=place, remedy=_known_keys())
    targets = _targets(root, action)
    if (remove := action.child("remove")) is not None and remove.value is True:
        # From behind, so that the indexes of a list stay true.
        for path in reversed(targets):
            root = root.with_changed(path[:-1], partial(Node.without, token=path[-1]))
        return root
    source = _source(root, action)
    if source is None:
        return root
    for path in targets:
        root = root.with_changed(path, partial(_merged, update=source, in_target=True))
    return root


def _known_keys() -> str:
    return f"use {', '.join(sorted(_ACTION_KEYS))}"


def _source(root: Node, action: Node) -> Node | None:
    """What an action brings: its `update`, or (Overlay 1.1) the one node that `copy` names."""
    query = action.text("copy")
    if query is None:
        return action.child("update")
    found = _found(root, query, action.place_of(["copy"]))
    if len(found) != 1:
        raise OverlayError(
            f"`copy: {query}` finds {len(found)} nodes",
            place=action.place_of(["copy"]),
            remedy="name exactly one",
        )
    return root.find(found[0])


def _targets(root: Node, action: Node) -> list[Tokens]:
    query, place = action.text("target") or "", action.place_of(["target"])
    found = _found(root, query, place)
    if not found:
        raise OverlayError(
            f"the target {query} matches nothing in the contract",
            place=place,
            remedy="correct the JSONPath (RFC 9535)",
        )
    return found


def _found(root: Node, query: str, place: Place) -> list[Tokens]:
    # Only an overlay needs it, and it takes as long to import as a contract to read.
    import jsonpath

    try:
        matches = jsonpath.finditer(query, root.plain())
        return [tuple(match.parts) for match in matches]
    except jsonpath.JSONPathError as error:
        raise OverlayError(
            f"the target {query} is not a JSONPath: {str(error).splitlines()[0]}",
            place=place,
            remedy="correct the JSONPath (RFC 9535)",
        ) from None


def _merged(node: Node, update: Node, *, in_target: bool = False) -> Node:
    """Overlay 1.0 section 4.4.3: objects merge, lists are appended to, all else is replaced."""
    if isinstance(node.value, dict) and isinstance(update.value, dict):
        children, lines = dict(node.value), dict(node.key_lines)
        for key, child in update.value.items():
            below = node.value.get(key)
            children[key] = child if below is None else _merged(below, child)
            if below is None:
                lines[key] = update.key_lines.get(key, child.line)
        return Node(children, node.file, node.line, lines)
    if isinstance(node.value, list):
        added = update.value if isinstance(update.value, list) else [update]
        if in_target or isinstance(update.value, list):
            return Node([*node.value, *added], node.file, node.line)
    return update

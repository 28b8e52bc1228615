"""A contract's file to nodes: YAML or JSON, as UTF-8, within limits."""

from __future__ import annotations

import re
from pathlib import Path

from spec.model.errors import ContractError, Place
from spec.reading.json_nodes import read_json
from spec.reading.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, too_deep, too_much
from spec.reading.nodes import Node
from spec.reading.regular_files import open_regular
from spec.reading.yaml_text import read_yaml

__all__ = ["check_size", "decoded", "read_file", "read_text"]


def read_file(path: Path, name: str | None = None) -> Node:
    """The tree of a YAML or JSON file.

    Args:
        path: the file.
        name: how messages call it; the path as it is given where there is none.

    Raises:
        ContractError: the file is missing, unreadable, over a limit, or neither YAML nor JSON.
    """
    name = name or str(path)
    return read_text(file_text(path, name), name)


def file_text(path: Path, name: str) -> str:
    """The text of a contract file, within its size limit and as UTF-8."""
    try:
        with open_regular(path) as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContractError(
            f"cannot read {name}: {(error.strerror or str(error)).lower()}",
            remedy="name a file that exists and can be read",
        ) from None
    if len(data) > MAX_BYTES:
        raise too_much(Place(file=name, line=0), f"the file is larger than {MAX_BYTES} bytes")
    return decoded(data, name)


def decoded(data: bytes, name: str) -> str:
    """Bytes as text (RFC 8259 section 8.1 and YAML 1.2 section 5.2 both mean UTF-8 here)."""
    try:
        # Editors on Windows write a byte order mark, and it is no part of the document.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            place=Place(file=name, line=line),
            remedy="save the file as UTF-8",
        ) from None


_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def read_text(text: str, name: str) -> Node:
    """The tree of a YAML or JSON text; `name` is the file in its messages.

    Raises:
        ContractError: the text is over a limit, or neither YAML nor JSON.
    """
    if _PAGE.match(text):
        raise ContractError(
            "this is an HTML page, not an OpenAPI document",
            place=Place(file=name, line=1),
            remedy="name the document itself, often /openapi.json or /openapi.yaml",
        )
    if text.startswith("version https://git-lfs.github.com/spec/"):
        raise ContractError(
            "this is a pointer of Git LFS, not the file itself",
            place=Place(file=name, line=1),
            remedy="fetch the file with `git lfs pull`",
        )
    # The JSON reader is many times faster; a flow mapping of YAML begins with a brace as well.
    if name.endswith(".json") or text.lstrip()[:1] == "{":
        try:
            root = read_json(text, name)
        except ContractError:
            if name.endswith(".json"):
                raise
            root = read_yaml(text, name)
    else:
        root = read_yaml(text, name)
    check_size(root, name)
    return root


def check_size(root: Node, name: str) -> None:
    """Refuse a tree that aliases would blow up; each node is visited once, however often shared.

    Raises:
        ContractError: it is too large, or deeper than what was put into it may make it.
    """
    if _is_small(root):
        return
    sizes: dict[int, int] = {}
    heights: dict[int, int] = {}
    stack = [(root, False)]
    while stack:
        node, measured = stack.pop()
        below = node.below()
        if id(node) in sizes:
            continue
        if measured:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in below)
            heights[id(node)] = 1 + max((heights[id(child)] for child in below), default=0)
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in below)
    place = Place(file=name, line=0)
    if heights[id(root)] > _MAX_HEIGHT:
        raise too_deep(place)
    if sizes[id(root)] > MAX_NODES:
        raise too_much(
            place,
            f"its aliases expand to {sizes[id(root)]} nodes, more than the limit of {MAX_NODES}",
        )


def _is_small(root: Node) -> bool:
    """Whether a tree is within the limits even if every alias is counted again where it stands."""
    count, height, level = 1, 1, [root]
    while level:
        following: list[Node] = []
        for node in level:
            following.extend(node.below())
            # Asked for each node: a level of aliases may be a thousand times the one above.
            if count + len(following) > MAX_NODES:
                return False
        count, height, level = count + len(following), height + 1, following
        if height > _MAX_HEIGHT:
            return False
    return True


_MAX_HEIGHT = 2 * MAX_DEPTH
"""Aliases and misplaced references nest what was read within `MAX_DEPTH`."""

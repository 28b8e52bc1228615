"""The text of an overlay with actions appended to it, and its comments kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from spec.reading.document_text import read_text
from spec.text.yaml_output import yaml_of

__all__ = ["with_actions"]

_HEAD = """\
overlay: 1.0.0
info:
  title: Answers of the deployment
  version: 1.0.0
actions: []
"""


def with_actions(
    text: str | None, actions: Sequence[dict[str, Any]], remarks: Iterable[str]
) -> str:
    """The overlay with the actions at the end of its own.

    Where its text cannot be continued (a list in brackets, JSON), it is written anew, without its
    comments.

    Args:
        text: an overlay that can be read; None for a new one.
        actions: what is appended.
        remarks: lines that stand above them as a comment.
    """
    text = _HEAD if text is None else text
    if not actions:
        return text
    document = read_text(text, "the overlay").plain()
    wanted = {**document, "actions": [*document["actions"], *actions]}
    if text.lstrip().startswith("{"):
        return json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    comment = "".join(f"# {' '.join(line.split())}\n" for line in remarks)
    continued = _continued(text, yaml_of(list(actions)), comment)
    # Read again before it is trusted: indentation that was guessed wrong changes what is said.
    if continued is not None and read_text(continued, "the overlay").plain() == wanted:
        return continued
    return f"{comment}{yaml_of(wanted)}"


def _continued(text: str, added: str, comment: str) -> str | None:
    """The text with an item or more behind the last one of `actions`."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    keys = [key.value for key, _ in root.value]
    at = keys.index("actions")
    listed = root.value[at][1]
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style:
        return None
    indent = " " * listed.start_mark.column
    block = "".join(f"{indent}{line}" if line.strip() else line for line in _lines(comment + added))
    lines = _lines(text)
    following = root.value[at + 1][0].start_mark.line if at + 1 < len(keys) else len(lines)
    # A comment above the next key belongs to that key.
    while following < len(lines) and _is_remark(lines[following - 1]):
        following -= 1
    head, tail = "".join(lines[:following]), "".join(lines[following:])
    return f"{head}{'' if head.endswith(chr(10)) else chr(10)}{block}{tail}"


def _lines(text: str) -> list[str]:
    """The lines with their ends; `splitlines` would also cut at what may stand in a string."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _is_remark(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")

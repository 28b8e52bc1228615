"""YAML that is the body of a message (RFC 9512): one document of plain data, as a value."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent

from spec.model.errors import ContractError
from spec.reading.document_text import check_size
from spec.reading.limits import MAX_DEPTH
from spec.reading.yaml_text import PARSER, read_yaml
from spec.text.json_text import UnreadableError
from spec.text.xml_reading import UnjudgedError

__all__ = ["read_yaml_body"]

_LONGEST = 1024 * 1024
"""Characters: events of YAML are read a hundred times slower than JSON."""


def read_yaml_body(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        UnreadableError: it is no YAML.
        UnjudgedError: it is YAML that has no JSON value: several documents, tags, no number; or it
            is longer than a million characters.
    """
    if len(text) > _LONGEST:
        raise UnjudgedError(f"it has more than {_LONGEST} characters")
    try:
        root = read_yaml(text, "body")
        check_size(root, "body")
    except ContractError as error:
        _check_syntax(text)
        raise UnjudgedError(error.what) from None
    return root.plain()


def _check_syntax(text: str) -> None:
    """Raise UnreadableError for what no YAML parser reads, or is read no further for its depth."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=PARSER):
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            # libyaml looks at all open brackets for each token: it must not go on down there.
            if depth > MAX_DEPTH:
                raise UnreadableError(f"is nested more than {MAX_DEPTH} levels deep")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it has a character that YAML does not allow"
        raise UnreadableError(f"is not YAML: {what}{where}") from None

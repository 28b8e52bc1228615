"""Reads a YAML file of the tests, by PyYAML's C parser: each worker reads many of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["read_yaml"]


def read_yaml(path: Path) -> Any:
    """The value in a file."""
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)

"""A contract in a test is a few lines of YAML; `contract` writes and loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from spec import Contract, load

HEAD = """\
openapi: {version}
info: {{title: T, version: '1'}}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Callable[..., Contract]:
    """Load a contract from YAML without its head; keyword arguments are more files."""

    def write(body: str, *, version: str = "3.0.3", overlay: str = "", **files: str) -> Contract:
        path = tmp_path / "api.yaml"
        path.write_text(HEAD.format(version=version) + dedent(body), encoding="utf-8")
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
        if not overlay:
            return load(path)
        (tmp_path / "overlay.yaml").write_text(dedent(overlay), encoding="utf-8")
        return load(path, overlay=tmp_path / "overlay.yaml")

    return write

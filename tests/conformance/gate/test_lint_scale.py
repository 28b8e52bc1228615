"""lint costs what the document's size costs, whatever is large in it, and whatever is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.lint import lint
from spec import load

pytestmark = pytest.mark.slow

FAULTY = {"type": "string", "example": 5, "nulable": True, "const": "a"}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def answering(schema: Any, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "ok", "content": content}}, **more}


def reading(content: dict[str, Any]) -> dict[str, Any]:
    return answering({}, requestBody={"content": content})


def chain(size: int) -> dict[str, Any]:
    """Schemas in a circle, each with a faulty example."""
    named = {
        f"S{at}": {
            "type": "object",
            "properties": {"q": FAULTY, "n": {"$ref": f"#/components/schemas/S{(at + 1) % size}"}},
        }
        for at in range(size)
    }
    first = answering({"$ref": "#/components/schemas/S0"})
    return document({"/a": {"get": first}}, components={"schemas": named})


LARGE: dict[str, Callable[[int], dict[str, Any]]] = {
    "members": lambda size: document(
        {"/a": {"get": answering({"enum": [f"v{at // 2}" for at in range(size * 20)]})}}
    ),
    "operations": lambda size: document(
        {f"/a{at}": {"get": answering(FAULTY, summary=5)} for at in range(size)}
    ),
    "circle": chain,
    "media types": lambda size: document(
        {"/a": {"post": reading({f"application/x{at}+json": {} for at in range(size * 2)})}}
    ),
    "references": lambda size: document(
        {f"/a{at}": {"get": answering({"$ref": f"#/x{at}"})} for at in range(size)}
    ),
    "paths": lambda size: document({f"/a{at}/{{x}}": {"get": answering({})} for at in range(size)}),
}


def seconds(document: dict[str, Any], folder: Path) -> float:
    """Processor time of reading and linting it."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), "utf-8")
    begun = time.process_time()
    lint(load(file))
    return time.process_time() - begun


def grows_within(most: float, small: Any, large: Any, folder: Path) -> bool:
    """Whether the large document takes at most so many times as long as the small one.

    Measured twice where it has to be: the first time may have had company.
    """
    return any(seconds(large, folder) < most * max(seconds(small, folder), 0.02) for _ in range(2))


@pytest.mark.parametrize("name", LARGE)
def test_linear(name: str, tmp_path: Path) -> None:
    """Four times as much takes about four times as long, and in bad company less than twelve.

    A square would take sixteen.
    """
    small, large = (LARGE[name](size) for size in (150, 600))
    seconds(small, tmp_path)  # what is made once is made before

    assert grows_within(12, small, large, tmp_path)


@pytest.mark.parametrize("keyword", ["properties", "allOf", "items", "oneOf", "not"])
def test_depth_ends_in_an_answer(keyword: str, tmp_path: Path) -> None:
    """As deep as a contract may be, schemas of every kind are read in time in proportion."""

    def deep(levels: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "example": 5}
        for _ in range(levels):
            inner: Any = {"a": schema} if keyword == "properties" else schema
            schema = {keyword: [inner] if keyword in ("allOf", "oneOf") else inner}
        return document({"/a": {"get": answering(schema)}})

    levels = 85 if keyword in ("properties", "allOf", "oneOf") else 180
    seconds(deep(20), tmp_path)

    assert grows_within(20, deep(levels // 4), deep(levels), tmp_path)

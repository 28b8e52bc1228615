"""Large contracts whose schemas refer to one another: what a start, an answer and lint cost.

Time and memory must grow with the size of the contract, never with operations times the schemas
that each of them reaches.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spec.reading.document_text import read_file
from tests import processor
from tests.benchmarks.rows import Bar
from tests.benchmarks.table import markdown, number
from tests.command import launched

__all__ = ["SHAPES", "Cost", "Shape", "bars", "cost_table", "costs", "linked_contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A contract to be made: each of its `schemas` has `fields` texts and `links` to others.

    `example` is the length of the text in the example of each operation; 0 is no example.
    """

    title: str
    schemas: int
    operations: int
    fields: int
    links: int
    prose: int = 60
    example: int = 0
    most_megabytes: int


SHAPES = (
    Shape(
        title="160 linked schemas",
        schemas=160,
        operations=160,
        fields=5,
        links=5,
        prose=20,
        most_megabytes=300,
    ),
    Shape(
        title="452 operations, deeply linked",
        schemas=900,
        operations=452,
        fields=13,
        links=6,
        prose=90,
        most_megabytes=300,
    ),
    Shape(
        title="1,000 operations, as GitHub's",
        schemas=900,
        operations=1000,
        fields=14,
        links=5,
        prose=90,
        example=9500,
        most_megabytes=300,
    ),
)


def linked_contract(shape: Shape) -> dict[str, Any]:
    """An OpenAPI document of that shape, the same one every time."""
    chance = random.Random(1)
    return {
        "openapi": "3.0.3",
        "info": {"title": shape.title, "version": "1"},
        "paths": {
            f"/things{one}/{{id}}": {"post": _operation(shape, one)}
            for one in range(shape.operations)
        },
        "components": {
            "schemas": {f"Schema{one}": _schema(shape, chance) for one in range(shape.schemas)}
        },
    }


def _operation(shape: Shape, number: int) -> dict[str, Any]:
    media: dict[str, Any] = {
        "schema": {"$ref": f"#/components/schemas/Schema{number % shape.schemas}"}
    }
    answer = dict(media)
    if shape.example:
        answer["example"] = {"field0": "x" * shape.example}
    content = {"application/json": answer}
    return {
        "description": "words " * (shape.prose // 6),
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        ],
        "requestBody": {"content": {"application/json": media}},
        "responses": {
            "200": {"description": "Fine", "content": content},
            "400": {"description": "Refused"},
        },
    }


def _schema(shape: Shape, chance: random.Random) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "description": "words " * (shape.prose // 6)}
    fields: dict[str, Any] = {f"field{one}": text for one in range(shape.fields)}
    links = {
        f"link{one}": {"$ref": f"#/components/schemas/Schema{chance.randrange(shape.schemas)}"}
        for one in range(shape.links)
    }
    return {"type": "object", "required": ["field0"], "properties": fields | links}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one contract costs: processor seconds, megabytes, and milliseconds of an answer."""

    shape: Shape
    contract: float
    parsing: float
    start: float
    memory: float
    answer: float
    lint: float


def costs(folder: Path) -> Iterator[Cost]:
    """Measure every shape; the contracts are written to `folder`."""
    for number_, shape in enumerate(SHAPES):
        file = folder / f"linked{number_}.json"
        file.write_text(json.dumps(linked_contract(shape)))
        yield _cost(shape, file)


def _cost(shape: Shape, file: Path) -> Cost:
    begun = time.process_time()
    read_file(file)
    parsing = time.process_time() - begun
    with launched(file, "--quiet", "--no-watch") as mock:
        start = processor.of_process(mock.process.pid)
        last = f"{mock.url}/things{shape.operations - 1}/7"
        request = urllib.request.Request(
            last, b'{"field0": "x"}', {"Content-Type": "application/json"}
        )
        asked = time.perf_counter()
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        milliseconds = (time.perf_counter() - asked) * 1000
        status = Path(f"/proc/{mock.process.pid}/status").read_text()
    memory = int(status.split("VmHWM:")[1].split()[0]) / 1024
    before = processor.of_children()
    subprocess.run(
        [sys.executable, "-m", "conformance", "lint", str(file)],
        check=False,
        stdout=subprocess.DEVNULL,
    )
    return Cost(
        shape=shape,
        contract=file.stat().st_size / 1e6,
        parsing=parsing,
        start=start,
        memory=memory,
        answer=milliseconds,
        lint=processor.of_children() - before,
    )


def bars(measured: list[Cost]) -> tuple[Bar, ...]:
    """The promises: a start, its memory, the first answer and lint."""
    return tuple(
        bar
        for one in measured
        for bar in (
            Bar(
                promise=f"{one.shape.title}: a start within 2 s and 1.5 times the parsing",
                got=one.start,
                limit=2 + 1.5 * one.parsing,
            ),
            Bar(
                promise=f"{one.shape.title}: megabytes",
                got=one.memory,
                limit=float(one.shape.most_megabytes),
            ),
            Bar(
                promise=f"{one.shape.title}: the first answer of an operation within 100 ms",
                got=one.answer,
                limit=100.0,
            ),
            Bar(
                promise=f"{one.shape.title}: lint within three times the start",
                got=one.lint,
                limit=3 * one.start,
            ),
        )
    )


def cost_table(measured: list[Cost]) -> str:
    """A row for each contract."""
    return markdown(
        ("contract", "MB", "parsing s", "start s", "memory MB", "first answer ms", "lint s"),
        [
            (
                one.shape.title,
                number(one.contract, "{:.1f}"),
                number(one.parsing, "{:.2f}"),
                number(one.start, "{:.2f}"),
                number(one.memory, "{:.0f}"),
                number(one.answer, "{:.0f}"),
                number(one.lint, "{:.2f}"),
            )
            for one in measured
        ],
    )

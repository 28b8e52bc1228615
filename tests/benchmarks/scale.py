"""How start-up and the cost of a request grow with the number of operations of a contract."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import Contender, our_mock
from tests.benchmarks.cores import Cores, available_cores, pinned, share_out
from tests.benchmarks.exchange import Exchange
from tests.benchmarks.figures import Sample, Start, measured, middle, ratio
from tests.benchmarks.measuring import Say, sample, start_of, started
from tests.benchmarks.rows import Bar
from tests.benchmarks.table import markdown, number

SIZES = (10, 100, 1000)
CONNECTIONS = 16

#: What a ratio of two equal costs may reach by the noise of a machine alone.
NOISE = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The figures, by number of operations."""

    samples: tuple[Sample, ...]
    starts: tuple[Start, ...]

    def first_answer(self, size: int) -> float | None:
        return middle(start.seconds for start in self.starts if start.title == str(size))

    def start_work(self, size: int) -> float | None:
        """The median of the processor's seconds until the first answer."""
        return middle(start.processor for start in self.starts if start.title == str(size))

    def processor(self, size: int) -> float | None:
        return measured(self.samples, str(size), CONNECTIONS, lambda one: one.processor)

    def bars(self) -> tuple[Bar, ...]:
        few, many = str(min(SIZES)), str(max(SIZES))
        return (
            Bar(
                promise=f"a request costs with {many} operations what it costs with {few}",
                got=ratio(self.samples, many, few, CONNECTIONS, lambda one: one.processor),
                limit=NOISE,
            ),
            Bar(
                promise=f"first answer with {many} operations within 3 s",
                got=self.first_answer(max(SIZES)),
                limit=3.0,
            ),
        )


def contract_of(size: int) -> dict[str, Any]:
    """An OpenAPI document of that many operations, each with parameters, a body, an answer and
    schemas of its own.
    """
    numbers = range(size)
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{size} operations", "version": "1"},
        "security": [{"bearerAuth": []}],
        "paths": {f"/things{number}/{{id}}": {"post": _operation(number)} for number in numbers},
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {f"Thing{number}": _schema(number) for number in numbers},
        },
    }


def _operation(number: int) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/Thing{number}"}
    example = {"name": f"thing {number}", "kind": "small", "sizes": [1, 2, 3]}
    return {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {
            "200": {
                "description": "The thing",
                "content": {
                    "application/json": {
                        "schema": reference,
                        "examples": {"one": {"value": example}},
                    }
                },
            },
            "400": {"description": "Refused"},
        },
    }


def _schema(number: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name", "kind"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": f"Name {number}"},
            "kind": {"type": "string", "enum": ["small", "large"]},
            "sizes": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
    }


def scale(folder: Path, *, rounds: int, seconds: float, say: Say) -> Scale:
    """Measure the mock with contracts of each size, which are written to `folder`.

    Raises:
        BenchmarkError: the mock does not start, or answers wrongly.

    """
    cores = share_out(available_cores())
    mocks = {size: _mock(folder, size) for size in SIZES}
    with pinned(cores.load):
        return Scale(
            starts=tuple(_starts(mocks, cores, rounds, say)),
            samples=tuple(_samples(mocks, cores, rounds, seconds, say)),
        )


def _starts(mocks: Mapping[int, Contender], cores: Cores, rounds: int, say: Say) -> Iterator[Start]:
    for turn in range(rounds):
        say(f"starting with {', '.join(map(str, mocks))} operations, round {turn + 1} of {rounds}")
        for size, mock in mocks.items():
            with started(mock, exchange_of(size), cores) as server:
                yield start_of(server, str(size), turn)


def _samples(
    mocks: Mapping[int, Contender], cores: Cores, rounds: int, seconds: float, say: Say
) -> Iterator[Sample]:
    few, many = min(mocks), max(mocks)
    with (
        started(mocks[few], exchange_of(few), cores) as small,
        started(mocks[many], exchange_of(many), cores) as large,
    ):
        for turn in range(rounds):
            say(f"loading, round {turn + 1} of {rounds}")
            for size, server in ((few, small), (many, large)):
                yield sample(
                    str(size),
                    server,
                    exchange_of(size),
                    number=turn,
                    connections=CONNECTIONS,
                    seconds=seconds,
                )


def _mock(folder: Path, size: int) -> Contender:
    contract = folder / f"operations-{size}.json"
    contract.write_text(json.dumps(contract_of(size)))
    return our_mock(contract)


def exchange_of(size: int) -> Exchange:
    """To the last operation of the contract: a search through all of them would show."""
    document = contract_of(size)
    return Exchange(
        path=f"/things{size - 1}/7?page=2",
        payload={"name": "a thing", "kind": "large", "sizes": [4, 5]},
        answer_schema={
            "$ref": f"#/components/schemas/Thing{size - 1}",
            "components": document["components"],
        },
    )


def scale_table(figures: Scale) -> str:
    """A row for each size; a request was measured with the smallest and the greatest."""
    return markdown(
        ("operations", "first answer s", "of it processor s", "processor µs/request"),
        [
            (
                f"{size:,}",
                number(figures.first_answer(size), "{:.2f}"),
                number(figures.start_work(size), "{:.2f}"),
                number(figures.processor(size), "{:.0f}", 1e6),
            )
            for size in SIZES
        ],
    )

"""What a request costs, held by limits so wide that only a real loss of speed breaks them."""

import asyncio
import gc
import json
from pathlib import Path

import spec
from mock_server import Settings, create_app
from tests.benchmarks.exchange import image_generation
from tests.benchmarks.in_process import fastest, of_mock, of_plain
from tests.benchmarks.peers.ceiling import Ceiling
from tests.benchmarks.scale import contract_of, exchange_of

TURNS, COUNT = 12, 150


def test_the_mock_stays_near_the_ceiling() -> None:
    """Here, without the system's part, it is about 1.9; the benchmark has the exact figure."""
    contract = spec.load(overlay=spec.AI_OVERLAY)
    exchange = image_generation(contract.document)
    app, ceiling = create_app(contract), Ceiling(contract.document, exchange.path)

    best = fastest(
        {"mock": lambda: of_mock(app), "ceiling": lambda: of_plain(ceiling)},
        {"mock": exchange.request, "ceiling": exchange.request},
        turns=TURNS,
        count=COUNT,
    )

    assert best["mock"] < 2.5 * best["ceiling"]


def test_a_request_costs_the_same_among_many_operations(tmp_path: Path) -> None:
    """The last of 200 operations is found as fast as the last of 5."""
    few, many = 5, 200
    apps = {}
    for size in (few, many):
        file = tmp_path / f"{size}.json"
        file.write_text(json.dumps(contract_of(size)))
        apps[str(size)] = create_app(file)

    best = fastest(
        {size: lambda app=app: of_mock(app) for size, app in apps.items()},  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        {size: exchange_of(int(size)).request for size in apps},
        turns=TURNS,
        count=COUNT,
    )

    assert best[str(many)] < 1.5 * best[str(few)]


def test_a_scenario_is_judged_once_and_found_among_many() -> None:
    """Whatever it answers, and however many wait for other clients."""
    contract = spec.load(overlay=spec.AI_OVERLAY)
    exchange, operation = image_generation(contract.document), "POST /api/ai/image/generation"
    answers: list[dict[str, object]] = [{"status": 200}, {"status": 429}, {"body": {"images": 1}}]
    apps = {"": create_app(contract)}
    for answer in answers:
        app = apps[str(answer)] = create_app(contract)
        app.play({"operation": operation, "repeat": True, "answers": [answer]})
    crowd = apps["crowd"] = create_app(contract)
    for number in range(1000):
        crowd.play({"operation": operation, "key": f"k{number}", "answers": [{"status": 401}]})

    best = fastest(
        {name: lambda app=app: of_mock(app) for name, app in apps.items()},  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        dict.fromkeys(apps, exchange.request),
        turns=TURNS,
        count=COUNT,
    )

    assert {name for name, cost in best.items() if cost > 1.6 * best[""]} == set()


def test_a_request_leaves_nothing_to_the_collector() -> None:
    """Garbage in cycles would stay until a collection, which stops all requests for a while."""
    contract = spec.load(overlay=spec.AI_OVERLAY)
    exchange = image_generation(contract.document)

    async def count() -> int:
        # The journal keeps its requests on purpose, and no more than a thousand of them.
        connection = of_mock(create_app(contract, settings=Settings(journal=False)))
        for _ in range(20):
            exchange.check(await connection.ask(exchange.request))
        gc.collect()
        gc.disable()
        try:
            for _ in range(100):
                await connection.ask(exchange.request)
            return gc.collect()
        finally:
            gc.enable()

    assert asyncio.run(count()) < 100

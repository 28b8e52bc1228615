"""A whole run, with real servers that are started, loaded and stopped."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import spec
from tests.benchmarks.contenders import Contender, Part, contenders
from tests.benchmarks.exchange import Exchange, image_generation, with_operation_ids
from tests.benchmarks.measuring import Plan, run
from tests.benchmarks.processes import PROC, BenchmarkError, tree_usage
from tests.benchmarks.rows import rows
from tests.benchmarks.scale import contract_of

pytestmark = pytest.mark.slow

needs_proc = pytest.mark.skipif(not PROC.joinpath("self/stat").exists(), reason="no /proc here")

TINY = Plan(rounds=2, seconds=0.1, connections=(2,), starts=1, warming=0.2)

EXCHANGE = Exchange(
    path="/things",
    payload={"name": "x"},
    answer_schema={"type": "object", "required": ["ok"]},
)

SERVER = """
import asyncio, itertools, sys
fails_from = int(sys.argv[2])
count = itertools.count(1)
async def answer(reader, writer):
    while await reader.readuntil(b"\\r\\n\\r\\n"):
        await reader.readexactly(13)
        status = 500 if next(count) >= fails_from else 200
        writer.write(b'HTTP/1.1 %d X\\r\\nContent-Length: 8\\r\\n\\r\\n{"ok":1}' % status)
async def main():
    async with await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()
asyncio.run(main())
"""


def python_server(
    title: str, *arguments: str, code: str = SERVER, part: Part = "peer"
) -> Contender:
    command = (sys.executable, "-c", code, "{port}", *arguments)
    return Contender(title=title, part=part, command=command)


def quiet(_: str) -> None:
    """Progress is not the claim here."""


def test_a_run_measures_every_server_in_every_round() -> None:
    """Each gets its starts and loads; one that cannot take part is kept and named."""
    absent = Contender(title="absent", part="rival", command=(), missing="not installed")
    never = "1000000"
    present = [
        python_server("mock", never, part="mock"),
        python_server("unit", never, part="unit"),
        python_server("ceiling", never, part="ceiling"),
    ]

    outcome = run([*present, absent], EXCHANGE, TINY, quiet)

    titles = ("mock", "unit", "ceiling")
    assert {(s.title, s.round, s.connections) for s in outcome.samples} == {
        (title, number, connections)
        for title in titles
        for number in (0, 1)
        for connections in (2,)
    }
    assert {start.title for start in outcome.starts} == set(titles)
    assert all(sample.rate > 10 for sample in outcome.samples)
    assert all((start.processor is None) or start.processor > 0 for start in outcome.starts)
    assert rows(outcome)[-1].missing == "not installed"


def test_wrong_answers_end_the_run() -> None:
    """A benchmark of errors is none: the server, what was wrong and a specimen are named."""
    with pytest.raises(BenchmarkError, match=r"^bad: wrong answers {'status 500': \d+}"):
        run([python_server("bad", "5")], EXCHANGE, TINY, quiet)


@pytest.mark.parametrize(
    ("server", "message"),
    [
        pytest.param(
            python_server("dead", code="raise SystemExit('no such flag')"),
            "dead: ended with 1: no such flag",
            id="ended",
        ),
        pytest.param(
            python_server("refusing", "1"), "refusing: answers /things with 500", id="refusing"
        ),
        pytest.param(
            python_server("empty", "9", code=SERVER.replace('"ok":1', '"no":1')),
            "empty: answers /things with a wrong body",
            id="wrong body",
        ),
        pytest.param(
            Contender(title="gone", part="peer", command=("/no/such/command",)),
            "gone: .*No such file",
            id="no command",
        ),
    ],
)
def test_a_server_that_does_not_answer_well_is_not_measured(
    server: Contender, message: str
) -> None:
    """Nobody is measured before the first answer has been judged."""
    with pytest.raises(BenchmarkError, match=message):
        run([server], EXCHANGE, TINY, quiet)


@needs_proc
def test_usage_counts_the_whole_tree() -> None:
    """A server that works in a child process is charged for the child."""
    burn = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.2: pass"
    code = f"{burn}\nprint('ready', flush=True); import time; time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"

        usage = tree_usage(process.pid)

        assert usage.processor >= 0.19
        assert usage.memory > 2 * 4_000_000
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    children = PROC.joinpath(f"{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in [*map(int, children), process.pid]:
        subprocess.run(["kill", str(pid)], check=True)


def test_the_python_peers_answer_the_published_contract(tmp_path: Path) -> None:
    """Ceiling and plain Connexion give the documented answer, so that the yardsticks measure."""
    document = with_operation_ids(spec.load(overlay=spec.AI_OVERLAY).document)
    file = tmp_path / "document.json"
    file.write_text(json.dumps(document))
    exchange = image_generation(document)
    peers: Sequence[Contender] = contenders(file, exchange.path)[-2:]

    outcome = run(peers, exchange, TINY, quiet)

    assert {sample.title for sample in outcome.samples} == {peer.title for peer in peers}


def test_the_contract_for_scale_has_as_many_operations_as_it_says(tmp_path: Path) -> None:
    """And our own reader finds nothing wrong with it."""
    file = tmp_path / "seven.json"
    file.write_text(json.dumps(contract_of(7)))

    contract = spec.load(file)

    assert len(contract.operations) == 7
    assert contract.faults == ()

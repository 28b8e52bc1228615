"""Table, bars and plot out of a run."""

from xml.etree import ElementTree

from tests.benchmarks.contenders import Contender, Part
from tests.benchmarks.figures import Sample, Start
from tests.benchmarks.measuring import Run
from tests.benchmarks.plot import Mark, Panel, svg
from tests.benchmarks.rows import bars, rows
from tests.benchmarks.table import load_table, markdown, not_measured, readme_table, rest_table

PARTS: tuple[tuple[Part, float], ...] = (
    ("mock", 4000.0),
    ("unit", 1000.0),
    ("rival", 5000.0),
    ("ceiling", 8000.0),
)


def measured_run(missing: str = "") -> Run:
    """One round of four servers named after their parts, whose processor time is 1 / rate."""
    present = [(part, rate) for part, rate in PARTS if part != missing]
    return Run(
        contenders=tuple(
            Contender(title=part, part=part, command=(), missing="no npm" * (part == missing))
            for part, _ in PARTS
        ),
        samples=tuple(
            Sample(
                title=part,
                round=0,
                connections=connections,
                rate=rate,
                p50=0.001,
                p99=0.002,
                processor=1 / rate,
                busy=0.5,
            )
            for part, rate in present
            for connections in (16, 64)
        ),
        starts=tuple(
            Start(title=part, round=0, seconds=rate / 4000, processor=0.5) for part, rate in present
        ),
        memory={part: 81_000_000 for part, _ in present},
    )


def test_load_table_shows_each_server_beside_prism_and_the_ceiling() -> None:
    """Rates stand in units of Prism at its fastest, processor time in ceilings."""
    assert load_table(rows(measured_run("rival")), 16) == (
        "| server  | requests/s | Prism without log = 1 | p50 ms | p99 ms "
        "| processor µs/request | ceiling = 1 |\n"
        "| ------- | ---------: | --------------------: | -----: | -----: "
        "| -------------------: | ----------: |\n"
        "| mock    |      4,000 |                  4.00 |   1.00 |   2.00 "
        "|                  250 |        2.00 |\n"
        "| unit    |      1,000 |                  1.00 |   1.00 |   2.00 "
        "|                1,000 |        8.00 |\n"
        "| ceiling |      8,000 |                  8.00 |   1.00 |   2.00 "
        "|                  125 |        1.00 |"
    )


def test_rest_table_shows_start_and_memory() -> None:
    """The processor's part stands beside the whole time."""
    assert rest_table(rows(measured_run("rival"))).splitlines()[2:] == [
        "| mock    |           1.00 |              0.50 |                        81 |",
        "| unit    |           0.25 |              0.50 |                        81 |",
        "| ceiling |           2.00 |              0.50 |                        81 |",
    ]


def test_readme_table_is_in_units_of_prism() -> None:
    """A rate alone says more about the machine than about the server."""
    assert readme_table(rows(measured_run()), (16, 64)).splitlines()[2].split("|") == [
        "",
        " mock    ",
        "                      4.0 × ",
        "                      4.0 × ",
        "                250 ",
        "           1.00 ",
        "        0.50 ",
        "        81 ",
        "",
    ]


def test_an_absent_server_is_named_with_the_reason() -> None:
    """It is in no table, but it is not passed over in silence."""
    table = rows(measured_run("unit"))

    assert "unit" not in readme_table(table, (16,))
    assert not_measured(table) == "Not measured: unit (no npm)."


def test_bars_say_what_is_met_and_what_is_missed() -> None:
    """The verdict is the figure's, on either side of the limit."""
    verdicts = {bar.promise: bar.met for bar in bars(measured_run())}

    assert verdicts == {
        "at most 1.5 times the ceiling's processor time at 16 connections": False,
        "at least 0.8 times the ceiling's rate at 16 connections": False,
        "at least 3 times the rate of Prism at its fastest at 16 connections": True,
        "ahead of rival at 16 connections": False,
        "at most 1.5 times the ceiling's processor time at 64 connections": False,
        "at least 0.8 times the ceiling's rate at 64 connections": False,
        "at least 3 times the rate of Prism at its fastest at 64 connections": True,
        "ahead of rival at 64 connections": False,
        "first answer not later than Prism's, as a share of its time": False,
        "memory after all loads, at most 80 MB": False,
    }


def test_a_bar_without_its_measure_is_neither_met_nor_missed() -> None:
    """Without Prism nothing is said about Prism."""
    shown = [str(bar) for bar in bars(measured_run("unit")) if bar.met is None]

    assert shown == [
        "not measured: at least 3 times the rate of Prism at its fastest at 16 connections",
        "not measured: at least 3 times the rate of Prism at its fastest at 64 connections",
        "not measured: first answer not later than Prism's, as a share of its time",
    ]


def test_markdown_is_aligned() -> None:
    """The source of the table reads as a table."""
    assert markdown(("a", "bb"), [("ccc", "1"), ("d", "22")]) == (
        "| a   | bb |\n| --- | -: |\n| ccc |  1 |\n| d   | 22 |"
    )


def test_bars_of_the_plot_are_as_long_as_their_values() -> None:
    """It is well-formed XML, names cannot break out of it, and the lengths are to scale from 0."""
    marks = (
        Mark(name="<ours>", value=10, label="10", ours=True),
        Mark(name="a & b", value=5, label="5"),
        Mark(name="none", value=0, label="0"),
    )

    tree = ElementTree.fromstring(svg("Speed", [Panel(title="Rate", marks=marks)]))

    space = "{http://www.w3.org/2000/svg}"
    lengths = [float(bar.attrib["width"]) for bar in tree.iter(f"{space}rect")]
    texts = [text.text for text in tree.iter(f"{space}text")]
    assert [length / lengths[0] for length in lengths] == [1, 0.5, 0]
    assert texts == ["Rate", "<ours>", "10", "a & b", "5", "none", "0"]

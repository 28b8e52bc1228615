"""The figures as Markdown: short enough for a README, readable in a terminal."""

from collections.abc import Callable, Sequence

from tests.benchmarks.rows import Cell, Row

HEADINGS = (
    "server",
    "requests/s",
    "Prism without log = 1",
    "p50 ms",
    "p99 ms",
    "processor µs/request",
    "ceiling = 1",
)


def load_table(rows: Sequence[Row], connections: int) -> str:
    """What each server did at a number of connections."""
    lines = [
        (row.title, *_cells(row.at(connections)))
        for row in rows
        if not row.missing and any(cell.connections == connections for cell in row.cells)
    ]
    return markdown(HEADINGS, lines)


def _cells(cell: Cell) -> tuple[str, ...]:
    return (
        number(cell.rate, "{:,.0f}"),
        number(cell.rate_in_units, "{:.2f}"),
        number(cell.p50, "{:.2f}", 1e3),
        number(cell.p99, "{:.2f}", 1e3),
        number(cell.processor, "{:,.0f}", 1e6),
        number(cell.processor_in_ceilings, "{:.2f}"),
    )


def rest_table(rows: Sequence[Row]) -> str:
    """Start and memory, which do not depend on the load."""
    return markdown(
        ("server", "first answer s", "of it processor s", "memory after all loads MB"),
        [
            (
                row.title,
                number(row.first_answer, "{:.2f}"),
                number(row.start_work, "{:.2f}"),
                number(row.memory, "{:.0f}", 1e-6),
            )
            for row in rows
            if not row.missing
        ],
    )


def not_measured(rows: Sequence[Row]) -> str:
    """A sentence for each server that did not take part."""
    return "\n".join(f"Not measured: {row.title} ({row.missing})." for row in rows if row.missing)


def readme_table(rows: Sequence[Row], connections: Sequence[int]) -> str:
    """One row a server, of the figures that a busy machine distorts least."""
    columns: list[tuple[str, Callable[[Row], str]]] = [("server", lambda row: row.title)]
    columns += [(f"requests/s, {one} connections", _rate_at(one)) for one in connections]
    columns += [
        (f"CPU µs/request, {connections[0]}", _processor_at(connections[0])),
        ("first answer s", lambda row: number(row.first_answer, "{:.2f}")),
        ("of it CPU s", lambda row: number(row.start_work, "{:.2f}")),
        ("memory MB", lambda row: number(row.memory, "{:.0f}", 1e-6)),
    ]
    lines = [tuple(show(row) for _, show in columns) for row in rows if not row.missing]
    return markdown(tuple(name for name, _ in columns), lines)


def _rate_at(connections: int) -> Callable[[Row], str]:
    """In units of Prism at its fastest, else as it is."""

    def show(row: Row) -> str:
        cell = row.at(connections)
        in_units = cell.rate_in_units is not None
        return number(cell.rate_in_units, "{:.1f} ×") if in_units else number(cell.rate, "{:,.0f}")

    return show


def _processor_at(connections: int) -> Callable[[Row], str]:
    return lambda row: number(row.at(connections).processor, "{:,.0f}", 1e6)


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose source is aligned as well: the first column left, all others right."""
    table = [headings, *lines]
    widths = [max(len(line[column]) for line in table) for column in range(len(headings))]
    rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        "| " + " | ".join(_padded(line, widths)) + " |" for line in (headings, rules, *lines)
    )


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [line[0].ljust(widths[0])] + [
        text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)
    ]


def number(value: float | None, form: str, factor: float = 1.0) -> str:
    """A figure in the unit that `factor` makes of it, or a dash for what was not measured."""
    return "–" if value is None else form.format(value * factor)

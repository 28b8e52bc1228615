"""A bar chart as SVG 1.1 without a plotting library, legible on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, NAMES, NUMBERS = 760, 250, 90
BAR, GAP, HEAD, PANEL_GAP = 18, 8, 34, 22

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.bar { fill: #8c959f } .ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #4493f8 }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One bar: its name, its length in the panel's unit, the number beside it, and whether it is
    ours.
    """

    name: str
    value: float
    label: str
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Bars that share a scale, which begins at 0."""

    title: str
    marks: tuple[Mark, ...]

    @property
    def height(self) -> int:
        return HEAD + len(self.marks) * (BAR + GAP)


def svg(title: str, panels: Sequence[Panel]) -> str:
    """The panels, one below the other."""
    height = sum(panel.height + PANEL_GAP for panel in panels)
    body, top = [], 0
    for panel in panels:
        body.append(_panel(panel, top))
        top += panel.height + PANEL_GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _panel(panel: Panel, top: int) -> str:
    longest = max((mark.value for mark in panel.marks), default=0.0) or 1.0
    scale = (WIDTH - NAMES - NUMBERS) / longest
    head = f'<text class="title" x="0" y="{top + 20}">{escape(panel.title)}</text>'
    return "\n".join(
        [
            head,
            *(
                _bar(mark, top + HEAD + number * (BAR + GAP), mark.value * scale)
                for number, mark in enumerate(panel.marks)
            ),
        ]
    )


def _bar(mark: Mark, top: int, length: float) -> str:
    kind = "bar ours" if mark.ours else "bar"
    base = top + BAR - 4
    return (
        f'<text x="{NAMES - 10}" y="{base}" text-anchor="end">{escape(mark.name)}</text>'
        f'<rect class="{kind}" x="{NAMES}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>'
        f'<text x="{NAMES + length + 8:.1f}" y="{base}">{escape(mark.label)}</text>'
    )

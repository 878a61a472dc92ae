"""The characters and styles of a chart, by the kind of marker that a terminal can show and whether it has colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.monitor.lens import MarkerKind
from tui.widgets.canvas import Cell
from tui.widgets.chart_spec import MOST_SERIES, MarkKind
from tui.widgets.raster import BLOCK, BRAILLE
from tui.widgets.rows import Part, Row

TRACK, CURSOR, BEHIND_SMOOTH = MOST_SERIES + 1, MOST_SERIES + 2, MOST_SERIES + 3
"""What cells hold beside series: seams, the crosshair, and the smoothed curve of what lies behind."""
STYLES_OF_CELLS = ("text", *(f"series{n}" for n in range(1, MOST_SERIES + 1)), "track", "key", "muted")
SEAM: Cell = ("┊", TRACK)
"""A line from top to bottom, behind the curves."""
CROSSHAIR: Cell = ("│", CURSOR)
SPREAD = "░"
"""Between the edges of a curve's band."""
BAND_ENDS, BAND_LINE, BAND_POINT = "┝┥", "━", "▲"
"""On the x axis, where colours may be missing; behind the curves the band is a shade."""
STRETCH = "─"
"""What goes on from one place to another, in the row of marks."""
MARKS: dict[MarkKind, tuple[str, str]] = {
    "override": ("▼", "warning"),
    "best": ("★", "success"),
    "checkpoint": ("◆", "accent"),
    "lr": ("╷", "muted"),
    "finding": ("!", "error"),
}
"""Sign and style; of two in one column the earlier kind is shown."""

_ONE_A_CELL = "··•x+o#@%&"
"""Markers that tell the series apart without colours, by series."""
_ASCII = "..*x+o#@%&"
_AGAIN = "x+o#"
"""Markers of further curves in the colour of an earlier one."""
_IN_ASCII = str.maketrans(
    {
        "│": "|", "┤": "+", "┝": "[", "┥": "]", "━": "=", "▲": "=", "┊": ":", "░": ",", "─": "-", "★": "^", "◆": "c",
        "▼": "v", "╷": "'", "·": "-", "–": "-", "—": "-", "…": "~", "≤": "<", "×": "x", "•": "*", "−": "-",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Signs:
    """How series are drawn and named."""

    kind: MarkerKind = "braille"
    no_color: bool = False
    marks_named: bool = True
    """Whether the heading says what the signs of marks mean."""

    def marker(self, series: int, *, behind: bool = False, again: int = 0) -> str:
        """The raster's marker of a series; `behind` for what was measured where it is smoothed.

        `again` is how many curves before it have the series already.
        """
        if self.kind == "ascii":
            return "." if behind else _ASCII[series]
        if again and not behind and not self.no_color:
            return _AGAIN[(again - 1) % len(_AGAIN)]
        fine = BLOCK if self.kind == "block" else BRAILLE
        return fine if behind or series <= 1 or not self.no_color else _ONE_A_CELL[series]

    def point(self, series: int) -> str:
        """A value that stands alone: a single dot is easily missed."""
        if self.kind == "ascii":
            return _ASCII[series]
        return _ONE_A_CELL[series] if self.no_color and series > 1 else "•"

    def legend(self, series: int, again: int = 0) -> str:
        """What stands before the name of a series."""
        marker = self.marker(series, again=again)
        return {BRAILLE: "⣿", BLOCK: "█"}.get(marker, marker)

    def shown(self, rows: Sequence[Row]) -> list[Row]:
        """The rows as such a terminal can show them."""
        return [[_in_ascii(part) for part in row] for row in rows] if self.kind == "ascii" else list(rows)


def _in_ascii(part: Part) -> Part:
    text, style = part
    if text.isascii():
        return part
    characters = (each if each.isascii() else "?" * cell_len(each) for each in text.translate(_IN_ASCII))
    return "".join(characters), style

"""A table of the guide laid out for a width: in columns where they fit, else a paragraph a row. Numbers stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len

from training.guide.table import Table
from tui.widgets.rows import Row, fit, joined, width_of, wrap

HERE = "▸ "
"""In front of the row that the config falls under."""
_MARGIN = cell_len(HERE)
_GAP = 2
SHORT = 16
"""A column of at most so many cells is never narrowed: names and ranges of numbers."""
PROSE = 30
"""A column that would take more than this holds sentences, which need at least LEAST_PROSE cells to be read well."""
LEAST, LEAST_PROSE = 10, 18


@lru_cache(maxsize=256)
def table_rows(table: Table, current: int | None, width: int) -> tuple[Row, ...]:
    """The table under its title, with the row `current` marked; read only, since they are kept for the next time."""
    widths = _widths(table, width)
    rows: list[Row] = wrap(table.title, width, "strong")
    rows += _stacked(table, current, width) if widths is None else _in_columns(table, current, widths)
    for note in table.notes:
        rows += wrap(note, width, "muted", first=[(" " * _MARGIN, "text")], indent=_MARGIN)
    return tuple(rows)


def _widths(table: Table, width: int) -> list[int] | None:
    """Cells of each column, as few lines as possible in all; None where the table does not fit in columns."""
    columns = list(zip(table.columns, *table.rows, strict=True))
    wanted = [max(map(cell_len, cells)) for cells in columns]
    taken = [_least(cells, natural) for cells, natural in zip(columns, wanted, strict=True)]
    room = width - _MARGIN - _GAP * (len(columns) - 1) - sum(taken)
    if room < 0:
        return None
    for _ in range(min(room, sum(wanted) - sum(taken))):
        tallest = max(range(len(columns)), key=lambda index: wanted[index] / taken[index])
        taken[tallest] += 1
    return taken


def _least(cells: Sequence[str], natural: int) -> int:
    if natural <= SHORT:
        return natural
    word = max(cell_len(word) for cell in cells for word in cell.split())
    return max(word, LEAST_PROSE if natural > PROSE else LEAST)


def _in_columns(table: Table, current: int | None, widths: Sequence[int]) -> list[Row]:
    rows = _side_by_side(table.columns, widths, " " * _MARGIN, ["muted"] * len(widths))
    for index, cells in enumerate(table.rows):
        here = index == current
        styles = ["strong" if here else "text", *["text" if here else "muted"] * (len(widths) - 1)]
        rows += _side_by_side(cells, widths, HERE if here else " " * _MARGIN, styles)
    return rows


def _side_by_side(cells: Sequence[str], widths: Sequence[int], mark: str, styles: Sequence[str]) -> list[Row]:
    """One row of the table, as many lines as its tallest cell."""
    blocks = [wrap(cell, size, style) for cell, size, style in zip(cells, widths, styles, strict=True)]
    rows: list[Row] = []
    for line in range(max(map(len, blocks))):
        parts: Row = [(mark if line == 0 else " " * _MARGIN, "key")]
        for index, (block, size) in enumerate(zip(blocks, widths, strict=True)):
            part = block[line] if line < len(block) else []
            parts += fit(part, size + _GAP) if index < len(widths) - 1 else part
        rows.append(parts)
    return rows


def _stacked(table: Table, current: int | None, width: int) -> list[Row]:
    """The first cell as a heading; under it the short cells with their columns' names, then the sentences."""
    rows: list[Row] = []
    long = {index for index, cells in enumerate(zip(*table.rows, strict=True)) if max(map(cell_len, cells)) > SHORT}
    for number, (name, *cells) in enumerate(table.rows):
        here = number == current
        rows += wrap(name, width, "strong" if here else "text", first=[(HERE if here else " " * _MARGIN, "key")])
        named = list(enumerate(zip(table.columns[1:], cells, strict=True), 1))
        style = "text" if here else "muted"
        rows += _short([f"{column} {cell}" for index, (column, cell) in named if index not in long], width, style)
        for index, (column, cell) in named:
            if index in long:
                rows += wrap(f"{column}: {cell}", width, style, first=[(" " * 2 * _MARGIN, "text")], indent=2 * _MARGIN)
    return rows


def _short(facts: Sequence[str], width: int, style: str) -> list[Row]:
    """Facts with dots between them, on as few lines as hold them whole."""
    rows: list[Row] = []
    for fact in facts:
        longer = joined([rows[-1], [(fact, style)]], (" · ", "muted")) if rows else []
        if rows and width_of(longer) <= width:
            rows[-1] = longer
        else:
            rows += wrap(fact, width, style, first=[(" " * 2 * _MARGIN, "text")], indent=2 * _MARGIN)
    return rows

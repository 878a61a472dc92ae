"""Run columns as columns of Home's table: how wide they are, and who stays when the table gets narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from training.runs.columns import RunColumn
from tui.home.arrangement import DEFAULT_COLUMNS, Arrangement
from tui.widgets.table import Column

DESCENDING, ASCENDING = "▾", "▴"

USUAL = {
    column.id: column
    for column in (
        Column("state", "State", 10, 0),
        Column("name", "Run", 11, 0, most=40, cut="middle"),
        Column("epoch", "Epoch", 7, 1, most=15, align="right"),
        Column("finding", "Finding", 13, 5, most=44),
        Column("acc", "Acc", 7, 2, most=13, align="right"),
        Column("loss", "Loss", 7, 4, most=18, align="right"),
        Column("time", "Time", 8, 3, align="right"),
        Column("model", "Model", 14, 6, most=22),
        Column("data", "Data", 8, 7, most=20),
        Column("size", "Size", 7, 8, align="right"),
        Column("tag", "Tags", 8, 9, most=24),
        Column("note", "Note", 12, 10, most=60),
        Column("created", "Created", 16, 11, align="right"),
        Column("started", "Started", 16, 11, align="right"),
        Column("ended", "Ended", 16, 11, align="right"),
    )
}
"""Those with a width of their own; the others are as wide as their heading, and grow with what stands in them."""
USUAL_COLUMNS = tuple(USUAL[key] for key in DEFAULT_COLUMNS)


GROUPED = {"name": 18, "acc": 13, "loss": 14}
"""Cells that the heading of a group takes: its title, and a mean with its spread."""


def table_columns(
    chosen: Sequence[RunColumn], arrangement: Arrangement, *, grouped: bool = False
) -> tuple[Column, ...]:
    """The table's columns, with an arrow in the heading of the one that the runs are sorted by.

    With groups there is room for what their headings say.
    """
    usual = tuple(column.key for column in chosen) == DEFAULT_COLUMNS
    columns = []
    for place, run_column in enumerate(chosen):
        column = USUAL.get(run_column.key) or _column(run_column)
        # Of a choice of one's own those that were put first stay longest.
        column = column if usual else replace(column, rank=place)
        if grouped and run_column.key in GROUPED:
            column = replace(column, width=GROUPED[run_column.key])
        if run_column.key == arrangement.sort:
            arrow = DESCENDING if run_column.largest_first != arrangement.reverse else ASCENDING
            column = replace(column, title=f"{column.title} {arrow}", width=max(column.width, len(column.title) + 2))
        columns.append(column)
    return tuple(columns)


def _column(column: RunColumn) -> Column:
    width = min(max(cell_len(column.title), 6), 14)
    numbers = column.kind not in ("text", "words")
    return Column(column.key, column.title, width, 0, most=24, align="right" if numbers else "left")

"""What Home's dialogs list: columns to show, to sort by and to group by."""

from __future__ import annotations

from collections.abc import Sequence

from training.runs.columns import RunColumn, RunColumns
from training.runs.grouping import SEEDS
from training.text import one_line
from tui.home.arrangement import Arrangement
from tui.home.table_columns import ASCENDING, DESCENDING
from tui.screens.choose import Option
from tui.screens.pick import Choice

NEWEST = "newest"
NO_GROUPS = "none"


def sort_choices(columns: RunColumns, chosen: Arrangement) -> list[Choice]:
    """Newest first, then every column; the one of now says that it turns round."""
    rows = [Choice(NEWEST, "newest first", "The order of their launches")]
    for column in columns.by_key.values():
        detail = one_line(column.help)
        if column.key == chosen.sort:
            arrow = DESCENDING if column.largest_first != chosen.reverse else ASCENDING
            detail = f"{arrow} now; once more turns it round"
        rows.append(Choice(column.key, one_line(column.key), detail))
    return rows


def group_choices(columns: RunColumns) -> list[Choice]:
    """No groups, seeds, then every column but those that no two runs share."""
    rows = [
        Choice(NO_GROUPS, "no groups", "One list"),
        Choice(SEEDS, SEEDS, "Runs that differ in their seed alone: mean ± std (n)"),
    ]
    alone = ("name", "size", "created", "started", "ended", "time")
    return rows + [
        Choice(column.key, one_line(column.key), one_line(column.help))
        for column in columns.by_key.values()
        if column.key not in alone
    ]


def column_options(columns: RunColumns, shown: Sequence[str]) -> list[Option]:
    """Every column, those of now first and in their order."""
    rest = [key for key in columns.by_key if key not in shown]
    return [_option(columns.by_key[key], key in shown) for key in [*shown, *rest]]


def _option(column: RunColumn, chosen: bool) -> Option:
    return Option(column.key, one_line(column.key), one_line(column.help), chosen)

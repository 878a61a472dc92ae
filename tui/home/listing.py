"""The rows of Home's table: of each run, and above each group of them; kept for as long as nothing changes in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from training.runs.columns import RunColumn
from training.runs.disk import DiskUse
from training.runs.grouping import Group, spread_of_losses, spread_of_shares
from training.runs.lifecycle import RunView
from training.text import one_line
from tui.screens import home_rows
from tui.widgets.table import Cell, Row

OPEN, FOLDED = "▾", "▸"
GROUP = "group:"
"""Before the key of a group, in the key of its row: no run's folder is called so, for `:` ends up in none."""


class Rows:
    """Makes the rows of runs, and keeps those of runs that are over."""

    def __init__(self, columns: Sequence[RunColumn]) -> None:
        self.columns = tuple(columns)
        self._kept: dict[str, tuple[RunView, DiskUse | None, bool, Row]] = {}

    def of_runs(self, runs: Sequence[RunView], disk: Mapping[Path, DiskUse], marked: Collection[str]) -> list[Row]:
        """A row for each run, in their order."""
        return [self._row(run, disk.get(run.folder.path), run.folder.id in marked) for run in runs]

    def of_groups(
        self, groups: Sequence[Group], folded: Collection[str], disk: Mapping[Path, DiskUse], marked: Collection[str]
    ) -> list[Row]:
        """A heading for each group with a title, and the runs under it where it is not folded."""
        rows: list[Row] = []
        for group in groups:
            if group.title:
                rows.append(self._heading(group, folded=group.key in folded))
            if not group.title or group.key not in folded:
                rows += self.of_runs(group.runs, disk, marked)
        return rows

    def _row(self, run: RunView, use: DiskUse | None, marked: bool) -> Row:
        kept = self._kept.get(run.folder.id)
        if kept is not None and kept[0] is run and kept[1] == use and kept[2] == marked and not run.live:
            return kept[3]
        row = home_rows.row(run, use, self.columns, marked)
        self._kept[run.folder.id] = (run, use, marked, row)
        return row

    def _heading(self, group: Group, *, folded: bool) -> Row:
        title = f"{FOLDED if folded else OPEN} {one_line(group.title)} ({len(group.runs)})"
        texts = {"acc": spread_of_shares(group.acc), "loss": spread_of_losses(group.loss), "name": title}
        keys = [column.key for column in self.columns]
        if "name" not in keys:
            texts[keys[0]] = title
        return Row(f"{GROUP}{group.key}", tuple(Cell(texts.get(key, ""), "heading") for key in keys))


def group_detail(group: Group) -> str:
    """What the runs of a group come to, on two lines."""
    told = [f"{one_line(group.title)}: {len(group.runs)} run{'' if len(group.runs) == 1 else 's'}"]
    if group.acc is not None:
        told.append(f"best accuracy {spread_of_shares(group.acc)} (n = {group.acc.n})")
    if group.loss is not None:
        told.append(f"best loss {spread_of_losses(group.loss)} (n = {group.loss.n})")
    return (
        " · ".join(told) + "\nmean ± standard deviation of the runs that have a finite value; enter folds and unfolds"
    )

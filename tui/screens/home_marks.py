"""Marks on Home's runs: what is done to several at once."""

from __future__ import annotations

from training.runs.lifecycle import RunView
from tui.screens.home_arranging import ArrangingScreen


class MarksScreen(ArrangingScreen):
    """Runs are marked by their id, and stay so while they are filtered out or read again."""

    @property
    def meant(self) -> list[RunView]:
        """The marked runs in the order of the table, those that are not shown last; else the selected one."""
        if not self.marked:
            return [run] if (run := self.selected) else []
        shown = [run for run in self.shown if run.folder.id in self.marked]
        ids = {run.folder.id for run in shown}
        return shown + [run for run in self.runs if run.folder.id in self.marked and run.folder.id not in ids]

    def show_runs(self) -> None:
        if not self.unread:
            self.marked &= self.by_id.keys()
        super().show_runs()

    def action_mark(self) -> None:
        """Mark the run under the cursor and go on to the next one; on a heading, all runs of the group."""
        if group := self.selected_group:
            ids = {run.folder.id for run in group.runs}
            self.marked = self.marked - ids if ids <= self.marked else self.marked | ids
        elif run := self.selected:
            self.marked ^= {run.folder.id}
        else:
            return
        self.show_runs()
        self.table.move(1)

    def action_unmark(self) -> None:
        self.marked.clear()
        self.show_runs()

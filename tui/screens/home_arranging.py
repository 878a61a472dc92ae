"""Home arranged otherwise: columns, order, groups, and whether archived runs are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from training.runs.grouping import Group
from tui.home import arrangement
from tui.home.arrangement import DEFAULT_COLUMNS, Arrangement
from tui.screens.home_table import TableScreen

if TYPE_CHECKING:
    from tui.screens.pick import Choice


class ArrangingScreen(TableScreen):
    """What a person chooses of the table is remembered for the next start."""

    def arrange_as(self, chosen: Arrangement) -> None:
        """Arrange the runs otherwise, now and at the next start."""
        self.arrangement = chosen
        arrangement.remember(chosen)
        self.show_runs()

    def action_archived(self) -> None:
        self.archived_too = not self.archived_too
        self.show_runs()

    def action_sort(self) -> None:
        from tui.home.choices import NEWEST, sort_choices

        def picked(key: str | None) -> None:
            if key is not None:
                self.arrange_as(self.arrangement.sorted_by("" if key == NEWEST else key))
                self.table.select(0)

        self._pick("Sort by", sort_choices(self.columns, self.arrangement), self.arrangement.sort or NEWEST, picked)

    def action_group(self) -> None:
        from tui.home.choices import NO_GROUPS, group_choices

        def picked(key: str | None) -> None:
            if key is not None:
                self.folded.clear()
                self.arrange_as(replace(self.arrangement, group="" if key == NO_GROUPS else key))
                self.table.select(0)

        self._pick("Group by", group_choices(self.columns), self.arrangement.group or NO_GROUPS, picked)

    def _pick(self, title: str, choices: Sequence[Choice], selected: str, picked: Callable[[str | None], None]) -> None:
        from tui.screens.pick import PickScreen

        self.app.push_screen(PickScreen(title, choices, selected=selected, search=True), picked)

    def action_columns(self) -> None:
        from tui.home.choices import column_options
        from tui.screens.choose import ChooseScreen

        def chosen(keys: list[str] | None) -> None:
            if keys is not None:
                self.arrange_as(replace(self.arrangement, columns=tuple(keys) or DEFAULT_COLUMNS))

        shown = [column.key for column in self.chosen_columns()]
        options = column_options(self.columns, shown)
        self.app.push_screen(ChooseScreen("Columns", options, default=DEFAULT_COLUMNS), chosen)

    def fold(self, group: Group) -> None:
        """Fold the group, or unfold it."""
        self.folded ^= {group.key}
        self.show_runs()

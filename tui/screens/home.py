"""Home: the runs of a folder, found, arranged and marked; and the ways to a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui import keymap
from tui.home import words
from tui.screens import home_rows
from tui.screens.home_leaving import LeavingScreen
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Table

WHILE_TYPING = ("clear", "move", "page")


class HomeScreen(LeavingScreen):
    """The list of runs: read (home_reading), shown (home_table), marked, changed, and left for other screens."""

    CSS_PATH = "home.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("home")
    AUTO_FOCUS = "#home-table"

    def compose(self) -> ComposeResult:
        folder = home_rows.short(self.runs_dir)
        yield Static(f"traindeck  {folder}", id="home-title", markup=False)
        yield Static(id="home-others", markup=False)
        yield Table(home_rows.COLUMNS, id="home-table")
        yield Static(words.EMPTY.format(folder=folder), id="home-empty", markup=False)
        yield Static(id="home-unmatched", markup=False)
        yield Static(id="home-said", markup=False)
        yield Static(id="home-detail", markup=False)
        yield KeyBar("home")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if self.typing:
            return action in WHILE_TYPING
        possible = self.possible().get(action)
        return possible is None or possible()

    def possible(self) -> dict[str, Callable[[], bool]]:
        """Which of the actions can be done now; those that are not named always can."""

        def anything() -> bool:
            return bool(self.runs)

        def on_a_run() -> bool:
            return self.selected is not None

        def on_own() -> bool:
            return self.selected is not None and self.selected.controllable

        return {
            **dict.fromkeys(("open", "search", "sort", "group", "columns", "copy"), anything),
            **dict.fromkeys(("pin", "note", "share"), on_a_run),
            **dict.fromkeys(("again", "repeat"), on_own),
            **dict.fromkeys(("delete", "tags", "archive"), lambda: bool(self.meant)),
            "mark": lambda: on_a_run() or self.selected_group is not None,
            "unmark": lambda: bool(self.marked),
            "compare": lambda: bool(self.compared()),
            "archived": lambda: self.archived_too or self.archived > 0,
            "others": lambda: bool(self.others),
            "resume": lambda: self.selected is not None and self.selected.resumable,
            "clear": lambda: bool(self.search or self.query("#home-search")),
        }

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        run = self.selected
        if run is not None and action == "resume":
            return f"{run.state}: nothing to resume"
        if run is not None and action in ("again", "repeat"):
            return "Read only: traindeck does not train this run."
        return words.UNFIT.get(action) or super().why_not(action, parameters)

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    def action_page(self, pages: int) -> None:
        self.table.move(pages * max(1, self.table.size.height - 2))

    def action_first(self) -> None:
        self.table.select(0)

    def action_last(self) -> None:
        self.table.select(len(self.table.rows) - 1)

    def action_quit(self) -> None:
        self.stop_watching()
        self.app.exit()

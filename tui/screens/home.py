"""Home: the runs of this folder, newest first, kept up to date from their summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from training.errors import TraindeckError
from training.runs import store
from training.runs.lifecycle import RunView
from training.text import one_line
from tui import keymap
from tui.screens import home_rows
from tui.widgets.keybar import KeyBar
from tui.widgets.table import Table

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.app import TraindeckApp

POLL_SECONDS = 1.0

EMPTY = """\
No runs yet in {folder}.
Press n for a new run on the built-in digits, f to open a config file.
Training goes on without the app: leave with q, look in again any time."""


@dataclass
class RunsRead(Message):
    """What the runs folder holds now, and what goes on elsewhere; a newer one replaces it in the queue."""

    runs_dir: Path
    runs: Sequence[RunView]
    others: Sequence[RunView]

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunsRead)


@dataclass
class RunDeleted(Message):
    """A run is gone, or could not be deleted for the reason given."""

    run_id: str
    name: str
    error: TraindeckError | None


class HomeScreen(Screen[None]):
    """The list of runs, and the ways to a new one."""

    CSS_PATH = "home.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("home")
    AUTO_FOCUS = "#home-table"
    app: TraindeckApp

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self.runs: list[RunView] = []
        self.others: list[RunView] = []
        self.search = ""
        self.seen = False
        self._wake = Event()

    def compose(self) -> ComposeResult:
        yield Static(f"traindeck  {_short(self.runs_dir)}", id="home-title", markup=False)
        yield Static(id="home-others", markup=False)
        yield Table(home_rows.COLUMNS, id="home-table")
        yield Static(EMPTY.format(folder=_short(self.runs_dir)), id="home-empty", markup=False)
        yield Static(id="home-detail", markup=False)
        yield KeyBar("home")

    # Reading

    def on_screen_resume(self) -> None:
        self.watch_runs()

    def on_screen_suspend(self) -> None:
        self.stop_watching()

    def on_unmount(self) -> None:
        self.stop_watching()

    def stop_watching(self) -> None:
        self.workers.cancel_group(self, "runs")
        self._wake.set()

    @work(thread=True, exclusive=True, exit_on_error=False, group="runs")
    def watch_runs(self) -> None:
        worker = get_current_worker()
        self._wake = wake = Event()
        while not worker.is_cancelled:
            runs = store.list_runs(self.runs_dir)
            others = store.other_live_runs(excluding=self.runs_dir)
            self.post_message(RunsRead(self.runs_dir, runs, others))
            wake.wait(POLL_SECONDS)

    @on(RunsRead)
    def take_runs(self, message: RunsRead) -> None:
        self.runs, self.others = list(message.runs), list(message.others)
        self.seen = True
        self.show_runs()

    # Showing

    @property
    def table(self) -> Table:
        return self.query_one("#home-table", Table)

    @property
    def shown(self) -> list[RunView]:
        return [run for run in self.runs if home_rows.matches(run, self.search)]

    @property
    def selected(self) -> RunView | None:
        return next((run for run in self.runs if run.folder.id == self.table.key), None)

    def show_runs(self) -> None:
        self.set_class(self.seen and not self.runs, "empty")
        self.table.show([home_rows.row(run) for run in self.shown])
        self._write("#home-title", self._title())
        self._write("#home-others", self._others_line())
        self.query_one("#home-others").set_class(bool(self.others), "shown")
        self.show_detail()
        self.refresh_bindings()

    def _title(self) -> str:
        live = sum(run.live for run in self.runs)
        count = f"{len(self.runs)} run{'' if len(self.runs) == 1 else 's'}"
        if self.search:
            count = f"{len(self.shown)} of {count} with “{one_line(self.search)}”"
        return f"traindeck  {_short(self.runs_dir)}  {count}" + (f", {live} going on" if live else "")

    def _others_line(self) -> str:
        if not self.others:
            return ""
        names = ", ".join(f"{one_line(run.summary.name)} ({_short(run.folder.path.parent)})" for run in self.others[:2])
        more = f" and {len(self.others) - 2} more" if len(self.others) > 2 else ""
        return f"▶ {len(self.others)} elsewhere, o opens: {names}{more}"

    @on(Table.Moved)
    def show_detail(self) -> None:
        run = self.selected
        self._write("#home-detail", "\n".join(home_rows.detail(run)) if run else "")

    def _write(self, selector: str, text: str) -> None:
        """Only a text that changed costs bytes."""
        widget = self.query_one(selector, Static)
        if str(widget.content) != text:
            widget.update(text)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action in ("open", "again", "delete", "search") and not self.runs:
            return False
        if action == "others" and not self.others:
            return False
        return not (action == "clear" and not self.search and not self.has_class("searching"))

    def action_move(self, lines: int) -> None:
        self.table.move(lines)

    def action_page(self, pages: int) -> None:
        self.table.move(pages * max(1, self.table.size.height - 2))

    def action_first(self) -> None:
        self.table.select(0)

    def action_last(self) -> None:
        self.table.select(len(self.table.rows) - 1)

    @on(Table.Chosen)
    def action_open(self) -> None:
        if run := self.selected:
            self.app.open_monitor(run.folder)

    def action_others(self) -> None:
        if len(self.others) == 1:
            self.app.open_monitor(self.others[0].folder)
            return
        from tui.screens.pick import Choice, PickScreen

        choices = [
            Choice(str(index), one_line(run.summary.name), f"{run.state}, {_short(run.folder.path.parent)}")
            for index, run in enumerate(self.others)
        ]
        folders = [run.folder for run in self.others]

        def opened(picked: str | None) -> None:
            if picked is not None:
                self.app.open_monitor(folders[int(picked)])

        self.app.push_screen(PickScreen("Runs going on in other folders", choices), opened)

    def action_new(self) -> None:
        from tui.screens import new_run

        new_run.from_preset(self.app)

    def action_from_file(self) -> None:
        from tui.screens import new_run

        new_run.from_file(self.app)

    def action_again(self) -> None:
        from tui.screens import new_run

        if run := self.selected:
            new_run.from_run(self.app, run)

    def action_delete(self) -> None:
        run = self.selected
        if run is None:
            return
        name = one_line(run.summary.name)
        if run.live:
            self.notify(f"{name} is {run.state}: stop it before deleting it.", severity="warning", markup=False)
            return
        from tui.screens.confirm import ConfirmScreen

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.delete(run)

        what = f"Its config, curves, log and checkpoints in {_short(run.folder.path)} are removed for good."
        self.app.push_screen(ConfirmScreen(f"Delete {name}?", what, yes="Delete", no="Keep", danger=True), confirmed)

    @work(thread=True, exit_on_error=False, group="delete", exclusive=False)
    def delete(self, run: RunView) -> None:
        error: TraindeckError | None = None
        try:
            store.delete_run(run)
        except TraindeckError as problem:
            error = problem
        self.post_message(RunDeleted(run.folder.id, one_line(run.summary.name), error))

    @on(RunDeleted)
    def say_deleted(self, message: RunDeleted) -> None:
        if message.error:
            self.notify(str(message.error), severity="error", markup=False)
        else:
            self.notify(f"{message.name} is deleted.", markup=False)
        self._wake.set()
        self.watch_runs()

    async def action_search(self) -> None:
        from textual.widgets import Input

        from tui.widgets.text_input import TextInput

        if not self.query("#home-search"):
            field = TextInput(placeholder="Words of the name, model, data, state, optimizer=AdamW …", id="home-search")
            await self.mount(field, before=self.query_one("#home-detail"))
        self.add_class("searching")
        self.query_one("#home-search", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.search = event.value
        self.show_runs()

    def on_input_submitted(self) -> None:
        self.table.focus()

    def action_clear(self) -> None:
        self.search = ""
        self.remove_class("searching")
        for field in self.query("#home-search"):
            field.remove()
        self.table.focus()
        self.show_runs()

    def action_quit(self) -> None:
        self.stop_watching()
        self.app.exit()


def _short(path: Path) -> str:
    """A path as a person writes it: relative to home with ~, without control characters."""
    home = Path.home()
    return one_line(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path))

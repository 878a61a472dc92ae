"""Home: the runs of this folder, newest first, kept up to date from their summaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static
from textual.worker import get_current_worker

from training.errors import TraindeckError
from training.runs import store
from training.runs.disk import DiskUse, DiskUses
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.pin import pin
from training.text import one_line
from tui import keymap
from tui.editor import keeping
from tui.home.messages import RunChanged, RunsRead
from tui.screens import home_rows
from tui.widgets.keybar import KeyBar
from tui.widgets.spans import SpanScreen
from tui.widgets.table import Table
from tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.app import TraindeckApp

POLL_SECONDS = 1.0


class HomeScreen(SpanScreen[None]):
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
        self.disk: Mapping[Path, DiskUse] = {}
        self.drafts = 0
        self.search = ""
        self.seen = False
        self._wake = Event()
        self._disk_uses = DiskUses()

    def compose(self) -> ComposeResult:
        yield Static(f"traindeck  {home_rows.short(self.runs_dir)}", id="home-title", markup=False)
        yield Static(id="home-others", markup=False)
        yield Table(home_rows.COLUMNS, id="home-table")
        yield Static(home_rows.EMPTY.format(folder=home_rows.short(self.runs_dir)), id="home-empty", markup=False)
        yield Static("No run matches; esc ends the search.", id="home-unmatched", markup=False)
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
            use, drafts = self._disk_uses.look(runs), len(keeping.orphans())
            self.post_message(RunsRead(self.runs_dir, runs, others, use, drafts))
            wake.wait(POLL_SECONDS)

    @on(RunsRead)
    def take_runs(self, message: RunsRead) -> None:
        self.runs, self.others, self.disk = list(message.runs), list(message.others), message.disk
        self.drafts = message.drafts
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
        shown = self.shown
        self.set_class(bool(self.runs) and not shown, "unmatched")
        self.table.show([home_rows.row(run, self.disk.get(run.folder.path)) for run in shown])
        self._go_to_watched()
        title = home_rows.title(self.runs_dir, self.runs, shown, self.search, self.disk)
        self._write("#home-title", f"{title}{home_rows.drafts_hint(self.drafts)}")
        self._write("#home-others", home_rows.others_line(self.others))
        self.query_one("#home-others").set_class(bool(self.others), "shown")
        self.show_detail()

    def _go_to_watched(self) -> None:
        """The run that a monitor just showed, a launched one first of all, is the one to go on with."""
        ids = [row.key for row in self.table.rows]
        if self.app.watched in ids:
            self.table.select(ids.index(self.app.watched))
            self.app.watched = ""

    @on(Table.Moved)
    def show_detail(self) -> None:
        run = self.selected
        self._write("#home-detail", "\n".join(home_rows.detail(run, self.disk.get(run.folder.path))) if run else "")
        self.refresh_bindings()

    def _write(self, selector: str, text: str) -> None:
        """Only a text that changed costs bytes."""
        widget = self.query_one(selector, Static)
        if str(widget.content) != text:
            widget.update(text)

    # Keys

    @property
    def typing(self) -> bool:
        """Whether letters go into the search."""
        return isinstance(self.focused, TextInput)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if self.typing:
            return action in ("clear", "move", "page")
        if action in ("open", "again", "delete", "pin", "search") and not self.runs:
            return False
        if action == "others" and not self.others:
            return False
        if action == "resume":
            return self.selected is not None and self.selected.resumable
        if action == "again":
            return self.selected is not None and self.selected.controllable
        return not (action == "clear" and not self.search and not self.query("#home-search"))

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
        if (run := self.selected) and self._is_there(run):
            self.app.open_monitor(run.folder)

    def _is_there(self, run: RunView) -> bool:
        """Whether the run's folder is still there; says so where it is not."""
        if run.folder.path.is_dir():
            return True
        self.notify(f"The folder {home_rows.short(run.folder.path)} is gone.", severity="error", markup=False)
        return False

    def action_others(self) -> None:
        if len(self.others) == 1:
            self.app.open_monitor(self.others[0].folder)
            return
        from tui.screens.pick import Choice, PickScreen

        choices = [
            Choice(str(index), one_line(run.summary.name), f"{run.state}, {home_rows.short(run.folder.path.parent)}")
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

        if (run := self.selected) and self._is_there(run):
            new_run.from_run(self.app, run)

    def action_resume(self) -> None:
        from tui.screens.resume import ResumeScreen

        def resumed(folder: RunFolder | None) -> None:
            if folder is not None:
                self.app.open_monitor(folder)

        if (run := self.selected) and self._is_there(run):
            self.app.push_screen(ResumeScreen(run.folder), resumed)

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
                self.change(run, f"{name} is deleted.", store.delete_run)

        what = f"Its config, curves, log and checkpoints in {home_rows.short(run.folder.path)} are removed for good."
        self.app.push_screen(ConfirmScreen(f"Delete {name}?", what, yes="Delete", no="Keep", danger=True), confirmed)

    def action_pin(self) -> None:
        if (run := self.selected) and self._is_there(run):
            said = "is no longer pinned." if run.pinned else "is pinned: no cleaning removes its weights."
            self.change(run, f"{one_line(run.summary.name)} {said}", lambda run: pin(run.folder, on=not run.pinned))

    @work(thread=True, exit_on_error=False, group="change", exclusive=False)
    def change(self, run: RunView, said: str, do: Callable[[RunView], None]) -> None:
        error: TraindeckError | None = None
        try:
            do(run)
        except TraindeckError as problem:
            error = problem
        self.post_message(RunChanged(run.folder.id, said, error))

    @on(RunChanged)
    def say_changed(self, message: RunChanged) -> None:
        if message.error:
            self.notify(str(message.error), severity="error", markup=False)
        else:
            self.notify(message.said, markup=False)
        self._wake.set()
        self.watch_runs()

    async def action_search(self) -> None:
        if not self.query("#home-search"):
            label = Static("Search:", id="home-search-label", markup=False)
            field = TextInput(placeholder="words of the name, model, data, state, optimizer=AdamW …", id="home-search")
            await self.mount(Horizontal(label, field, id="home-search-line"), before=self.query_one("#home-detail"))
        self.query_one("#home-search").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.search = event.value
        self.show_runs()

    def on_input_submitted(self) -> None:
        if self.table.rows:
            self.table.focus()

    def action_clear(self) -> None:
        self.search = ""
        for line in self.query("#home-search-line"):
            line.remove()
        self.show_runs()
        self.table.focus()

    def action_quit(self) -> None:
        self.stop_watching()
        self.app.exit()

"""What a config can be compared with, in one list: its file, the defaults, presets, another file and every past run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import localtime, strftime
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.widgets import Input

from training.config.own_presets import own_presets, whole
from training.errors import TraindeckError
from training.runs.compared import Placed, of_file, of_run
from training.runs.lifecycle import RunView
from training.runs.store import all_runs
from training.text import one_line
from tui.editor.draft import Draft
from tui.screens.open_file import PathScreen
from tui.screens.pick import Choice, PickScreen
from tui.screens.preset_list import config_of, grouped, own_of, preset_choices

if TYPE_CHECKING:
    from tui.app import TraindeckApp

OPENED, ON_DISK, FILE, RUN = "opened", "disk", "file", "run:"


@dataclass
class RunsListed(Message):
    """Every run that is known, newest first."""

    runs: Sequence[RunView]


class ComparePick(PickScreen):
    """Answers the id of a line. The runs come once a thread has listed them: the list opens without them."""

    CSS_PATH = "pick.tcss"

    def __init__(self, choices: Sequence[Choice], runs_dir: Path) -> None:
        super().__init__("Compare with", choices, search=True)
        self.runs_dir = runs_dir
        self.runs: Sequence[RunView] = ()
        self.listed = False

    def on_mount(self) -> None:
        self.list_runs()

    @work(thread=True, exclusive=True, exit_on_error=False, group="runs")
    def list_runs(self) -> None:
        self.post_message(RunsListed(all_runs(self.runs_dir)))

    @on(RunsListed)
    def add_runs(self, message: RunsListed) -> None:
        self.runs, self.listed = message.runs, True
        self.choices = (*self.choices, *(_run_choice(at, run) for at, run in enumerate(self.runs)))
        self.table.columns = self.columns()
        self.show(self.query_one("#pick-search", Input).value)
        self.on_resize()


def _run_choice(at: int, run: RunView) -> Choice:
    summary = run.summary
    when = strftime("%Y-%m-%d %H:%M", localtime(summary.created))
    parts = (when, run.state, summary.model, summary.data)
    detail = ", ".join(one_line(part) for part in parts if part)
    return grouped(f"{RUN}{at}", "run", one_line(summary.name) or run.folder.id, detail)


def choices_for(draft: Draft) -> list[Choice]:
    """Everything but the runs."""
    found = []
    if draft.path is not None and draft.path.exists() and (draft.changed or draft.differs_on_disk(draft.path)):
        name = one_line(draft.path.name)
        found.append(grouped(ON_DISK, "file", f"{name} on disk", "What saving would change."))
    elif draft.changed:
        found.append(grouped(OPENED, "start", "As it was opened", "What was changed in this editor."))
    another = grouped(FILE, "file", "Another file …", "A YAML file, by its path.")
    return [*found, *preset_choices(own_presets()), another]


def pick_other(app: TraindeckApp, draft: Draft, then: Callable[[Placed], None]) -> None:
    """Ask what to compare with, and go on with it; what cannot be read is said in the corner."""
    screen = ComparePick(choices_for(draft), app.runs_dir)

    def read(read_it: Callable[[], Placed | None]) -> None:
        try:
            other = read_it()
        except TraindeckError as error:
            app.notify(one_line(str(error)), severity="error", markup=False)
            return
        if other is not None:
            then(other)

    def picked(id: str | None) -> None:
        if id is None:
            return
        if id == FILE:
            ask_path()
        elif id.startswith(RUN):
            run = screen.runs[int(id.removeprefix(RUN))]
            read(lambda: of_run(run))
        else:
            read(lambda: _listed(id, draft))

    def ask_path() -> None:
        def named(path: Path | None) -> None:
            if path is not None:
                read(lambda: of_file(path))

        app.push_screen(PathScreen("Compare with a config file", Path.cwd(), must_exist=True), named)

    app.push_screen(screen, picked)


def _listed(id: str, draft: Draft) -> Placed | None:
    """What a line stands for that needs no asking. Raises ConfigError for a file that cannot be read."""
    if id == ON_DISK and draft.path is not None:
        return of_file(draft.path)
    if id == OPENED:
        return Placed("as opened", draft.saved, draft.base_dir)
    if built_in := config_of(id):
        return Placed(*built_in, draft.base_dir)
    own = own_of(id)
    return Placed(own.name, whole(own).config, draft.base_dir) if own else None

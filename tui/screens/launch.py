"""The last look before a launch: name, device and why, what ends the run; then it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from training.config.schema import TrainingConfig
from training.errors import TraindeckError
from training.runs.describe import data_label, default_name, model_label
from training.runs.layout import RunFolder
from training.runs.plan import LaunchPlan
from training.text import one_line
from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from tui.app import TraindeckApp


@dataclass
class Launched(Message):
    """The run is started, or could not be for the reason given."""

    folder: RunFolder | None
    error: TraindeckError | None


class LaunchScreen(ModalScreen[RunFolder | None]):
    """Answers the folder of the run that it started, or None."""

    CSS_PATH = "launch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("launch")
    AUTO_FOCUS = "#launch-name"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    app: TraindeckApp

    def __init__(self, text: str, config: TrainingConfig, plan: LaunchPlan, base_dir: Path) -> None:
        super().__init__()
        self.text = text
        self.config = config
        self.plan = plan
        self.base_dir = base_dir
        self.unanswered = list(plan.confirm)

    def compose(self) -> ComposeResult:
        config = self.config
        what = f"{model_label(config)} on {data_label(config)}, {config.optimizer} at {config.learning_rate:g}, "
        with Vertical(classes="dialog"):
            yield Static("Launch a run", classes="title", markup=False)
            yield Static(one_line(f"{what}{config.epochs} epochs"), markup=False)
            yield Static(id="launch-error", classes="error", markup=False)
            yield Static("Name", id="launch-label", classes="muted", markup=False)
            yield TextInput(default_name(config), id="launch-name")
            for note in self.plan.notes:
                yield Static(one_line(note), classes="launch-note", markup=False)
            yield KeyBar("launch")

    @on(Input.Submitted)
    def action_start(self) -> None:
        if not self.unanswered:
            self.start(self.query_one("#launch-name", Input).value.strip())
            return
        from tui.screens.confirm import ConfirmScreen

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.unanswered.pop(0)
                self.action_start()

        self.app.push_screen(ConfirmScreen(self.unanswered[0], yes="Launch", no="Do not", danger=True), confirmed)

    @work(thread=True, exclusive=True, exit_on_error=False, group="launch")
    def start(self, name: str) -> None:
        from training.runs.launch import launch

        try:
            folder = launch(
                self.text, self.config, self.plan, name=name, runs_dir=self.app.runs_dir, base_dir=self.base_dir
            )
        except TraindeckError as error:
            self.post_message(Launched(None, error))
        else:
            self.post_message(Launched(folder, None))

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen("launch"))

    @on(Launched)
    def take_launched(self, message: Launched) -> None:
        if message.folder is not None:
            self.dismiss(message.folder)
        else:
            self.query_one("#launch-error", Static).update(one_line(str(message.error)))
            self.add_class("failed")

    def action_cancel(self) -> None:
        self.dismiss(None)

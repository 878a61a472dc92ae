"""What the monitor asks of the running job, and the new runs that come of this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.message import Message

from training.errors import TraindeckError
from training.runs.commands import CommandName, send
from training.runs.lifecycle import view
from training.text import one_line
from tui.monitor.messages import CommandSent
from tui.monitor.model import Asked
from tui.screens.fork import ForkingScreen
from tui.widgets.type_ahead import backlog_of

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from tui.monitor.knobs import Knobs
    from tui.screens.confirm import ConfirmScreen

ASKED = {"pause": "pause", "resume": "resume", "stop": "stop", "control": "adjust", "checkpoint": "save"}
"""Actions on a job, and what they do with it."""
HEARS = ("starting", "running", "paused")
"""States in which a run does what it is asked, or will."""


@dataclass
class ConfigRead(Message):
    """The config of the run, to change the job by; or why it cannot be read."""

    config: TrainingConfig | None = None
    error: str = ""


class ControlScreen(ForkingScreen):
    """The monitor's commands."""

    def action_pause(self) -> None:
        self.ask("pause")

    def action_resume(self) -> None:
        """Of a paused run its worker goes on; of one that has ended a new attempt does, and this screen shows it."""
        if self.run.state == "paused":
            self.ask("resume")
        else:
            from tui.screens.resume import ResumeScreen

            self.app.push_screen(ResumeScreen(self.folder))

    def action_stop(self) -> None:
        from training.runs.stop import stop_detail
        from tui.screens.confirm import ConfirmScreen

        again = any(asked.command == "stop" for asked in self.run.asked)
        detail = stop_detail(self.run.view, again=again)
        question = ConfirmScreen(f"Stop {self._called}?", detail, yes="Stop it", no="Train on", danger=True)
        self.app.push_screen(question, self._stop_if)

    def _stop_if(self, sure: bool | None) -> None:
        if sure:
            self.ask("stop")

    @property
    def _called(self) -> str:
        return one_line(self.run.view.summary.name if self.run.view else self.folder.id)

    def action_checkpoint(self) -> None:
        self.ask("checkpoint")

    def action_control(self) -> None:
        backlog_of(self.app).hold()
        self.read_config()

    @work(thread=True, exclusive=True, exit_on_error=False, group="config")
    def read_config(self) -> None:
        from training.config import files as config_files

        try:
            self.post_message(ConfigRead(config_files.load(self.folder.config)))
        except TraindeckError as error:
            self.post_message(ConfigRead(error=one_line(str(error))))

    @on(ConfigRead)
    def show_menu(self, message: ConfigRead) -> None:
        backlog_of(self.app).let_go()
        if message.config is None:
            self.notify(message.error, severity="error", markup=False)
        elif self._hears:
            from tui.monitor.knobs import Knobs
            from tui.screens import control_menu

            knobs = Knobs(self.run, message.config)
            self.app.push_screen(control_menu.menu(knobs), lambda id: self._picked(id, knobs))

    def _picked(self, id: str | None, knobs: Knobs) -> None:
        """Do what was picked, or ask what belongs to it."""
        from tui.screens import control_menu

        match id:
            case control_menu.RATE:
                self.app.push_screen(control_menu.rate_prompt(knobs), lambda text: self._set_rate(text, knobs))
            case control_menu.EPOCHS:
                self.app.push_screen(control_menu.epochs_prompt(knobs), self._set_epochs)
            case control_menu.PATIENCE:
                self.app.push_screen(control_menu.patience_prompt(knobs), self._set_patience)
            case control_menu.CHECKPOINT:
                self.ask("checkpoint")
            case control_menu.AFTER:
                self.app.push_screen(self._stop_after_question(knobs.epoch), self._stop_after_if)
            case control_menu.WITHDRAW:
                self.ask("stop_after_epoch", off=True)
            case control_menu.PAUSE:
                self.ask("pause")
            case control_menu.RESUME:
                self.ask("resume")
            case control_menu.STOP:
                self.action_stop()

    def _set_rate(self, text: str | None, knobs: Knobs) -> None:
        if text is None:
            return
        from training.config.fields import field, parse_value
        from tui.screens.confirm import ConfirmScreen

        rate = parse_value(field("learning_rate"), text)
        if not (doubt := knobs.doubt(rate)):
            self.ask("set_lr", rate=rate)
            return

        def sure(yes: bool | None) -> None:
            if yes:
                self.ask("set_lr", rate=rate)

        question = f"Set the learning rate to {rate:g}?"
        self.app.push_screen(ConfirmScreen(question, doubt, yes="Set it", no="Leave it", danger=True), sure)

    def _set_epochs(self, text: str | None) -> None:
        if text is not None:
            from training.config.fields import field, parse_value

            self.ask("set_epochs", epochs=parse_value(field("epochs"), text))

    def _set_patience(self, text: str | None) -> None:
        if text is not None:
            self.ask("set_patience", patience=int(text) if text.isdecimal() else 0)

    def _stop_after_question(self, epoch: int) -> ConfirmScreen:
        from tui.screens.confirm import ConfirmScreen

        detail = "It is validated first, and a checkpoint is kept. Until then this can be withdrawn."
        question = f"Stop {self._called} after epoch {epoch}?"
        return ConfirmScreen(question, detail, yes="Stop it then", no="Train on", danger=True)

    def _stop_after_if(self, sure: bool | None) -> None:
        if sure:
            self.ask("stop_after_epoch")

    @property
    def _hears(self) -> bool:
        return self.run.controllable and self.run.state in HEARS

    @work(thread=True, exit_on_error=False, group="command")
    def ask(self, command: CommandName, **args: Any) -> None:
        """Write a command for the worker; the screen shows what became of it only when the worker has answered."""
        try:
            from training.runs.stop import ask_to_stop

            run = view(self.folder) if command == "stop" else None
            asked = ask_to_stop(run) if run is not None else send(self.folder, command, **args)
            sent = CommandSent(self.folder.id, command, id=asked)
        except TraindeckError as error:
            sent = CommandSent(self.folder.id, command, error=str(error))
        self.post_message(sent)

    @on(CommandSent)
    def remember_command(self, message: CommandSent) -> None:
        if message.error:
            self.notify(message.error, severity="error", markup=False)
        elif message.id:
            self.run.ask(Asked(message.id, message.command))
        self.paint()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        if word := ASKED.get(action):
            return self.unfit or f"{self.run.state}: nothing to {word}"
        return (self.unfit if action == "fork" else "") or super().why_not(action, parameters)

    @property
    def unfit(self) -> str:
        """Why nothing can be done with this run; empty where that is not so."""
        if self.run.gone:
            return "The run's folder is gone."
        if self.run.view is None:
            return "The run is still being read."
        return "" if self.run.controllable else "Read only: traindeck does not train this run."

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {
            **super().possible(parameters),
            "pause": lambda: self.run.state == "running" and self.run.controllable,
            "resume": lambda: self.run.state == "paused" or self.run.resumable,
            "control": lambda: self._hears,
            "checkpoint": lambda: self._hears,
            "fork": lambda: self.run.view is not None and self.run.controllable and not self.run.gone,
            "stop": lambda: self.run.live and self.run.state not in ("stopping", "reading") and self.run.controllable,
        }

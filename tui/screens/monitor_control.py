"""What the monitor asks of the running job, and the new runs that come of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import on, work

from training.errors import TraindeckError
from training.runs.commands import CommandName, send
from training.runs.lifecycle import view
from training.runs.stop import ask_to_stop, stop_detail
from training.text import one_line
from tui.monitor.messages import CommandSent
from tui.monitor.model import Asked
from tui.screens.confirm import ConfirmScreen
from tui.screens.monitor_panels import PanelsScreen
from tui.screens.resume import ResumeScreen


class ControlScreen(PanelsScreen):
    """The monitor's commands."""

    def action_pause(self) -> None:
        self.ask("pause")

    def action_resume(self) -> None:
        """Of a paused run its worker goes on; of one that has ended a new attempt does, and this screen shows it."""
        if self.run.state == "paused":
            self.ask("resume")
        else:
            self.app.push_screen(ResumeScreen(self.folder))

    def action_stop(self) -> None:
        name = one_line(self.run.view.summary.name if self.run.view else self.folder.id)
        again = any(asked.command == "stop" for asked in self.run.asked)
        detail = stop_detail(self.run.view, again=again)
        question = ConfirmScreen(f"Stop {name}?", detail, yes="Stop it", no="Train on", danger=True)
        self.app.push_screen(question, self._stop_if)

    def _stop_if(self, sure: bool | None) -> None:
        if sure:
            self.ask("stop")

    def action_control(self) -> None:
        raise NotImplementedError

    def action_checkpoint(self) -> None:
        raise NotImplementedError

    def action_fork(self) -> None:
        raise NotImplementedError

    @work(thread=True, exit_on_error=False, group="command")
    def ask(self, command: CommandName, **args: Any) -> None:
        """Write a command for the worker; the screen shows what became of it only when the worker has answered."""
        try:
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

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {
            **super().possible(parameters),
            "pause": lambda: self.run.state == "running" and self.run.controllable,
            "resume": lambda: self.run.state == "paused" or self.run.resumable,
            "stop": lambda: self.run.live and self.run.state != "stopping" and self.run.controllable,
        }

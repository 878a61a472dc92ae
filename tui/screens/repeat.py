"""Repeating a run with other seeds: how many, what that comes to, and the launch of them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from textual import on, work
from textual.app import App
from textual.message import Message
from textual.widgets import Static

from training.errors import TraindeckError
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.text import one_line
from tui.screens.confirm import ConfirmScreen
from tui.screens.prompt import Judged, PromptScreen

DEFAULT = 4
MOST = 50
ROOMY = 20
"""Rows of a screen from which on there is room for all that there is to say."""
LOOKING = "Looking at the data and the devices …"


@dataclass
class RepeatPlanned(Message):
    """What the repeats come to (a `training.runs.repeat.Repeat`), or why they cannot be (`error`)."""

    repeat: Any = None
    error: str = ""


@dataclass
class RepeatsLaunched(Message):
    """The runs that were started, and what kept the others from it."""

    folders: list[RunFolder] = field(default_factory=list)
    error: str = ""


class RepeatScreen(ConfirmScreen):
    """Says what repeating a run so many times comes to, and launches them on a yes. Answers whether any was launched.

    Yes is not taken before there is something to say yes to.
    """

    def __init__(self, folder: RunFolder, count: int) -> None:
        times = "once more" if count == 1 else f"{count} times"
        super().__init__(f"Repeat {one_line(folder.id)} {times}, with other seeds?", LOOKING, yes="Launch", no="Do not")
        self.folder = folder
        self.count = count
        self.repeat: Any = None
        self.launching = False

    def on_mount(self) -> None:
        super().on_mount()
        self.plan()

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def plan(self) -> None:
        """Asking the devices takes a driver's time, and the data may lie on a slow disk."""
        from training.runs.repeat import plan_repeat

        run = view(self.folder)
        if run is None:
            self.post_message(RepeatPlanned(error="This run cannot be read any more."))
            return
        try:
            self.post_message(RepeatPlanned(plan_repeat(run, self.count)))
        except (TraindeckError, OSError) as error:
            self.post_message(RepeatPlanned(error=str(error)))

    @on(RepeatPlanned)
    def take_plan(self, message: RepeatPlanned) -> None:
        self.repeat = message.repeat
        if message.error:
            self.say(f"✗ {message.error}")
            return
        questions = [f"! {question}" for question in self.repeat.confirm]
        notes = self.repeat.notes if self.size.height >= ROOMY else self.repeat.notes[:2]
        self.say("\n".join((*notes, *questions)))
        if questions:  # then Enter alone says no
            self.danger, self.marked = True, False
            self.set_class(True, "danger")
            self.mark()
            self.show_anew()

    def say(self, text: str) -> None:
        self.query_one("#confirm-detail", Static).update("\n".join(one_line(line) for line in text.split("\n")))

    def action_take(self) -> None:
        self.action_answer(self.marked)

    def action_answer(self, value: bool) -> None:
        if not value:
            if not self.launching:
                self.dismiss(False)
        elif self.repeat is not None and not self.launching:
            self.launching = True
            self.say("Launching …")
            self.launch()

    @work(thread=True, exclusive=True, exit_on_error=False, group="launch")
    def launch(self) -> None:
        from training.runs.repeat import launch_repeat

        launched: list[RunFolder] = []
        try:
            for folder in launch_repeat(self.repeat):
                launched.append(folder)
        except (TraindeckError, OSError) as error:
            self.post_message(RepeatsLaunched(launched, str(error)))
        else:
            self.post_message(RepeatsLaunched(launched))

    @on(RepeatsLaunched)
    def take_launched(self, message: RepeatsLaunched) -> None:
        number = len(message.folders)
        if message.error:
            said = f"{number} of {self.count} launched. " if number else ""
            self.app.notify(f"{said}{one_line(message.error)}", severity="error", markup=False)
        else:
            names = message.folders[0].id if number == 1 else f"{message.folders[0].id} to {message.folders[-1].id}"
            self.app.notify(f"Launched {one_line(names)}. O in a run's monitor compares them.", markup=False)
        self.dismiss(number > 0)


def open_repeat(app: App[Any], folder: RunFolder) -> None:
    """Ask how often to repeat the run with other seeds, then what that comes to, and launch them."""

    def counted(text: str | None) -> None:
        if text is not None:
            app.push_screen(RepeatScreen(folder, int(text)))

    detail = "Each new run has another seed and the same split, so that they show what is chance in the training."
    app.push_screen(PromptScreen("How many more seeds?", str(DEFAULT), detail=detail, judge=judge), counted)


def judge(text: str) -> Judged:
    """Whether a text is a number of repeats."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST:
        return Judged()
    return Judged(False, f"A number from 1 to {MOST}.")

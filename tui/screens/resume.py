"""The last look before a run goes on: from where, with what warnings, on which device and why; then it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from training.config.problems import ConfigError
from training.errors import InvalidInput, TraindeckError
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.plan import LaunchPlan
from training.runs.resume import Resumption, look_at, plan_next, resume
from training.text import one_line
from tui import keymap
from tui.screens.confirm import ConfirmScreen
from tui.widgets.keybar import KeyBar


@dataclass
class LookedAt(Message):
    """What a resume would do."""

    wanted: Resumption
    plan: LaunchPlan


@dataclass
class Resumed(Message):
    """The run goes on, or cannot for the reason given."""

    error: TraindeckError | None = None


class ResumeScreen(ModalScreen[RunFolder | None]):
    """Answers the folder of the run once it goes on, or None; what forbids it is said in the corner."""

    CSS_PATH = "resume.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("resume")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self.folder = folder
        self.wanted: Resumption | None = None
        self.plan: LaunchPlan | None = None
        self.unanswered: list[str] = []
        self.started = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Resume {one_line(self.folder.id)}", classes="title", markup=False)
            yield Static("Checking the checkpoint and the data …", id="resume-where", markup=False)
            yield Static(id="resume-again", markup=False)
            yield Static(id="resume-warnings", markup=False)
            yield Static(id="resume-notes", markup=False)
            yield KeyBar("resume")

    def on_mount(self) -> None:
        self.look()

    @work(thread=True, exclusive=True, exit_on_error=False, group="resume")
    def look(self) -> None:
        """A checkpoint of gigabytes takes its checksum some seconds."""
        try:
            run = view(self.folder)
            if run is None:
                raise InvalidInput(f"{self.folder.path} holds no run that can be read.")
            wanted = look_at(run)
            plan = plan_next(wanted)
            if plan.problems:
                raise ConfigError(plan.problems)
        except TraindeckError as error:
            self.post_message(Resumed(error))
        else:
            self.post_message(LookedAt(wanted, plan))

    @on(LookedAt)
    def take_look(self, message: LookedAt) -> None:
        self.wanted, self.plan = message.wanted, message.plan
        self.unanswered = list(message.plan.confirm)
        self.query_one("#resume-where", Static).update(message.wanted.sentence)
        self.tell_again()
        self.query_one("#resume-warnings", Static).update("\n".join(one_line(said) for said in message.wanted.warnings))
        self.query_one("#resume-notes", Static).update("\n".join(one_line(note) for note in message.plan.notes))
        self.set_class(bool(message.wanted.warnings), "warned")
        self.add_class("ready")
        self.refresh_bindings()

    def tell_again(self) -> None:
        """What becomes of that which was set by hand beyond the checkpoint."""
        if self.wanted is None:
            return
        self.query_one("#resume-again", Static).update(one_line(self.wanted.again))
        self.set_class(bool(self.wanted.ahead), "overridden")
        label = "Set it again" if self.wanted.without_overrides else keymap.find("resume.overrides").description
        self.query_one(KeyBar).relabel("resume.overrides", label)

    def action_overrides(self) -> None:
        """Leave that out, or not."""
        if self.wanted is not None:
            self.wanted = replace(self.wanted, without_overrides=not self.wanted.without_overrides)
            self.tell_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "overrides":
            return self.wanted is not None and bool(self.wanted.ahead) and not self.started
        return action != "start" or (self.plan is not None and not self.started)

    def action_start(self) -> None:
        if self.wanted is None or self.plan is None:
            return
        if not self.unanswered:
            self.started = True
            self.refresh_bindings()
            self.start(self.wanted, self.plan)
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.unanswered.pop(0)
                self.action_start()

        self.app.push_screen(ConfirmScreen(self.unanswered[0], yes="Resume", no="Do not", danger=True), confirmed)

    @work(thread=True, exclusive=True, exit_on_error=False, group="resume")
    def start(self, wanted: Resumption, plan: LaunchPlan) -> None:
        try:
            resume(wanted, plan)
        except TraindeckError as error:
            self.post_message(Resumed(error))
        else:
            self.post_message(Resumed())

    @on(Resumed)
    def take_resumed(self, message: Resumed) -> None:
        if message.error is None:
            self.dismiss(self.folder)
            return
        self.app.notify(one_line(str(message.error)), severity="error", markup=False, timeout=10)
        self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)

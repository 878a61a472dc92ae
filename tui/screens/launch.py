"""The last look before a launch: name, where and on what, what ends the run; then it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput, TraindeckError
from training.runs.describe import data_label, default_name, model_label
from training.runs.fork import Fork
from training.runs.layout import RunFolder
from training.runs.plan import LaunchPlan, aim, submission
from training.slurm.script import Allocation, split_options
from training.text import one_line
from tui import keymap
from tui.widgets.keybar import KeyBar
from tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from tui.app import TraindeckApp

NODES, GPUS, TIME, OPTIONS = "launch-nodes", "launch-gpus", "launch-time", "launch-options"
FIELDS = (
    (("Nodes", NODES, "1", ""), ("GPUs a node", GPUS, "0", "")),
    (("Time", TIME, "", "12:00:00"), ("sbatch", OPTIONS, "", "--partition=gpu --account=…")),
)
"""What Slurm is asked for, two to a line: label, id, first value, example."""
AROUND = 4
"""Rows of frame, title and keys."""


@dataclass
class Launched(Message):
    """The run is started, or could not be for the reason given."""

    folder: RunFolder | None
    error: TraindeckError | None


@dataclass
class Aimed(Message):
    """What a launch on this machine would do."""

    plan: LaunchPlan


class LaunchScreen(ModalScreen[RunFolder | None]):
    """Answers the folder of the run that it started, or None."""

    CSS_PATH = "launch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("launch")
    AUTO_FOCUS = "#launch-name"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    app: TraindeckApp

    def __init__(
        self,
        text: str,
        config: TrainingConfig,
        plan: LaunchPlan,
        base_dir: Path,
        *,
        slurm: bool = False,
        hints: str = "",
        fork: Fork | None = None,
    ) -> None:
        """With `slurm` it can be submitted there as well as started here; `hints` says how many are left open. A `fork`
        starts from a checkpoint of another run.
        """
        super().__init__()
        self.text = text
        self.config = config
        self.plan = plan
        self.base_dir = base_dir
        self.slurm = slurm
        self.hints = hints
        self.fork = fork
        self.local_plan = plan if plan.target is None else None
        self.unanswered = list(plan.confirm)

    @property
    def on_slurm(self) -> bool:
        return self.plan.target is not None

    def compose(self) -> ComposeResult:
        config = self.config
        what = f"{model_label(config)} on {data_label(config)}, {config.optimizer} at {config.learning_rate:g}, "
        with Vertical(classes="dialog"):
            yield Static("Launch a run", classes="title", markup=False)
            with VerticalScroll(id="launch-body", can_focus=False):
                yield Static(one_line(f"{what}{config.epochs} epochs"), markup=False)
                if self.hints:
                    yield Static(self.hints, id="launch-hints", markup=False)
                if self.fork is not None:
                    yield Static(self.fork.sentence(config), id="launch-fork", markup=False)
                yield Static(id="launch-error", classes="error", markup=False)
                yield Static("Name", id="launch-label", classes="muted", markup=False)
                yield TextInput(self.fork.name if self.fork else default_name(config), id="launch-name")
                if self.slurm:
                    yield from self._where()
                for note in self.plan.notes:
                    yield Static(one_line(note), classes="launch-note", markup=False)
            yield KeyBar("launch")

    def _where(self) -> ComposeResult:
        yield Static(id="launch-where", markup=False)
        for row in FIELDS:
            with Horizontal(classes="slurm-fields"):
                for label, id, first, example in row:
                    yield Static(label, classes="muted", markup=False)
                    yield TextInput(first, id=id, placeholder=example)

    def on_mount(self) -> None:
        self._show_plan()

    def on_resize(self) -> None:
        """The title and the keys stay; what is between them scrolls."""
        self.body.styles.max_height = max(1, self.size.height - AROUND)

    @property
    def body(self) -> VerticalScroll:
        return self.query_one("#launch-body", VerticalScroll)

    def action_scroll(self, lines: int) -> None:
        self.body.scroll_relative(y=lines, animate=False)

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.show_top)

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        return self.slurm if action == "where" else True

    def _show_plan(self) -> None:
        """The notes of the plan, and which side of the choice is taken."""
        for widget, note in zip(self.query(".launch-note").results(Static), self.plan.notes, strict=True):
            widget.update(one_line(note))
        self.set_class(self.on_slurm, "on-slurm")
        if self.slurm:
            key = keymap.display(keymap.find("launch.where").keys.partition(",")[0])
            chosen = "▸ Slurm   this machine" if self.on_slurm else "  Slurm ▸ this machine"
            self.query_one("#launch-where", Static).update(f"Where: {chosen}  ({key})")
        self.call_after_refresh(self.show_top)

    def show_top(self) -> None:
        """On a small screen: the top, where it says what is wrong and where the name is."""
        self.body.scroll_home(animate=False)

    # Where it trains

    def action_where(self) -> None:
        """The other one of Slurm and this machine."""
        self.show_error("")
        if not self.on_slurm:
            self.take_fields()
        elif self.local_plan is not None:
            self.take_plan(self.local_plan)
        else:
            self.look_here()

    @work(thread=True, exclusive=True, exit_on_error=False, group="aim")
    def look_here(self) -> None:
        """Asking the devices takes a driver's time."""
        self.post_message(Aimed(aim(self.config, None)))

    @on(Aimed)
    def take_aimed(self, message: Aimed) -> None:
        self.local_plan = message.plan
        self.take_plan(message.plan)

    def take_plan(self, plan: LaunchPlan) -> None:
        self.plan = plan
        self.unanswered = list(plan.confirm)
        self.show_error(str(ConfigError(plan.problems)) if plan.problems else "")
        self._show_plan()

    @on(Input.Changed, ".slurm-fields Input")
    def follow_fields(self) -> None:
        if self.on_slurm:
            self.take_fields()

    def take_fields(self) -> bool:
        """Plan for Slurm what the fields say; False, with the reason on screen, where they say nothing valid."""
        try:
            self.take_plan(submission(self.config, self.allocation()))
        except InvalidInput as error:
            if not self.on_slurm:  # the first look at it: with what always works
                self.take_plan(submission(self.config, Allocation()))
            self.show_error(str(error))
            return False
        return True

    def allocation(self) -> Allocation:
        """What the fields ask of Slurm. Raises InvalidInput."""
        return Allocation(
            self._number(NODES, "Nodes", 1),
            self._number(GPUS, "GPUs", 0),
            self._text(TIME),
            tuple(split_options(self._text(OPTIONS))),
        )

    def _number(self, id: str, name: str, least: int) -> int:
        text = self._text(id) or str(least)
        if not text.isdecimal() or not least <= int(text) <= 10_000:
            raise InvalidInput(f"{name}: {one_line(text)!r} is no number from {least} on.")
        return int(text)

    def _text(self, id: str) -> str:
        return self.query_one(f"#{id}", Input).value.strip()

    # Launching

    @on(Input.Submitted)
    def action_start(self) -> None:
        if (self.on_slurm and not self.take_fields()) or self.plan.problems:
            return
        if not self.unanswered:
            self.start(self.query_one("#launch-name", Input).value.strip(), self.plan)
            return
        from tui.screens.confirm import ConfirmScreen

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.unanswered.pop(0)
                self.action_start()

        self.app.push_screen(ConfirmScreen(self.unanswered[0], yes="Launch", no="Do not", danger=True), confirmed)

    @work(thread=True, exclusive=True, exit_on_error=False, group="launch")
    def start(self, name: str, plan: LaunchPlan) -> None:
        from training.runs.launch import launch

        try:
            folder = launch(
                self.text,
                self.config,
                plan,
                name=name,
                runs_dir=self.fork.parent.folder.path.parent if self.fork else self.app.runs_dir,
                base_dir=self.base_dir,
                fork=self.fork,
            )
        except TraindeckError as error:
            self.post_message(Launched(None, error))
        else:
            self.post_message(Launched(folder, None))

    def action_help(self) -> None:
        from tui.screens.help import show_help

        show_help(self.app, "launch")

    @on(Launched)
    def take_launched(self, message: Launched) -> None:
        if message.folder is not None:
            self.dismiss(message.folder)
        else:
            self.show_error(str(message.error))

    def show_error(self, sentence: str) -> None:
        self.query_one("#launch-error", Static).update(one_line(sentence))
        self.set_class(bool(sentence), "failed")
        self.call_after_refresh(self.show_top)

    def action_cancel(self) -> None:
        self.dismiss(None)

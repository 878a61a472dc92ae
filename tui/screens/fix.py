"""A fix before it is applied: what changes, what becomes of the run that it corrects, and where the new one starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from training.diagnosis.findings import Finding, Fix
from training.errors import RunFailed, TraindeckError
from training.runs.correct import Correction, Fate, correct, fates, launch_correction
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.plan import LaunchPlan, plan
from training.story.changes import ChangeLine, change_lines, patch_lines
from training.text import one_line
from tui import keymap
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from tui.app import TraindeckApp

NO_SETTING = "No setting does this yet: change the data or the code by hand, then launch a new run."
NOT_OURS = "traindeck did not launch this run and cannot launch it anew: change it in the program that trains it."
FATES: dict[Fate, str] = {
    "stop": "Stop it with a checkpoint, then start the corrected run",
    "beside": "Let it train on beside the corrected run",
    "live": "Change it in this run, from the next step on",
}
SAME_CONFIG = "The learning rate that was set by hand is taken back; the config stays as it is."
FRAME_ROWS = 4
"""Rows of the dialog around its text: the frame, the line for what goes on, and the keys."""
STARTS = {
    "scratch": "The corrected run starts from scratch, on the same split.",
    "best": "The corrected run starts from this run's best checkpoint, on the same split.",
    "last": "The corrected run starts from this run's last checkpoint, on the same split.",
}


@dataclass(frozen=True)
class Proposal:
    """A fix worked out: nothing has happened yet."""

    correction: Correction
    plan: LaunchPlan
    options: tuple[Fate, ...]
    default: Fate | None


@dataclass
class WorkedOut(Message):
    """The answer to what a fix would do; `error` where it cannot be applied, `advice` where only by hand."""

    run_id: str
    proposal: Proposal | None = None
    error: str = ""
    advice: str = ""
    editable: RunView | None = None
    """The run, where its config can be edited here."""


@dataclass
class Launched(Message):
    """The corrected run is on its way; `error` where it is not."""

    run_id: str
    child: RunFolder | None = None
    error: str = ""


class FateChoice(Static):
    """One thing that can happen to the parent; a click chooses it."""

    def __init__(self, fate: Fate, default: bool) -> None:
        super().__init__(f"{FATES[fate]}{' (default)' if default else ''}", markup=False)
        self.fate = fate
        self.words = str(self.content)

    def mark(self, chosen: bool) -> None:
        self.set_class(chosen, "marked")
        self.update(f"{'▸' if chosen else ' '} {self.words}")


class FixScreen(ModalScreen[RunFolder | None]):
    """Answers the folder of the run to watch next, or None. Nothing happens before Enter."""

    CSS_PATH = "fix.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("fix")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]
    AUTO_FOCUS = ""
    app: TraindeckApp

    def __init__(self, folder: RunFolder, finding: Finding, index: int = 0) -> None:
        super().__init__()
        self.folder = folder
        self.finding = finding
        self.fix: Fix = finding.fixes[index]
        self.proposal: Proposal | None = None
        self.fate: Fate | None = None
        self.launching = False
        self.editable: RunView | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            with VerticalScroll(id="fix-body", can_focus=False):
                yield Static(f"Fix: {one_line(self.fix.title)}", classes="title", markup=False)
                yield Static(
                    f"{one_line(self.finding.title)}. {one_line(self.fix.effect)}", classes="muted", markup=False
                )
            yield Static("", id="fix-state", markup=False)
            yield KeyBar("fix")

    def on_mount(self) -> None:
        self._say("Working out what changes …")
        self.work_out()

    @property
    def _body(self) -> VerticalScroll:
        return self.query_one("#fix-body", VerticalScroll)

    def _say(self, message: str) -> None:
        """Show a line at the bottom; nothing hides it."""
        line = self.query_one("#fix-state", Static)
        line.update(message)
        line.set_class(bool(message), "busy")

    @work(thread=True, exclusive=True, exit_on_error=False, group="fix")
    def work_out(self) -> None:
        """Read the config, plan the launch, ask the devices: files and drivers, so not on the screen's thread."""
        parent = view(self.folder)
        ours = parent if parent is not None and parent.controllable else None
        try:
            if parent is None and (self.folder.events.exists() or not self.folder.path.exists()):
                raise RunFailed(f"{self.folder.path}: there is no run here any more.")
            if ours is None or not (self.fix.patch or self.fix.undo):
                answer = WorkedOut(self.folder.id, advice=NO_SETTING if ours else NOT_OURS)
            else:
                correction = correct(self.folder, self.finding, self.fix)
                planned = plan(correction.config, self.folder.path, replacing=ours)
                options, default = fates(ours, correction.fix, planned)
                answer = WorkedOut(self.folder.id, Proposal(correction, planned, options, default))
        except TraindeckError as error:
            answer = WorkedOut(self.folder.id, error=str(error))
        answer.editable = ours
        self.post_message(answer)

    @on(WorkedOut)
    async def show_proposal(self, message: WorkedOut) -> None:
        self._say("")
        self.proposal, self.editable = message.proposal, message.editable
        if message.advice:
            await self._body.mount(*self._advice(message.advice))
        elif self.proposal is None:
            await self._body.mount(Static(message.error, classes="problem", markup=False))
        else:
            self.fate = self.proposal.default
            await self._body.mount(*self._blocks(self.proposal))
            self._mark()
        self.refresh_bindings()

    def _advice(self, advice: str) -> list[Static]:
        """What to do by hand; the values that the fix has in mind, where it has any."""
        lines = patch_lines(self.fix.patch, None)
        changes = [Static("What to set", classes="heading"), Static(diff_text(lines), classes="changes")]
        return [*(changes if lines else []), Static(advice, markup=False, id="fix-advice")]

    def _blocks(self, proposal: Proposal) -> list[Static]:
        blocks = [
            Static("What changes", classes="heading"),
            Static(diff_text(change_lines(proposal.correction.changes)), classes="changes")
            if proposal.correction.changes
            else Static(SAME_CONFIG, classes="changes", markup=False),
        ]
        if proposal.options:
            blocks.append(Static("What happens to the running one", classes="heading"))
            blocks += [FateChoice(fate, fate == proposal.default) for fate in proposal.options]
        blocks.append(Static("The new run", classes="heading new-run"))
        correction = proposal.correction
        fork = correction.fork
        start = fork.sentence(correction.config) if fork else STARTS[correction.fix.start_from]
        lines = [correction.note, start, *proposal.plan.notes]
        blocks += [Static(one_line(line), classes="changes new-run", markup=False) for line in lines if line]
        blocks += [Static(problem.text, classes="problem", markup=False) for problem in proposal.plan.problems]
        blocks += [
            Static(f"{one_line(question)} Enter says yes.", classes="question new-run", markup=False)
            for question in proposal.plan.confirm
        ]
        return blocks

    def _mark(self) -> None:
        """Show what is chosen; done live, there is no new run to tell of."""
        live = self.fate == "live"
        for choice in self.query(FateChoice):
            choice.mark(choice.fate == self.fate)
        for part in self.query(".new-run"):
            part.display = not live
        self.query_one(KeyBar).relabel("fix.launch", "Change" if live else keymap.find("fix.launch").description)

    def action_select(self, by: int) -> None:
        """The next or previous thing that can happen to the parent."""
        if self.proposal and self.fate in self.proposal.options:
            options = self.proposal.options
            self.fate = options[(options.index(self.fate) + by) % len(options)]
            self._mark()
            next(choice for choice in self.query(FateChoice) if choice.fate == self.fate).scroll_visible(animate=False)

    @on(events.Click, "FateChoice")
    def choose(self, event: events.Click) -> None:
        if isinstance(event.widget, FateChoice):
            self.fate = event.widget.fate
            self._mark()

    def on_resize(self, event: events.Resize) -> None:
        self._body.styles.max_height = event.size.height - FRAME_ROWS

    def action_scroll_body(self, by: int) -> None:
        self._body.scroll_relative(y=by * max(1, self._body.size.height - 1), animate=False)

    def action_launch(self) -> None:
        if self.proposal is None or self.proposal.plan.problems or self.launching:
            return
        self.launching = True
        self._say("Asking the run …" if self.fate == "live" else "Launching …")
        self.launch(self.proposal, self.fate)

    @work(thread=True, exclusive=True, exit_on_error=False, group="fix")
    def launch(self, proposal: Proposal, fate: Fate | None) -> None:
        try:
            done = Launched(self.folder.id, launch_correction(proposal.correction, fate, proposal.plan))
        except TraindeckError as error:
            done = Launched(self.folder.id, error=str(error))
        self.post_message(done)

    @on(Launched)
    def leave(self, message: Launched) -> None:
        self.launching = False
        if message.child is None:
            self._say(message.error)
        else:
            self.dismiss(message.child)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_edit(self) -> None:
        """A copy of the run's config in the editor, to change by hand what no key does."""
        from tui.screens import new_run

        if (run := self.editable) is not None:
            self.dismiss(None)
            new_run.from_run(self.app, run)

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        if action == "launch":
            return self.proposal is not None and not self.proposal.plan.problems
        if action == "select":
            return self.proposal is not None and len(self.proposal.options) > 1
        return action != "edit" or self.editable is not None


def diff_text(changes: Sequence[ChangeLine]) -> Content:
    """One line a change: key, old value, new value; an item of a list that comes or goes says so."""
    width = max((len(change.key) for change in changes), default=0)
    return Content("\n").join(_diff_line(change, width) for change in changes)


def _diff_line(change: ChangeLine, width: int) -> Content:
    key, new = f"{change.key:<{width}}  ", (change.new, "$text-success bold")
    if change.old is None:
        return Content.assemble(key, new)
    if not change.old:
        return Content.assemble(key, "added: ", new)
    if not change.new:
        return Content.assemble(key, "removed: ", (change.old, "$text-error"))
    return Content.assemble(key, (change.old, "$text-error"), "  →  ", new)

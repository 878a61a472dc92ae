"""What the keys of the monitor do with findings: select, read the story, mute, open a fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on, work

from training.diagnosis.findings import Finding
from training.errors import TraindeckError
from training.runs.layout import RunFolder
from training.runs.muting import mute
from training.text import one_line
from tui import keymap
from tui.monitor.choice import Choice, choices, finding_of, moved, numbered, standing
from tui.monitor.messages import MuteChanged
from tui.monitor.model import Monitored
from tui.screens.charting import ChartingScreen
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from tui.screens.export import ExportSource


class FindingsScreen(ChartingScreen):
    """A screen over one run whose findings can be selected."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self.folder = folder
        self.run = Monitored(folder)
        self.selected: Choice | None = None
        """What was moved to; None follows the worst finding."""
        self._muted_last = ""

    @property
    def chosen(self) -> Choice | None:
        """The finding or fix that Enter opens."""
        return standing(self.run, self.selected)

    def export_source(self) -> ExportSource:
        from tui.screens.export import ExportSource

        name = self.run.view.summary.name if self.run.view else ""
        return ExportSource(name or self.folder.id, self.folder.id, self.folder.events)

    def show_selected(self) -> None:
        """Bring what is selected into sight."""
        raise NotImplementedError

    def watch_run(self, folder: RunFolder) -> None:
        """Go on with another run."""
        raise NotImplementedError

    def action_select(self, by: int) -> None:
        self.selected = moved(self.run, self.selected, by)
        self.show_selected()

    def action_fix(self, number: int = 0) -> None:
        """Open the fix with that number; 0 is what is selected: a fix, or a finding's story."""
        choice = numbered(self.run, number) if number else self.chosen
        finding = finding_of(self.run, choice)
        if finding is None or choice is None:
            return
        if choice.fix is None:
            self.action_story()
        else:
            from tui.screens.fix import FixScreen

            self.app.push_screen(FixScreen(self.folder, finding, choice.fix), self._go_on)

    def action_story(self) -> None:
        """Everything about the selected finding."""
        finding = finding_of(self.run, self.chosen)
        if finding is not None:
            from tui.screens.story import StoryScreen

            self.app.push_screen(StoryScreen(self.run, finding, self.toggle_mute), self._go_on)

    def action_mute(self) -> None:
        finding = self._to_mute
        if finding is not None:
            self.toggle_mute(finding.label, finding.title)

    @property
    def _to_mute(self) -> Finding | None:
        """What the key mutes or brings back: what is selected, and where all is muted the one that was last."""
        if self.chosen is not None or not self.run.muted_findings:
            return finding_of(self.run, self.chosen)
        last = [finding for finding in self.run.muted_findings if finding.label == self._muted_last]
        return (last or self.run.muted_findings)[0]

    def name_mute_key(self) -> None:
        """The footer says what the key does now."""
        finding = self._to_mute
        muted = finding is not None and finding.label in self.run.muted
        word = "Unmute" if muted else keymap.find("monitor.mute").description
        self.query_one(KeyBar).relabel("monitor.mute", word)

    def _go_on(self, child: RunFolder | None) -> None:
        if child is not None and child != self.folder:
            self.watch_run(child)

    @work(thread=True, exit_on_error=False, group="mute")
    def toggle_mute(self, label: str, title: str) -> None:
        """Mute a finding, or hear of it again; the run folder may lie on a slow disk.

        A log of another tool has no folder of ours: what is muted there is forgotten with the screen.
        """
        on = label not in self.run.muted
        try:
            muted = self.run.muted ^ {label} if self.run.foreign else mute(self.folder, label, on=on)
            where = "here" if self.run.foreign else "for this run"
            said = f"{one_line(title)}: {f'muted {where}' if on else 'no longer muted'}."
            message = MuteChanged(self.folder.id, label, muted, said)
        except TraindeckError as error:
            message = MuteChanged(self.folder.id, label, error=str(error))
        self.post_message(message)

    @on(MuteChanged)
    def take_mute(self, message: MuteChanged) -> None:
        if message.error:
            self.notify(message.error, severity="error", markup=False)
        else:
            if message.label in message.muted:
                self._muted_last = message.label
                if self.selected is not None and self.selected.label == message.label:
                    self.selected = None
            self.run.muted = message.muted
            self.notify(message.said, markup=False)
        from tui.screens.story import StoryScreen

        if isinstance(above := self.app.screen, StoryScreen):
            above.show_muted()
        self.paint()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        if action == "fix" and parameters:
            return f"There is no fix {parameters[0]}."
        words = {
            "fix": "No finding: nothing to open.",
            "story": "No finding: nothing to tell.",
            "mute": "No finding to mute.",
        }
        return words.get(action) or super().why_not(action, parameters)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        number = int(str(parameters[0])) if parameters and str(parameters[0]).isdigit() else 0
        wanted = numbered(self.run, number) if number else self.chosen
        return {
            **super().possible(parameters),
            "fix": lambda: wanted is not None and not self.run.gone,
            "story": lambda: self.chosen is not None,
            "mute": lambda: self._to_mute is not None and not self.run.gone,
            "select": lambda: any(choice != self.chosen for choice in choices(self.run)),
        }

"""The monitor among other runs: the parent's curves behind this one's, the overlay, repeats with other seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work

from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from tui.monitor.others import Other, OthersFound, others_of
from tui.screens.choose import ChooseScreen, Option
from tui.screens.monitor_control import ControlScreen
from tui.settings import recall, remember
from tui.widgets.chart import ChartSpec
from tui.widgets.type_ahead import backlog_of

if TYPE_CHECKING:
    from tui.monitor.parentage import Parentage, ParentNews

SETTING = "parent_behind"
"""Under which it is remembered whether the parent's curves are drawn."""


class OthersScreen(ControlScreen):
    """What the monitor shows and starts beside its own run."""

    parentage: Parentage | None = None
    """The run that this one corrects, once it is known that there is one."""
    _parent_behind: bool | None = None
    _left: Event | None = None
    """Set when the screen closes."""

    def look_for_parent(self) -> None:
        """Follow the parent from now on, where the run has one; called with every news of the run."""
        if self.parentage is None and self.run.view is not None and self.run.view.summary.parent:
            from tui.monitor.parentage import Parentage
            from tui.overlay.overlaid_run import OverlaidRun

            folder = RunFolder(self.folder.path.parent / self.run.view.summary.parent)
            self.parentage = Parentage(self.run.curves, OverlaidRun(folder))
            self._left = Event()
            self.follow_parent()

    def leave_parent(self) -> None:
        """Follow it no more."""
        if self._left is not None:
            self._left.set()

    @work(thread=True, exclusive=True, exit_on_error=False, group="parent")
    def follow_parent(self) -> None:
        from tui.monitor.parentage import follow_parent

        if self.run.view is not None and self._left is not None:
            for message in follow_parent(self.run.view, self._left):
                self.post_message(message)

    def on_parent_news(self, message: ParentNews) -> None:
        """Bring the parent up to date."""
        if self.parentage is not None:
            self.parentage.take(message)
            self._paint_soon()

    def _paint_soon(self) -> None:
        """Paint now, or a little later where it was painted just now."""
        raise NotImplementedError

    def judge_parent(self) -> None:
        """Say in the status what is thought of the run against its parent."""
        if self.parentage is not None and (verdict := self.parentage.verdict(self.run.live)) is not None:
            from tui.monitor.parentage import told

            self.run.versus = told(verdict, self.parentage.parent.name)

    @property
    def parent_behind(self) -> bool:
        """Whether the parent's curves are drawn."""
        if self._parent_behind is None:
            self._parent_behind = recall(SETTING, bool, True)
        return self._parent_behind

    def with_parent(self, specs: Sequence[ChartSpec]) -> Sequence[ChartSpec]:
        """The charts, with the parent's curves where they are wanted."""
        return self.parentage.behind(specs) if self.parentage is not None and self.parent_behind else specs

    def action_parent(self) -> None:
        self._parent_behind = not self.parent_behind
        remember(SETTING, self._parent_behind)
        self.paint()

    # The overlay

    def action_overlay(self) -> None:
        """Ask with which runs of the folder to compare; its kin are chosen already."""
        if self.run.view is not None:
            backlog_of(self.app).hold()
            self.find_others(self.run.view)

    @work(thread=True, exclusive=True, exit_on_error=False, group="others")
    def find_others(self, run: RunView) -> None:
        self.post_message(OthersFound(self.folder.id, others_of(run)))

    @on(OthersFound)
    def choose_others(self, message: OthersFound) -> None:
        backlog_of(self.app).let_go()
        if len(message.runs) < 2:
            self.notify("There is no other run in this folder to compare with.", markup=False)
            return
        options = [
            Option(str(number), one.name, f"{one.relation}  {one.detail}".strip(), chosen=bool(one.relation))
            for number, one in enumerate(message.runs)
        ]
        default = [option.id for option in options if option.chosen]
        dialog = ChooseScreen(
            "Compare; the first is the baseline", options, default=default, refusal="Choose two runs or more.", least=2
        )

        def chosen(ids: list[str] | None) -> None:
            if ids:
                self._overlay([message.runs[int(each)] for each in ids])

        self.app.push_screen(dialog, chosen)

    def _overlay(self, runs: Sequence[Other]) -> None:
        from tui.screens.overlay import OverlayScreen

        self.app.push_screen(OverlayScreen([run.folder for run in runs]))

    def action_repeat(self) -> None:
        from tui.screens.repeat import open_repeat

        open_repeat(self.app, self.folder)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        if action == "parent" and self.parentage is not None:
            return "The folder of the parent is gone."
        words = {"parent": "This run has no parent.", "overlay": self.unfit, "repeat": self.unfit}
        return words.get(action) or super().why_not(action, parameters)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {
            **super().possible(parameters),
            "parent": lambda: self.parentage is not None and not self.parentage.parent.missing,
            "overlay": lambda: self.run.view is not None and not self.run.foreign and not self.run.gone,
            "repeat": lambda: self.run.view is not None and self.run.controllable and not self.run.gone,
        }

"""What reaches the user outside the screen: terminal title, bell and notice, clipboard, a report to share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from training.story.columns import tsv
from training.text import one_line
from tui.away.bell import bell_of
from tui.away.title import show_title, title_of
from tui.away.values import values_at
from tui.screens.monitor_others import OthersScreen
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.screens.copying import Copyable

FOREIGN_PLACE = "read only, "
"""Before the path of another tool's log, where a run of ours names its device (training.recording.watched)."""


class AwayScreen(OthersScreen):
    """How the monitor tells of its run beyond its own cells."""

    def tell_away(self) -> None:
        """Called at each painting of news: keeps the title up to date, rings where something ended or went wrong."""
        run = self.run.view
        if run is None:
            return
        bell_of(self.app).look([run])
        monitors = [screen for screen in self.app.screen_stack if isinstance(screen, AwayScreen)]
        if monitors[-1:] == [self]:
            show_title(self.app, title_of(run, self.run.share))

    def action_copy(self) -> None:
        from tui.screens.copying import copy_menu

        copy_menu(self, self.copyables())

    def copyables(self) -> list[Copyable]:
        """What there is to copy, the plainest first."""
        path, summary = str(self.place), self.run.view.summary if self.run.view else None
        found: list[Copyable] = [("Path of the log" if self.run.foreign else "Path of the run", lambda: path)]
        if summary is not None and not self.run.foreign:
            name = one_line(summary.name)
            found.append(("Id of the run", lambda: self.folder.id))
            if name != self.folder.id:
                found.append(("Name of the run", lambda: name))
        if self.run.curves.epochs or self.run.curves.steps:
            cursor = self.lens.cursor
            found.append(("Values at the crosshair" if cursor is not None else "Latest values", self._values))
        if self.run.curves.epochs:
            found.append(("Table of all epochs", lambda: tsv(self.run.curves.epochs, "epoch")))
        found += [(f"Panel: {view.id}", lambda view=view: view.text) for view in self._panels()]  # type: ignore[misc]
        found.append(("Command that watches it", lambda: f"traindeck watch {shlex.quote(path)}"))
        if self.run.resumable:
            found.append(("Command that resumes it", lambda: f"traindeck resume {shlex.quote(path)}"))
        return found

    @property
    def place(self) -> str:
        """The run's folder, or the log of another tool."""
        if self.run.foreign and self.run.view:
            return self.run.view.summary.device.removeprefix(FOREIGN_PLACE)
        return str(self.folder.path)

    def _values(self) -> str:
        """One line a metric, at the crosshair or as they stand."""
        return "\n".join(f"{name}\t{value!r}" for name, value in self._metrics().items())

    def _metrics(self) -> dict[str, float]:
        curves, cursor = self.run.curves, self.lens.cursor
        if cursor is None:
            names = dict.fromkeys((*curves.epochs, *curves.steps))
            return {name: value for name in names if (value := self.run.latest(name)) is not None}
        return values_at(curves, self._unit, cursor)

    def _panels(self) -> list[SpanView]:
        """The panels in sight that say something."""
        return [view for view in self.query("#side SpanView").results(SpanView) if view.is_on_screen and view.text]

    def action_share(self) -> None:
        from tui.screens.share import open_share

        open_share(self.app, self.folder)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        return (self.unfit if action == "share" else "") or super().why_not(action, parameters)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {
            **super().possible(parameters),
            "share": lambda: self.run.view is not None and not self.run.gone,
        }

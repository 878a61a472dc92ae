"""The panels beside the charts of the monitor: which is shown, how far it is scrolled, what is searched in it."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from tui.monitor.arrangement import Arrangement, arrangements, is_small
from tui.monitor.diagnosis import diagnosis_rows, fix_hint
from tui.monitor.eventlog import console_rows, log_rows
from tui.monitor.status import ending_rows, status_height
from tui.screens.findings import FindingsScreen
from tui.widgets.rows import Row
from tui.widgets.spans import SpanView

EMPTY_ROWS = 2
"""Of a console in which nothing was printed."""


class PanelsScreen(FindingsScreen):
    """The monitor's panels."""

    _view = 0
    """Which of the arrangements tab has come to."""

    def compose_panels(self) -> ComposeResult:
        self.scrolled: dict[str, int] = {"diagnosis": 0, "log": 0, "console": 0}
        """Lines that a panel was scrolled by."""
        yield SpanView(self._diagnosis, id="diagnosis")
        yield SpanView(lambda width, height: log_rows(self.run, width, height, self.scrolled["log"]), id="log")
        yield SpanView(self._printed, id="console")

    @property
    def arrangement(self) -> Arrangement:
        """The panels that fit, in the view that tab has come to."""
        views = self._arrangements()
        return views[self._view % len(views)]

    def _arrangements(self) -> list[Arrangement]:
        telling = self.run.ended_badly and bool(self.run.console)
        return arrangements(self.size.width, self.body_height(), console_first=telling)

    def body_height(self) -> int:
        """Rows between the status and the keys."""
        width, height = self.size
        return height - 1 - status_height(self.run, width, height)

    def first_view(self) -> None:
        """Back to the panels that come first."""
        self._view = 0

    def lay_out_panels(self) -> None:
        """Show the panels of the arrangement."""
        shown = self.arrangement
        self.query_one("#side").display = bool(shown.side)
        for panel in ("diagnosis", "log", "console"):
            self.query_one(f"#{panel}").display = panel in shown.side
        silent = not self.run.console and len(shown.side) > 1
        self.query_one("#console").styles.height = EMPTY_ROWS if silent else "1fr"
        width = self.size.width
        self.query_one("#hint").display = is_small(width, self.body_height()) and bool(fix_hint(self.run, width))

    def _diagnosis(self, width: int, height: int) -> list[Row]:
        ending = ending_rows(self.run, self.size.width, width)
        return diagnosis_rows(self.run, width, height, self.chosen, self.scrolled["diagnosis"], ending)

    def _printed(self, width: int, height: int) -> list[Row]:
        told = "diagnosis" in self.arrangement.side
        ending = [] if told else ending_rows(self.run, self.size.width, width)
        return console_rows(self.run, width, height, self.scrolled["console"], ending)

    def action_panel(self, by: int) -> None:
        self._view = (self._view + by) % len(self._arrangements())
        self.paint()

    def action_open_panel(self, name: str) -> None:
        """Show that panel; where it is shown, its other side."""
        raise NotImplementedError

    def action_search(self) -> None:
        raise NotImplementedError

    def action_match(self, by: int) -> None:
        raise NotImplementedError

    def leave_search(self) -> bool:
        """End the search; False where there was none."""
        return False

    def action_scroll_panel(self, by: int) -> None:
        """A page down (1) or up (-1) in the panel that is not a chart."""
        side = self.arrangement.side
        if side:
            panel = side[-1]
            page = max(1, self.query_one(f"#{panel}").size.height - 2)
            if panel == "diagnosis":
                self.scrolled[panel] += by * page
            else:
                self.scrolled[panel] = max(0, self.scrolled[panel] - by * page)
            self.paint()

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {**super().possible(parameters)}

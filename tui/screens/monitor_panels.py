"""The panels beside the charts of the monitor: which is shown, how far it is scrolled, what is searched in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.worker import get_current_worker

from training.runs.console import read_page, search
from training.runs.lifecycle import RunView
from tui.monitor.arrangement import (
    CHARTS,
    TABLES,
    Arrangement,
    arrangement_with,
    front,
    is_small,
    next_side,
    panels,
)
from tui.monitor.diagnosis import diagnosis_rows, fix_hint
from tui.monitor.eventlog import log_length, log_rows
from tui.monitor.messages import ConsoleRead, ConsoleSearched, PapersRead
from tui.monitor.panels.console import ConsoleReading, Wanted
from tui.monitor.panels.typing import edited
from tui.monitor.panels.window import Scroll
from tui.monitor.status import ending_rows, status_height
from tui.screens.findings import FindingsScreen
from tui.widgets.rows import Row
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.monitor.panels.papers import Papers

EMPTY_ROWS = 2
"""Of a console in which nothing was printed."""
VIEWS = ("diagnosis", "log", "console", "table")
"""The widgets; the tables share one."""


class PanelsScreen(FindingsScreen):
    """The monitor's panels."""

    panel = ""
    """The panel that was chosen; empty for what comes first."""
    papers: Papers | None = None
    """What the run was started with; None until it is read."""
    _before = ""
    """What was there before a key opened a panel."""
    _papers_of = (0, False)
    """The attempt that they were read for, and whether its log had begun."""
    _heights: tuple[str | int, str | int] = ("", "")
    _searched: object = None
    """The console's end when it was searched last."""

    def compose_panels(self) -> ComposeResult:
        self.scrolled: dict[str, int] = {"diagnosis": 0, "log": 0}
        """Lines that a panel was scrolled by."""
        self.scrolls = {panel: Scroll() for panel in TABLES}
        self.printed = ConsoleReading()
        yield SpanView(self._diagnosis, id="diagnosis")
        yield SpanView(lambda width, height: log_rows(self.run, width, height, self.scrolled["log"]), id="log")
        yield SpanView(self._printed, id="console")
        yield SpanView(lambda width, height: self.table_rows(self.arrangement.panel, width, height), id="table")

    @property
    def arrangement(self) -> Arrangement:
        """The panels that fit, with the one that was chosen."""
        return arrangement_with(self.size.width, self.body_height(), self.shown)

    @property
    def shown(self) -> str:
        """The panel that was chosen where this size has it, else the first."""
        views = self.panel_names()
        return self.panel if self.panel in views or self.panel in TABLES else views[0]

    def panel_names(self) -> list[str]:
        """What tab goes through: the panels that have something to say."""
        telling = self.run.ended_badly and bool(self.run.console)
        more = {
            "classes": bool(self.run.curves.classes),
            "devices": bool(self.run.loads or self.run.gpu_metrics),
            "config": self.run.view is not None and self.run.controllable,
        }
        said = [panel for panel, says in more.items() if says]
        return panels(self.size.width, self.body_height(), console_first=telling, more=said)

    def body_height(self) -> int:
        """Rows between the status and the keys."""
        width, height = self.size
        return height - 1 - status_height(self.run, width, height)

    def first_view(self) -> None:
        """Back to the panels that come first."""
        self.panel = ""

    def lay_out_panels(self) -> None:
        """Show the panels of the arrangement, and have read what they need."""
        shown = self.arrangement
        self.query_one("#side").display = bool(shown.side)
        for view in VIEWS:
            self.query_one(f"#{view}").display = view in shown.side or (view == "table" and shown.panel in TABLES)
        silent = not self.run.console and len(shown.side) > 1
        large = shown.panel in TABLES or self.printed.query or self.printed.typing is not None
        heights = ("1fr" if large else "2fr", EMPTY_ROWS if silent else "2fr" if large else "1fr")
        if heights != self._heights:
            self._heights = heights
            self.query_one("#diagnosis").styles.height, self.query_one("#console").styles.height = heights
        width = self.size.width
        self.query_one("#hint").display = is_small(width, self.body_height()) and bool(fix_hint(self.run, width))
        self._read_what_is_needed(shown.panel)

    # What the panels show

    def _diagnosis(self, width: int, height: int) -> list[Row]:
        ending = ending_rows(self.run, self.size.width, width)
        return diagnosis_rows(self.run, width, height, self.chosen, self.scrolled["diagnosis"], ending)

    def _printed(self, width: int, height: int) -> list[Row]:
        told = "diagnosis" in self.arrangement.side
        ending = [] if told else ending_rows(self.run, self.size.width, width)
        return self.printed.rows(self.run, width, height, ending)

    def table_rows(self, panel: str, width: int, height: int, scroll: Scroll | None = None) -> list[Row]:
        """The rows of one of the TABLES; with a fresh `scroll` from its top, as for copying it."""
        from tui.monitor.panels.tables import table_rows

        return table_rows(
            panel, self.run, self.papers, width, height, self.scrolls[panel] if scroll is None else scroll
        )

    # What threads read for them

    def _read_what_is_needed(self, panel: str) -> None:
        view, attempt = self.run.view, self.run.curves.attempt
        wanted = (self.run.attempt, attempt is not None)
        if panel in ("config", "environment", "devices") and view is not None and self._papers_of != wanted:
            self._papers_of = wanted
            self.read_papers(view, dict(attempt.facts) if attempt else {})
        reading = self.printed
        if reading.query and not reading.searching and self._searched is not self.run.console:
            self._search(since=reading.searched)  # what was printed since

    @work(thread=True, exclusive=True, exit_on_error=False, group="papers")
    def read_papers(self, view: RunView, facts: dict[str, Any]) -> None:
        """Read what the run was started with; the folder may lie on a slow disk."""
        from tui.monitor.panels.papers import read_papers

        self.post_message(PapersRead(self.folder.id, read_papers(view, facts)))

    @on(PapersRead)
    def take_papers(self, message: PapersRead) -> None:
        self.papers = message.papers
        self.paint()

    @work(thread=True, exclusive=True, exit_on_error=False, group="console")
    def read_console(self, wanted: Wanted) -> None:
        """Read the page that holds that place."""
        at = wanted.at if wanted.at >= 0 else 1 << 62
        self.post_message(ConsoleRead(self.folder.id, read_page(self.folder.console, at), wanted))

    @on(ConsoleRead)
    def take_console(self, message: ConsoleRead) -> None:
        self.printed.show(message.page, message.wanted)
        self.paint()

    def _show_place(self, wanted: Wanted | None) -> None:
        """Bring a place of the console into sight, from the page that is there, or from one that is read."""
        if wanted is not None and self.printed.go(wanted):
            self.read_console(wanted)

    def _search(self, since: int = 0) -> None:
        self._searched = self.run.console
        self.printed.searching = True
        self.search_console(self.printed.query, since)

    @work(thread=True, exclusive=True, exit_on_error=False, group="search")
    def search_console(self, query: str, since: int) -> None:
        """Search all of the console from its end on; a new search ends this one."""
        worker = get_current_worker()
        for found in search(self.folder.console, query, lambda: worker.is_cancelled, since):
            self.post_message(ConsoleSearched(self.folder.id, query, found))

    @on(ConsoleSearched)
    def take_search(self, message: ConsoleSearched) -> None:
        if message.query == self.printed.query:
            self._show_place(self.printed.found(message.search))
            self.paint()

    # Keys

    async def on_key(self, event: events.Key) -> None:
        """Text goes into the search while one is typed. Each key is done before the next: many may come at once."""
        if self.app.screen is not self:
            return
        if self.printed.typing is None:
            if event.key != "slash" or not self.possible(())["search"]():
                return
            self.action_search()
        elif not self._type(event):
            return
        event.stop()
        event.prevent_default()

    def _type(self, event: events.Key) -> bool:
        """A key while a search is typed; False for one that means what it always does."""
        assert self.printed.typing is not None
        if event.key == "enter":
            self.printed.typing = None
        elif event.key in ("up", "down"):
            self.action_match(-1 if event.key == "up" else 1)
        elif (edit := edited(self.printed.typing, event)) is None:
            return False
        elif self.printed.type(edit) and edit.text:
            self._search()
        self.paint()
        return True

    def action_panel(self, by: int) -> None:
        views = self.panel_names()
        shown = front(self.shown)
        at = views.index(shown) if shown in views else 0 if by > 0 else 1
        self._turn_to(views[(at + by) % len(views)], views[0])

    def _turn_to(self, panel: str, first: str) -> None:
        self.panel = "" if panel == first else panel
        self.paint()

    def action_open_panel(self, name: str) -> None:
        """Show that panel; where it is shown, its other side, and after the last one what was there before."""
        shown = self.shown
        side = next_side(shown, name)
        if side and front(shown) != name:
            self._before = self.panel if shown not in TABLES else self._before
        self.panel = side or self._before
        self.paint()

    def action_search(self) -> None:
        self._turn_to("console", self.panel_names()[0])
        self.printed.begin()
        self.paint()

    def action_match(self, by: int) -> None:
        self._show_place(self.printed.step(by))
        self._turn_to("console", self.panel_names()[0])

    def leave_search(self) -> bool:
        """End the search; False where there was none in sight."""
        return self.printed.leave() and "console" in self.arrangement.side

    def action_scroll_panel(self, by: int) -> None:
        """A page down (1) or up (-1) in the panel that is not a chart."""
        panel = self.arrangement.panel
        if panel in TABLES:
            self.scrolls[panel].by(by)
        elif panel == "console":
            self._show_place(self.printed.scroll(by))
        elif panel == "diagnosis":
            self.scrolled[panel] += by * self._page(panel)
        elif panel == "log":
            width = self.query_one("#log").size.width or self.size.width
            most = max(0, log_length(self.run, width) - self._page(panel) - 1)
            self.scrolled[panel] = max(0, min(most, self.scrolled[panel] - by * self._page(panel)))
        self.paint()

    def _page(self, panel: str) -> int:
        height = self.query_one(f"#{panel}").size.height or self.body_height()  # it may not be laid out yet
        return max(1, height - 2)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        words = {
            "search": "The console is empty: nothing to search.",
            "match": "No line is found: / searches the console.",
        }
        return words.get(action) or super().why_not(action, parameters)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {
            **super().possible(parameters),
            "scroll_panel": lambda: self.arrangement.panel != CHARTS,
            "search": lambda: bool(self.run.console),
            "match": lambda: bool(self.printed.matches),
        }

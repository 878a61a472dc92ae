"""The monitor: one run, live or over: its curves, how far it is, and what the diagnosis makes of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.worker import Worker, WorkerState

from training.runs.layout import RunFolder
from tui import keymap
from tui.line.flow import flow_of
from tui.monitor.arrangement import CHARTS, MOST_CHARTS, Arrangement
from tui.monitor.book import ChartBook
from tui.monitor.choice import finding_of
from tui.monitor.diagnosis import fix_hint
from tui.monitor.lens import Unit
from tui.monitor.messages import NewsArrived
from tui.monitor.status import status_height, status_rows, waiting_text
from tui.monitor.tail import Hardware, Inbox, follow
from tui.screens import dialogs
from tui.screens.monitor_away import AwayScreen
from tui.turns import TURNS
from tui.widgets.chart import Chart, ChartSpec
from tui.widgets.keybar import KeyBar
from tui.widgets.spans import SpanView, update_all
from tui.widgets.still import Across, Down

PAINT_SECONDS = 0.5
"""The shortest time between two paintings of news; keys are answered at once."""
STATUS_SECONDS = 1.0
"""And of the figures of the status."""


class MonitorScreen(AwayScreen):
    """Watches the run in `folder`. Closing it changes nothing for the run."""

    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("monitor")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    AUTO_FOCUS = ""

    def __init__(self, folder: RunFolder, hardware: Hardware | None = None) -> None:
        super().__init__(folder)
        self.book = ChartBook(self.run.curves)
        self.inbox = Inbox()
        self._hardware = hardware
        self._stop = Event()
        self._painted = 0.0
        self._told = 0.0
        """When the status was painted."""
        self._paint_due = False
        self._offered: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield SpanView(partial(status_rows, self.run), id="status")
        with Across(id="body"):
            with Down(id="charts"):
                for index in range(MOST_CHARTS):
                    yield Chart(id=f"chart{index}")
            with Down(id="side"):
                yield from self.compose_panels()
        yield SpanView(lambda width, _: [fix_hint(self.run, width)], id="hint")
        yield KeyBar("monitor")

    def on_mount(self) -> None:
        self.views = list(self.query(SpanView))
        self.lay_out()
        self.tail()
        self.set_timer(dialogs.LOADED_AFTER, self.load_dialogs)

    def on_unmount(self) -> None:
        self._stop.set()
        self.inbox.wake()
        self.leave_parent()

    @work(thread=True, exit_on_error=False, group="dialogs")
    def load_dialogs(self) -> None:
        dialogs.load()

    # News of the run

    @work(thread=True, exclusive=True, exit_on_error=False, group="tail")
    def tail(self) -> None:
        """Read what is new of the run until the screen closes."""
        for news in follow(self.folder, self._stop, self._hardware):
            self.inbox.put(news, self._stop)
            self.post_message(NewsArrived(self.folder.id))

    @on(NewsArrived)
    def take_news(self) -> None:
        badly, known = self.run.ended_badly, (self.run.started, self.run.read >= 1)
        with TURNS.taken():
            self.run.take(self.inbox.take())
            for chart in self.charts:  # a long log comes in parts, and no painting has to take in many of them at once
                chart.follow()
        if self.run.ended_badly and not badly:
            self.first_view()
        self.look_for_parent()
        if known != (self.run.started, self.run.read >= 1):  # the first values, or the last of a long log
            self.paint()
        else:
            self._paint_soon()

    def _paint_soon(self) -> None:
        """Paint now, or when half a second has passed since the last time, on a slow line more."""
        if self._paint_due:
            return
        wait = flow_of(self.app).wait(self._painted, PAINT_SECONDS)
        if wait <= 0:
            self._paint_news()
        else:
            self._paint_later(wait)

    def _paint_later(self, seconds: float) -> None:
        self._paint_due = True
        self.set_timer(seconds, self._paint_now_due)

    def _paint_now_due(self) -> None:
        self._paint_due = False
        self._paint_soon()

    def _paint_news(self) -> None:
        """Figures that flicker are read no better: those of the status follow the curves once a second."""
        rest = self._told + STATUS_SECONDS - time.monotonic()
        if rest < PAINT_SECONDS / 2 or self._offers != self._offered:
            self.paint()
        else:
            self._paint([view for view in self.views if view.id != "status"])
            self._paint_later(rest)

    def paint(self) -> None:
        """Bring what is on screen up to date; nothing happens while another screen lies over this one."""
        self._paint(self.views)
        self._told = self._painted

    def _paint(self, views: Sequence[SpanView]) -> None:
        self._paint_due = False
        self.tell_away()
        if not self.is_active:
            return
        self._painted = time.monotonic()
        self.judge_parent()
        with TURNS.taken():
            self.lay_out()
            update_all(views)
        if self._offers != self._offered:
            self._offered = self._offers
            self.name_mute_key()
            self.refresh_bindings()

    @property
    def _offers(self) -> tuple[object, ...]:
        """What decides on the keys."""
        return self.run.state, len(self.run.fixes), self.chosen, self.run.muted

    def on_screen_resume(self) -> None:
        self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()

    # What is shown

    def chart_specs(self) -> Sequence[ChartSpec]:
        self.book.empty = waiting_text(self.run)
        self.book.marked = finding_of(self.run, self.chosen)
        self.book.unit = self.lens.unit
        return self.with_parent(self.book.specs())

    def lay_out(self) -> None:
        """Show the panels of the arrangement and hand each visible chart what it draws."""
        width, height = self.size
        shown = self.arrangement
        self.query_one("#status").styles.height = status_height(self.run, width, height)
        self.query_one("#charts").display = shown.charts > 0
        self.lay_out_panels()
        self.lay_out_charts(shown.charts)

    @property
    def arrangement(self) -> Arrangement:
        """The charts and panels that fit; a large chart stands alone."""
        shown = super().arrangement
        return Arrangement(1) if self.large and shown.charts else shown

    @property
    def units(self) -> Sequence[Unit]:
        return self.book.units

    def show_charts(self) -> None:
        if not self.arrangement.charts:
            self.panel = CHARTS

    def action_panel(self, by: int) -> None:
        """A large chart gives way to the panels first."""
        if self.large and super().arrangement != self.arrangement:
            self.action_large()
        else:
            super().action_panel(by)

    def action_open_panel(self, name: str) -> None:
        self.large = False
        super().action_open_panel(name)

    def action_search(self) -> None:
        self.large = False
        super().action_search()

    def show_selected(self) -> None:
        """Scroll to what is selected, and to a chart that shows its stretch where none in sight does."""
        self.scrolled["diagnosis"] = 0
        self.lay_out()
        shown = range(self.first_chart, self.first_chart + self.arrangement.charts)
        marked = [index for index, spec in enumerate(self.chosen_specs()) if spec.band is not None]
        if marked and shown and not any(index in shown for index in marked):
            self.first_chart = marked[0]
        self.paint()

    def watch_run(self, folder: RunFolder) -> None:
        self.app.switch_screen(MonitorScreen(folder))

    def action_leave(self) -> None:
        """What was entered last comes first."""
        if self.leave_chart() or self.leave_search():
            self.paint()
        else:
            self.action_home()

    def action_home(self) -> None:
        self.dismiss(None)

    @on(Worker.StateChanged)
    def report_failure(self, event: Worker.StateChanged) -> None:
        if event.state == WorkerState.ERROR:
            self.run.answer = (f"reading the run failed: {event.worker.error}", False)
            self.paint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible = self.possible(parameters)
        return possible[action]() if action in possible else True

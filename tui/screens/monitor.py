"""The monitor: one run, live or over: its curves, how far it is, and what the diagnosis makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.worker import Worker, WorkerState

from training.errors import TraindeckError
from training.runs.commands import CommandName, send
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.stop import ask_to_stop, stop_detail
from training.text import one_line
from tui import keymap
from tui.monitor.arrangement import MOST_CHARTS, Arrangement, arrangements, is_small
from tui.monitor.book import ChartBook
from tui.monitor.choice import finding_of
from tui.monitor.diagnosis import diagnosis_rows, fix_hint
from tui.monitor.eventlog import console_rows, log_rows
from tui.monitor.messages import CommandSent, NewsArrived
from tui.monitor.model import Asked
from tui.monitor.status import ending_rows, status_height, status_rows, waiting_text
from tui.monitor.tail import Hardware, Inbox, follow
from tui.screens.confirm import ConfirmScreen
from tui.screens.findings import FindingsScreen
from tui.screens.resume import ResumeScreen
from tui.widgets.chart import Chart
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row
from tui.widgets.spans import SpanView, update_all

PAINT_SECONDS = 0.5
"""The shortest time between two paintings of news; keys are answered at once."""
EMPTY_ROWS = 2
"""Of a console in which nothing was printed."""


class MonitorScreen(FindingsScreen):
    """Watches the run in `folder`. Closing it changes nothing for the run."""

    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("monitor")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    AUTO_FOCUS = ""

    def __init__(self, folder: RunFolder, hardware: Hardware | None = None) -> None:
        super().__init__(folder)
        self.book = ChartBook(self.run.curves)
        self.inbox = Inbox()
        self.first_chart = 0
        self.scrolled: dict[str, int] = {"diagnosis": 0, "log": 0, "console": 0}
        """Lines that a panel was scrolled by."""
        self._hardware = hardware
        self._view = 0
        self._stop = Event()
        self._painted = 0.0
        self._paint_due = False
        self._offered: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield SpanView(partial(status_rows, self.run), id="status")
        with Horizontal(id="body"):
            with Vertical(id="charts"):
                for index in range(MOST_CHARTS):
                    yield Chart(id=f"chart{index}")
            with Vertical(id="side"):
                yield SpanView(self._diagnosis, id="diagnosis")
                yield SpanView(lambda width, height: log_rows(self.run, width, height, self.scrolled["log"]), id="log")
                yield SpanView(self._printed, id="console")
        yield SpanView(lambda width, _: [fix_hint(self.run, width)], id="hint")
        yield KeyBar("monitor")

    def on_mount(self) -> None:
        self.views = list(self.query(SpanView))
        self.charts = list(self.query(Chart))
        self.lay_out()
        self.tail()

    def on_unmount(self) -> None:
        self._stop.set()
        self.inbox.wake()

    @work(thread=True, exclusive=True, exit_on_error=False, group="tail")
    def tail(self) -> None:
        """Read what is new of the run until the screen closes."""
        for news in follow(self.folder, self._stop, self._hardware):
            self.inbox.put(news, self._stop)
            self.post_message(NewsArrived(self.folder.id))

    @on(NewsArrived)
    def take_news(self) -> None:
        badly = self.run.ended_badly
        self.run.take(self.inbox.take())
        if self.run.ended_badly and not badly:
            self._view = 0
        self._paint_soon()

    def _paint_soon(self) -> None:
        """Paint now, or when half a second has passed since the last time."""
        if self._paint_due:
            return
        wait = self._painted + PAINT_SECONDS - time.monotonic()
        if wait <= 0:
            self.paint()
        else:
            self._paint_due = True
            self.set_timer(wait, self.paint)

    def paint(self) -> None:
        """Bring what is on screen up to date; nothing happens while another screen lies over this one."""
        self._paint_due = False
        if not self.is_active:
            return
        self._painted = time.monotonic()
        self.lay_out()
        update_all(self.views)
        offered = (self.run.state, len(self.run.fixes), self.chosen, self.run.muted)
        if offered != self._offered:
            self._offered = offered
            self.name_mute_key()
            self.refresh_bindings()

    def on_screen_resume(self) -> None:
        self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()

    # Which panels are shown

    @property
    def arrangement(self) -> Arrangement:
        """The panels that fit, in the view that tab has come to."""
        views = self._arrangements()
        return views[self._view % len(views)]

    def _arrangements(self) -> list[Arrangement]:
        telling = self.run.ended_badly and bool(self.run.console)
        return arrangements(self.size.width, self._body_height(), console_first=telling)

    def _body_height(self) -> int:
        width, height = self.size
        return height - 1 - status_height(self.run, width, height)

    def lay_out(self) -> None:
        """Show the panels of the arrangement and hand each visible chart what it draws."""
        width, height = self.size
        shown = self.arrangement
        self.query_one("#status").styles.height = status_height(self.run, width, height)
        self.query_one("#charts").display = shown.charts > 0
        self.query_one("#side").display = bool(shown.side)
        for panel in ("diagnosis", "log", "console"):
            self.query_one(f"#{panel}").display = panel in shown.side
        silent = not self.run.console and len(shown.side) > 1
        self.query_one("#console").styles.height = EMPTY_ROWS if silent else "1fr"
        self.query_one("#hint").display = is_small(width, self._body_height()) and bool(fix_hint(self.run, width))
        self.book.empty = waiting_text(self.run)
        self.book.marked = finding_of(self.run, self.chosen)
        specs = self.book.specs()
        self.first_chart = max(0, min(self.first_chart, len(specs) - shown.charts))
        for index, chart in enumerate(self.charts):
            chart.display = index < min(shown.charts, len(specs))
            if chart.display:
                chart.spec = specs[self.first_chart + index]

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

    def action_chart(self, by: int) -> None:
        self.first_chart += by
        self.paint()

    def action_scale(self) -> None:
        """Automatic, logarithmic, linear."""
        for chart in self.charts:
            chart.log_scale = {None: True, True: False, False: None}[chart.log_scale]
        self.paint()

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

    # Findings

    def show_selected(self) -> None:
        """Scroll to what is selected, and to a chart that shows its stretch where none in sight does."""
        self.scrolled["diagnosis"] = 0
        self.lay_out()
        shown = range(self.first_chart, self.first_chart + self.arrangement.charts)
        marked = [index for index, spec in enumerate(self.book.specs()) if spec.band is not None]
        if marked and shown and not any(index in shown for index in marked):
            self.first_chart = marked[0]
        self.paint()

    def watch_run(self, folder: RunFolder) -> None:
        self.app.switch_screen(MonitorScreen(folder))

    # Commands

    def action_pause(self) -> None:
        self.ask("pause")

    def action_resume(self) -> None:
        """Of a paused run its worker goes on; of one that has ended a new attempt does, and this screen shows it."""
        if self.run.state == "paused":
            self.ask("resume")
        else:
            self.app.push_screen(ResumeScreen(self.folder))

    def action_stop(self) -> None:
        name = one_line(self.run.view.summary.name if self.run.view else self.folder.id)
        again = any(asked.command == "stop" for asked in self.run.asked)
        detail = stop_detail(self.run.view, again=again)
        question = ConfirmScreen(f"Stop {name}?", detail, yes="Stop it", no="Train on", danger=True)
        self.app.push_screen(question, self._stop_if)

    def _stop_if(self, sure: bool | None) -> None:
        if sure:
            self.ask("stop")

    def action_home(self) -> None:
        self.dismiss(None)

    @work(thread=True, exit_on_error=False, group="command")
    def ask(self, command: CommandName) -> None:
        """Write a command for the worker; the screen shows what became of it only when the worker has answered."""
        try:
            run = view(self.folder) if command == "stop" else None
            asked = ask_to_stop(run) if run is not None else send(self.folder, command)
            sent = CommandSent(self.folder.id, command, id=asked)
        except TraindeckError as error:
            sent = CommandSent(self.folder.id, command, error=str(error))
        self.post_message(sent)

    @on(CommandSent)
    def remember_command(self, message: CommandSent) -> None:
        if message.error:
            self.notify(message.error, severity="error", markup=False)
        elif message.id:
            self.run.ask(Asked(message.id, message.command))
        self.paint()

    @on(Worker.StateChanged)
    def report_failure(self, event: Worker.StateChanged) -> None:
        if event.state == WorkerState.ERROR:
            self.run.answer = (f"reading the run failed: {event.worker.error}", False)
            self.paint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible: dict[str, Callable[[], bool]] = {
            "pause": lambda: self.run.state == "running" and self.run.controllable,
            "resume": lambda: self.run.state == "paused" or self.run.resumable,
            "stop": lambda: self.run.live and self.run.state != "stopping" and self.run.controllable,
            **self.possible(parameters),
        }
        return possible[action]() if action in possible else True

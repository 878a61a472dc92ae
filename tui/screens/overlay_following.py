"""An overlay hears of its runs: one thread reads them all, and the screen paints at most once a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event

from textual import on, work
from textual.worker import Worker, WorkerState

from training.runs.layout import RunFolder
from training.text import one_line
from tui.line.flow import flow_of
from tui.overlay.judging import Question
from tui.overlay.model import Overlaid
from tui.overlay.news import Mailbox, OverlayNewsArrived, follow_all
from tui.screens.charting import ChartingScreen

PAINT_SECONDS = 1.0
"""The shortest time between two paintings of news; keys are answered at once."""
MANY = 10
"""Live runs from which on it is longer: what there is to paint grows with them, and the line does not."""
MOST_TIMES = 2.0


class FollowingScreen(ChartingScreen):
    """A screen over several runs, followed as long as it is open."""

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        super().__init__()
        self.overlaid = Overlaid.of(folders)
        self.mailbox = Mailbox()
        self._stop = Event()
        self._painted = 0.0
        self._paint_due = False
        self._answered: Question | None = None
        """What there was an answer to last."""

    def on_unmount(self) -> None:
        self._stop.set()
        self.mailbox.asked.set()

    @work(thread=True, exclusive=True, exit_on_error=False, group="follow")
    def follow(self) -> None:
        """Read what is new of the runs, and judge them, until the screen closes."""
        for news in follow_all([run.folder for run in self.overlaid.runs], self.mailbox, self._stop):
            self.mailbox.put(news)
            self.post_message(OverlayNewsArrived())

    @on(OverlayNewsArrived)
    def take_news(self) -> None:
        news = self.mailbox.take()
        self.overlaid.take(news)
        self.ask()
        if news.answer is not None and news.answer.question != self._answered:
            self._answered = news.answer.question
            self.paint()  # somebody waits for it
        else:
            self._paint_soon()

    def ask(self) -> None:
        """Have what is shown now judged; nothing happens as long as it is the same."""
        self.mailbox.ask(self.overlaid.question)

    def _paint_soon(self) -> None:
        """Paint now, or when a second or two have passed since the last time."""
        if self._paint_due:
            return
        live = sum(run.live for run in self.overlaid.runs)
        wait = flow_of(self.app).wait(self._painted, PAINT_SECONDS * min(MOST_TIMES, max(1.0, live / MANY)))
        if wait <= 0:
            self.paint()
        else:
            self._paint_due = True
            self.set_timer(wait, self._paint_now_due)

    def _paint_now_due(self) -> None:
        self._paint_due = False
        self._paint_soon()

    def begins_to_paint(self) -> bool:
        """Note that it is painted now; False while another screen lies over this one."""
        self._paint_due = False
        if not self.is_active:
            return False
        self._painted = time.monotonic()
        return True

    @on(Worker.StateChanged)
    def report_failure(self, event: Worker.StateChanged) -> None:
        if event.state == WorkerState.ERROR and event.worker.group == "follow":
            self.notify(f"Reading the runs failed: {one_line(str(event.worker.error))}", severity="error", markup=False)

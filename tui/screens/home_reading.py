"""Home keeps up to date: a thread looks at the runs folder, and tells only of what changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work
from textual.worker import get_current_worker

from training.runs.disk import DiskUse, DiskUses
from training.runs.elsewhere import LiveElsewhere
from training.runs.lifecycle import RunView
from training.runs.watching import WatchedFolder
from tui.away.watching import tell_of_runs
from tui.editor import keeping
from tui.home.messages import RunsRead
from tui.screens.why import WhyScreen

if TYPE_CHECKING:
    from tui.app import TraindeckApp

POLL_SECONDS = 1.0
DISK_SECONDS = 10.0
"""How often runs are measured again while nothing else changes."""


class ReadingScreen(WhyScreen):
    """The runs of a folder as they are now; who shows them has `show_runs`."""

    app: TraindeckApp

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self.runs: list[RunView] = []
        self.by_id: dict[str, RunView] = {}
        self.archived = 0
        """How many of the runs are archived."""
        self.others: list[RunView] = []
        self.disk: Mapping[Path, DiskUse] = {}
        self.drafts = 0
        self.unread = 0
        self.seen = False
        self._folder = WatchedFolder(runs_dir)
        self._elsewhere = LiveElsewhere(excluding=runs_dir)
        self._disk_uses = DiskUses()
        self._wake = Event()

    def on_screen_resume(self) -> None:
        self.watch_runs()

    def on_screen_suspend(self) -> None:
        self.stop_watching()

    def on_unmount(self) -> None:
        self.stop_watching()

    def stop_watching(self) -> None:
        self.workers.cancel_group(self, "runs")
        self._wake.set()

    def look_again(self) -> None:
        """Now, at all runs: one of them was changed here."""
        self._wake.set()

    @work(thread=True, exclusive=True, exit_on_error=False, group="runs")
    def watch_runs(self) -> None:
        worker = get_current_worker()
        self._wake = wake = Event()
        told: RunsRead | None = None
        thorough = True
        measured_at = float("-inf")
        while not worker.is_cancelled:
            runs = self._folder.look(thorough=thorough)
            if told is None and not self.seen:
                # The first page waits for nothing else.
                self.post_message(RunsRead(self.runs_dir, runs, [], unread=self._unread(runs)))
            disk = told.disk if told else self.disk
            now = time.monotonic()
            if told is None or runs is not told.runs or len(disk) < len(runs) or now - measured_at > DISK_SECONDS:
                disk, measured_at = self._disk_uses.look(runs), now
            others, drafts = self._elsewhere.look(), len(keeping.orphans())
            news = RunsRead(self.runs_dir, runs, others, disk, drafts, self._unread(runs))
            if told is None or _differs(told, news):
                self.post_message(news)
            told = news
            # A wait that is cut short was cut short for a reason.
            thorough = wake.wait(POLL_SECONDS if self._folder.complete else 0.0)
            wake.clear()

    def _unread(self, runs: list[RunView]) -> int:
        return 0 if self._folder.complete else max(1, self._folder.count - len(runs))

    @on(RunsRead)
    def take_runs(self, message: RunsRead) -> None:
        self.runs, self.others, self.disk = list(message.runs), list(message.others), message.disk
        self.by_id = {run.folder.id: run for run in self.runs}
        self.archived = sum(run.labels.archived for run in self.runs)
        self.drafts, self.unread = message.drafts, message.unread
        self.seen = True
        self.show_runs()
        tell_of_runs(self, [*self.runs, *self.others])

    def show_runs(self) -> None:
        """Show what was read."""


def _differs(told: RunsRead, news: RunsRead) -> bool:
    """Whether there is anything to show; the time of a run that goes on always goes on."""
    return (
        news.runs is not told.runs
        or news.others != told.others
        or news.disk != told.disk
        or (news.drafts, news.unread) != (told.drafts, told.unread)
        or any(run.live for run in news.runs if run.state != "paused")
    )

"""Following a run from a thread: bounded reads, cheap polls, and an inbox that the screen empties in its own time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING, Protocol

from training.runs.column_reader import MOST_EVENTS, ColumnReader
from training.runs.console import console_tail
from training.runs.events import AnyEvent, Step, Steps
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.steps import count_of
from tui.monitor.model import News
from tui.turns import TURNS

if TYPE_CHECKING:
    from training.devices.load import HardwareReading

POLL_SECONDS = 0.25
VIEW_SECONDS = 1.0
HARDWARE_SECONDS = 2.0
FIRST_SECONDS = 0.5
FIRST_DRAWING_SECONDS = 0.1
"""So long the rest of a long log waits for the first charts: with both at once they would come a tenth later."""
FIRST_EVENTS = 5_000
"""Events of a long log that are shown before the rest is read."""
HELD_EVENTS = 100_000
"""Events that may wait for the screen, each step counted; beyond it the reading thread waits."""
CONSOLE_LINES = 200


class Hardware(Protocol):
    def read(self) -> HardwareReading: ...


class Inbox:
    """News between the reading thread and the screen. A message on the way is only a hint that there is some."""

    def __init__(self) -> None:
        self._news = News()
        self._held = 0
        self._taken = Condition()

    def put(self, news: News, stop: Event) -> None:
        """Add news; waits while the screen has too much to do, but not once `stop` is set and announced by `wake`."""
        with self._taken:
            self._taken.wait_for(lambda: stop.is_set() or self._has_room)
            self._held += sum(map(count_of, news.events))
            self._news.add(news)

    @property
    def _has_room(self) -> bool:
        return self._held < HELD_EVENTS and len(self._news.events) < 2 * MOST_EVENTS

    def take(self) -> News:
        """All news since the last call."""
        with self._taken:
            news, self._news, self._held = self._news, News(), 0
            self._taken.notify_all()
        return news

    def wake(self) -> None:
        """Let a waiting reader see that it should stop."""
        with self._taken:
            self._taken.notify_all()


def follow(folder: RunFolder, stop: Event, hardware: Hardware | None = None) -> Iterator[News]:
    """What is new of the run, until `stop` is set; yields nothing while nothing is."""
    reader = ColumnReader(folder.events, TURNS.wait)
    small_files = SmallFiles(folder, hardware)
    telling: list[AnyEvent] = []
    """Events that the small files may have changed with, and that those were not looked at for."""
    first = True
    while not stop.is_set():
        events = reader.read(FIRST_EVENTS if first else HELD_EVENTS)
        telling += [event for event in events if not isinstance(event, Step | Steps)]
        news = small_files.look(telling if reader.at_end else [])
        telling = [] if reader.at_end else telling
        news.events = events
        news.skipped = reader.skipped if events else None
        news.read = reader.share if events else None
        if news:
            yield news
        if reader.at_end:
            stop.wait(POLL_SECONDS)
        elif first:
            TURNS.take(FIRST_DRAWING_SECONDS)
        first = False


class SmallFiles:
    """The run's state, the machine and the console, each looked at no more often than it needs."""

    def __init__(self, folder: RunFolder, hardware: Hardware | None) -> None:
        self._folder = folder
        self._hardware = hardware
        self._view: RunView | None = None
        self._told = False
        self._gone = False
        self._view_due = 0.0
        self._hardware_due = 0.0
        self._measuring = False
        self._console_mark = (0, 0)

    def look(self, events: list[AnyEvent]) -> News:
        """The parts that changed."""
        now = time.monotonic()
        news = News()
        if now >= self._view_due or any(not isinstance(event, Step) for event in events):
            self._view_due = now + VIEW_SECONDS
            found = view(self._folder)
            if found is not None and found != self._view:
                self._view = news.view = found
            if (gone := found is None and is_gone(self._folder.path)) != self._gone:
                self._gone = news.gone = gone
            news.unreadable = found is None and not gone and self._view is None and not self._told
            self._told = self._told or news.unreadable
            news.console = self._new_console()
        if now >= self._hardware_due and self._view is not None and self._is_here(self._view) and not self._gone:
            # CPU use is measured since the reading before: the first one says nothing.
            self._hardware = self._hardware or _this_machine()
            reading = self._hardware.read()
            news.hardware = reading if self._measuring else None
            self._hardware_due = now + (HARDWARE_SECONDS if self._measuring else FIRST_SECONDS)
            self._measuring = True
        return news

    def _is_here(self, run: RunView) -> bool:
        """Whether this machine's load is worth a look: nobody knows where another tool's log is written, and a run
        that another machine trains is not here.
        """
        return run.live and run.summary.kind != "foreign" and (run.process is None or run.process.here)

    def _new_console(self) -> tuple[str, ...] | None:
        try:
            stat = self._folder.console.stat()
        except OSError:
            return None
        mark = (stat.st_size, stat.st_mtime_ns)
        if mark == self._console_mark:
            return None
        self._console_mark = mark
        return console_tail(self._folder.console, CONSOLE_LINES)


def _this_machine() -> Hardware:
    """Loaded for a run that goes on alone."""
    from training.devices.load import HardwareMonitor

    return HardwareMonitor()


def is_gone(path: Path) -> bool:
    """Whether there is surely nothing at that path; a file system that does not answer says nothing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False

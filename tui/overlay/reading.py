"""Following many runs from one thread: what is new of each by epoch, and what is known of it beside its curves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from textual.message import Message

from training.curves import Curves
from training.runs.epoch_tail import EpochTail
from training.runs.events import AnyEvent
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.seeds import seed_key
from training.story.versus.measured import Measured
from training.story.versus.of_run import measured
from training.story.versus.settings import ABSENT, Differing, differing

POLL_SECONDS = 0.5
LIVE_SECONDS = 2.0
"""Between two looks at the state of a run that goes on."""
OVER_SECONDS = 6.0
"""The same of one that is over: it may be resumed."""
SLICE_SECONDS = 0.05
"""Of reading one log before it is the next one's turn."""


@dataclass
class RunNews:
    """What became known of one run; None where there is nothing new."""

    events: list[AnyEvent] = field(default_factory=list)
    view: RunView | None = None
    about: Measured | None = None
    """The run without its curves."""
    seeds: str | None = None
    """Equal for runs that differ in their seed alone."""
    missing: bool | None = None
    """Whether there is no run that can be read."""

    def __bool__(self) -> bool:
        return bool(self.events) or self.view is not None or self.missing is not None

    def add(self, later: RunNews) -> None:
        """Take in what came after."""
        self.events += later.events
        self.view = later.view or self.view
        self.about = later.about or self.about
        self.seeds = self.seeds if later.seeds is None else later.seeds
        self.missing = self.missing if later.missing is None else later.missing


@dataclass
class OverlayNews:
    """News of several runs by their places, and the settings in which they differ where those are new."""

    runs: dict[int, RunNews] = field(default_factory=dict)
    settings: list[Differing] | None = None

    def __bool__(self) -> bool:
        return bool(self.runs) or self.settings is not None

    def add(self, later: OverlayNews) -> None:
        """Take in what came after."""
        for place, news in later.runs.items():
            self.runs.setdefault(place, RunNews()).add(news)
        self.settings = self.settings if later.settings is None else later.settings


class Mailbox:
    """News between the reading thread and the screen."""

    def __init__(self) -> None:
        self._news = OverlayNews()
        self._lock = Lock()

    def put(self, news: OverlayNews) -> None:
        with self._lock:
            self._news.add(news)

    def take(self) -> OverlayNews:
        """All news since the last call."""
        with self._lock:
            news, self._news = self._news, OverlayNews()
        return news


class OverlayNewsArrived(Message):
    """There is something in the mailbox."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, OverlayNewsArrived)


class Watched:
    """One of the runs, looked at in turn."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.view: RunView | None = None
        self.at_end = False
        self._tail = EpochTail(folder.events)
        self._due = 0.0
        self._missing = False

    def look(self) -> RunNews:
        """What is new since the last time."""
        news = RunNews()
        now = time.monotonic()
        if now >= self._due:
            self._look_at_state(news)
            self._due = now + (LIVE_SECONDS if self.view is not None and self.view.live else OVER_SECONDS)
        try:
            news.events = self._tail.read(SLICE_SECONDS)
        except OSError:  # a file system that does not answer may do so the next time
            self.at_end = True
        else:
            self.at_end = self._tail.at_end
        return news

    def _look_at_state(self, news: RunNews) -> None:
        found = view(self.folder)
        if (found is None) != self._missing:
            self._missing = news.missing = found is None
        if found is not None and found != self.view:
            self.view = news.view = found
            news.about = measured(found, Curves())
            news.seeds = seed_key(found)


def follow_runs(folders: Sequence[RunFolder], stop: Event) -> Iterator[dict[int, RunNews]]:
    """What is new of the runs by their places, until `stop` is set; yields nothing while nothing is."""
    runs = [Watched(folder) for folder in folders]
    while not stop.is_set():
        news = {}
        for place, run in enumerate(runs):
            if found := run.look():
                news[place] = found
            if stop.is_set():
                return
        if news:
            yield news
        if all(run.at_end for run in runs):
            stop.wait(POLL_SECONDS)


def follow_all(folders: Sequence[RunFolder], stop: Event) -> Iterator[OverlayNews]:
    """The same, and the settings in which they differ."""
    known: dict[int, RunView] = {}
    for found in follow_runs(folders, stop):
        news = OverlayNews(found)
        new = {place: one.view for place, one in found.items() if one.view is not None and place not in known}
        if new:  # the settings of a run never change
            known |= new
            news.settings = _by_place(known, len(folders))
        yield news


def _by_place(known: Mapping[int, RunView], number: int) -> list[Differing]:
    """A value for each of so many runs, those that cannot be read included."""
    places = sorted(known)
    rows = []
    for row in differing([known[place] for place in places]):
        values = [ABSENT] * number
        for place, text in zip(places, row.values, strict=True):
            values[place] = text
        rows.append(Differing(row.key, tuple(values)))
    return rows

"""Looking at many runs in turn: what is new of each by epoch, and what is known of it beside its curves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from training.curves import Curves
from training.runs.epoch_tail import EpochTail
from training.runs.events import AnyEvent
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.seeds import seed_key
from training.story.versus.measured import Measured
from training.story.versus.of_run import measured

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


def follow_runs(folders: Sequence[RunFolder], stop: Event, woken: Event | None = None) -> Iterator[dict[int, RunNews]]:
    """What is new of the runs by their places, until `stop` is set; yields nothing while nothing is.

    With `woken` each look yields, and the next one comes at once when that is set: whoever stops it sets that too.
    """
    runs = [Watched(folder) for folder in folders]
    while not stop.is_set():
        news = {}
        for place, run in enumerate(runs):
            if found := run.look():
                news[place] = found
            if stop.is_set():
                return
        if news or woken is not None:
            yield news
        if all(run.at_end for run in runs):
            (woken or stop).wait(POLL_SECONDS)

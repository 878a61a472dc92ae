"""What an overlay hears from the one thread that reads and judges all its runs, and what it asks of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from textual.message import Message

from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.versus.settings import ABSENT, Differing, differing
from tui.overlay.judging import Answer, Judge, Question
from tui.overlay.overlaid_run import OverlaidRun
from tui.overlay.reading import RunNews, follow_runs

JUDGE_SECONDS = 1.0
"""Between two answers to the same question: as often as they are painted."""


@dataclass
class OverlayNews:
    """News of several runs by their places, the settings in which they differ, and what is thought of them."""

    runs: dict[int, RunNews] = field(default_factory=dict)
    settings: list[Differing] | None = None
    """None where they are no others."""
    answer: Answer | None = None

    def __bool__(self) -> bool:
        return bool(self.runs) or self.settings is not None or self.answer is not None

    def add(self, later: OverlayNews) -> None:
        """Take in what came after."""
        for place, news in later.runs.items():
            self.runs.setdefault(place, RunNews()).add(news)
        self.settings = self.settings if later.settings is None else later.settings
        self.answer = later.answer or self.answer


class Mailbox:
    """News from the reading thread to the screen, and the screen's question to the thread."""

    def __init__(self) -> None:
        self.question: Question | None = None
        self.asked = Event()
        """Set when the thread has something to do at once."""
        self._news = OverlayNews()
        self._lock = Lock()

    def ask(self, question: Question) -> None:
        """Have that answered from now on."""
        if question != self.question:
            self.question = question
            self.asked.set()

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


def follow_all(folders: Sequence[RunFolder], mailbox: Mailbox, stop: Event) -> Iterator[OverlayNews]:
    """What is new of the runs, and the answer to what the mailbox asks, until `stop` is set.

    What is asked anew is answered at once; what came of runs since, after JUDGE_SECONDS. The runs are held a second
    time here: the screen draws from its own while this thread judges.
    """
    runs = [OverlaidRun(folder) for folder in folders]
    judge, told = Judge(runs), -JUDGE_SECONDS
    answered: Question | None = None
    known: dict[int, RunView] = {}
    for found in follow_runs(folders, stop, mailbox.asked):
        mailbox.asked.clear()
        news = OverlayNews(found)
        for place, one in found.items():
            runs[place].take(one)
        new = {place: one.view for place, one in found.items() if one.view is not None and place not in known}
        if new:  # the settings of a run never change
            known |= new
            news.settings = by_place(known, len(folders))
        if news:
            yield news
        question = mailbox.question
        if question is not None and (question != answered or time.monotonic() - told >= JUDGE_SECONDS):
            answered, told = question, time.monotonic()
            if (answer := judge.answer(question)) is not None:
                yield OverlayNews(answer=answer)


def by_place(known: Mapping[int, RunView], number: int) -> list[Differing]:
    """The settings in which they differ, a value for each of so many runs, those that cannot be read included."""
    places = sorted(known)
    rows = []
    for row in differing([known[place] for place in places]):
        values = [ABSENT] * number
        for place, text in zip(places, row.values, strict=True):
            values[place] = text
        rows.append(Differing(row.key, tuple(values)))
    return rows

"""What the monitor knows of a run; takes what the tail brings and answers what the panels ask. No widget in sight."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from training.curves import Curves
from training.diagnosis.findings import Finding, Fix
from training.runs.commands import CommandName
from training.runs.events import AnyEvent, Log
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.charts import GPU_METRIC
from training.story.telling import Moment, moments_of, rank
from training.text import one_line
from tui.monitor.best import Best
from tui.monitor.pace import Pace

if TYPE_CHECKING:
    from training.devices.load import HardwareReading

LOADS = 300
WARNINGS = 200
"""The latest that are kept: a script may say something else with every step."""
ENDED_BADLY = frozenset({"crashed", "failed", "silent"})
ANSWER_SECONDS = 8.0
SHOWN_BY = {"pause": "paused", "resume": "running", "stop": "stopping"}
"""The state that shows that a command was obeyed."""


@dataclass
class News:
    """What became known since the last time; None where there is nothing new."""

    events: list[AnyEvent] = field(default_factory=list)
    view: RunView | None = None
    hardware: HardwareReading | None = None
    console: tuple[str, ...] | None = None
    skipped: int | None = None
    read: float | None = None
    """How much of the log is read, from 0 to 1."""
    unreadable: bool = False
    """Whether the folder turned out to hold no run that can be read."""
    gone: bool | None = None
    """Whether the folder is no longer where it was."""

    def __bool__(self) -> bool:
        parts = (self.view, self.hardware, self.console, self.gone)
        return bool(self.events) or self.unreadable or any(part is not None for part in parts)

    def add(self, later: News) -> None:
        """Take in what came after."""
        self.events += later.events
        self.view = later.view or self.view
        self.hardware = later.hardware or self.hardware
        self.console = self.console if later.console is None else later.console
        self.skipped = self.skipped if later.skipped is None else later.skipped
        self.read = self.read if later.read is None else later.read
        self.unreadable = self.unreadable or later.unreadable
        self.gone = self.gone if later.gone is None else later.gone


@dataclass(frozen=True)
class Asked:
    """A command that was sent and not answered yet."""

    id: str
    command: CommandName


@dataclass
class Monitored:
    """The run on the screen."""

    folder: RunFolder
    curves: Curves = field(default_factory=Curves)
    view: RunView | None = None
    hardware: HardwareReading | None = None
    loads: deque[HardwareReading] = field(default_factory=lambda: deque(maxlen=LOADS))
    """The latest readings of the machine, one every two seconds; the oldest first."""
    console: tuple[str, ...] = ()
    skipped: int = 0
    read: float = 1.0
    """How much of the log is read; the rest of a long one comes while the screen is there already."""
    unreadable: bool = False
    gone: bool = False
    warnings: list[str] = field(default_factory=list)
    """What the worker warned of, each once, the latest WARNINGS of them with the latest last."""
    muted: frozenset[str] = frozenset()
    """Labels of findings that nobody wants to hear of any more in this run."""
    versus: tuple[str, tuple[str, ...]] = ("", ())
    """What is thought of it against its parent: a style, and the parts of a line with the most telling first."""
    pace: Pace = field(default_factory=Pace)
    asked: list[Asked] = field(default_factory=list)
    answer: tuple[str, bool] = ("", True)
    """The worker's answer to the last command, and whether it did it; gone once the state says so, or two epochs and
    some seconds later."""
    _bests: dict[tuple[str, bool], Best] = field(default_factory=dict)
    _answered: int = 0
    _answered_command: str = ""
    _answered_at: float = 0.0

    def take(self, news: News) -> None:
        """Bring the run up to date."""
        self.curves.extend(news.events)
        self.view = news.view or self.view
        if news.view is not None and not self.foreign:  # a log of another tool has no folder to remember it in
            self.muted = news.view.muted
        self.hardware = news.hardware or self.hardware
        if news.hardware is not None:
            self.loads.append(news.hardware)
        self.console = self.console if news.console is None else news.console
        self.skipped = self.skipped if news.skipped is None else news.skipped
        self.read = self.read if news.read is None else news.read
        self.unreadable = self.view is None and (self.unreadable or news.unreadable)
        self.gone = self.gone if news.gone is None else news.gone
        self._take_warnings(news.events)
        self._take_pace(news.events)
        self._take_answers()

    def ask(self, asked: Asked) -> None:
        """Remember a command until the worker answers it; the answer may be here already."""
        self.asked.append(asked)
        self.answer = ("", True)
        self._take_answers()

    def _take_pace(self, events: Sequence[AnyEvent]) -> None:
        self.pace.take(events, by_step=self.steps > 0)  # a script need not tell how many there are
        if self.state not in ("running", "stopping"):
            self.pace.reset()

    def _take_warnings(self, events: Sequence[AnyEvent]) -> None:
        new = [event.message for event in events if isinstance(event, Log) and event.level == "warning"]
        if new:
            # A resumed run says again what the attempt before it said.
            latest_first = dict.fromkeys((*reversed(new), *reversed(self.warnings)))
            self.warnings = list(islice(latest_first, WARNINGS))[::-1]

    def _take_answers(self) -> None:
        for asked in list(self.asked):
            if answer := self.curves.acknowledged.get(asked.id):
                self.asked.remove(asked)
                said = answer.message or f"{asked.command} {'done' if answer.ok else 'refused'}"
                self.answer = (f"{'✓ ' if answer.ok else ''}{said}", answer.ok)
                self._answered, self._answered_command = self.curves.epoch, asked.command
                self._answered_at = time.monotonic()
        if self.asked and not self.live and (self.view is not None or self.gone):
            # A run that waits for another one has no worker yet: its supervisor obeys without a word.
            obeyed = self.state == "stopped" and self.asked[-1].command == "stop"
            self.asked.clear()
            self.answer = ("", True) if obeyed or self.gone else ("the run ended before it answered", False)
        elif self.answer[1] and (not self.live or self._is_seen or self._is_old):
            self.answer = ("", True)

    @property
    def _is_old(self) -> bool:
        """Whether the last answer was there for two epochs, and long enough to be read where those are short."""
        read = time.monotonic() - self._answered_at > ANSWER_SECONDS
        return read and self.curves.epoch > self._answered + 1

    @property
    def _is_seen(self) -> bool:
        """Whether the state says what the last answer says."""
        return SHOWN_BY.get(self._answered_command) == self.state

    @property
    def state(self) -> str:
        """The run's state; `reading` while nothing is known."""
        if self.gone:
            return "gone"
        return self.view.state if self.view else "unreadable" if self.unreadable else "reading"

    @property
    def live(self) -> bool:
        if self.gone:
            return False
        return self.view.live if self.view else not self.unreadable

    @property
    def controllable(self) -> bool:
        """Whether traindeck trains it, so that it hears commands."""
        return self.view is None or self.view.controllable

    @property
    def gpu_metrics(self) -> list[str]:
        """What it logged of the load of its GPUs."""
        return [name for name, series in self.curves.steps.items() if GPU_METRIC.fullmatch(name) and len(series)]

    @property
    def elsewhere(self) -> str:
        """The host that trains it, where that is another than this one; empty where it is this one, or not known."""
        process = self.view.process if self.view else None
        return process.host if process is not None and not process.here else ""

    @property
    def foreign(self) -> bool:
        """Whether it is the log of another tool: nobody knows where, or whether, it is being written."""
        return self.view is not None and self.view.summary.kind == "foreign"

    @property
    def resumable(self) -> bool:
        """Whether the run has ended before its time, and its folder is there to go on in."""
        return self.view is not None and self.view.resumable and not self.gone

    @property
    def ended_badly(self) -> bool:
        if self.view is None or (self.foreign and self.view.state == "silent"):  # a log that may simply be over
            return False
        return self.view.state in ENDED_BADLY

    @property
    def reading(self) -> str:
        """How far a long log is read, in words; empty once all of it is."""
        if self.foreign:  # a process of its own reads it, and says so
            assert self.view is not None
            return one_line(self.view.summary.message) if self.state == "starting" else ""
        return f"reading the log, {100 * self.read:.0f} %" if self.read < 1 else ""

    @property
    def started(self) -> bool:
        """Whether training has said anything yet."""
        return self.curves.attempt is not None

    @property
    def attempt(self) -> int:
        """From 1; more where the run was interrupted and went on."""
        known = self.curves.attempt.attempt if self.curves.attempt else 1
        summary = self.view.summary if self.view else None
        return max(known, summary.attempt if summary else 1) - (summary.inherited_attempts if summary else 0)

    @property
    def epochs(self) -> int:
        """Planned epochs; 0 where unknown."""
        return self.curves.planned_epochs or (self.view.summary.epochs if self.view else 0)

    @property
    def steps(self) -> int:
        """Planned steps; 0 where unknown."""
        attempt = self.curves.attempt
        return self.epochs * attempt.steps_per_epoch if attempt else 0

    @property
    def share(self) -> float:
        """How much of the plan is done, from 0 to 1."""
        if self.steps:
            return min(1.0, self.curves.step / self.steps)
        return min(1.0, self.curves.epoch / self.epochs) if self.epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None where it cannot be told: without a plan, and for a log whose events do not say when they were."""
        if not self.live or not self.epochs or self.foreign:
            return None
        left = self.steps - self.curves.step if self.steps else self.epochs - self.curves.epoch
        return self.pace.seconds_left(left)

    def latest(self, name: str) -> float | None:
        """The last value of a metric; an epoch's over a step's."""
        for series in (self.curves.epochs.get(name), self.curves.steps.get(name)):
            if series is not None and series.last is not None:
                return series.last
        return None

    def latest_step(self, name: str) -> float | None:
        """The last value of a metric as logged by step; by epoch where there is none."""
        series = self.curves.steps.get(name) or self.curves.epochs.get(name)
        return series.last if series else None

    def best(self, name: str, *, highest: bool) -> tuple[float, int] | None:
        """The best finite value of a metric after an epoch of training, and that epoch; the first of several."""
        series = self.curves.epochs.get(name)
        if series is None:
            return None
        return self._bests.setdefault((name, highest), Best(highest)).of(series)

    @property
    def findings(self) -> list[Finding]:
        """The open findings that are not muted: worst first, then the surest, then the latest."""
        return [finding for finding in self._ranked if finding.label not in self.muted]

    @property
    def muted_findings(self) -> list[Finding]:
        """The open findings that are muted, in the same order."""
        return [finding for finding in self._ranked if finding.label in self.muted]

    @property
    def _ranked(self) -> list[Finding]:
        return sorted(self.curves.findings.values(), key=rank)

    @property
    def resolved(self) -> list[Moment]:
        """The findings whose evidence went away and did not come back, the latest first."""
        last = {moment.finding.label: moment for moment in moments_of(self.curves.finding_history)}
        over = [m for m in last.values() if m.change == "resolved" and not m.gave_way]
        return sorted((m for m in over if m.finding.label not in self.muted), key=lambda m: -m.epoch)

    @property
    def fixes(self) -> list[tuple[Finding, Fix]]:
        """All fixes on offer in the order of their numbers, from 1; without its folder a run cannot be corrected."""
        if self.gone:
            return []
        return [(finding, fix) for finding in self.findings for fix in finding.fixes]

"""The curves of a run in memory, built from its events as they come.

After a resume the new attempt names the step it goes on from; what the dead attempt had logged beyond it is dropped
here, so that nothing is seen twice (docs/architecture.md, "Events").
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from training.diagnosis.findings import SEVERITY_ORDER, Finding
from training.runs.events import (
    Acknowledged,
    AnyEvent,
    Attempt,
    Checkpoint,
    Classes,
    End,
    Epoch,
    FinalTest,
    FindingChanged,
    Log,
    Metrics,
    Override,
    State,
    Step,
    number,
)

LOG_LINES = 500


@dataclass
class Series:
    """One metric: x is the step (from 0) or the epoch (from 1), y may be nan or inf."""

    x: array[float] = field(default_factory=lambda: array("d"))
    y: array[float] = field(default_factory=lambda: array("d"))
    rewinds: int = 0
    """How often points were dropped: what was computed from them has to be computed anew."""

    def __len__(self) -> int:
        return len(self.x)

    def append(self, x: float, y: float) -> None:
        """Add a point to the right; one at or left of the last replaces what it supersedes."""
        if self.x and x <= self.x[-1]:
            self.truncate(x)
        self.x.append(x)
        self.y.append(y)

    def truncate(self, x: float) -> None:
        """Drop the points at x and right of it."""
        end = bisect_left(self.x, x)
        self.rewinds += end < len(self.x)
        del self.x[end:], self.y[end:]

    @property
    def last(self) -> float | None:
        return self.y[-1] if self.y else None


class Curves:
    """Everything a screen or a report shows of a run's history."""

    def __init__(self) -> None:
        self.steps: dict[str, Series] = {}
        self.epochs: dict[str, Series] = {}
        self.attempt: Attempt | None = None
        self.state: State | None = None
        self.end: End | None = None
        self.log: deque[AnyEvent] = deque(maxlen=LOG_LINES)
        """The latest events that are for reading: logs, states, findings, checkpoints, answers, ends."""
        self.checkpoints: dict[str, Checkpoint] = {}
        self.acknowledged: dict[str, Acknowledged] = {}
        self.overrides: list[Override] = []
        self.findings: dict[str, Finding] = {}
        """Open findings by label."""
        self.finding_history: list[FindingChanged] = []
        self.classes: dict[str, Classes] = {}
        """The latest report on the classes, by side of the split."""
        self.test: FinalTest | None = None
        self.revision = 0
        """Grows with every change."""
        self._epoch_steps = Series()

    def extend(self, events: Iterable[AnyEvent]) -> None:
        for event in events:
            self._take(event)
            self.revision += 1

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return int(self._epoch_steps.x[-1]) if self._epoch_steps.x else 0

    @property
    def step(self) -> int:
        """Steps done, as far as logged."""
        logged = max((int(series.x[-1]) + 1 for series in self.steps.values() if series.x), default=0)
        return max(logged, int(self._epoch_steps.last or 0))

    @property
    def open_findings(self) -> list[Finding]:
        """Worst first, then oldest first."""
        return sorted(self.findings.values(), key=lambda f: (-SEVERITY_ORDER[f.severity], f.shown_epoch))

    def _take(self, event: AnyEvent) -> None:
        if self.attempt is not None and event.attempt < self.attempt.attempt:
            return
        match event:
            case Step():
                _extend(self.steps, event.step, event.metrics)
            case Epoch():
                self._epoch_steps.append(event.epoch, event.step)
                _extend(self.epochs, event.epoch, event.metrics)
            case Attempt():
                self._begin(event)
            case FindingChanged():
                self._find(event)
            case State():
                self.state = event
                self.log.append(event)
            case End():
                self.end = event
                self.log.append(event)
            case Checkpoint():
                self.checkpoints[event.kind] = event
                self.log.append(event)
            case Acknowledged():
                self.acknowledged[event.id] = event
                self.log.append(event)
            case Override():
                self.overrides.append(event)
                self.log.append(event)
            case Log():
                self.log.append(event)
            case FinalTest():
                self.test = event
                self.log.append(event)
            case Classes():
                self.classes[event.side] = event

    def _begin(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.end = None
        if attempt.attempt == 1:
            return
        kept = bisect_right(self._epoch_steps.y, attempt.from_step)
        first_dropped = self._epoch_steps.x[kept] if kept < len(self._epoch_steps) else None
        for series in self.steps.values():
            series.truncate(attempt.from_step)
        self.overrides = [override for override in self.overrides if override.step < attempt.from_step]
        if first_dropped is not None:
            for series in (self._epoch_steps, *self.epochs.values()):
                series.truncate(first_dropped)

    def _find(self, event: FindingChanged) -> None:
        if event.change == "resolved":
            self.findings.pop(event.finding.label, None)
        else:
            self.findings[event.finding.label] = event.finding
        self.finding_history.append(event)
        self.log.append(event)


def _extend(columns: dict[str, Series], x: float, metrics: Metrics) -> None:
    """Add the metrics; a string that is no number, in a log of somebody else's making, counts as missing."""
    for name, value in metrics.items():
        with suppress(ValueError):
            columns.setdefault(name, Series()).append(x, number(value))

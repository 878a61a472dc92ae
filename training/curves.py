"""The curves of a run in memory, built from its events as they come.

An attempt that goes on from a checkpoint supersedes what its predecessors logged after that was written. It is dropped
here as soon as the new attempt is met, so that nothing is seen twice: what remains is what the curves of
`training.runs.log.standing` would be.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import cast

import msgspec

from training.clock import Clock
from training.curve import Series
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
    Steps,
    number,
)
from training.runs.steps import count_of, curves_of, each, in_columns, numbers_of, times_of
from training.text import clean_name

LOG_LINES = 500


@dataclass(frozen=True)
class Interruption:
    """A seam in the history: an attempt was over, and another went on from a checkpoint of the run."""

    attempt: int
    """The one that went on."""
    step: int
    """Steps that were done where it went on."""
    epoch: int
    """Whole epochs that were done there."""
    repeated: int
    """Steps that had been logged beyond it, to be done again."""
    ended: float
    """The last sign of the attempt before: wall clock, seconds."""
    resumed: float
    """When this one began to train."""
    why: str
    """What ended the attempt before, in words; may be empty."""

    @property
    def seconds(self) -> float:
        """How long the run was down."""
        return max(0.0, self.resumed - self.ended)


class Curves:
    """Everything a screen or a report shows of a run's history."""

    def __init__(self) -> None:
        self.steps: dict[str, Series] = {}
        self.epochs: dict[str, Series] = {}
        self.attempt: Attempt | None = None
        self.state: State | None = None
        self.end: End | None = None
        self.log: deque[AnyEvent] = deque(maxlen=LOG_LINES)
        """The latest events that are for reading: logs, states, findings, checkpoints, answers, ends, new attempts."""
        self.interruptions: list[Interruption] = []
        self.begun: dict[int, int] = {}
        """Whole epochs that were done where each attempt began."""
        self.checkpoint_history: list[Checkpoint] = []
        self.acknowledged: dict[str, Acknowledged] = {}
        """The answers to commands by id; an answer stays one, whatever became of the attempt that gave it."""
        self.overrides: list[Override] = []
        self.findings: dict[str, Finding] = {}
        """Open findings by label."""
        self.finding_history: list[FindingChanged] = []
        self.classes: dict[str, Classes] = {}
        """The latest report on the classes, by side of the split; none where that was superseded."""
        self.test: FinalTest | None = None
        self.revision = 0
        """Grows with every change."""
        self._epoch_steps = Series()
        self._epoch_seqs = Series()
        self._clock = Clock()
        self._last_sign = 0.0

    def extend(self, events: Iterable[AnyEvent]) -> None:
        for kind, group in groupby(events, type):
            taken = list(group)
            if kind is Step:
                self._take_steps(cast("list[Step]", taken))
            else:
                for event in taken:
                    self._take(event)
            self.revision += sum(map(count_of, taken))

    @property
    def planned_epochs(self) -> int:
        """Those of the attempt, or what a command has set since; 0 where nobody has said."""
        if self.attempt is None:
            return 0
        changed = [one for one in self.overrides if one.setting == "epochs" and one.seq > self.attempt.seq]
        return int(number(changed[-1].value)) if changed else self.attempt.epochs

    @property
    def clock(self) -> Series:
        """Seconds of the run by step (from 0), without the time between two attempts: never falling, and thinned.

        Where an epoch ends is for `epoch_clock` to say. Empty for a log that does not say when things were.
        """
        return self._clock.steps

    @property
    def epoch_clock(self) -> Series:
        """The same by the number of the epoch that ended, each."""
        return self._clock.epochs

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return int(self._epoch_steps.x[-1]) if self._epoch_steps.x else 0

    @property
    def step(self) -> int:
        """Steps done, as far as logged."""
        logged = max((int(series.x[-1]) + 1 for series in self.steps.values() if series.x), default=0)
        return max(logged, int(self._epoch_steps.last or 0))

    def steps_after(self, epoch: int) -> float:
        """Steps that were done after an epoch; of one that has not ended, those done by now."""
        if epoch <= 0:
            return 0.0
        at = bisect_left(self._epoch_steps.x, epoch)
        return self._epoch_steps.y[at] if at < len(self._epoch_steps) else float(self.step)

    def epoch_ended_after(self, steps: float) -> int | None:
        """The epoch that ended when so many steps were done; None where none did just then."""
        at = bisect_right(self._epoch_steps.y, steps) - 1
        return int(self._epoch_steps.x[at]) if at >= 0 and self._epoch_steps.y[at] == steps else None

    @property
    def open_findings(self) -> list[Finding]:
        """Worst first, then oldest first."""
        return sorted(self.findings.values(), key=lambda f: (-SEVERITY_ORDER[f.severity], f.shown_epoch))

    @property
    def checkpoints(self) -> dict[str, Checkpoint]:
        """The latest of each kind."""
        return {event.kind: event for event in self.checkpoint_history}

    @property
    def seams(self) -> list[Interruption]:
        """The interruptions at which two attempts meet in what stands: no later one went back to there or behind."""
        found: list[Interruption] = []
        for interruption in self.interruptions:
            found = [earlier for earlier in found if earlier.step < interruption.step]
            found.append(interruption)
        return found

    def _take_steps(self, steps: list[Step]) -> None:
        """Steps in a row, as columns where there is anything to gain."""
        for event in in_columns(steps) if len(steps) > 1 else steps:
            if isinstance(event, Steps):
                self._take_columns(event)
            else:
                self._take(event)

    def _take_columns(self, block: Steps) -> None:
        """Steps in a row, metric by metric: a log of a million is nearly all of them."""
        if self.attempt is not None and block.attempt < self.attempt.attempt:
            return
        places = numbers_of(block)
        if not isinstance(places, range) and any(b <= a for a, b in pairwise(places)):
            for step in each(block):
                self._take(step)
            return
        self._last_sign = block.t
        self._clock.take(places, times_of(block))
        for name, x, y in curves_of(block):
            _series(self.steps, name).extend(x, y)

    def _take(self, event: AnyEvent) -> None:
        if self.attempt is not None and event.attempt < self.attempt.attempt:
            return
        match event:
            case Step():
                self._clock.take((event.step,), (event.t,))
                _append(self.steps, event.step, event.metrics)
            case Steps():
                self._take_columns(event)
            case Epoch():
                self._epoch_steps.append(event.epoch, event.step)
                self._epoch_seqs.append(event.epoch, event.seq)
                self._clock.end_epoch(event.epoch, event.step, event.t)
                _append(self.epochs, event.epoch, event.metrics)
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
                self.checkpoint_history.append(event)
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
        self._last_sign = event.t
        self._clock.see(event.t)

    def _begin(self, attempt: Attempt) -> None:
        known, self.attempt = self.attempt, attempt
        self.begun[attempt.attempt] = attempt.from_epoch
        if known is not None and not attempt.steps_per_epoch:  # it ended before it knew its data
            facts = attempt.facts or known.facts
            self.attempt = msgspec.structs.replace(attempt, steps_per_epoch=known.steps_per_epoch, facts=facts)
        self.end = None
        self._clock.begin(attempt.t)
        if attempt.attempt == 1:
            return
        if attempt.from_seq >= attempt.seq >= 0:  # it ended before it came to go on from anywhere
            self.log.append(attempt)
            return
        self.interruptions.append(
            Interruption(
                attempt.attempt,
                attempt.from_step,
                attempt.from_epoch,
                repeated=max(0, self.step - attempt.from_step),
                ended=self._last_sign or attempt.t,
                resumed=attempt.t,
                why=attempt.why,
            )
        )
        self._supersede(attempt.from_step, attempt.from_seq)
        self.log.append(attempt)

    def _supersede(self, from_step: int, from_seq: int) -> None:
        """Drop the steps from that one on, and of all else what has that seq or a later one."""
        for series in self.steps.values():
            series.truncate(from_step)
        self._clock.back_to(from_step)
        kept = bisect_left(self._epoch_seqs.y, from_seq)
        if kept < len(self._epoch_seqs):
            first_dropped = self._epoch_seqs.x[kept]
            for series in (self._epoch_steps, self._epoch_seqs, self.epoch_clock, *self.epochs.values()):
                series.truncate(first_dropped)
        standing = [event for event in self.log if event.seq < from_seq or isinstance(event, Attempt)]
        self.log = deque(standing, LOG_LINES)
        self.overrides = [event for event in self.overrides if event.seq < from_seq]
        self.checkpoint_history = [event for event in self.checkpoint_history if event.seq < from_seq]
        self.classes = {side: event for side, event in self.classes.items() if event.seq < from_seq}
        self.test = self.test if self.test and self.test.seq < from_seq else None
        self.state = self.state if self.state and self.state.seq < from_seq else None
        self.finding_history = [event for event in self.finding_history if event.seq < from_seq]
        self.findings = {}
        for event in self.finding_history:
            self._open_or_close(event)

    def _find(self, event: FindingChanged) -> None:
        self._open_or_close(event)
        self.finding_history.append(event)
        self.log.append(event)

    def _open_or_close(self, event: FindingChanged) -> None:
        if event.change == "resolved":
            self.findings.pop(event.finding.label, None)
        else:
            self.findings[event.finding.label] = event.finding


def _append(columns: dict[str, Series], x: float, metrics: Metrics) -> None:
    """Add the metrics; a string that is no number, in a log of somebody else's making, counts as missing."""
    for name, value in metrics.items():
        with suppress(ValueError):
            _series(columns, name).append(x, number(value))


def _series(columns: dict[str, Series], name: str) -> Series:
    """That of the metric, under a name that a terminal, a file and a clipboard may have."""
    known = columns.get(name)
    return columns.setdefault(clean_name(name), Series()) if known is None else known

"""A log of another tool as a run folder of ours: what the monitor needs to show it, and the findings in it."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import msgspec

from training.diagnosis.engine import RULES_VERSION
from training.foreign.source import Source
from training.replay import Diagnosed, begun, feed
from training.runs.events import AnyEvent, Attempt, End, Epoch, FindingChanged, Step, Steps, number
from training.runs.layout import RunFolder
from training.runs.log import read_standing
from training.runs.steps import last_of
from training.runs.summary import LIVE_STATES, RunState, Summary
from training.runs.telling import Teller

GROWING_SECONDS = 600.0
"""A log that was written to so lately counts as one that goes on."""


class Shadow(Teller):
    """Takes the events of a foreign log, numbers them anew, and tells what the diagnosis makes of them."""

    def __init__(self, folder: RunFolder, summary: Summary, source: Source) -> None:
        super().__init__(folder, summary)
        self._early = None  # the log's own attempt is the first event
        self._writer.stamps = False  # nobody knows when it was
        self._source = source
        self._diagnosed: Diagnosed | None = None
        self._ends: End | None = None
        self._starts: list[int] = []
        self._shifts: list[int] = []
        """By how much the numbers of the log's events differ from ours, from each of `_starts` on."""

    def take(self, events: Sequence[AnyEvent]) -> None:
        """What is new in the log, in its order."""
        if self.summary.state == "starting":
            self.summary.message = f"reading the log, {100 * self._source.share:.0f} %"
        begin = 0
        for place, event in enumerate(events):
            if isinstance(event, Attempt):
                self._write_all(events[begin:place])
                self._begin(event)
                begin = place + 1
        self._write_all(events[begin:])
        self._save()

    def judge(self, written: float) -> None:
        """Whether it goes on: as its end says, else by when it was last written to (wall clock)."""
        summary = self.summary
        state: RunState
        planned = f"all {summary.epochs} epochs are in the log"
        if self._ends is not None:
            state, message = self._ends.state, self._ends.reason
        elif summary.epochs and summary.epoch >= summary.epochs:
            state, message = "finished", planned
        elif time.time() - written <= GROWING_SECONDS:
            state, message = "running", ""
        else:
            state, message = (
                "silent",
                f"last written to on {time.strftime('%Y-%m-%d at %H:%M', time.localtime(written))}",
            )
        if (state, message) != (summary.state, summary.message):
            summary.state, summary.message = state, message
            summary.ended = 0.0 if state in LIVE_STATES else written
            self._save()

    def _begin(self, attempt: Attempt) -> None:
        """The log begins, or went back: then what it supersedes is forgotten, and the rest looked at again."""
        from_seq = self._our_seq(attempt.from_seq) if attempt.from_seq else 0
        attempt.from_seq = from_seq
        self._writer.attempt = self.summary.attempt = attempt.attempt
        self._note_numbers(attempt)
        self._writer.write(attempt)
        self._diagnosed = begun(attempt, self._source.config)
        self._diagnosis = self._diagnosed.diagnosis
        self._ends = None
        self.summary = msgspec.structs.replace(
            self.summary, epochs=attempt.epochs, settings=dict(self._source.config), epoch=0, step=0, best_epoch=0,
            best_val_loss=None, best_val_acc=None, latest={}, findings=[],
        )  # fmt: skip
        self.summary.steps = attempt.epochs * attempt.steps_per_epoch
        kept = list(read_standing(self.folder.events, from_seq)) if from_seq else []
        feed(self._diagnosed, kept)
        told = [] if kept else self._diagnosed.told
        self._note(kept)
        self._tell(told)

    def _write_all(self, events: Sequence[AnyEvent]) -> None:
        if not events:
            return
        if self._diagnosed is None:
            self._begin(Attempt(seq=events[0].seq, attempt=1))
        assert self._diagnosed is not None
        self._note_numbers(events[0])
        self._writer.write_all(events)
        self._note(events)
        before = len(self._diagnosed.told)
        feed(self._diagnosed, events)
        self._tell(self._diagnosed.told[before:])

    def _tell(self, told: Sequence[Any]) -> None:
        for one in told:
            change = one.change
            self._writer.write(
                FindingChanged(
                    change=change.change, finding=change.finding, rules=RULES_VERSION, epoch=one.epoch, step=one.step
                )
            )
        self._list_findings()

    def _note(self, events: Sequence[AnyEvent]) -> None:
        """What the summary says of them."""
        last: Step | Steps | None = None
        for event in events:
            if isinstance(event, Step | Steps):
                last = event
            elif isinstance(event, Epoch):
                self._note_epoch(event.epoch, event.metrics)
                self._note_best(event)
                self.step = self.summary.step = max(self.step, event.step)
            elif isinstance(event, End):
                self._ends = event
        if last is not None:
            step = last_of(last) if isinstance(last, Steps) else last
            self._note_steps(step.step, step.metrics)

    def _note_best(self, epoch: Epoch) -> None:
        val_loss = number(epoch.metrics.get("val_loss", "nan"))
        best = self.summary.best_val_loss
        if math.isfinite(val_loss) and (best is None or val_loss < number(best)):
            self.summary.best_epoch, self.summary.best_val_loss = epoch.epoch, val_loss

    def _note_numbers(self, event: AnyEvent) -> None:
        """From this event on, the log's numbers differ from ours by that much."""
        self._starts.append(event.seq)
        self._shifts.append(self._writer.next_seq - event.seq)

    def _our_seq(self, theirs: int) -> int:
        """Of an event that was told already."""
        place = bisect_right(self._starts, theirs) - 1
        return theirs + self._shifts[place] if place >= 0 else 0

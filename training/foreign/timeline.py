"""The events that a foreign log makes, numbered as those of our own runs are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from training.runs.events import AnyEvent, Attempt, End, Epoch, Log, Metrics, Step, Steps
from training.runs.steps import spelled


class Timeline:
    """Numbers events, and knows where each epoch began, so that a log that goes back supersedes what it does again."""

    def __init__(self, attempt: int = 1, seq: int = 0, why: str = "") -> None:
        """`why` the log begins once more, where it does."""
        self.attempt = attempt
        self.seq = seq
        self._why = why
        self._new: list[AnyEvent] = []
        self._epochs, self._seqs, self._steps = array("q"), array("q"), array("q")
        self._planned = 0
        self._facts: dict[str, Any] = {}

    def take(self) -> list[AnyEvent]:
        """The events since the last call."""
        new, self._new = self._new, []
        return new

    def begin(self, epochs: int = 0, facts: Mapping[str, Any] | None = None) -> None:
        """The log begins; its facts."""
        self._planned, self._facts = epochs, dict(facts or {})
        self._attempt(self._why)

    def open_epoch(self, epoch: int, step: int) -> None:
        """What follows belongs to that epoch, which is a later one than any before; `step` is its first."""
        self._epochs.append(epoch)
        self._seqs.append(self.seq)
        self._steps.append(step)

    def renumber(self, epoch: int) -> None:
        """The epoch that was begun last is that one."""
        self._epochs[-1] = epoch

    def epoch_of(self, step: int) -> int:
        """The epoch in which that step was; the first where it was before all."""
        place = bisect_left(self._steps, step + 1) - 1
        return self._epochs[max(place, 0)] if self._epochs else 1

    def back_to(self, epoch: int) -> None:
        """The log does this epoch again: it, and all that followed, is superseded."""
        place = bisect_left(self._epochs, epoch)
        self.attempt += 1
        if place == 0:
            self._attempt("the log starts over")
        else:
            seq = self._seqs[place] if place < len(self._seqs) else self.seq
            step = self._steps[place] if place < len(self._steps) else 0
            self._attempt(f"the log goes back to epoch {epoch}", seq, step, epoch - 1)
        del self._epochs[place:], self._seqs[place:], self._steps[place:]

    def step(self, step: int, epoch: int, metrics: Metrics) -> None:
        self._new.append(Step(step=step, epoch=epoch, metrics=metrics, attempt=self.attempt, seq=self.seq))
        self.seq += 1

    def steps(self, steps: Sequence[int], epoch: int, columns: Mapping[str, Sequence[float]]) -> None:
        """Several at once; a column has a value for each."""
        first, by, irregular = spelled(steps)
        metrics = {name: array("d", values).tobytes() for name, values in columns.items()}
        told = Steps(epoch=epoch, count=len(steps), first=first, by=by, steps=irregular, metrics=metrics)
        told.attempt, told.seq = self.attempt, self.seq
        self._new.append(told)
        self.seq += len(steps)

    def epoch(self, epoch: int, step: int, metrics: Metrics) -> None:
        self._add(Epoch(attempt=self.attempt, seq=self.seq, epoch=epoch, step=step, metrics=metrics))

    def say(self, message: str) -> None:
        self._add(Log(attempt=self.attempt, seq=self.seq, message=message))

    def end(self, state: Literal["finished", "stopped", "failed"], reason: str, epoch: int, step: int) -> None:
        self._add(End(attempt=self.attempt, seq=self.seq, state=state, reason=reason, epoch=epoch, step=step))

    def _attempt(self, why: str, from_seq: int = 0, from_step: int = 0, from_epoch: int = 0) -> None:
        self._add(
            Attempt(
                attempt=self.attempt,
                seq=self.seq,
                epochs=self._planned,
                facts=self._facts,
                from_seq=from_seq,
                from_step=from_step,
                from_epoch=from_epoch,
                why=why,
            )
        )

    def _add(self, event: AnyEvent) -> None:
        self._new.append(event)
        self.seq += 1

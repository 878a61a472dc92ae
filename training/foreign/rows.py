"""From the rows of a log to the epochs of a run: what is made depends on the rows alone, not on when they were seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from training.foreign.gathered import AVERAGED, KNOWN, TRAINING, VALIDATION, Gathered
from training.foreign.step_rows import StepRows
from training.foreign.timeline import Timeline

__all__ = ["AVERAGED", "KNOWN", "TRAINING", "VALIDATION", "Rows"]

Row = tuple[dict[str, float], float | None, float | None]
"""Metrics, epoch, step."""
Mode = Literal["undecided", "epochs", "evaluations", "blocks", "rows"]

WAIT = 2000
"""Rows after which a log that names no epochs and has no validation yet is cut into blocks."""
FEW = 200
"""Rows of a log that is over and had neither, up to which each is an epoch."""
SURELY = 50
"""Rows from which on those of such a log are told as steps, whatever their epochs will be."""
BLOCK = 100
SPARSE_BLOCK = 10
SPARSE = 20
"""Steps from one row to the next from which on a row is no single step any more, but an average or a rare look."""
LARGEST = 1e12
"""No log counts so far; what is not finite counts nothing either."""
MOST_RETURNS = 500
"""A table that goes back more often is not in the order of time; from then on what goes back is not looked at."""
WHOLE = 0.02
"""An evaluation so close to a whole epoch counts as at its end."""


class Rows:
    """Collects rows into epochs.

    In `epochs` mode the log counts them: a row with another number begins the next. A log without that is cut where
    training goes on after a validation (`evaluations`), else every so many rows (`blocks`), or each row is one, with
    what follows it as long as nothing comes twice (`rows`). `undecided` holds rows back until it shows which.
    Fractional epochs are those that have begun: 0.5 is in epoch 1; where a log counts from 0, it is counted from 1.

    An epoch is told when the next one begins, or at once where it is complete: `one_row` says that every row is; else
    two epochs of the same rows and columns say so of the third. A number smaller than the last means that the log went
    back: to its first epoch is another run, to another a resume; both supersede.
    """

    def __init__(self, timeline: Timeline, mode: Mode = "undecided", one_row: bool = False) -> None:
        self._timeline = timeline
        self._mode: Mode = mode
        self._one_row = one_row
        self._held: list[Row] = []
        self._steps = StepRows(timeline)
        self._steps_told = 0
        """How many of the held rows were told as steps already."""
        self._base: int | None = None
        self._fractional = False
        self._trailing = False
        """Whether the log says an epoch's number when it is over, after rows without one."""
        self._numbered = False
        """Whether the number of this epoch has been said."""
        self._same: float | None = None
        """The number, as the log has it, of rows that belong to the epoch without a look."""
        self._block = BLOCK
        self._last_train_step = -1
        self._ahead: dict[str, float] = {}
        self._pattern: tuple[int, frozenset[str]] | None = None
        self._like = 0
        self._early = True
        self._epoch = 0
        self._told = False
        self._begin_gathering()

    @property
    def by_epochs(self) -> bool:
        """Whether the log counts epochs, as far as it has been seen."""
        return self._mode in ("epochs", "rows")

    @property
    def epoch(self) -> int:
        """The epoch that is being collected, or was last; 0 before the first."""
        return self._epoch

    @property
    def step(self) -> int:
        """The last step in it."""
        return self._step

    def add(self, row: dict[str, float]) -> bool:
        """Take in a row of numbers, `epoch` and `step` among them where it has them; False where it tells nothing."""
        epoch, step = row.pop("epoch", None), row.pop("step", None)
        if not row:
            return False
        if epoch is not None and not abs(epoch) < LARGEST:
            epoch = None
        if step is not None and not abs(step) < LARGEST:
            step = None
        if self._mode == "undecided":
            self._hold(row, epoch, step)
        else:
            self._take(row, epoch, step)
        return True

    def finish(self) -> None:
        """The log is over."""
        if self._mode == "undecided" and self._held:
            last = max((epoch or 0.0 for _, epoch, _ in self._held), default=0.0)
            stepped = any(step is not None for _, _, step in self._held)
            self._settle("epochs" if last >= 2 else "blocks" if len(self._held) >= FEW and stepped else "rows")
        self._close()

    def _hold(self, row: dict[str, float], epoch: float | None, step: float | None) -> None:
        self._held.append((row, epoch, step))
        self._decide(row, epoch, step)
        if self._mode == "undecided" and len(self._held) >= SURELY:
            for old, _, at in self._held[self._steps_told :]:
                if at is not None:
                    self._steps.add(old, int(at), 1)
            self._steps_told = len(self._held)

    def _decide(self, row: Mapping[str, float], epoch: float | None, step: float | None) -> None:
        validated = not VALIDATION.isdisjoint(row)
        if epoch is not None:
            if epoch == int(epoch) and all(old is None for _, old, _ in self._held[:-1]):
                self._trailing = any(not TRAINING.isdisjoint(old) for old, _, _ in self._held[:-1])
                self._settle("epochs")
            elif validated:
                near = round(epoch)
                self._settle("epochs" if near >= 1 and abs(epoch - near) <= WHOLE else "evaluations")
            elif epoch >= 2:
                self._settle("epochs")
        elif step is None and len(self._held) == 1 and not KNOWN.isdisjoint(row):
            self._settle("rows")
        elif validated:
            self._settle("evaluations")
        if self._mode == "undecided" and len(self._held) >= WAIT:
            self._settle("blocks")

    def _settle(self, mode: Mode) -> None:
        self._mode = mode
        if mode == "blocks":
            first = [step for _, _, step in self._held[:2] if step is not None]
            self._block = SPARSE_BLOCK if len(first) == 2 and first[1] - first[0] >= SPARSE else BLOCK
        if mode == "evaluations":
            self._timeline.say("This log counts no whole epochs; here each validation ends one.")
        elif mode == "blocks":
            self._timeline.say(f"This log counts no whole epochs; here {self._block} of its rows make one.")
        held, self._held = self._held, []
        steps, self._steps = self._steps, StepRows(Timeline()) if self._steps_told else self._steps
        for row in held[: self._steps_told]:
            self._take(*row)
        self._steps = steps
        for row in held[self._steps_told :]:
            self._take(*row)

    def _take(self, row: dict[str, float], epoch: float | None, step: float | None) -> None:
        if self._mode != "epochs":
            self._count(row, step)
        elif epoch is None or epoch != self._same:
            if not self._place(row, epoch, step):
                return
            self._same = None if self._one_row or self._trailing else epoch
        if step is not None:
            self._step = int(step)
            self._steps.add(row, self._step, self._epoch)
        if self._told:
            if KNOWN.isdisjoint(row):
                return  # such as the test after the training: no reason to tell the epoch again
            self._told = self._early = False  # what was told as complete was not
        self._gathered.add(row)
        if self._complete():
            self._tell()

    def _place(self, row: dict[str, float], epoch: float | None, step: float | None) -> bool:
        """Begin the epoch that the row belongs to; False where it belongs to one that is yet to begin."""
        if epoch is None:
            if KNOWN.isdisjoint(row) or not (self._epoch or self._trailing):
                # Lightning writes the learning rate into rows without an epoch, ahead of the epoch they belong to.
                self._ahead |= row
                return False
            if self._trailing and (self._numbered or not self._epoch) and not TRAINING.isdisjoint(row):
                self._begin(self._epoch + 1, step)
                self._numbered = False
            return True
        number = self._number(epoch)
        if self._trailing and not self._numbered and number >= self._epoch > 0:
            self._epoch, self._numbered = number, True
            self._timeline.renumber(number)
            return True
        if number == self._epoch and not (self._one_row and self._gathered.rows):
            return True
        if KNOWN.isdisjoint(row):
            if not self._epoch:
                self._ahead |= row
            return bool(self._epoch)
        if number <= self._epoch and self._timeline.attempt > MOST_RETURNS:
            return False
        self._begin(number, step)
        return True

    def _number(self, epoch: float) -> int:
        if self._fractional or epoch != int(epoch):
            self._fractional = True
            return max(1, math.ceil(epoch - WHOLE))
        if self._base is None:
            self._base = 1 if epoch == 0 else 0
        elif epoch == 0:
            self._base = 1
        return max(1, int(epoch) + self._base)

    def _count(self, row: Mapping[str, float], step: float | None) -> None:
        trains = not TRAINING.isdisjoint(row)
        if trains and step is not None:
            if step < self._last_train_step and self._timeline.attempt <= MOST_RETURNS:
                self._begin(self._timeline.epoch_of(int(step)), step)
                self._last_train_step = int(step)
                return
            self._last_train_step = int(step)
        if not self._epoch:
            full = True
        elif self._mode == "evaluations":
            again = any(name in row and name in self._gathered for name in VALIDATION)
            full = (trains and self._gathered.validated) or again
        elif self._mode == "blocks":
            full = trains and self._gathered.rows >= self._block
        else:
            full = any(name in row and name in self._gathered for name in KNOWN)
        if full and (self._epoch or not KNOWN.isdisjoint(row)):
            self._begin(self._epoch + 1, step)

    def _begin(self, number: int, step: float | None) -> None:
        self._close()
        if self._epoch and number <= self._epoch:
            self._timeline.back_to(number)
            self._pattern, self._like = None, 0
        self._epoch, self._numbered = number, True
        self._begin_gathering()
        self._timeline.open_epoch(number, int(step) if step is not None else 0)

    def _begin_gathering(self) -> None:
        self._gathered = Gathered(self._ahead)
        self._ahead = {}
        self._steps.begin_epoch()
        self._step = 0
        self._told = False

    def _complete(self) -> bool:
        gathered = self._gathered
        if self._mode == "blocks":
            return gathered.rows >= self._block
        if self._one_row:
            return gathered.trained or gathered.validated
        if not self._early or self._like < 2 or self._pattern is None or gathered.rows != self._pattern[0]:
            return False
        return gathered.are(self._pattern[1])

    def _close(self) -> None:
        if not self._epoch or (self._told and self._early and self._like):
            return  # what was told ahead of its end is like those before
        pattern = (self._gathered.rows, self._gathered.names)
        self._like = self._like + 1 if pattern == self._pattern else 1
        self._pattern = pattern
        if not self._told:
            self._tell()

    def _tell(self) -> None:
        self._told = True
        metrics = self._gathered.metrics()
        if metrics:
            self._timeline.epoch(self._epoch, self._step, metrics)

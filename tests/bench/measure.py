"""How the benches measure: blocks that take turns, medians with an interval, CPU time, peak memory of a process tree.

Two loops that take turns see the same machine: what else runs on it slows both, and the ratio of neighbouring blocks
stays. The median of those ratios is reported with the order statistics that hold it in 95 of 100 cases, whatever their
distribution. CPU time counts the work done, also where other processes take the cores in between.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from training.engine.beside import Beside

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Spread:
    """A median and the interval that holds the true one with 95 % confidence."""

    median: float
    low: float
    high: float
    count: int


def spread(values: Sequence[float]) -> Spread:
    """The median of some values with its interval by order statistics; of fewer than six, their range."""
    ordered = sorted(values)
    rank = _rank(len(ordered))
    return Spread(statistics.median(ordered), ordered[rank], ordered[-1 - rank], len(ordered))


def _rank(count: int) -> int:
    """The largest r so that the r-th smallest and the r-th largest hold the median with 95 %; from 0."""
    below, total, rank = 0, 2**count, 0
    for place in range(count // 2):
        below += math.comb(count, place)
        if 2 * below > 0.05 * total:
            break
        rank = place
    return rank


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Of the first to the second, block by block."""
    return spread([one / other for one, other in zip(ours, theirs, strict=True)])


def take_turns(blocks: int, first: Callable[[], float], second: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Run both that many times, by turns; who begins changes each time, so that neither always follows the other."""
    ours: list[float] = []
    theirs: list[float] = []
    for block in range(blocks):
        for run, into in ((first, ours), (second, theirs))[:: 1 if block % 2 == 0 else -1]:
            into.append(run())
    return ours, theirs


def slope(values: Sequence[float]) -> Spread:
    """Change from one value to the next: the median over pairs that lie half the series apart and share no value.

    Outliers do not move it (after Cox and Stuart, and Theil).
    """
    half = len(values) // 2
    return spread([(values[place + half] - values[place]) / half for place in range(half)])


@dataclass(frozen=True)
class Moment:
    """The clocks of this process and its children at one time."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """The children count as far as they run or were waited for."""
        ended = os.times()
        return cls(time.perf_counter(), time.process_time() + ended[2] + ended[3] + _of_children())


def _of_children() -> float:
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = child.cpu_times()
            total += times.user + times.system
    return total


class PeakMemory(Beside):
    """Samples the memory of a process and of all below it, while the block lasts.

    `resident` is the sum over the processes, so that what they share counts several times; `proportional` shares it
    out, and is what they really take (0 where the system does not tell).
    """

    def __init__(self, pid: int) -> None:
        self.resident = 0.0
        self.proportional = 0.0
        self._process = psutil.Process(pid)
        super().__init__("memory")

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            with suppress(psutil.Error):
                family = [self._process, *self._process.children(recursive=True)]
                sizes = [size for process in family if (size := _memory(process)) is not None]
                self.resident = max(self.resident, sum(size[0] for size in sizes))
                self.proportional = max(self.proportional, sum(size[1] for size in sizes))


def _memory(process: psutil.Process) -> tuple[float, float] | None:
    """Resident and proportional bytes; None for a process that is gone."""
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return None
    return float(full.rss), float(getattr(full, "pss", 0))


def resident() -> int:
    """Bytes of this process alone."""
    return int(psutil.Process().memory_info().rss)

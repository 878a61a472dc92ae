"""How far the thresholds fit the curves that they were chosen on: what each is worth, and a refit on other bases.

A refit starts from thresholds that are all off, at random, by up to a factor, and improves one after the other, by
coordinate descent, on the runs of some bases. Runs of the other bases are scored with what comes out.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.bench.diagnosis_fast import FastDiagnosis
from tests.bench.diagnosis_naive import Findings
from tests.bench.diagnosis_runs import LabelledRun
from tests.bench.diagnosis_scoring import FALSE_ALARMS, PREMATURE, Score, score
from tests.bench.diagnosis_thresholds import Threshold, Values

START = 1.4
"""How far off a refit starts, either way."""
FACTORS = (0.7, 0.85, 1.0, 1.18, 1.4)
NUDGES = (0.8, 1.2)
ROUNDS = 2
SEED = 5

Task = TypeVar("Task")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Nudge:
    """The score with one threshold moved."""

    name: str
    value: float
    moved: float
    score: Score

    def loss(self, before: Score) -> float:
        """How much worse by `worth`; negative for better."""
        return worth(before) - worth(self.score)


@dataclass(frozen=True)
class Refit:
    """How to: the bases to hold out, how often over all thresholds, and the start, by factor and seed."""

    bases: tuple[str, ...]
    rounds: int = ROUNDS
    start: float = START
    seed: int = SEED


@dataclass
class Fold:
    """Held-out bases, and what is found on their runs before and after the refit on all others."""

    bases: tuple[str, ...]
    values: Values
    perturbed: dict[str, Findings]
    refitted: dict[str, Findings]
    worth: list[float] = field(default_factory=list)
    """On the training runs: at the start, and after each round."""


def worth(result: Score) -> float:
    """What a refit maximises: macro-F1 less the shares of false alarms and of premature findings, thrice over the
    bar."""
    alarms, early = result.false_alarm_rate, result.premature
    over = max(0.0, alarms - FALSE_ALARMS) + max(0.0, early - PREMATURE)
    return result.macro_f1 - alarms - early - 2 * over


class Search:
    """The runs and the thresholds, ready to be scored again and again."""

    def __init__(self, runs: Sequence[LabelledRun]) -> None:
        self.runs = runs
        self.fast = FastDiagnosis(runs)
        self.thresholds = self.fast.thresholds

    def find(self, values: Mapping[str, float], runs: Sequence[LabelledRun]) -> dict[str, Findings]:
        return self.fast.findings(values, runs)

    def score(self, values: Mapping[str, float], runs: Sequence[LabelledRun] | None = None) -> Score:
        chosen = self.runs if runs is None else runs
        return score(chosen, self.find(values, chosen))

    def worth(self, values: Mapping[str, float], runs: Sequence[LabelledRun]) -> float:
        """Minus infinity where a rule breaks down, such as over a window that is too short for its statistic."""
        try:
            return worth(self.score(values, runs))
        except (ArithmeticError, LookupError, ValueError):
            return -math.inf

    def nudge(self, name: str) -> list[Nudge]:
        """A threshold a fifth lower and a fifth higher, all others as they are."""
        threshold = next(t for t in self.thresholds if t.name == name)
        moved = [threshold.scaled(threshold.value, factor) for factor in NUDGES]
        return [
            Nudge(name, threshold.value, value, self.score({name: value}))
            for value in moved
            if value != threshold.value
        ]

    def fold(self, how: Refit) -> Fold:
        """Refit on all other bases, and find with that on the runs of the bases held out."""
        bases = how.bases
        rng = random.Random(f"{how.seed} {' '.join(bases)}")
        train = [run for run in self.runs if run.base not in bases]
        rest = [run for run in self.runs if run.base in bases]
        values = self._start(rng, how.start, train)
        fold = Fold(bases, values, self.find(values, rest), {}, [self.worth(values, train)])
        active = list(self.thresholds)
        for _ in range(how.rounds):
            rng.shuffle(active)
            active = [threshold for threshold in active if self._descend(threshold, values, train)]
            fold.worth.append(self.worth(values, train))
        fold.refitted = self.find(values, rest)
        return fold

    def _start(self, rng: random.Random, most: float, runs: Sequence[LabelledRun]) -> Values:
        """All thresholds off at random; again where a rule cannot work with them."""
        while True:
            values = {t.name: t.scaled(t.value, most ** rng.uniform(-1, 1)) for t in self.thresholds}
            if self.worth(values, runs) > -math.inf:
                self.fast.findings(values, self.runs, keep=True)
                return values

    def _descend(self, threshold: Threshold, values: Values, runs: Sequence[LabelledRun]) -> bool:
        """Move one threshold to where its best neighbours are equally good; whether it matters at all."""
        name, now = threshold.name, values[threshold.name]
        tried = sorted({threshold.scaled(now, factor) for factor in FACTORS})
        found = {value: self.worth(values | {name: value}, runs) for value in tried}
        if min(found.values()) == max(found.values()):
            return False
        middle = self._middle(threshold, tried, found, now)
        if middle not in found:
            found[middle] = self.worth(values | {name: middle}, runs)
        best = max((middle, now, *tried), key=lambda value: found[value])
        if best != now:
            values[name] = best
            self.fast.findings(values, runs, keep=True)
        return True

    @staticmethod
    def _middle(threshold: Threshold, tried: list[float], found: Mapping[float, float], now: float) -> float:
        """Of the longest stretch of best values: a threshold at the edge of what fits holds on no other run."""
        best = max(found.values())
        stretches: list[list[float]] = [[]]
        for value in tried:
            if found[value] == best:
                stretches[-1].append(value)
            elif stretches[-1]:
                stretches.append([])
        longest = max(stretches, key=lambda stretch: (len(stretch), now in stretch))
        middle = math.sqrt(longest[0] * longest[-1])
        return round(middle) if threshold.whole else middle


def folds_of(runs: Sequence[LabelledRun], folds: int, seed: int) -> list[tuple[str, ...]]:
    """The bases in so many parts, at random; never two parts with runs of one base."""
    bases = sorted({run.base for run in runs})
    random.Random(seed).shuffle(bases)
    parts = [tuple(bases[place::folds]) for place in range(min(folds, len(bases)))]
    return sorted(parts, key=lambda part: -sum(run.base in part for run in runs))


def pooled(runs: Sequence[LabelledRun], parts: Iterable[Mapping[str, Findings]]) -> Score:
    """One score of the findings of all parts."""
    found: dict[str, Findings] = {}
    for part in parts:
        found |= part
    return score(runs, found)


_search: Search | None = None


def share_out(
    search: Search, work: Callable[[Search, Task], Answer], tasks: Sequence[Task], jobs: int
) -> Iterable[Answer]:
    """The answers in the tasks' order, from so many processes."""
    if jobs < 2:
        with search.fast.installed():
            yield from (work(search, task) for task in tasks)
        return
    with multiprocessing.get_context("fork").Pool(jobs, _begin, (search,)) as pool:
        yield from pool.imap(_Work(work), tasks)


class _Work(Generic[Task, Answer]):
    """A task for the search of this process."""

    def __init__(self, work: Callable[[Search, Task], Answer]) -> None:
        self._work = work

    def __call__(self, task: Task) -> Answer:
        assert _search is not None
        with _search.fast.installed():
            return self._work(_search, task)


def _begin(search: Search) -> None:
    global _search
    _search = search
    os.nice(10)

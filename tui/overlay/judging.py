"""What a thread makes of the runs of an overlay, so that the screen only shows it: the verdicts and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.story.versus.aligned import Aligned, aligned
from training.story.versus.measured import Measured
from training.story.versus.verdict import Verdict, judge
from tui.overlay.overlaid_run import OverlaidRun

Places = tuple[int, ...]
"""Of the runs of a side among all."""


@dataclass(frozen=True)
class Question:
    """What the screen wants to know: each side against the one of the baseline, and the tables with that run first."""

    sides: tuple[Places, ...]
    baseline: Places
    baseline_run: int


@dataclass
class Answer:
    """What is thought of it at a moment."""

    question: Question
    verdicts: dict[Places, Verdict] = field(default_factory=dict)
    """Of the sides but the baseline."""
    figures: list[Aligned] = field(default_factory=list)
    """The metrics of all runs at equal epochs, the baseline's own metric first."""


class Judge:
    """Answers the same question as long as it stands, anew only where a run has changed."""

    def __init__(self, runs: Sequence[OverlaidRun]) -> None:
        self._runs = runs
        self._known: dict[object, tuple[object, Verdict]] = {}
        self._figures: tuple[object, list[Aligned]] = (None, [])
        self._answered: tuple[object, ...] = ()

    def answer(self, question: Question) -> Answer | None:
        """None where nothing has changed since it was answered last."""
        measured = [run.measured for run in self._runs]
        known = [_known(run) for run in measured]
        state = (question, *known)
        if state == self._answered:
            return None
        self._answered = state
        found = Answer(question)
        for side in question.sides:
            if side != question.baseline:
                found.verdicts[side] = self._verdict(side, question.baseline, measured, known)
        of_figures = (question.baseline_run, *known)
        if of_figures != self._figures[0]:
            tables = aligned([measured[question.baseline_run], *measured])
            self._figures = (of_figures, [replace(one, figures=one.figures[1:]) for one in tables])
        found.figures = self._figures[1]
        return found

    def _verdict(
        self, side: Places, baseline: Places, measured: Sequence[Measured], known: Sequence[object]
    ) -> Verdict:
        state = tuple(known[place] for place in (*side, *baseline))
        before = self._known.get((side, baseline))
        if before is None or before[0] != state:
            ours, theirs = ([measured[place] for place in places] for places in (side, baseline))
            before = self._known[side, baseline] = (state, judge(ours, theirs))
        return before[1]


def _known(run: Measured) -> tuple[object, ...]:
    """Changes whenever a verdict may."""
    sizes = tuple((name, len(series), series.rewinds) for name, series in run.epochs.items())
    return replace(run, epochs={}), sizes

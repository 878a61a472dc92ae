"""The run that a run corrects: followed from a thread, drawn behind it, and what is thought of the correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from textual.message import Message

from training.curve import Series
from training.curves import Curves
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.charts import group_of
from training.story.versus.measured import Measured
from training.story.versus.of_run import measured, with_curves
from training.story.versus.verdict import Verdict, judge
from training.story.versus.words import SIGNS, WORDS, figure, noise_of
from tui.monitor.lens import Unit
from tui.overlay.book import main_metric, of_epochs
from tui.overlay.overlaid_run import OverlaidRun
from tui.overlay.reading import RunNews, follow_runs
from tui.overlay.runs_rows import STYLES
from tui.widgets.chart import ChartSpec, Curve

SERIES = 5
"""Of its curve: those before have the run's own, the first is that of its steps."""
LABEL = "parent"


@dataclass
class ParentNews(Message):
    """What became known of the parent; `about` is the run itself without its curves."""

    run_id: str
    news: RunNews
    about: Measured | None = None


def follow_parent(run: RunView, stop: Event) -> Iterator[ParentNews]:
    """What is new of the parent of a run, until `stop` is set."""
    folder = RunFolder(run.folder.path.parent / run.summary.parent)
    about: Measured | None = measured(run, Curves())
    for news in follow_runs([folder], stop):
        yield ParentNews(run.folder.id, news[0], about)
        about = None


@dataclass
class Parentage:
    """A run and the one that it corrects."""

    curves: Curves
    """The run's own."""
    parent: OverlaidRun
    about: Measured | None = None
    _drawn: dict[tuple[str, Unit], Curve] = field(default_factory=dict)
    _cut: dict[str, tuple[object, Series]] = field(default_factory=dict)
    _judged: tuple[object, Verdict | None] = (None, None)

    def take(self, message: ParentNews) -> None:
        """Bring the parent up to date."""
        self.parent.take(message.news)
        self.about = message.about or self.about

    def verdict(self, live: bool) -> Verdict | None:
        """What is thought of the run against its parent; None before both are known."""
        if self.about is None or self.parent.view is None or not self.parent.curves.epochs or not self.curves.epochs:
            return None
        epochs = self.curves.epoch, self.parent.curves.epoch, self.curves.revision, self.parent.curves.revision
        known = (epochs[:2], *_sizes(self.curves), *_sizes(self.parent.curves), live)
        if known != self._judged[0]:
            ours = with_curves(self.about, self.curves, live=live)
            self._judged = (known, judge([ours], [self.parent.measured]))
        return self._judged[1]

    def behind(self, specs: Sequence[ChartSpec]) -> list[ChartSpec]:
        """The charts with the parent's curve first in each that it has one for; each keeps its serial."""
        return [replace(spec, curves=[curve, *spec.curves]) if (curve := self._curve(spec)) else spec for spec in specs]

    def _curve(self, spec: ChartSpec) -> Curve | None:
        epochs = self.parent.curves.epochs
        here = [name for name in epochs if name in spec.metrics]
        if not here or spec.x_name not in ("epoch", "step", "time"):
            return None
        unit: Unit = spec.x_name  # type: ignore[assignment]
        metric = main_metric(group_of(here[0]), here)
        place = of_epochs(self.parent.curves, unit)
        if place is None:
            return None
        points = self._no_longer(metric, epochs[metric])
        known = self._drawn.get((metric, unit))
        if known is None or known.points is not points:
            known = Curve(LABEL, points, SERIES, unit="epoch")
            self._drawn[metric, unit] = known
        known.place = place
        return known

    def _no_longer(self, metric: str, points: Series) -> Series:
        """Its values up to the end of this run's plan: beyond it there is nothing to compare."""
        planned = self.curves.planned_epochs
        if not planned or not points.y or points.x[-1] <= planned:
            return points
        known = (planned, len(points), points.rewinds)
        if metric not in self._cut or self._cut[metric][0] != known:
            cut = Series()
            for x, y in zip(points.x, points.y, strict=False):
                if x <= planned:
                    cut.append(x, y)
            self._cut[metric] = (known, cut)
        return self._cut[metric][1]


def _sizes(curves: Curves) -> tuple[object, ...]:
    return tuple((len(series), series.rewinds) for series in curves.epochs.values())


def told(verdict: Verdict, parent: str) -> tuple[str, tuple[str, ...]]:
    """The style of the verdict, and its parts with the most telling first."""
    word = f"{SIGNS[verdict.kind]} {WORDS[verdict.kind]}"
    style = STYLES[verdict.kind]
    if verdict.kind in ("early", "incomparable"):
        return style, (f"vs {parent}: {word}", *([verdict.why] if verdict.why else []))
    metric = verdict.metric
    parts = [
        f"vs {parent}: {word}",
        f"{metric} {figure(verdict.ours, metric)} against {figure(verdict.theirs, metric)}",
        *([verdict.limit] if verdict.limit else []),
        *([noise_of(verdict)] if noise_of(verdict) else []),
    ]
    if verdict.since is not None:
        parts.append(f"since epoch {verdict.since}")
    return style, (*parts, f"at epoch {verdict.epoch}")

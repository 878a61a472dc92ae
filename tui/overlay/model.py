"""What an overlay knows of its runs, and what is made of it: sides of colours of their own, verdicts. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.curves import Curves
from training.diagnosis.facts import read_facts
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.versus.aligned import Aligned, aligned
from training.story.versus.comparison import together
from training.story.versus.measured import Measured
from training.story.versus.settings import Differing
from training.story.versus.verdict import Verdict, judge
from training.text import one_line
from tui.overlay.reading import OverlayNews, RunNews

COLOURS = tuple(range(2, 10))
"""Series of charts; the first is the quiet one of what lies behind."""


@dataclass
class OverlaidRun:
    """One of the runs."""

    folder: RunFolder
    curves: Curves = field(default_factory=Curves)
    view: RunView | None = None
    about: Measured | None = None
    seeds: str = ""
    missing: bool = False

    def take(self, news: RunNews) -> None:
        """Bring the run up to date."""
        self.curves.extend(news.events)
        self.view = news.view or self.view
        self.about = news.about or self.about
        self.seeds = self.seeds if news.seeds is None else news.seeds
        self.missing = self.missing if news.missing is None else news.missing

    @property
    def name(self) -> str:
        return self.about.name if self.about else one_line(self.folder.id)

    @property
    def state(self) -> str:
        """The run's state; `gone` for one that cannot be read, empty while nothing is known."""
        if self.missing:
            return "gone"
        return self.view.state if self.view else ""

    @property
    def live(self) -> bool:
        return not self.missing and self.view is not None and self.view.live

    @property
    def measured(self) -> Measured:
        """The run as verdicts see it."""
        about = self.about or Measured(self.name)
        attempt = self.curves.attempt
        n_val = read_facts(attempt.facts, None).n_val if attempt else None
        return replace(about, epochs=self.curves.epochs, n_val=n_val, live=self.live)


@dataclass(frozen=True)
class Side:
    """A run, or several seeds of one, with one colour, one curve in each chart and one verdict."""

    key: str
    """Stays the same while runs are grouped otherwise around it."""
    name: str
    places: tuple[int, ...]
    """Of its runs among all."""
    colour: int
    again: int = 0
    """How many sides before it have its colour."""
    hidden: bool = False


@dataclass
class Overlaid:
    """The runs on the screen; the baseline is what the others are judged against."""

    runs: list[OverlaidRun]
    grouped: bool | None = None
    """Whether seeds are one side; None leaves it to whether another side is left beside them."""
    baseline_run: int = 0
    hidden: set[int] = field(default_factory=set)
    """Runs whose curves are not drawn."""
    settings: list[Differing] = field(default_factory=list)
    revision: int = 0
    """Grows with all that may change what is shown."""
    _sides: tuple[object, list[Side]] = (None, [])
    _verdicts: dict[tuple[object, ...], Verdict] = field(default_factory=dict)
    _aligned: tuple[object, list[Aligned]] = (None, [])

    @classmethod
    def of(cls, folders: Sequence[RunFolder]) -> Overlaid:
        """The runs in their order, each once; the first is the baseline."""
        return cls([OverlaidRun(folder) for folder in dict.fromkeys(folders)])

    def take(self, news: OverlayNews) -> None:
        """Bring the runs up to date."""
        for place, of_run in news.runs.items():
            self.runs[place].take(of_run)
        self.settings = self.settings if news.settings is None else news.settings
        self.revision += 1

    @property
    def has_seeds(self) -> bool:
        """Whether there is anything to group."""
        keys = [run.seeds for run in self.runs if run.seeds]
        return len(set(keys)) < len(keys)

    @property
    def groups_seeds(self) -> bool:
        """Whether seeds are one side now."""
        if self.grouped is not None:
            return self.grouped
        return self.has_seeds and len({run.seeds or str(run.folder.path) for run in self.runs}) > 1

    @property
    def sides(self) -> list[Side]:
        """In the order of their first runs."""
        known = (self.groups_seeds, frozenset(self.hidden), *((run.seeds, run.name) for run in self.runs))
        if known != self._sides[0]:
            self._sides = (known, self._made_sides())
        return self._sides[1]

    def _made_sides(self) -> list[Side]:
        found: dict[str, list[int]] = {}
        for place, run in enumerate(self.runs):
            key = run.seeds if self.groups_seeds and run.seeds else str(run.folder.path)
            found.setdefault(key, []).append(place)
        return [
            Side(
                key,
                together([self.runs[place].name for place in places]),
                tuple(places),
                COLOURS[number % len(COLOURS)],
                number // len(COLOURS),
                all(place in self.hidden for place in places),
            )
            for number, (key, places) in enumerate(found.items())
        ]

    @property
    def baseline(self) -> Side:
        """The side that the others are judged against."""
        return next(side for side in self.sides if self.baseline_run in side.places)

    def set_baseline(self, side: Side) -> None:
        self.baseline_run = side.places[0]
        self.revision += 1

    def toggle_hidden(self, side: Side) -> None:
        """Show its curves no more, or again."""
        places = set(side.places)
        self.hidden = self.hidden - places if side.hidden else self.hidden | places
        self.revision += 1

    def toggle_grouped(self) -> None:
        self.grouped = not self.groups_seeds
        self.revision += 1

    def verdict(self, side: Side) -> Verdict | None:
        """What is thought of a side; None of the baseline."""
        baseline = self.baseline
        if side.places == baseline.places:
            return None
        ours, theirs = ([self.runs[place].measured for place in one.places] for one in (side, baseline))
        key = (side.places, baseline.places, *(_known(run) for run in (*ours, *theirs)))
        if key not in self._verdicts:
            for old in [old for old in self._verdicts if old[:2] == key[:2]]:
                del self._verdicts[old]
            self._verdicts[key] = judge(ours, theirs)
        return self._verdicts[key]

    @property
    def figures(self) -> list[Aligned]:
        """The metrics of all runs at equal epochs, the baseline's own metric first."""
        measured = [run.measured for run in self.runs]
        first = [measured[self.baseline_run], *measured]
        known = (self.baseline_run, *(_known(run) for run in measured))
        if known != self._aligned[0]:
            tables = aligned(first)
            self._aligned = (known, [replace(one, figures=one.figures[1:]) for one in tables])
        return self._aligned[1]

    @property
    def common_epoch(self) -> int:
        """The last epoch that all runs with any epoch have behind them."""
        return min((run.curves.epoch for run in self.runs if run.curves.epoch), default=0)


def _known(run: Measured) -> tuple[object, ...]:
    """Changes whenever a verdict may."""
    sizes = tuple((name, len(series), series.rewinds) for name, series in run.epochs.items())
    return run.name, run.monitor, run.n_val, run.data, run.validation, run.loss, run.live, sizes

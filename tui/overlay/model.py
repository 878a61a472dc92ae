"""What an overlay knows of its runs, and what is made of it: sides of colours of their own, verdicts. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.runs.layout import RunFolder
from training.story.versus.aligned import Aligned
from training.story.versus.comparison import together
from training.story.versus.settings import Differing
from training.story.versus.verdict import Verdict
from tui.overlay.judging import Places, Question
from tui.overlay.news import OverlayNews
from tui.overlay.overlaid_run import OverlaidRun

COLOURS = tuple(range(2, 10))
"""Series of charts; the first is the quiet one of what lies behind."""


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
    figures: list[Aligned] = field(default_factory=list)
    """The metrics of all runs at equal epochs, the baseline's own metric first."""
    _sides: tuple[object, list[Side]] = (None, [])
    _verdicts: dict[tuple[Places, Places], Verdict] = field(default_factory=dict)
    """By sides and baselines: what was judged once is shown until it is judged again."""

    @classmethod
    def of(cls, folders: Sequence[RunFolder]) -> Overlaid:
        """The runs in their order, each once; the first is the baseline."""
        return cls([OverlaidRun(folder) for folder in dict.fromkeys(folders)])

    def take(self, news: OverlayNews) -> None:
        """Bring the runs up to date."""
        for place, of_run in news.runs.items():
            self.runs[place].take(of_run)
        self.settings = self.settings if news.settings is None else news.settings
        if (answer := news.answer) is not None:
            baseline = answer.question.baseline
            self._verdicts |= {(side, baseline): verdict for side, verdict in answer.verdicts.items()}
            if answer.question == self.question:
                self.figures = answer.figures
        self.revision += 1

    @property
    def question(self) -> Question:
        """What has to be judged for what is shown."""
        return Question(tuple(side.places for side in self.sides), self.baseline.places, self.baseline_run)

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
        """What is thought of a side; None of the baseline, and as long as it is being judged."""
        return self._verdicts.get((side.places, self.baseline.places))

    @property
    def common_epoch(self) -> int:
        """The last epoch that all runs with any epoch have behind them."""
        return min((run.curves.epoch for run in self.runs if run.curves.epoch), default=0)

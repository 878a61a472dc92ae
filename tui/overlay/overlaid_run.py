"""One of the runs of an overlay, as it becomes known."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.curves import Curves
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.story.versus.measured import Measured
from training.story.versus.of_run import with_curves
from training.text import one_line
from tui.overlay.reading import RunNews


@dataclass
class OverlaidRun:
    """What is known of it."""

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
        return with_curves(self.about or Measured(self.name), self.curves, live=self.live)

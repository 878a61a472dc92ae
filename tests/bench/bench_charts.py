"""A chart of a million steps against one of a thousand: what a redraw costs must not depend on how long the run is.

python -m tests.bench.bench_charts [--steps N] [--blocks N] [--json]

Both sides draw the same picture, cell by cell: a hundred epochs, and steps that go up and down by the same in each
column. `anew` is a drawing at another width than the last, of which nothing is known yet; `again` is one in which the
crosshair moved; `live` is one after which a step was logged. CPU time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, get_args

from tests.bench.arguments import parser, report
from tests.bench.measure import ratios, spread, take_turns
from tests.bench.table import Row, one
from training.curves import Curves
from training.runs.events import Attempt, Epoch, Metrics, Step
from tui.monitor.book import ChartBook
from tui.monitor.lens import Lens
from tui.widgets.chart_painter import ChartPainter
from tui.widgets.chart_signs import Signs
from tui.widgets.chart_spec import Curve

STEPS = 1_000_000
FEW = 1000
EPOCHS = 100
BLOCKS = 41
TIMES = 8
"""Drawings in a block; one where each needs another step."""
MOST_LIVE = 21
"""Blocks of those: the short run should stay short, and the picture the same."""
WIDTH, HEIGHT = 140, 16
MOST = 1.2
Kind = Literal["anew", "again", "live"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ZOOM = 0.2, 0.95
"""Shares of the run: so much that each column still has two of a thousand steps."""
LENSES = {
    "plain": Lens("step"),
    "log": Lens("step", log_scale=True),
    "smoothed": Lens("step", smoothing=0.9),
    "with parent": Lens("step"),
    "zoomed": Lens("step", window=ZOOM),
}
"""Windows as shares of the run."""


def history(steps: int) -> Curves:
    """A run whose loss falls, up and down from step to step."""
    per_epoch = steps // EPOCHS
    curves = Curves()
    curves.extend([Attempt(seq=1, attempt=1, t=1.0, epochs=2 * EPOCHS, steps_per_epoch=per_epoch)])
    for epoch in range(1, EPOCHS + 1):
        places = range((epoch - 1) * per_epoch, epoch * per_epoch)
        curves.extend([_step(place, steps, epoch) for place in places])
        loss = _loss((epoch * per_epoch - 1) / steps)
        metrics: Metrics = {"train_loss": loss, "val_loss": loss + (0.1 if epoch % 2 else 0.15)}
        end = epoch * per_epoch
        curves.extend([Epoch(seq=end + 1, attempt=1, t=float(end), epoch=epoch, step=end, metrics=metrics)])
    return curves


def _loss(share: float) -> float:
    return 1 / (1 + 5 * share)


def _step(place: int, steps: int, epoch: int) -> Step:
    loss = _loss(place / steps) * (1.2 if place % 2 else 0.9)
    return Step(seq=place + 2, attempt=1, t=float(place + 1), step=place, epoch=epoch, metrics={"train_loss": loss})


@dataclass
class Side:
    """A run on the screen, with a parent that is as long."""

    curves: Curves
    parent: Curve
    steps: int
    painter: ChartPainter = field(default_factory=ChartPainter)
    drawn: int = 0

    def __post_init__(self) -> None:
        self.book = ChartBook(self.curves, unit="step")

    @classmethod
    def of(cls, steps: int) -> Side:
        theirs = ChartBook(history(steps), unit="step").specs()[0].curves[-1]
        return cls(history(steps), replace(theirs, name="parent", series=5), steps)

    def draw(self, case: str, kind: Kind) -> None:
        """At another width than the last time, with the crosshair at another place, or with a step more."""
        self.drawn += kind != "live"
        other = self.drawn % 2
        lens = LENSES[case]
        if lens.window is not None:
            lens = replace(lens, window=(lens.window[0] * self.steps, lens.window[1] * self.steps))
        spec = self.book.specs()[0]
        if case == "with parent":
            spec = replace(spec, curves=[self.parent, *spec.curves])
        if kind != "anew":
            lens = replace(lens, cursor=(0.4 + 0.1 * other) * self.steps)
        self.painter.rows(spec, lens, WIDTH - (other if kind == "anew" else 0), HEIGHT, Signs())

    def log_one(self) -> None:
        self.curves.extend([_step(self.curves.step, self.steps, EPOCHS + 1)])

    def timed(self, case: str, kind: Kind) -> float:
        """Seconds a drawing, of CPU time."""
        times = TIMES
        if kind == "live":
            times = 1
            self.log_one()
        begun = time.process_time()
        for _ in range(times):
            self.draw(case, kind)
        return (time.process_time() - begun) / times

    def ready(self, case: str) -> None:
        """Draw until nothing is done for the first time any more."""
        kinds: tuple[Kind, ...] = ("anew", "anew", "again", "again")
        for kind in kinds:
            self.draw(case, kind)
            for curve in self.book.specs()[0].curves:
                curve.smooth_until(math.inf)

    @property
    def cells(self) -> int:
        """Drawn the last time."""
        return len(self.painter.canvas._cells)


def measured(steps: int, blocks: int) -> list[Row]:
    """Both sides by turns, and by how much their pictures differ."""
    long, short = Side.of(steps), Side.of(FEW)
    rows = []
    for kind in KINDS:
        for case in LENSES:
            long.ready(case)
            short.ready(case)
            if kind == "anew":
                rows.append(Row(f"{case}: cells drawn / {FEW:,} steps", one(long.cells / short.cells), "×"))
            turns = blocks if kind != "live" else min(blocks, MOST_LIVE)
            ours, theirs = take_turns(turns, *(partial(side.timed, case, kind) for side in (long, short)))
            rows += [
                Row(f"{case}, {kind}: {steps:,} steps", spread([1e3 * each for each in ours]), "ms"),
                Row(f"{case}, {kind}: / {FEW:,} steps", ratios(ours, theirs), "×", MOST, most=True),
            ]
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--steps", type=int, default=STEPS, help="of the long run (default: %(default)s)")
    arguments.add_argument("--blocks", type=int, default=BLOCKS, help="of each side (default: %(default)s)")
    options = arguments.parse_args(argv)
    title = f"bench_charts: a redraw at {WIDTH} × {HEIGHT} cells"
    report(title, lambda: measured(options.steps, options.blocks), options.json)


if __name__ == "__main__":
    main()

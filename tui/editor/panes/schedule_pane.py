"""The learning rate over the run that is being described, as a chart, with a few words under it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import ClassVar

from training.config.fields import applies, field, value
from training.config.problems import listed
from training.curve import Series
from training.guide.schedule_preview import Point, Preview, preview
from training.guide.schedules import STEP_FACTOR
from tui.editor.draft import Draft
from tui.theme import SEVERITIES
from tui.widgets.chart import BAND_LINE, SEAM, Chart, ChartSpec, Curve
from tui.widgets.rows import Row, joined, width_of, wrap

KEYS = ("learning_rate", "lr_strategy", "epochs", "early_stopping", "es_patience", "optimization.warmup_epochs")
"""What the schedule depends on."""
LEAST_CHART = 3
"""Rows under which a chart is nothing but its title."""
SQUEEZED_SHARE, SQUEEZED_HEIGHT = 0.25, 0.05
"""The axis is logarithmic where the curve is in the lowest twentieth of a linear one for a quarter of the run."""
DEEPEST = 1e-9
"""Of the largest LR; what lies deeper on a logarithmic axis is drawn there: no weight moves at such a rate."""

REACHED = 0.99
"""Of the LR in the config: a warm-up that comes this near to it has reached it, for the words."""


class SchedulePane(Chart, can_focus=False):
    """Follows the draft; draws only where the schedule is another one."""

    TITLE: ClassVar[str] = "Schedule"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._seen: tuple[object, ...] = ()
        self._preview: Preview | None = None
        self._wrong: tuple[str, ...] = ()

    def show(self, draft: Draft, key: str) -> None:  # noqa: ARG002 - every field of the schedule is in one picture
        """Bring the chart up to date with what was typed."""
        wrong = tuple(key for key in KEYS if key in draft.errors and applies(field(key), draft.config))
        seen = (*(value(draft.config, key) for key in KEYS), wrong)
        if seen != self._seen:
            self._seen, self._wrong = seen, wrong
            self._preview = preview(draft.config)
            self.log_scale = needs_log(self._preview)
            self.spec = chart_of(self._preview, log=self.log_scale)
        self.update_rows()

    def lines(self, width: int, height: int) -> list[Row]:
        if self._preview is None:
            return []
        wrong = wrong_rows(self._wrong, width)
        words = [*wrong, *word_rows(self._preview, width, max(1, height // 3 - len(wrong)))]
        room = height - len(words)
        if room < LEAST_CHART:
            return [*wrong, *word_rows(self._preview, width, max(1, height - len(wrong)))][:height]
        return [*super().lines(width, room), *words]


def chart_of(shown: Preview, *, log: bool) -> ChartSpec:
    """The picture of a schedule; the words under it name its lines and its shade."""
    name = "improving" if shown.stalled else shown.strategy
    curves = [Curve(name, _series(_for_axis(shown, shown.points, log)), 2)]
    if shown.stalled:
        curves.insert(0, Curve("stalled", _series(_for_axis(shown, shown.stalled, log)), 3))
    return ChartSpec(
        "LR",
        curves,
        planned=float(shown.epochs),
        from_zero=True,
        seams=(float(shown.earliest_stop),) if shown.earliest_stop is not None else (),
        band=(0.0, float(shown.warmup)) if shown.warmup else None,
    )


def needs_log(shown: Preview) -> bool:
    """Whether a linear axis would show a good part of the run as a line along its bottom."""
    points = shown.stalled or shown.points
    x = (1 - SQUEEZED_SHARE) * shown.epochs
    later = [rate for at, rate in points if at >= max(x, shown.warmup)]
    return bool(later) and max(later) < SQUEEZED_HEIGHT * shown.highest


def _for_axis(shown: Preview, points: Sequence[Point], log: bool) -> Sequence[Point]:
    """On a logarithmic axis the warm-up rises from a little under the rest of the curve: from zero it cannot."""
    if not log:
        return points
    rest = min(rate for x, rate in (*shown.points, *shown.stalled) if x >= shown.warmup)
    bottom = max(rest / 2 if shown.warmup else rest, DEEPEST * shown.highest)
    return [(x, max(rate, bottom)) for x, rate in points]


def _series(points: Sequence[Point]) -> Series:
    return Series(array("d", (x for x, _ in points)), array("d", (rate for _, rate in points)))


def wrong_rows(wrong: Sequence[str], width: int) -> list[Row]:
    """Which fields of the schedule hold no value at the moment; nothing where all do."""
    if not wrong:
        return []
    titles = listed((field(key).title.lower() for key in wrong), "and")
    symbol, style = SEVERITIES["error"]
    sentence = f"Not valid: {titles}. Drawn with the last good {'value' if len(wrong) == 1 else 'values'}."
    return wrap(sentence, width, style, first=[(f"{symbol} ", style)], indent=2)


def word_rows(shown: Preview, width: int, most: int) -> list[Row]:
    """What the schedule does, in words, in at most so many rows: as many parts as fit whole, the first ones first."""
    rows: list[Row] = []
    for part in _parts(shown):
        longer = joined([rows[-1], part], (" · ", "muted")) if rows else part
        if rows and width_of(longer) <= width:
            rows[-1] = longer
            continue
        *first, (text, style) = part
        lines = wrap(text, width, style, first=first, indent=2)
        if len(rows) + len(lines) <= most or not rows:
            rows += lines
    return rows[:most]


def _parts(shown: Preview) -> list[Row]:
    """The most important one first."""
    parts = [[(part, "text")] for part in _course(shown)]
    if shown.earliest_stop is not None:
        parts.append([(f"{SEAM[0]} ", "track"), (f"earliest stop: epoch {shown.earliest_stop}", "text")])
    if shown.warmup:
        epochs = "the whole run" if shown.warmup == shown.epochs else _epochs(shown.warmup)
        parts.append([(f"{BAND_LINE} ", "key"), (f"warm-up {epochs}", "text")])
    if shown.strategy == "Step Decay" and shown.drops:
        epochs = "epoch" if len(shown.drops) == 1 else "epochs"
        parts.append([(f"×{STEP_FACTOR:g} at {epochs} {listed(map(str, shown.drops), 'and')}", "text")])
    return parts


def _course(shown: Preview) -> list[str]:
    """From which LR to which, on both ways where there are two."""
    first, highest, last = (f"{rate:.3g}" for rate in (shown.first, shown.highest, shown.last))
    start = first if shown.highest >= REACHED * shown.first else f"up to {highest}"
    if shown.warmup == shown.epochs and last == highest:
        start = "0"
    way = f"{start} throughout" if start == last else f"{start} → {last}"
    if shown.strategy != "ReduceLROnPlateau":
        return [way]
    if shown.last_stalled is None:
        return [f"{way}: too short to fall"]
    return [f"improving: {way}", f"stalled: falls from epoch {shown.drops[0]} on, to {shown.last_stalled:.3g}"]


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"

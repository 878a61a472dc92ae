"""How the charts of a screen are looked at: axes, smoothing, zoom, crosshair. One lens for all charts of a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

Unit = Literal["epoch", "step", "time"]
MarkerKind = Literal["braille", "block", "ascii"]

UNITS: tuple[Unit, ...] = ("epoch", "step", "time")
MARKERS: tuple[MarkerKind, ...] = ("braille", "block", "ascii")
WEIGHTS = (0.0, 0.6, 0.8, 0.9, 0.97, 0.99)
"""Of the past, from none to much smoothing."""


@dataclass(frozen=True)
class Lens:
    """Immutable, so that a chart tells by comparison whether it is looked at differently."""

    unit: Unit = "epoch"
    """Of the x axis; `time` is seconds of training, without the time that the run was down."""
    window: tuple[float, float] | None = None
    """The stretch of the x axis that is shown, in its unit; None is the whole run."""
    smoothing: float = 0.0
    """Weight of the past in a debiased exponential moving average, 0 (none) to below 1."""
    log_scale: bool | None = None
    """Of the y axes; None leaves it to the data."""
    marker: MarkerKind = "braille"
    cursor: float | None = None
    """Where the crosshair stands on the x axis; None where there is none."""


class Looks(msgspec.Struct, frozen=True):
    """What of it outlives the screen: where one looked does not."""

    unit: Unit = "epoch"
    smoothing: float = 0.0
    log_scale: bool | None = None
    marker: MarkerKind = "braille"
    large: bool = False
    """Whether one chart takes all the room."""

    @property
    def lens(self) -> Lens:
        smoothing = self.smoothing if self.smoothing in WEIGHTS else 0.0
        return Lens(self.unit, smoothing=smoothing, log_scale=self.log_scale, marker=self.marker)


def looks_of(lens: Lens, *, large: bool) -> Looks:
    """What is to be remembered."""
    return Looks(lens.unit, lens.smoothing, lens.log_scale, lens.marker, large)

"""How the charts of a screen are looked at: axes, smoothing, zoom, crosshair. One lens for all charts of a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["epoch", "step", "time"]
MarkerKind = Literal["braille", "block", "ascii"]


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

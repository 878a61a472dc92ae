"""Where things lie in a chart: those of `training.story.axes`, which the files of exported charts share."""

from __future__ import annotations

from training.story.axes import (
    LABEL_CELLS,
    LARGEST,
    SQUEEZED,
    Axis,
    linear_axis,
    log_axis,
    nice_step,
    prefers_log,
    short,
    tick_labels,
    ticks,
    value_axis,
    x_limit,
)

__all__ = [
    "LABEL_CELLS",
    "LARGEST",
    "SQUEEZED",
    "Axis",
    "linear_axis",
    "log_axis",
    "nice_step",
    "prefers_log",
    "short",
    "tick_labels",
    "ticks",
    "value_axis",
    "x_limit",
]

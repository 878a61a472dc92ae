"""Where things lie in a chart: those of `training.story.axes`, which the files of exported charts share."""

from __future__ import annotations

from training.story.axes import (
    LABEL_CELLS,
    LARGEST,
    SQUEEZED,
    Axis,
    decimals_of,
    linear_axis,
    log_axis,
    nice_step,
    prefers_log,
    short,
    tick_labels,
    ticks,
    time_labels,
    time_ticks,
    value_axis,
    x_limit,
)

__all__ = [
    "LABEL_CELLS",
    "LARGEST",
    "SQUEEZED",
    "Axis",
    "decimals_of",
    "linear_axis",
    "log_axis",
    "nice_step",
    "prefers_log",
    "short",
    "tick_labels",
    "ticks",
    "time_labels",
    "time_ticks",
    "value_axis",
    "x_limit",
]

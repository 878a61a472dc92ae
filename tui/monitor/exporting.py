"""A chart on the screen as a figure for a file: the same curves, marks and axes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from training.story.export.figure import Figure, FigureCurve, FigureMark, smooth
from training.text import one_line
from tui.monitor.lens import Lens
from tui.widgets.chart import ChartSpec, Curve


def figure_of(spec: ChartSpec, lens: Lens, runs: str) -> Figure:
    """The chart as it stands, in copies: what is made of it in a thread does not change while the run goes on.

    `runs` is what the heading says beside the title. Smoothing is `smoothed`, since it takes long on a long run.
    """
    marks = [
        FigureMark(mark.x, mark.kind, "" if mark.kind == "checkpoint" else one_line(mark.label)) for mark in spec.marks
    ]
    marks += [
        FigureMark(x, "resumed", one_line(spec.seam_label) if x == spec.seams[-1] else "resumed") for x in spec.seams
    ]
    return Figure(
        one_line(spec.title),
        tuple(_curve(curve) for curve in spec.curves),
        runs=one_line(runs),
        x_name=spec.x_name,
        percent=spec.percent,
        from_zero=spec.from_zero,
        may_log=spec.may_log,
        smooths=spec.smooths,
        log_scale=lens.log_scale,
        window=lens.window,
        marks=tuple(marks),
        stretch=spec.band,
        stretch_label=one_line(spec.band_label),
    )


def smoothed(figure: Figure, lens: Lens) -> Figure:
    """The figure with the smoothing of the screen."""
    return smooth(figure, lens.smoothing)


def _curve(curve: Curve) -> FigureCurve:
    points = curve.points
    length = len(points.y)
    made = FigureCurve(
        one_line(curve.name),
        points.x[:length],
        points.y[:length],
        curve.series,
        deepcopy(curve.placing).on_axis,
    )
    if curve.low is None or curve.high is None:
        return made
    return replace(made, low=curve.low.y[:length], high=curve.high.y[:length])

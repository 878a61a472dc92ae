"""The first rows of a chart: its title, what its curves are or what they are worth at the crosshair, and notes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui.monitor.lens import Lens
from tui.widgets.chart_axes import place_text, spelled, stretch_text
from tui.widgets.chart_signs import BAND_LINE, BEHIND_SMOOTH, MARKS, SEAM, STYLES_OF_CELLS, Signs
from tui.widgets.chart_spec import BEHIND, ChartSpec, Curve, finest
from tui.widgets.rows import Part, Row, between, fit, fitting, joined, width_of

VALUE_CELLS = 9
"""That a value at the crosshair takes, mostly."""


def heading(
    spec: ChartSpec, lens: Lens, signs: Signs, shown: tuple[float, float], width: int, rows: int, notes: Sequence[str]
) -> list[Row]:
    """`shown` is the stretch of the x axis; `rows` as `heading_rows` says; `notes` with the most important first."""
    title: list[Part] = [(spec.title, "title")]
    if lens.cursor is None:
        legend = [title, *(part for curve in spec.curves if (part := _name(curve, lens, signs)))]
        most = width - width_of(title) - 2 if _first_bad(spec) else 0
        said = _fitting_notes(notes, width - width_of(joined(legend)) - 2, most)
        room = max(8, width - len(said) - 1)
        right: list[Part] = [(said, "warning")] if said else []
        return [between(fitting(_with_marks(spec, signs, legend, shown, room), room), right, width)]
    place = [(_place(spec, lens.cursor, shown), "key")]
    values = [_value(spec, curve, lens, signs) for curve in spec.curves if curve.points.x]
    left = fitting([title, place, *(values if rows == 1 else [])], width)
    said = _fitting_notes(notes, width - width_of(left) - 2, 0)
    first = between(left, [(said, "warning")], width) if said else left
    return [first, *(_packed(values, width, rows - 1) if rows > 1 else [])]


def heading_rows(spec: ChartSpec, lens: Lens, width: int, height: int) -> int:
    """Rows of the heading, which do not depend on values: the canvas stays where it is while the crosshair moves."""
    curves = [curve for curve in spec.curves if curve.points.x]
    if lens.cursor is None or not curves:
        return 1
    cells = [len(curve.name) + VALUE_CELLS + 5 for curve in curves]
    if len(spec.title) + 24 + sum(cells) <= width:
        return 1
    rows, free = 1, 0
    for each in cells:
        if each > free:
            rows, free = rows + 1, width
        free -= each
    return max(1, min(rows, height // 2))


def _name(curve: Curve, lens: Lens, signs: Signs) -> Row:
    return [(f"{signs.legend(curve.series, curve.again)} {curve.name}", _style(curve, lens))] if curve.points.x else []


def _style(curve: Curve, lens: Lens) -> str:
    smooth = lens.smoothing and curve.series == BEHIND
    return STYLES_OF_CELLS[BEHIND_SMOOTH if smooth else curve.series]


def _value(spec: ChartSpec, curve: Curve, lens: Lens, signs: Signs) -> Row:
    """The name of the curve with its value at the crosshair, as it was logged."""
    index = curve.at(lens.cursor or 0.0)
    value = "—" if index is None else exact(curve.points.y[index], percent=spec.percent)
    return [(f"{signs.legend(curve.series, curve.again)} {curve.name} ", _style(curve, lens)), (value, "strong")]


def exact(value: float, *, percent: bool = False) -> str:
    """A value with all the digits that mean something."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return f"{100 * value:.6g}%" if percent else f"{value:.6g}"


def _place(spec: ChartSpec, cursor: float, shown: tuple[float, float]) -> str:
    """Where the crosshair stands: `epoch 12`, or with the step that it is at."""
    curve = finest(spec.curves, *shown)
    index = curve.at(cursor) if curve else None
    if curve is None or index is None:
        return place_text(spec.x_name, cursor)
    x = spelled(curve.points.x[index], 2)
    if curve.unit in ("", spec.x_name):
        return f"{spec.x_name} {x}" if spec.x_name != "time" else place_text("time", cursor)
    return f"{place_text(spec.x_name, cursor)} · {curve.unit} {x}"


def _packed(parts: Sequence[Row], width: int, rows: int) -> list[Row]:
    """As many of the parts as fit whole into so many rows."""
    packed: list[Row] = [[]]
    for part in parts:
        longer = joined([packed[-1], part])
        if width_of(longer) <= width or not packed[-1]:
            packed[-1] = longer if width_of(longer) <= width else fit(longer, width)
        elif len(packed) < rows:
            packed.append(part if width_of(part) <= width else fit(part, width))
        else:
            break
    return [*packed, *([] for _ in range(rows - len(packed)))]


def _with_marks(spec: ChartSpec, signs: Signs, legend: list[Row], shown: tuple[float, float], room: int) -> list[Row]:
    """And what the signs in and under the canvas mean, in short where that is what fits."""
    named: list[tuple[str, str, str, str]] = []
    if spec.band_label:
        named.append((BAND_LINE, spec.band_label, spec.band_label.rpartition(" ")[2], "key"))
    if spec.seams and spec.seam_label:
        named.append((SEAM[0], spec.seam_label, "resumed", "muted"))
    marks = {mark.kind: mark.label for mark in spec.marks if mark.label and shown[0] <= mark.x <= shown[1]}
    for kind, (sign, style) in MARKS.items():
        if kind in marks and signs.marks_named:
            named.append((sign, marks[kind], marks[kind], style))
    for sign, whole, short, style in named:
        fits = width_of(joined([*legend, [(f"{sign} {whole}", style)]])) <= room
        legend.append([(f"{sign} {whole if fits else short}", style)])
    return legend


def notes_of(spec: ChartSpec, lens: Lens, shown: tuple[float, float], *, log: bool, dropped: str) -> list[str]:
    """What to know about the picture: the most important first."""
    notes = []
    if bad := _first_bad(spec):
        notes.append(bad)
    if lens.window is not None:
        notes.append(stretch_text(spec.x_name, *shown))
    if dropped:
        notes.append(dropped)
    if log:
        notes.append("log")
    if lens.smoothing and spec.smooths:
        notes.append(f"smoothed {lens.smoothing:g}")
    return notes


def _first_bad(spec: ChartSpec) -> str:
    for curve in spec.curves:
        if (bad := curve.pyramid.first_bad) is not None:
            value = "NaN" if math.isnan(curve.points.y[bad]) else "inf"
            unit = curve.unit or (spec.x_name if curve.scale == 1 and curve.offset == 0 else "step")
            return f"{curve.name} {value} at {unit} {curve.points.x[bad]:.0f}"
    return ""


def _fitting_notes(notes: Sequence[str], room: int, most: int) -> str:
    """As many as fit, in the order: how it is drawn, then what is wrong with it.

    The first one may take `most`, for a value that is no number is worth more than the names of the curves.
    """
    kept: list[str] = []
    for at, note in enumerate(notes):
        if sum(map(len, kept)) + 3 * len(kept) + len(note) <= (room if at else max(room, most)):
            kept.append(note)
    return " · ".join(reversed(kept))

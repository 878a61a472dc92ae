"""Where the crosshair goes: from value to value of the finest curve, or from column to column."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.widgets.chart_spec import ChartSpec, Curve, finest


def curves_in(specs: Sequence[ChartSpec], unit: str) -> list[Curve]:
    """The curves whose x axis counts that unit."""
    return [curve for spec in specs if spec.x_name == unit for curve in spec.curves]


def newest(curves: Sequence[Curve], low: float, high: float) -> float | None:
    """The place of the last value in that stretch; None where there is none."""
    found = ((curve, curve.within(low, high)) for curve in curves)
    places = [curve.placing.on_axis(curve.points.x[inside[-1]]) for curve, inside in found if inside]
    return max(places, default=None)


def nearest(curves: Sequence[Curve], low: float, high: float, at: float) -> float | None:
    """The place of the value next to `at`, of the curve with the most values in the stretch."""
    curve = finest(curves, low, high)
    if curve is None:
        return None
    index = curve.within(low, at).stop
    x, length = curve.points.x, len(curve.points.y)
    places = [curve.placing.on_axis(x[each]) for each in (index - 1, index) if 0 <= each < length]
    return min((place for place in places if low <= place <= high), key=lambda place: abs(place - at), default=None)


def moved(curves: Sequence[Curve], low: float, high: float, at: float, by: int, column: float) -> float:
    """`by` values on or, where that is less, columns; never beyond the first or the last value of the run."""
    curve = finest(curves, low, high)
    if curve is None:
        return at
    x, length = curve.points.x, len(curve.points.y)
    here = curve.within(at, at)
    index = here[-1] + by if here else here.stop + (by if by < 0 else by - 1)
    place = curve.placing.on_axis(x[min(length - 1, max(0, index))])
    if abs(place - at) >= abs(by) * column or not 0 <= index < length:
        return place
    # Closer than a column: the first value that lies so many columns further.
    goal = at + by * column
    there = curve.within(goal, goal)
    index = there.start if by > 0 else there.stop - 1
    return curve.placing.on_axis(x[min(length - 1, max(0, index))])


def carrying(curve: Curve | None, others: Sequence[Curve]) -> Callable[[float], float] | None:
    """The way from the x axis of the curve to that of the others, one of which places the same points; None without."""
    if curve is None:
        return None
    before, points = curve, curve.points
    after = next((each.placing for each in others if each.points is points), None)
    if after is None:
        return None
    there = after

    def carried(at: float) -> float:
        here = before.within(at, at)
        return max(0.0, there.on_axis(points.x[here[-1]] if here else before.placing.of_points(at)))

    return carried

"""What the chart keys do on a screen with charts: choose, enlarge, zoom, smooth, read values, export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on

from tui.monitor import crosshair, window
from tui.monitor.lens import MARKERS, UNITS, WEIGHTS, Looks, Unit, looks_of
from tui.screens.chart_choosing import choose_charts, chosen_of
from tui.screens.why import WhyScreen
from tui.settings import recall, remember
from tui.widgets.chart import Chart, ChartSpec, Curve
from tui.widgets.chart_painter import stretch_of, whole_of
from tui.widgets.chart_spec import finest

if TYPE_CHECKING:
    from tui.screens.export import ExportSource

SETTING = "looks"
"""Under which it is remembered how charts are looked at."""
FEW_POINTS = 3
"""Of the finest curve, that stay in sight however far one zooms in."""
MANY = 10
"""Values that a long step of the crosshair takes."""


class ChartingScreen(WhyScreen):
    """A screen with charts in a column; `keymap._charts` has its keys."""

    def __init__(self) -> None:
        super().__init__()
        looks = recall(SETTING, Looks, Looks())
        self.lens = looks.lens
        self._charts: list[Chart] = []
        self.first_chart = 0
        """Index of the first chart in sight among those that are chosen."""
        self.large = looks.large
        """Whether one chart takes all the room."""
        self._unit: Unit = self.lens.unit
        """What the x axes count: another unit than that of the lens where the log does not tell that one."""
        self._reached = 0.0
        """The newest place of the x axis, when it was last looked at."""
        self._look_due = False

    @property
    def charts(self) -> list[Chart]:
        """The chart widgets, in sight or not; they stay the same, and are asked for at every key."""
        if not self._charts:
            self._charts = list(self.query(Chart))
        return self._charts

    def chart_specs(self) -> Sequence[ChartSpec]:
        """What could be drawn, in order."""
        raise NotImplementedError

    def paint(self) -> None:
        """Bring what is on screen up to date."""
        raise NotImplementedError

    @property
    def units(self) -> Sequence[Unit]:
        """What the x axes can count."""
        return UNITS

    def show_charts(self) -> None:
        """Bring the charts into sight, where something else takes their room."""

    def lay_out_charts(self, room: int) -> None:
        """Hand as many charts as there is room for what they draw, and how it is looked at."""
        specs = self.chosen_specs()
        room = min(1, room) if self.large else room
        self.first_chart = max(0, min(self.first_chart, len(specs) - room))
        self._follow(specs)
        lens = replace(self.lens, unit=self._unit)
        for index, chart in enumerate(self.charts):
            chart.display = index < min(room, len(specs))
            chart.takes_mouse, chart.names_marks = True, index == 0
            if chart.display:
                chart.spec, chart.lens = specs[self.first_chart + index], lens

    def _follow(self, specs: Sequence[ChartSpec]) -> None:
        """Move a window on that showed the newest value; forget one in a unit that is no longer that of the axes."""
        counted = {spec.x_name for spec in specs}
        unit = self.lens.unit
        if counted and unit not in counted:
            unit = next(each for each in UNITS if each in counted)
        if unit != self._unit:
            self._unit = unit
            self.lens = replace(self.lens, window=None, cursor=None)
        reached = max((spec.reached for spec in specs if spec.x_name == unit), default=0.0)
        curves = crosshair.curves_in(specs, unit)
        reached = max([reached, *(curve.reached for curve in curves)])
        if self.lens.cursor is None:  # whoever reads values looks at them, and not at what comes
            self.lens = replace(self.lens, window=window.following(self.lens.window, self._reached, reached))
            self._reached = reached

    def look(self, **changes: Any) -> None:
        """Look differently at all charts."""
        before, self.lens = looks_of(self.lens, large=self.large), replace(self.lens, **changes)
        if (after := looks_of(self.lens, large=self.large)) != before:
            self.call_after_refresh(remember, SETTING, after)  # a home on a network takes its time
        self._look_now()

    def _look_now(self) -> None:
        self._look_due = False
        self.paint()
        self.refresh_bindings()

    def _look_soon(self, **changes: Any) -> None:
        """As the mouse wants it, which may want much at once: charts are painted when it has been heard to the end."""
        self.lens = replace(self.lens, **changes)
        if not self._look_due:
            self._look_due = True
            self.call_later(self._look_now)

    # What is in sight

    @property
    def _specs(self) -> list[ChartSpec]:
        """Of the charts in sight, those whose x axis is the shared one."""
        shown = [chart.spec for chart in self.charts if chart.display and chart.spec is not None]
        return [spec for spec in shown if spec.x_name == self._unit]

    @property
    def _whole(self) -> float:
        """The right end of the x axis of the whole run."""
        return max((whole_of(spec) for spec in self._specs), default=0.0)

    @property
    def _shown(self) -> tuple[float, float]:
        """The stretch of the x axis that is in sight."""
        lens = replace(self.lens, unit=self._unit)
        stretches = [stretch_of(spec, lens) for spec in self._specs]
        return max(stretches, key=lambda stretch: stretch[1], default=(0.0, 0.0))

    @property
    def _column(self) -> float:
        """What a column of the canvas is of the x axis."""
        frames = [chart.painter.frame for chart in self.charts if chart.display and chart.painter.frame]
        return max(((frame.high - frame.low) / frame.across for frame in frames), default=0.0)

    @property
    def _curves(self) -> list[Curve]:
        return crosshair.curves_in(self._specs, self._unit)

    # Keys

    def action_across(self, by: int) -> None:
        if self.lens.cursor is not None:
            self._move_cursor(by)
        else:
            self.first_chart += by
            self.paint()
            self.refresh_bindings()

    def action_crosshair(self) -> None:
        """Put it on the newest value in sight, or take it away."""
        if self.lens.cursor is not None:
            self.look(cursor=None)
        else:
            self.look(cursor=crosshair.newest(self._curves, *self._shown))

    def _move_cursor(self, by: int) -> None:
        if self.lens.cursor is None:
            return
        at = crosshair.moved(self._curves, *self._shown, self.lens.cursor, by, self._column)
        self.look(cursor=at, window=window.holding(self.lens.window, self._whole, at))

    def leave_chart(self) -> bool:
        """End the crosshair; False where there was none."""
        if self.lens.cursor is None:
            return False
        self.look(cursor=None)
        return True

    def action_large(self) -> None:
        self.large = not self.large
        self.call_after_refresh(remember, SETTING, looks_of(self.lens, large=self.large))
        self.show_charts()
        self.paint()
        self.refresh_bindings()

    def action_zoom(self, by: int) -> None:
        """Around the crosshair, else at the newest value in sight."""
        low, high = self._shown
        newest = crosshair.newest(self._curves, low, high)
        if self.lens.cursor is not None:
            self.look(window=self._zoomed(window.ZOOM**by, self.lens.cursor))
        elif newest is not None and newest >= self._reached * (1 - 1e-9):
            new = window.at_end((high - low) / window.ZOOM**by, self._whole, newest)
            self.look(window=self._with_values(new))
        elif self._whole:
            self.look(window=self._zoomed(window.ZOOM**by, (low + high) / 2 if newest is None else newest))

    def _zoomed(self, factor: float, around: float) -> window.Window | None:
        """The narrower or wider window."""
        return self._with_values(window.zoomed(self.lens.window, self._whole, factor, around))

    def _with_values(self, new: window.Window | None) -> window.Window | None:
        """The window; the one that is shown where that is narrower and hardly a value would stay in sight."""
        low, high = self._shown
        if new is None or new[1] - new[0] >= high - low:
            return new
        points = max((len(curve.within(*new)) for curve in self._curves), default=0)
        return new if points >= FEW_POINTS else self.lens.window

    def action_whole(self) -> None:
        self.look(window=None)

    def action_pan(self, by: int) -> None:
        """Move the window or, where there is one, the crosshair."""
        if self.lens.cursor is not None:
            self._move_cursor(MANY * by)
        elif self.lens.window is not None:
            low, high = self.lens.window
            self.look(window=window.panned(self.lens.window, self._whole, by * window.PAN * (high - low)))

    def action_scale(self) -> None:
        """Automatic, logarithmic, linear."""
        self.look(log_scale={None: True, True: False, False: None}[self.lens.log_scale])

    def action_unit(self) -> None:
        """The next unit of the x axes; what the log does not tell is passed over, and said."""
        units = self.units
        skipped = [unit for unit in UNITS if unit not in units]
        if skipped:
            self.notify(f"This log does not tell the {' or the '.join(map(_counted, skipped))}.", markup=False)
        if any(unit != self._unit for unit in units):
            start = UNITS.index(self._unit) + 1
            unit = next(each for each in (*UNITS[start:], *UNITS[:start]) if each in units)
            self._count(unit)

    def _count(self, unit: Unit) -> None:
        """Count that on the x axes; window and crosshair stay where they are in the run."""
        curve, lens = finest(self._curves, *self._shown), self.lens
        self.lens = replace(lens, unit=unit)
        specs = self.chosen_specs()
        self.lens = lens
        carry = crosshair.carrying(curve, crosshair.curves_in(specs, unit))
        if carry is None:
            self.look(unit=unit, window=None, cursor=None)
            return
        whole = max(whole_of(spec) for spec in specs if spec.x_name == unit)
        self._unit, self._reached = unit, carry(self._reached)
        cursor = None if lens.cursor is None else carry(lens.cursor)
        self.look(unit=unit, window=window.carried(lens.window, carry, whole), cursor=cursor)

    def action_smooth(self, by: int) -> None:
        at = max((index for index, weight in enumerate(WEIGHTS) if weight <= self.lens.smoothing), default=0)
        self.look(smoothing=WEIGHTS[max(0, min(len(WEIGHTS) - 1, at + by))])

    def action_marker(self) -> None:
        self.look(marker=MARKERS[(MARKERS.index(self.lens.marker) + 1) % len(MARKERS)])

    # The mouse

    @on(Chart.Pointed)
    def point(self, message: Chart.Pointed) -> None:
        """Put the crosshair on the value next to the mouse."""
        spec = message.chart.spec
        if spec is None or spec.x_name != self._unit or (self.lens.cursor is None and not message.pressed):
            return
        at = crosshair.nearest(spec.curves, *self._shown, message.at)
        if at is not None and at != self.lens.cursor:
            self._look_soon(cursor=at)

    @on(Chart.Wheeled)
    def wheel(self, message: Chart.Wheeled) -> None:
        if (new := self._zoomed(window.WHEEL**message.by, message.at)) != self.lens.window:
            self._look_soon(window=new)

    @on(Chart.Dragged)
    def drag(self, message: Chart.Dragged) -> None:
        if self.lens.window is not None:
            self._look_soon(window=window.panned(self.lens.window, self._whole, -message.by))

    def chosen_specs(self) -> Sequence[ChartSpec]:
        """What is drawn, in the order that was chosen."""
        return chosen_of(self.app, self.chart_specs())

    def action_choose_charts(self) -> None:
        choose_charts(self)

    def export_source(self) -> ExportSource:
        """Whose charts these are, for the files that they are exported to."""
        from tui.screens.export import ExportSource

        return ExportSource("", "runs")

    def action_export(self) -> None:
        from tui.screens.export import export_chart

        export_chart(self)

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now; those that are not named always can."""
        by = parameters[0] if parameters and isinstance(parameters[0], int) else 0
        zoomed = self.lens.window is not None
        pointed = self.lens.cursor is not None
        return {
            "across": lambda: pointed or self._has_more(by),
            "crosshair": lambda: pointed or bool(self._curves),
            "zoom": lambda: zoomed if by < 0 else bool(self._curves),
            "whole": lambda: zoomed,
            "pan": lambda: zoomed or pointed,
            "smooth": lambda: self.lens.smoothing != WEIGHTS[-1 if by > 0 else 0],
        }

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        if action in ("pan", "whole") or (action == "zoom" and self._curves):
            return "The whole run is in sight: + zooms in."
        return "There are no values yet." if action in ("zoom", "crosshair") else super().why_not(action, parameters)

    def _has_more(self, by: int) -> bool:
        """Whether there are charts before or behind those in sight."""
        shown = sum(chart.display for chart in self.charts)
        if by < 0:
            return self.first_chart > 0
        return 0 < shown < len(self.chosen_specs()) - self.first_chart


def _counted(unit: Unit) -> str:
    return {"epoch": "epochs", "step": "steps", "time": "time of training"}[unit]

"""What the chart keys do on a screen with charts: choose, enlarge, zoom, smooth, read values, export."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.monitor.lens import Lens
from tui.widgets.chart import Chart, ChartSpec
from tui.widgets.spans import SpanScreen


class ChartingScreen(SpanScreen[None]):
    """A screen with charts in a column; `keymap._charts` has its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.lens = Lens()
        self.first_chart = 0
        """Index of the first chart in sight among those that are chosen."""
        self.large = False
        """Whether one chart takes all the room."""

    @property
    def charts(self) -> list[Chart]:
        """The chart widgets, in sight or not."""
        return list(self.query(Chart))

    def chart_specs(self) -> Sequence[ChartSpec]:
        """What could be drawn, in order."""
        raise NotImplementedError

    def paint(self) -> None:
        """Bring what is on screen up to date."""
        raise NotImplementedError

    def action_across(self, by: int) -> None:
        self.first_chart += by
        self.paint()

    def action_scale(self) -> None:
        """Automatic, logarithmic, linear."""
        for chart in self.charts:
            chart.log_scale = {None: True, True: False, False: None}[chart.log_scale]
        self.paint()

    def action_crosshair(self) -> None:
        raise NotImplementedError

    def action_large(self) -> None:
        raise NotImplementedError

    def action_zoom(self, by: int) -> None:
        raise NotImplementedError

    def action_whole(self) -> None:
        raise NotImplementedError

    def action_pan(self, by: int) -> None:
        raise NotImplementedError

    def action_unit(self) -> None:
        raise NotImplementedError

    def action_smooth(self, by: int) -> None:
        raise NotImplementedError

    def action_marker(self) -> None:
        raise NotImplementedError

    def action_choose_charts(self) -> None:
        raise NotImplementedError

    def action_export(self) -> None:
        raise NotImplementedError

    def leave_chart(self) -> bool:
        """End the crosshair; False where there was none."""
        return False

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:  # noqa: ARG002
        """Which of the actions above can be done now; those that are not named always can."""
        return {}

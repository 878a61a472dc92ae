"""One chart on the screen: repaints only where its picture changed, and says where the mouse points on its x axis."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import events
from textual.message import Message
from textual.timer import Timer

from tui.monitor.lens import Lens
from tui.widgets.canvas import Canvas
from tui.widgets.chart_axes import GUTTER
from tui.widgets.chart_painter import ChartPainter
from tui.widgets.chart_signs import BAND_LINE, SEAM, Signs
from tui.widgets.chart_spec import ChartSpec, Curve, Mark
from tui.widgets.geometry import Axis
from tui.widgets.rows import Row
from tui.widgets.smoothing import PART
from tui.widgets.spans import SpanView
from tui.widgets.spells import PAUSE, SPELLS

__all__ = ["BAND_LINE", "GUTTER", "SEAM", "Chart", "ChartSpec", "Curve", "Mark"]

PARTS = 4
"""In which a curve that takes long to smooth appears."""


class Chart(SpanView):
    """Draws a ChartSpec as a lens shows it."""

    @dataclass
    class Pointed(Message):
        """The mouse is at a place of the x axis; `pressed` where its button was."""

        chart: Chart
        at: float
        pressed: bool

    @dataclass
    class Wheeled(Message):
        """The wheel was turned over a place of the x axis: up, in (1), or down, out (-1)."""

        chart: Chart
        at: float
        by: int

    @dataclass
    class Dragged(Message):
        """What lies under the mouse was moved that far along the x axis."""

        chart: Chart
        by: float

    def __init__(self, spec: ChartSpec | None = None, *, id: str | None = None) -> None:
        super().__init__(self.lines, id=id)
        self.spec = spec
        self.lens = Lens()
        self.takes_mouse = False
        """Whether somebody listens to what the mouse does here."""
        self.names_marks = True
        """Whether the heading says what the signs of the marks mean; of charts in a column one will do."""
        self.painter = ChartPainter(PART)  # the rest follows between keys
        self._drawn: tuple[object, ...] = ()
        self._spell: Timer | None = None
        self._smoothed = 0
        """Values that the picture shows of what is being smoothed."""
        self._held: int | None = None
        """The column of the last move of a drag."""
        self._moved = False

    @property
    def log_scale(self) -> bool | None:
        """Overrides the choice of the y axis: None leaves it to the data."""
        return self.lens.log_scale

    @log_scale.setter
    def log_scale(self, log: bool | None) -> None:
        self.lens = replace(self.lens, log_scale=log)

    @property
    def canvas(self) -> Canvas:
        return self.painter.canvas

    @property
    def axis(self) -> Axis | None:
        """The y axis of what is drawn."""
        return self.painter.axis

    @property
    def limit(self) -> float:
        """The right end of the x axis; 0 before anything is drawn."""
        return self.painter.frame.high if self.painter.frame else 0.0

    def forget(self) -> None:
        super().forget()
        # News may have drawn the chart at its new size before it was told of it.
        self._drawn = ()

    def follow(self) -> None:
        """Take in what its curves have gained, ahead of drawing it."""
        if self.display and self.spec is not None:
            for curve in self.spec.curves:
                curve.pyramid.follow(curve.points)

    def update_rows(self) -> None:
        """Draw again, unless there is nothing else to draw than the last time."""
        content = (self.content_size, self.lens, self.names_marks, self.spec.fingerprint() if self.spec else None)
        if content == self._drawn and not self.painter.pending:
            return
        self._drawn = content
        super().update_rows()
        self._smoothed = self._smooth_by_now
        self._smooth_soon()

    @property
    def _smooth_by_now(self) -> int:
        return sum(len(curve.smooth.y) for curve in self.spec.curves if curve.smooth) if self.spec else 0

    def _smooth_soon(self) -> None:
        """Go on smoothing a long curve between keys, a spell at a time."""
        in_sight = self.is_attached and self.display and self.content_size.area
        if self.painter.pending and in_sight and self._spell is None:
            self._spell = self.set_timer(max(SPELLS.wait, PAUSE), self._smooth)

    def _smooth(self) -> None:
        self._spell = None
        if SPELLS.wait or self.spec is None:
            self._smooth_soon()
            return
        over = SPELLS.begin()
        done = all(curve.smooth_until(over) for curve in self.spec.curves)
        whole = sum(len(curve.points.y) for curve in self.spec.curves if curve.smooth)
        if done or self._smooth_by_now - self._smoothed >= whole / PARTS:
            self.call_later(self.update_rows)
        else:
            self._smooth_soon()

    def lines(self, width: int, height: int) -> list[Row]:
        """The chart's rows."""
        if self.spec is None:
            return []
        signs = Signs(self.lens.marker, self.app.no_color, self.names_marks)
        return self.painter.rows(self.spec, self.lens, width, height, signs)

    # The mouse

    def place_of(self, column: float) -> float | None:
        """Where on the x axis a column of the widget lies; None beside the canvas."""
        frame = self.painter.frame
        if frame is None or not 0 <= column - GUTTER < frame.across:
            return None
        return frame.low + (frame.high - frame.low) * (column - GUTTER + 0.5) / frame.across

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, -1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        self._roll(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        self._roll(event, 1)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        if event.shift:
            self._roll(event, -by)
        elif self.takes_mouse and (at := self.place_of(event.x)) is not None:
            event.stop()
            self.post_message(self.Wheeled(self, at, by))

    def _roll(self, event: events.MouseEvent, by: int) -> None:
        """Sideways: a sixteenth of what is shown."""
        frame = self.painter.frame
        if self.takes_mouse and frame is not None:
            event.stop()
            self.post_message(self.Dragged(self, -by * (frame.high - frame.low) / 16))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self.takes_mouse and event.button == 1 and self.place_of(event.x) is not None:
            self._held, self._moved = event.x, False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        frame = self.painter.frame
        if not self.takes_mouse or frame is None:
            return
        if self._held is not None:
            if columns := event.x - self._held:
                self._held, self._moved = event.x, True
                self.post_message(self.Dragged(self, columns * (frame.high - frame.low) / frame.across))
        elif self.lens.cursor is not None and (at := self.place_of(event.x)) is not None:
            self.post_message(self.Pointed(self, at, pressed=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._held is None:
            return
        self._held = None
        self.release_mouse()
        if not self._moved and (at := self.place_of(event.x)) is not None:
            self.post_message(self.Pointed(self, at, pressed=True))

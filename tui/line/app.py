"""An app whose frames are as small as they can be on the line."""

from __future__ import annotations

from typing import TypeVar

from rich.console import RenderableType
from rich.control import Control
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.screen import Screen

from tui.line.driver import LineDriver
from tui.widgets.frames import SpanUpdate, WholeUpdate

ONE_PIECE = 1500
"""Characters up to which a terminal gets a frame whole, and need not be told where it begins and ends."""

ReturnType = TypeVar("ReturnType")


class LineApp(App[ReturnType], inherit_bindings=False):
    """Sends a frame that is on the screen already not again, and small ones bare: without the marks of a synchronised
    update, and without a way home for the cursor.
    """

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return LineDriver if found is LinuxDriver else found

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not isinstance(driver, LineDriver) or not self._running or self._closed or self._batch_count:
            super()._display(screen, renderable)
        elif isinstance(renderable, SpanUpdate | WholeUpdate):
            self._send(driver, renderable)
            self.post_display_hook()
        elif renderable is not None:
            driver.shown = ""
            super()._display(screen, renderable)

    def _send(self, driver: LineDriver, update: SpanUpdate | WholeUpdate) -> None:
        text = update.render_segments(self.console)
        if self.cursor_position != Offset(0, 0):  # where an input method opens its window
            text += Control.move_to(*self.screen.outer_size.clamp_offset(self.cursor_position)).segment.text
        if text == driver.shown:
            return
        driver.shown = text
        whole = len(text) > ONE_PIECE
        if whole:
            self._begin_update()
        driver.write(text)
        if whole:
            self._end_update()
        driver.flush()

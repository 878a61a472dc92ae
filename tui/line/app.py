"""An app whose frames are as small as they can be on the line."""

from __future__ import annotations

from typing import TypeVar

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.screen import Screen

from tui.line.driver import LineDriver
from tui.widgets.frames import SpanUpdate

ONE_PIECE = 1500
"""Characters up to which a terminal gets a frame whole, and need not be told where it begins and ends."""

ReturnType = TypeVar("ReturnType")


class LineApp(App[ReturnType], inherit_bindings=False):
    """Sends small frames bare: without the marks of a synchronised update, and without a way home for the cursor."""

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return LineDriver if found is LinuxDriver else found

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            isinstance(renderable, SpanUpdate)
            and isinstance(driver, LineDriver)
            and self._running
            and not self._closed
            and not self._batch_count
            and self.cursor_position == Offset(0, 0)
            and len(text := renderable.render_segments(self.console)) <= ONE_PIECE
        ):
            driver.write(text)
            driver.flush()
            self.post_display_hook()
        else:
            super()._display(screen, renderable)

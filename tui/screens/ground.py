"""What lies under the screen that an app was started with: Home, but made only when somebody goes there."""

from __future__ import annotations

from pathlib import Path

from textual.screen import Screen


class GroundScreen(Screen[None]):
    """Empty. Listing runs and composing Home first would only delay the first curve."""

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self._covered = False

    def on_screen_suspend(self) -> None:
        self._covered = True

    def on_screen_resume(self) -> None:
        if self._covered:
            # What a dialog was answered may open another screen, and that comes first.
            self.app.call_later(self._open_home)

    def _open_home(self) -> None:
        if self.app.screen is self:
            from tui.screens.home import HomeScreen

            self.app.push_screen(HomeScreen(self.runs_dir))

"""What reaches the user outside the screen: terminal title, bell and notice, clipboard, a report to share."""

from __future__ import annotations

from collections.abc import Callable

from tui.screens.monitor_others import OthersScreen


class AwayScreen(OthersScreen):
    """How the monitor tells of its run beyond its own cells."""

    def tell_away(self) -> None:
        """Called at each painting of news: keeps the title up to date, rings where something ended or went wrong."""

    def action_copy(self) -> None:
        raise NotImplementedError

    def action_share(self) -> None:
        raise NotImplementedError

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {**super().possible(parameters)}

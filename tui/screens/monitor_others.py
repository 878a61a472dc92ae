"""The monitor among other runs: the parent's curves behind this one's, the overlay, repeats with other seeds."""

from __future__ import annotations

from collections.abc import Callable

from tui.screens.monitor_control import ControlScreen


class OthersScreen(ControlScreen):
    """What the monitor shows and starts beside its own run."""

    def action_parent(self) -> None:
        raise NotImplementedError

    def action_overlay(self) -> None:
        raise NotImplementedError

    def action_repeat(self) -> None:
        raise NotImplementedError

    def possible(self, parameters: tuple[object, ...]) -> dict[str, Callable[[], bool]]:
        """Which of the actions above can be done now."""
        return {**super().possible(parameters)}

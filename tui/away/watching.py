"""What Home tells of its runs beyond its own cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.screen import Screen

from training.runs.lifecycle import RunView
from tui.away.bell import bell_of
from tui.away.title import show_title, title_of_all


def tell_of_runs(screen: Screen[Any], runs: Sequence[RunView]) -> None:
    """Called with each reading of the runs: rings for what happened to them; the title is that of the front screen."""
    bell_of(screen.app).look(runs)
    if screen.is_current:
        show_title(screen.app, title_of_all(runs))

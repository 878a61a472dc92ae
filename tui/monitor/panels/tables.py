"""The panels for looking things up, by name. They are loaded when the first of them is opened."""

from __future__ import annotations

from tui.monitor.model import Monitored
from tui.monitor.panels.classes import class_rows
from tui.monitor.panels.config import config_rows
from tui.monitor.panels.confusion import confusion_rows
from tui.monitor.panels.devices import device_rows
from tui.monitor.panels.environment import environment_rows
from tui.monitor.panels.papers import Papers
from tui.monitor.panels.window import Scroll
from tui.widgets.rows import Row


def table_rows(panel: str, run: Monitored, papers: Papers | None, width: int, height: int, scroll: Scroll) -> list[Row]:
    """The rows of that panel (arrangement.TABLES); `papers` are what the run was started with, once they are read."""
    match panel:
        case "classes":
            return class_rows(run, width, height, scroll)
        case "confusion":
            return confusion_rows(run, width, height, scroll)
        case "devices":
            return device_rows(run, papers, run.loads, width, height, scroll)
        case "config":
            return config_rows(run, papers, width, height, scroll)
        case "environment":
            return environment_rows(run, papers, width, height, scroll)
        case _:
            raise KeyError(panel)

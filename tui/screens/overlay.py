"""Several runs at once: what differs between them, their curves in one chart each, and which is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from training.runs.layout import RunFolder
from tui import keymap
from tui.screens.charting import ChartingScreen


class OverlayScreen(ChartingScreen):
    """Overlays the runs; the first is the baseline."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("overlay")

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        super().__init__()
        self.folders = list(folders)

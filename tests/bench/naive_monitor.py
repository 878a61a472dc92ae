"""What stands beside the monitor: the same log in a Textual app that draws all three charts anew twice a second.

python -m tests.bench.naive_monitor LOG
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, ClassVar

import plotext
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Header, Static

CHARTS = ("train_loss", "train_acc", "lr")


class Keys(ModalScreen[None]):
    """A help over the charts."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        yield Static("Keys of the naive monitor")


class Naive(App[None]):
    """Reads what is new of the log, and draws."""

    BINDINGS: ClassVar[list[BindingType]] = [("question_mark", "keys", "Help")]

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._lines = log.open(encoding="utf-8")
        self._x: dict[str, list[float]] = {name: [] for name in CHARTS}
        self._y: dict[str, list[float]] = {name: [] for name in CHARTS}

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical():
            for name in CHARTS:
                yield Static(id=name)
        yield Footer()

    def on_mount(self) -> None:
        self.set_interval(0.5, self.draw)

    def draw(self) -> None:
        """All of it."""
        for line in self._lines:
            event: dict[str, Any] = json.loads(line)
            for name in CHARTS:
                if name in event.get("metrics", {}):
                    self._x[name].append(event["step"])
                    self._y[name].append(event["metrics"][name])
        for name in CHARTS:
            plotext.clf()
            plotext.plotsize(self.size.width, (self.size.height - 2) // len(CHARTS))
            plotext.plot(self._x[name], self._y[name], marker="braille")
            plotext.title(name)
            self.query_one(f"#{name}", Static).update(Text.from_ansi(plotext.build()))

    def action_keys(self) -> None:
        self.push_screen(Keys())


if __name__ == "__main__":
    Naive(Path(sys.argv[1])).run()

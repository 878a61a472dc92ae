"""The floor under the monitor: a bare Textual app with one plotext chart of 2,000 points, and no run behind it."""

from __future__ import annotations

import math

import plotext
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static


class Floor(App[None]):
    """A title, a chart as text, and a footer."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static(id="chart")
        yield Footer()

    def on_mount(self) -> None:
        plotext.clf()
        plotext.plotsize(self.size.width, self.size.height - 6)
        values = [2 * math.exp(-place / 500) + 0.05 * math.sin(place * place) for place in range(2000)]
        plotext.plot(values, marker="braille")
        plotext.title("train_loss")
        self.query_one("#chart", Static).update(Text.from_ansi(plotext.build()))


if __name__ == "__main__":
    Floor().run()

"""Pictures of the dialogs that choose and export charts; the tests beside them say what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.monitoring import Stage, series, spec_of
from tui.monitor.exporting import figure_of
from tui.monitor.lens import Lens
from tui.screens.choose import ChooseScreen, Option
from tui.screens.export import Export, ExportScreen, ExportSource
from tui.widgets.text_input import TextInput

SIZES = [(80, 24), (40, 12)]
CHARTS = [
    Option("loss", "Loss"),
    Option("gpu", "GPU load and memory"),
    Option("acc", "Accuracy"),
    *(Option(name, name, "of the log", chosen=False) for name in ("temperature", "an unusually long name of a metric")),
]
Snap = Callable[..., bool]
pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_choosing_charts(snap_compare: Snap, size: tuple[int, int]) -> None:
    screen = ChooseScreen("Charts", CHARTS, default=["loss"])
    assert snap_compare(Stage(screen), press=["j", "K", "j", "j", "space"], terminal_size=size)


def test_choosing_no_chart_at_all(snap_compare: Snap) -> None:
    screen = ChooseScreen("Charts", CHARTS[:1], default=["loss"], refusal="One chart has to stay.")
    assert snap_compare(Stage(screen), press=["space", "enter"], terminal_size=(80, 24))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["digits-loss.svg", "gone/digits-loss.csv"], ids=["free", "refused"])
def test_exporting_a_chart(snap_compare: Snap, name: str, size: tuple[int, int]) -> None:
    figure = figure_of(spec_of(series([3, 2, 1])), Lens(), "digits")
    screen = ExportScreen(Export(figure, Lens(), ExportSource("digits", "digits"), frozenset()), name)

    async def still(pilot: Pilot[Any]) -> None:
        screen.query_one(TextInput).cursor_blink = False

    assert snap_compare(Stage(screen), run_before=still, terminal_size=size)

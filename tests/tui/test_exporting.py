"""`E` on a screen with charts: the first chart in sight becomes a file."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from threading import Event
from typing import BinaryIO

import pytest
from PIL import Image

from tests.story.reading_svg import ReadSvg
from tests.tui.driving import keys_of, until
from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor, series, spec_of
from training.story.export.scene import SERIES
from tui.monitor.exporting import figure_of
from tui.monitor.lens import Lens
from tui.screens.export import Export, ExportScreen, ExportSource
from tui.widgets.chart_spec import Curve, Mark

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def learning(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


def dialog(screen: MonitorPilot) -> ExportScreen:
    shown = screen.app.screen
    assert isinstance(shown, ExportScreen)
    return shown


def said(screen: MonitorPilot) -> str:
    return str(dialog(screen).query_one("#prompt-said").render())


def toasts(screen: MonitorPilot) -> list[str]:
    return [note.message for note in screen.app._notifications]


async def export(screen: MonitorPilot, name: str = "") -> None:
    """Press E, type a name instead of the proposed one, and wait for the file."""
    await screen.press("E")
    if name:
        await screen.press("ctrl+u", *keys_of(name))
    await screen.press("enter")
    await screen.until(lambda: screen.app.screen is screen.screen)


async def test_e_proposes_a_free_name_and_writes_the_first_chart_in_sight(learning: FakeRun, here: Path) -> None:
    name = f"{learning.folder.id}-loss.svg"
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("E")
        assert dialog(screen).text == name
        assert "SVG picture, 1200 × 700" in said(screen)
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.screen)
        assert toasts(screen) == [f"Written: {here / name}"]
        await screen.press("E")
        assert dialog(screen).text == f"{learning.folder.id}-loss-2.svg"
        await screen.press("escape")
    picture = ReadSvg.of((here / name).read_bytes())
    assert {"Loss", learning.folder.id, "train", "val"} <= set(picture.texts)
    across, down = picture.axes()
    line = picture.lines(SERIES[3])[1]
    assert [across(x) for x, _ in line] == pytest.approx(range(1, 13), abs=0.02)
    assert down(line[0][1]) == pytest.approx(2.3 * math.exp(-1 / 3.2) + 0.06, abs=0.01)


async def test_another_chart_is_exported_once_it_is_the_first_in_sight(learning: FakeRun, here: Path) -> None:
    async with monitor(learning.folder, (80, 24)) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("right")
        await export(screen, "a.png")
    with Image.open(here / "a.png") as image:
        assert image.size == (1200, 700)
        assert image.info["Title"] == f"Accuracy: {learning.folder.id}"


async def test_a_table_holds_what_the_chart_shows_as_it_was_logged(learning: FakeRun, here: Path) -> None:
    learning.train_step(train_loss=math.nan)
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("E", "ctrl+u", *keys_of("loss.csv"))
        assert "CSV table: every value as it was logged" in said(screen)
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.screen)
    with (here / "loss.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["kind", "step", "epoch", "train_loss", "val_loss"]
    assert rows[-1]["train_loss"] == "nan"
    first = next(row for row in rows if row["kind"] == "epoch")
    assert float(first["val_loss"]) == 2.3 * math.exp(-1 / 3.2) + 0.06


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loss.jpg", "a chart is written as .svg, .png or .csv"),
        ("there.svg", "there.svg is there already"),
        ("gone/loss.svg", "gone: no such folder"),
        ("", "A file needs a name"),
        ("~nobody-here/a.svg", "there is no such home"),
    ],
)
async def test_what_cannot_be_written_is_said_while_it_is_typed(
    learning: FakeRun, here: Path, name: str, words: str
) -> None:
    (here / "there.svg").write_text("mine")
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("E", "ctrl+u", *(character if character != "~" else "tilde" for character in keys_of(name)))
        assert words in said(screen)
        await screen.press("enter")
        assert words in said(screen)
        await screen.press("escape")
    assert (here / "there.svg").read_text() == "mine"


async def test_a_folder_that_cannot_be_written_to_is_told_in_the_dialog_and_another_can_be_named(
    learning: FakeRun, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    real = tempfile.mkstemp

    def mkstemp(*, prefix: str, suffix: str, dir: Path) -> tuple[int, str]:
        if dir.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(prefix=prefix, suffix=suffix, dir=dir)

    (here / "closed").mkdir()
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
        await screen.press("E", "ctrl+u", *keys_of("closed/a.svg"), "enter")
        await screen.until(lambda: "cannot be written to: Permission denied" in said(screen))
        await screen.press("ctrl+u", *keys_of("a.svg"), "enter")
        await screen.until(lambda: screen.app.screen is screen.screen)
    assert (here / "a.svg").exists()


async def test_leaving_the_dialog_while_a_table_is_written_leaves_no_file(
    learning: FakeRun, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, left, over = Event(), Event(), Event()
    fill = Export.fill

    def slow(self: Export, kind: str, cancelled: object, file: BinaryIO) -> None:
        begun.set()
        assert left.wait(10)
        try:
            fill(self, kind, cancelled, file)  # type: ignore[arg-type]
        finally:
            over.set()

    monkeypatch.setattr(Export, "fill", slow)
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("E", "ctrl+u", *keys_of("loss.csv"), "enter")
        await screen.until(begun.is_set)
        assert "Writing" in said(screen)
        await screen.press("enter", "escape")
        assert screen.app.screen is screen.screen
        left.set()
        await until(screen.pilot, over.is_set)
        await screen.until(lambda: not any(here.glob("*loss.csv*")) and not any(here.glob(".loss.csv*")))


async def test_a_run_without_values_has_nothing_to_export(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, live=True, state="starting")
    async with monitor(run.folder) as screen:
        await screen.press("E")
        assert screen.app.screen is screen.screen
        assert toasts(screen) == ["There is nothing to export yet."]


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_the_dialog_fits_every_screen(learning: FakeRun, size: tuple[int, int]) -> None:
    async with monitor(learning.folder, size) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("E")
        await screen.until(lambda: "SVG" in said(screen))
        for selector in ("#prompt-text", "#prompt-said", "KeyBar"):
            region = dialog(screen).query_one(selector).region
            assert region.height >= 1
            assert region.bottom <= size[1]
            assert region.right <= size[0]


# What is taken over from the screen


def test_a_figure_has_the_marks_the_names_and_the_axes_of_the_chart() -> None:
    spec = spec_of(series([3, 2, 1]), series([3, 2, 2]), seams=(1.0,), seam_label="resumed at epoch 1", percent=True)
    spec.marks = (Mark(2.0, "best", "best 2"), Mark(1.5, "checkpoint", "last checkpoint"))
    spec.band, spec.band_label = (0.0, 1.0), "epochs 1–1"
    figure = figure_of(spec, Lens(log_scale=True, window=(0.5, 2.0)), "run \x1b[31ma")
    assert [(mark.x, mark.kind, mark.label) for mark in figure.marks] == [
        (2.0, "best", "best 2"),
        (1.5, "checkpoint", ""),
        (1.0, "resumed", "resumed at epoch 1"),
    ]
    assert figure.runs == "run a"
    assert (figure.log_scale, figure.window, figure.percent) == (True, (0.5, 2.0), True)
    assert (figure.stretch, figure.stretch_label) == ((0.0, 1.0), "epochs 1–1")


def test_a_figure_does_not_change_while_the_run_goes_on() -> None:
    points = series([3, 2, 1])
    figure = figure_of(spec_of(points), Lens(), "run")
    points.append(3, 0.5)
    points.truncate(1)
    assert list(figure.curves[0].y) == [3, 2, 1]
    assert figure.curves[0].reached == 2


def test_runs_of_an_overlay_share_a_figure_each_where_its_own_axis_puts_it() -> None:
    spec = spec_of(series([3, 2, 1]))
    band = Curve("b ± std", series([1, 2, 3]), 5, scale=2.0, offset=1.0, low=series([0, 1, 2]), high=series([2, 3, 4]))
    spec.curves.append(band)
    figure = figure_of(spec, Lens(), "")
    assert [curve.series for curve in figure.curves] == [1, 5]
    last = figure.curves[-1]
    assert [last.place(x) for x in last.x] == [1.0, 3.0, 5.0]
    assert (list(last.low), list(last.high)) == ([0, 1, 2], [2, 3, 4])


def test_without_a_log_of_its_own_a_table_holds_the_points_of_the_curves(here: Path) -> None:
    spec = spec_of(series([3, 2]))
    export_of = Export(figure_of(spec, Lens(), ""), Lens(), ExportSource("", "runs"), frozenset())
    with (here / "a.csv").open("wb") as file:
        export_of.fill(".csv", lambda: False, file)
    assert (here / "a.csv").read_text().splitlines() == ["curve,epoch,value", "curve0,0.0,3.0", "curve0,1.0,2.0"]
    assert "the points of the curves" in export_of.said(".csv")

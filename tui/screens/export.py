"""The `E` of a screen with charts: the first one in sight as a picture or a table, in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from textual import on, work
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from training.errors import InvalidInput, TraindeckError
from training.runs.events import AnyEvent
from training.story.export.figure import Figure
from training.story.export.target import KINDS, check, free_name, write
from training.text import clean_name, one_line
from tui.monitor.exporting import figure_of, smoothed
from tui.monitor.lens import Lens
from tui.screens.prompt import Judged, PromptScreen
from tui.widgets.chart import ChartSpec

if TYPE_CHECKING:
    from tui.screens.charting import ChartingScreen

WIDTH, HEIGHT = 1200, 700
"""Pixels of a picture."""


@dataclass(frozen=True)
class ExportSource:
    """Whose charts are exported."""

    runs: str
    """What the heading of a picture says beside the chart's title."""
    stem: str
    """What files are called after."""
    log: Path | None = None
    """The events whose values a table holds; without it, a table holds the points of the curves."""


@dataclass(frozen=True)
class Export:
    """All that is needed to write one chart: in copies that do not change."""

    figure: Figure
    lens: Lens
    source: ExportSource
    metrics: frozenset[str]

    def fill(self, kind: str, cancelled: Callable[[], bool], file: BinaryIO) -> None:
        """Write a file of that kind (`.svg`, `.png`, `.csv`); raises Cancelled where that is not wanted any more."""
        if kind == ".csv":
            self._tabulate(cancelled, file)
            return
        from training.story.export.layout import compose

        scene = compose([smoothed(self.figure, self.lens)], WIDTH, HEIGHT)
        if kind == ".svg":
            from training.story.export.svg import svg

            file.write(svg(scene))
        else:
            from training.story.export.png import png

            file.write(png(scene))

    def _tabulate(self, cancelled: Callable[[], bool], file: BinaryIO) -> None:
        from training.story.export import csv

        if self.source.log is None:
            csv.write_curves(self.figure.curves, self.figure.x_name, file)
            return
        read = csv.log_of(self.source.log)

        def batches() -> Iterable[list[AnyEvent]]:
            return _until(cancelled, read())

        names = [name for name in csv.columns(batches) if clean_name(name) in self.metrics]
        csv.write_log(batches, file, names=names)

    def said(self, kind: str) -> str:
        """What such a file holds."""
        if kind != ".csv":
            return f"{KINDS[kind]}, {WIDTH} × {HEIGHT}"
        what = "every value as it was logged" if self.source.log else "the points of the curves"
        return f"{KINDS[kind]}: {what}"


class Cancelled(Exception):
    """The dialog was left while the file was being written."""


def _until(cancelled: Callable[[], bool], batches: Iterable[list[AnyEvent]]) -> Iterator[list[AnyEvent]]:
    for batch in batches:
        if cancelled():
            raise Cancelled
        yield batch


class ExportScreen(PromptScreen):
    """Asks for the file and writes it; answers its path once it is there, or None."""

    @dataclass
    class Written(Message):
        """The file is there, or what kept it from being."""

        path: Path
        error: str = ""

    def __init__(self, export: Export, name: str) -> None:
        super().__init__(
            f"Export: {export.figure.title}",
            name,
            detail="The ending says what it becomes: .svg, .png or .csv",
            judge=self.judged,
        )
        self.export = export
        self.writing = False

    def judged(self, text: str) -> Judged:
        """Whether a file can be written there, and what it would hold."""
        if self.is_mounted and self.writing:
            return Judged(ok=False, said="It is being written.")
        try:
            return Judged(said=self.export.said(check(_path(text))))
        except InvalidInput as error:
            return Judged(ok=False, said=str(error))

    def take(self, text: str) -> None:
        self.writing = True
        self.query_one("#prompt-said", Static).update("Writing …")
        self.write_file(_path(text).absolute())

    @work(thread=True, exclusive=True, exit_on_error=False, group="export")
    def write_file(self, path: Path) -> None:
        cancelled = partial(getattr, get_current_worker(), "is_cancelled")
        try:
            write(path, partial(self.export.fill, check(path), cancelled))
        except Cancelled:
            return
        except TraindeckError as error:
            self.post_message(self.Written(path, one_line(str(error))))
        else:
            self.post_message(self.Written(path))

    @on(Written)
    def tell_written(self, message: Written) -> None:
        self.writing = False
        if not message.error:
            self.dismiss(str(message.path))
            return
        said = self.query_one("#prompt-said", Static)
        said.set_class(True, "error")
        said.update(f"✗ {message.error}")


def _path(text: str) -> Path:
    """Raises InvalidInput for an empty one, and for the home of somebody who is not there."""
    if not text:
        raise InvalidInput("A file needs a name.", "Such as loss.svg.")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise InvalidInput(f"{one_line(text)}: there is no such home.", "Name another folder.") from error


def export_chart(screen: ChartingScreen) -> None:
    """Ask for a file and write the first chart in sight to it."""
    spec = first_in_sight(screen)
    if spec is None or not any(len(curve.points.x) for curve in spec.curves):
        screen.notify("There is nothing to export yet.", severity="warning", markup=False)
        return
    source = screen.export_source()
    export = Export(figure_of(spec, screen.lens, source.runs), screen.lens, source, spec.metrics)
    name = free_name(Path(), source.stem, spec.group or spec.title)
    screen.app.push_screen(ExportScreen(export, name), partial(_tell, screen))


def first_in_sight(screen: ChartingScreen) -> ChartSpec | None:
    specs = screen.chosen_specs()
    return specs[max(0, min(screen.first_chart, len(specs) - 1))] if specs else None


def _tell(screen: ChartingScreen, path: str | None) -> None:
    if path is not None:
        screen.notify(f"Written: {one_line(path)}", markup=False)

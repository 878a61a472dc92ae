"""`traindeck plot RUN`: its charts as text, or as a picture or a table in a file."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from training.cli.mapping import column_names, is_log, run_of
from training.cli.output import say, say_json
from training.curves import Curves
from training.dataset.listing import shown
from training.errors import EXIT_OK, InvalidInput
from training.figures import storage
from training.foreign.reading import read
from training.runs.events import AnyEvent
from training.runs.log import standing
from training.story.charts import OVERVIEW, group_of, in_order
from training.story.export import csv
from training.story.export.figure import Figure, smooth
from training.story.export.figures import figures_of, metrics_of, wanted_groups
from training.story.export.layout import LARGEST, SMALLEST, compose
from training.story.export.target import check, write
from training.story.export.text import text_chart
from training.text import clean_name, one_line

PICTURE = (1200, 700)
HEIGHT_OF_SEVERAL = 460
"""Pixels of each chart where there are several in a picture of no given size."""
TEXT_ROWS = 12
WIDEST_TEXT = 100


@dataclass(frozen=True)
class Source:
    """What is drawn: a run of ours, or a log of another tool."""

    name: str
    batches: csv.Batches
    empty: tuple[str, str] = ("has logged no value yet.", "Wait for its first steps.")
    """What is said of it, and advised, where it holds no value."""

    def check(self, metrics: Collection[str]) -> None:
        """Raises InvalidInput where there are none."""
        if not metrics:
            raise InvalidInput(f"{one_line(self.name)} {self.empty[0]}", self.empty[1])

    def curves(self) -> Curves:
        """All of its history."""
        curves = Curves()
        for batch in self.batches():
            curves.extend(batch)
        return curves


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for charts that the run does not have, options that do not fit, and a file that is there."""
    to = Path(arguments.out).expanduser() if arguments.out is not None else None
    kind = "" if to is None else check(to, force=arguments.force, remedy="Name another file, or give --force.")
    if kind == ".csv" and (arguments.x or arguments.log or arguments.smooth is not None or arguments.size):
        raise InvalidInput(
            "A table holds the values as they were logged.",
            "Leave --x, --log, --smooth and --size out, or ask for .svg.",
        )
    source = _source(arguments)
    names = [name for each in arguments.chart or () for name in each.split(",") if name]
    if to is not None and kind == ".csv":
        metrics = csv.columns(source.batches)
        source.check(metrics)
        groups = {name: group_of(clean_name(name)) for name in metrics}
        wanted = wanted_groups(list(map(clean_name, metrics)), names, source.name) or in_order(groups.values())
        kept = [name for name in metrics if groups[name] in wanted]
        _write(arguments, to, wanted, partial(csv.write_log, source.batches, names=kept))
        return EXIT_OK
    curves = source.curves()
    metrics = metrics_of(curves)
    source.check(metrics)
    known = in_order(map(group_of, metrics))
    wanted = wanted_groups(metrics, names, source.name)
    wanted = wanted or [group for group in OVERVIEW if group in known] or known[:2]
    log_scale = True if arguments.log else None
    figures = figures_of(curves, wanted, arguments.x or "epoch", run=source.name, log_scale=log_scale)
    figures = [smooth(figure, arguments.smooth or 0.0) for figure in figures]
    if to is not None:
        size = arguments.size or (PICTURE[0], PICTURE[1] if len(figures) == 1 else HEIGHT_OF_SEVERAL * len(figures))
        picture = _picture(figures, _in_pixels(size), kind)
        _write(arguments, to, wanted, partial(_fill, picture))
    elif arguments.json:
        say_json({"run": source.name, "charts": list(map(_as_json, wanted, figures))})
    else:
        _tell(source.name, figures, arguments.size)
    return EXIT_OK


def _source(arguments: argparse.Namespace) -> Source:
    names = column_names(arguments.names)
    if is_log(arguments.run, arguments.runs_dir):
        path = Path(arguments.run)
        events: list[AnyEvent] = standing(read(path, names).events)
        return Source(path.name or str(path), lambda: [events], ("holds no value.", "Wait until something is logged."))
    found = run_of(arguments.run, arguments.runs_dir, names)
    source = Source(found.summary.name or found.folder.id, csv.log_of(found.folder.events))
    if found.live or found.state == "silent":
        return source
    why = f"`traindeck show {found.folder.id}` says how."
    return replace(source, empty=("ended before it logged a value.", why))


def _picture(figures: Sequence[Figure], size: tuple[int, int], kind: str) -> bytes:
    scene = compose(figures, *size)
    if kind == ".svg":
        from training.story.export.svg import svg

        return svg(scene)
    from training.story.export.png import png

    return png(scene)


def _fill(data: bytes, file: BinaryIO) -> None:
    file.write(data)


def _write(arguments: argparse.Namespace, to: Path, charts: Sequence[str], fill: Callable[[BinaryIO], object]) -> None:
    to = to.absolute()
    write(to, fill, force=arguments.force)
    size = to.stat().st_size
    if arguments.json:
        say_json({"path": str(to), "charts": charts, "bytes": size})
    else:
        say(f"{shown(str(to))}: {', '.join(map(one_line, charts))}, {storage(size)}")


def _tell(name: str, figures: Sequence[Figure], size: tuple[int, int] | None) -> None:
    width = min(WIDEST_TEXT, max(20, shutil.get_terminal_size((80, 24)).columns - 4))
    width, rows = size or (width, TEXT_ROWS)
    say(one_line(name))
    for figure in figures:
        say()
        say(figure.title)
        for line in text_chart(figure, min(width, 400), min(rows, 100)):
            say(f"  {line}")


def _as_json(chart: str, figure: Figure) -> dict[str, object]:
    """Every point, and what is marked."""
    return {
        "chart": chart,
        "title": figure.title,
        "x": figure.x_name,
        "curves": [
            {"name": curve.name, "points": [(curve.place(x), y) for x, y in zip(curve.x, curve.y, strict=True)]}
            for curve in figure.curves
            if curve.name
        ],
        "marks": [{"x": mark.x, "kind": mark.kind, "label": mark.label} for mark in figure.marks],
    }


def _in_pixels(size: tuple[int, int]) -> tuple[int, int]:
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise InvalidInput(
            f"--size {size[0]}x{size[1]}: a picture is {SMALLEST} to {LARGEST} pixels wide and high.",
            "As in --size 1200x700.",
        )
    return size

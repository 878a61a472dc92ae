"""Reader of tables with a header: the CSV logs of Lightning, Keras, Ultralytics and timm, and any with usual names."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

from training.config.problems import shown
from training.foreign.columns import Columns, meaning
from training.foreign.log import QUOTED, NotThisFormat
from training.foreign.many_rows import ManyRows
from training.foreign.rows import KNOWN
from training.foreign.table_columns import runs_of
from training.foreign.tail import Lines
from training.foreign.timeline import Timeline
from training.foreign.units import ACCURACIES, Accuracies, Convert, Summed
from training.text import one_line

GENERIC = "table (CSV)"
LIGHTNING = "Lightning's CSVLogger"
KERAS = "Keras' CSVLogger"
ULTRALYTICS = "Ultralytics' results.csv"
TIMM = "timm's summary.csv"
ONE_ROW = (KERAS, ULTRALYTICS, TIMM)
BLOCK = 512
"""Lines that are looked at together."""
_PART = re.compile(r"(train|val)/\w+_loss")
_RATES = frozenset({*ACCURACIES, "train_error", "val_error"})
_LOSSLIKE = KNOWN | _RATES


class Table:
    """Cells between commas, semicolons or tabs under a header, which a resume may repeat or change.

    Blank lines and those that begin with # are passed over. What was held back at the end is taken in only where it
    has a cell for every column.
    """

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        self.timeline = timeline
        self.config: dict[str, Any] = {}
        self.accuracies = Accuracies()
        self.skipped = 0
        self._columns = Columns(names)
        self._delimiter = ","
        self._format = ""
        self._names: list[str] = []
        self._convert: list[Convert] = []
        self._lines = Lines()
        self._rows: ManyRows | None = None
        timeline.begin()

    @property
    def by_epochs(self) -> bool:
        return self._rows is not None and self._rows.by_epochs

    def feed(self, data: bytes) -> None:
        lines = self._lines.feed(data)
        place = 0
        while place < len(lines):
            block = lines[place : place + BLOCK] if self._rows is not None else lines[place : place + 1]
            if len(block) < 2 or not self._block(block):
                for line in block:
                    self._line(line)
            place += len(block)

    def finish(self) -> None:
        line = self._lines.last()
        if not is_passed_over(line):
            cells = split(line, self._delimiter)
            if len(cells) >= len(self._names) and cells[-1]:
                self._line(line)
            else:
                self.skipped += 1
        if self._rows is not None:
            self._rows.finish()

    def _line(self, line: str) -> None:
        if is_passed_over(line):
            return
        if self._rows is None:
            self._begin(line)
            return
        cells = split(line, self._delimiter) if '"' in line else line.split(self._delimiter)
        row: dict[str, float] = {}
        for name, cell in zip(self._names, cells, strict=False):
            if cell:
                try:
                    row[name] = float(cell)
                except ValueError:
                    found = self._unusual(name, cell)
                    if found is not None:
                        row[name] = found
        if not row and any(map(meaning, cells)):
            self._take_header(split(line, self._delimiter))
            return
        self._take(row)

    def _take(self, row: dict[str, float]) -> None:
        assert self._rows is not None
        for convert in self._convert:
            convert(row)
        if not self._rows.add(row):
            self.skipped += 1

    def _block(self, lines: Sequence[str]) -> bool:
        """Lines of nothing but numbers, as `_line` one by one; False, and nothing is taken in, for others."""
        assert self._rows is not None
        runs = runs_of(lines, self._names, self._delimiter)
        for columns, count in runs or ():
            if count > 1 and all(convert.all(columns) for convert in self._convert):
                self.skipped += count - self._rows.add_many(columns, count)
            else:
                for place in range(count):
                    self._take({name: values[place] for name, values in columns.items()})
        return runs is not None

    def _unusual(self, name: str, cell: str) -> float | None:
        """A number with a decimal comma, where commas divide no cells, or with a percent sign; None for others."""
        text = cell.removesuffix("%")
        if self._delimiter != ",":
            text = text.replace(",", ".")
        try:
            found = float(text)
        except ValueError:
            return None
        if cell.endswith("%") and name in _RATES:
            self.accuracies.are_in_percent()
        return found

    def _begin(self, header: str) -> None:
        self._delimiter = delimiter_of(header)
        columns = split(header, self._delimiter)
        self._format = tool(columns)
        self._take_header(columns)
        countless = "epoch" not in self._names and "step" not in self._names
        self._rows = ManyRows(self.timeline, "rows" if countless else "undecided", one_row=self._format in ONE_ROW)

    def _take_header(self, columns: Sequence[str]) -> None:
        self._names = self._columns.all_of(columns)
        self._convert = []
        for side in ("train", "val"):
            parts = [one_line(column) for column in columns if _PART.fullmatch(column) and column.startswith(side)]
            if parts and f"{side}_loss" not in self._names:
                self._convert.append(Summed(f"{side}_loss", parts))
        if self._format == TIMM:
            self.accuracies.are_in_percent()
        if not _RATES.isdisjoint(self._names):
            self._convert.append(self.accuracies)


def tool(columns: Sequence[str]) -> str:
    """Which tool writes such a header."""
    names = set(columns)
    if {"epoch", "lr/pg0"} <= names and any(name.startswith(("train/", "metrics/")) for name in names):
        return ULTRALYTICS
    if {"epoch", "train_loss", "eval_loss", "eval_top1"} <= names:
        return TIMM
    if columns[:1] == ["epoch"] and {"loss", "val_loss"} <= names and list(columns[1:]) == sorted(columns[1:]):
        return KERAS
    if {"epoch", "step"} <= names and list(columns) == sorted(columns):
        return LIGHTNING
    return GENERIC


def recognise(header: str, names: Mapping[str, str] | None = None) -> str:
    """Which table a first line begins. Raises NotThisFormat where it names no loss and no accuracy."""
    columns = split(header, delimiter_of(header))
    known = set(Columns(names).all_of(columns))
    if _LOSSLIKE.isdisjoint(known) and not any(map(_PART.fullmatch, columns)):
        found = shown(", ".join(columns), QUOTED) or "nothing"
        raise NotThisFormat(f"the first line names no column for a loss or an accuracy, but {found}")
    return tool(columns)


def is_passed_over(line: str) -> bool:
    return not line or line.isspace() or line[0] == "#"


def delimiter_of(header: str) -> str:
    return max(",;\t", key=header.count)


def split(line: str, delimiter: str) -> list[str]:
    """The cells of a line, without the spaces around them."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:  # a carriage return within the line, or a cell that never ends
        cells = line.split(delimiter)
    return [cell.strip() for cell in cells]

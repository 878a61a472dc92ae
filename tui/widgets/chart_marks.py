"""The row of marks under a canvas: best epoch, checkpoint, changes of the learning rate, each at its column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from tui.widgets.chart_axes import GUTTER
from tui.widgets.chart_signs import MARKS, STRETCH
from tui.widgets.chart_spec import Mark
from tui.widgets.rows import Part, Row

_ORDER = list(MARKS)


def marks_row(marks: Sequence[Mark], column_of: Callable[[float], int], across: int) -> Row:
    """The signs in `across` columns; what was changed by hand is named behind its sign, where there is room."""
    line: list[Part] = [(" ", "text")] * across
    for mark in marks:
        if mark.until is not None:
            first, last = (min(across - 1, max(0, column_of(x))) for x in (mark.x, mark.until))
            if column_of(mark.until) >= 0 and column_of(mark.x) < across:
                line[first : last + 1] = [(STRETCH, "muted")] * (last + 1 - first)
    taken: set[int] = set()
    for mark in sorted(marks, key=lambda mark: _ORDER.index(mark.kind)):
        column = column_of(mark.x)
        if 0 <= column < across and column not in taken:
            taken.add(column)
            line[column] = MARKS[mark.kind]
    for mark in marks:
        if mark.kind == "override" and mark.label:
            _name(line, taken, column_of(mark.x), mark.label)
    return [(" " * GUTTER, "text"), *_runs(line)]


def _name(line: list[Part], taken: set[int], column: int, label: str) -> None:
    """Write the label behind its sign, unless that would hide another."""
    first, last = column + 2, column + 1 + len(label)
    if column < 0 or last >= len(line) or any(at in taken for at in range(column + 1, last + 2)):
        return
    style = MARKS["override"][1]
    line[first : last + 1] = [(character, style) for character in label]
    taken.update(range(first, last + 1))


def _runs(line: Sequence[Part]) -> Row:
    return [
        ("".join(character for character, _ in run), style) for style, run in groupby(line, key=lambda part: part[1])
    ]


def on_blanks(row: Row, marks: Row) -> Row:
    """Marks in a row of labels, where it is blank: for a chart without a row to spare."""
    labels = [(character, style) for text, style in row for character in text]
    signs = [(character, style) for text, style in marks for character in text]
    shown = [sign if label[0] == " " and sign[0] != " " else label for label, sign in zip(labels, signs, strict=False)]
    return _runs([*shown, *labels[len(shown) :]])

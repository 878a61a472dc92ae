"""What is taken for what: the confusion matrix where it fits, and the most frequent confusions."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from training.runs.events import Classes
from tui.monitor.model import Monitored
from tui.monitor.panels.classes import names_of, newest, nothing_yet, said_of
from tui.monitor.panels.window import Latest, Scroll, windowed
from tui.widgets.rows import Row, fit, wrap

MOST_CLASSES = 20
"""Of a matrix that can still be read."""
OFTEN = 0.1
"""A share of a class that is taken for one other class, from which on it stands out."""
SHORTEST, LONGEST = 4, 16
"""Cells of the names in front of the rows."""


@dataclass(frozen=True)
class Counted:
    """A report's confusions: (samples, true class, said class), the most frequent first, and all counts."""

    wrong: list[tuple[int, int, int]]
    counts: dict[tuple[int, int], int]


def counted(report: Classes) -> Counted:
    """The confusions of a report; of very many classes the log holds the most frequent ones only."""
    size = len(report.support)
    inside = [(true, said, n) for true, said, n in report.confusion if 0 <= true < size and 0 <= said < size]
    wrong = sorted(((-n, true, said) for true, said, n in inside if true != said and n > 0))
    return Counted([(-n, true, said) for n, true, said in wrong], {(true, said): n for true, said, n in inside})


_counted: Latest[Classes, Counted] = Latest(counted)


def confusion_rows(run: Monitored, width: int, height: int, scroll: Scroll) -> list[Row]:
    """The matrix with true classes in rows, where there is room for it, and the confusions in words."""
    report = newest(run)
    if report is None or not report.confusion:
        what = "which classes are taken for which"
        said = nothing_yet(run, what) if report is None else "This log does not tell which classes are taken for which."
        return windowed("Confusion", "", wrap(said, width, "muted"), width, height, scroll)
    found, names = _counted(report), names_of(run, len(report.support))
    matrix = _matrix(report, found, names, width)
    if len(matrix) > height - 2:
        matrix = []
    note = f"{'rows true, columns said' if matrix else 'most frequent first'} · {said_of(report)}"
    if not found.wrong:
        right: Row = [("✓ ", "success"), ("every image was classified right", "text")]
        return windowed("Confusion", note, [*matrix, right], width, height, scroll)
    lines = len(matrix) + bool(matrix) + len(found.wrong)

    def line(at: int) -> Row:
        if at < len(matrix):
            return matrix[at]
        if matrix and at == len(matrix):
            return [("Most frequent", "muted")]
        return _in_words(report, found.wrong[at - len(matrix) - bool(matrix)], names, width)

    return windowed("Confusion", note, (lines, line), width, height, scroll)


def _in_words(report: Classes, confusion: tuple[int, int, int], names: list[str], width: int) -> Row:
    """Such as `cat → dog  12 (8 % of cat)`."""
    number, true, said = confusion
    share = number / report.support[true] if report.support[true] else 0.0
    style, mark = ("warning", "! ") if share >= OFTEN else ("text", "  ")
    tail = f"  {number} ({100 * share:.0f} % of {names[true]})"
    if cell_len(f"{mark}{names[true]} → {names[said]}{tail}") > width:
        tail = f"  {number} ({100 * share:.0f} %)"
    room = max(3, (width - cell_len(mark + tail) - 3) // 2)
    short = [name if cell_len(name) <= room else _cut(name, room) for name in (names[true], names[said])]
    return [(mark, style), (short[0], style), (" → ", "muted"), (short[1], style), (tail, "muted")]


def _cut(name: str, room: int) -> str:
    return "".join(text for text, _ in fit([(name, "text")], room))


def _matrix(report: Classes, found: Counted, names: list[str], width: int) -> list[Row]:
    """The rows of the matrix with its head; none where there are too many classes for the width."""
    size = len(report.support)
    if size > MOST_CLASSES:
        return []
    cell = 1 + max(2, *(len(str(number)) for number in found.counts.values()))
    named = all(cell_len(name) < cell for name in names)
    room = width - size * cell
    if room < SHORTEST:
        return []
    numbers = [str(at + 1) for at in range(size)]
    front = (
        names if named else [f"{number:>{len(str(size))}} {name}" for number, name in zip(numbers, names, strict=True)]
    )
    label = min(room, LONGEST, max(map(cell_len, front)))
    head: Row = [(" " * label, "text")]
    for name in names if named else numbers:
        head.append((" " * (cell - cell_len(name)) + name, "muted"))
    rows = [head]
    for true in range(size):
        row = fit([(front[true], "text")], label)
        for said in range(size):
            number = found.counts.get((true, said), 0)
            share = number / report.support[true] if report.support[true] else 0.0
            row.append((f"{number or '·':>{cell}}", _style(true == said, number, share)))
        rows.append(row)
    return rows


def _style(right: bool, number: int, share: float) -> str:
    """Of a cell. Where it stands and its number say the same without colours."""
    if not number:
        return "track"
    if right:
        return "success"
    return "warning" if share >= OFTEN else "text"

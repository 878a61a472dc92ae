"""How each class fares: precision, recall and F1, the worst class first."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from training.runs.events import Classes
from training.text import one_line
from tui.monitor.model import Monitored
from tui.monitor.panels.window import Latest, Scroll, meter, windowed
from tui.widgets.rows import Row, fit, wrap

WEAK = 0.8
"""An F1 below that share of the median over the classes is marked."""
FIGURES = 24
"""Cells of the four columns of figures."""
BARS = 58
"""Cells from which on a bar shows the F1."""
LONGEST_NAME = 24


def newest(run: Monitored) -> Classes | None:
    """The report on the test split where it was evaluated, else the latest on the validation split."""
    return run.curves.classes.get("test") or run.curves.classes.get("val")


def names_of(run: Monitored, number: int) -> list[str]:
    """The classes' names; their numbers, from 0, where the log does not name them."""
    attempt = run.curves.attempt
    told = attempt.facts.get("classes") if attempt else None
    names = [one_line(str(name)) for name in told] if isinstance(told, Sequence) and not isinstance(told, str) else []
    return [names[at] if at < len(names) and names[at] else str(at) for at in range(number)]


def said_of(report: Classes) -> str:
    """What was evaluated: the validation split after that epoch, or the test split at the end."""
    return "test split" if report.side == "test" else f"epoch {report.epoch}"


def nothing_yet(run: Monitored, what: str) -> str:
    """Why there is no report on the classes."""
    if not run.controllable:
        return f"Nothing here tells {what}: only a training by traindeck counts single classes."
    if run.live:
        return f"After the first epoch: {what}."
    return "The run ended before its first validation: nothing is known of its classes."


def worst_first(report: Classes) -> list[int]:
    """The classes by their F1, those without a sample last."""
    size = len(report.support)
    f1 = [*report.f1[:size], *([0.0] * (size - len(report.f1)))]
    return sorted(range(size), key=lambda at: (report.support[at] == 0, f1[at], at))


_order: Latest[Classes, list[int]] = Latest(worst_first)


def class_rows(run: Monitored, width: int, height: int, scroll: Scroll) -> list[Row]:
    """A line for each class; with the hint to the other side of the panel."""
    report = newest(run)
    if report is None or not report.support:
        said = wrap(nothing_yet(run, "how each class fares"), width, "muted")
        return windowed("Classes", "", said, width, height, scroll)
    order, names = _order(report), names_of(run, len(report.support))
    bar = width - FIGURES - 2 - LONGEST_NAME if width >= BARS else 0
    room = max(4, width - FIGURES - 2 - (bar + 2 if bar else 0))
    seen = [report.f1[at] for at in order if report.support[at] and at < len(report.f1)]
    weak = WEAK * (median(seen) if seen else 0.0)

    def line(at: int) -> Row:
        return _line(report, order[at], names[order[at]], room, bar, weak)

    head: Row = [("  ", "text"), *fit([("class", "muted")], room), ("     n  prec   rec    F1", "muted")]
    note = f"{said_of(report)} · c confusion · worst first"
    return windowed("Classes", note, (len(order), line), width, height, scroll, [head] if height > 4 else [])


def _line(report: Classes, at: int, name: str, room: int, bar: int, weak: float) -> Row:
    support = report.support[at]
    figures = [values[at] if at < len(values) else 0.0 for values in (report.precision, report.recall, report.f1)]
    f1, style, mark = figures[2], "text", " "
    if not support:
        style = "muted"
    elif not figures[1]:
        style, mark = "error", "✗"
    elif f1 < weak:
        style, mark = "warning", "!"
    told = [f"{100 * figure:6.1f}" if support else f"{'–':>6}" for figure in figures]
    row: Row = [(f"{mark} ", style), *fit([(name, style)], room), (f"{support:6}", "muted"), ("".join(told), style)]
    return [*row, ("  ", "text"), *meter(f1, bar)] if bar and support else row

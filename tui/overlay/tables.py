"""The tables of an overlay: the settings that differ, and the metrics at equal epochs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from training.runs.seeds import spread
from training.story.versus.aligned import Aligned, Figures
from training.story.versus.settings import ABSENT, Differing
from training.story.versus.words import figure, shown
from tui.overlay.model import Overlaid, Side
from tui.overlay.runs_rows import sign_of
from tui.widgets.chart_signs import Signs
from tui.widgets.rows import Part, Row, fit
from tui.widgets.table import fit as cut

KEY_CELLS = 24
"""That the key of a setting may take."""
VALUE_CELLS = 18
"""That one value may take."""
SEED = "runtime.seed"
MIXED = "…"
"""Where the runs of a side differ, as in their seed."""
NAME_CELLS = 24
LEAST_NAME = 16
"""Cells that a name has before the last columns give way."""


def settings_rows(overlaid: Overlaid, selected: int, signs: Signs, width: int) -> list[Row]:
    """A line a key, a column a side: those that fit, the baseline and what is selected among them."""
    rows: list[Row] = [fit([("Settings that differ", "title")], width)]
    table = of_sides(overlaid)
    if not table:
        said = "No setting differs." if overlaid.settings or _all_known(overlaid) else "Reading the configs …"
        return [*rows, fit([(said, "muted")], width)]
    keys = min(KEY_CELLS, max(cell_len(one.key) for one in table), max(8, width // 2))
    places = _columns(overlaid, table, selected, width - keys)
    widths = _widths(overlaid, table, places, width - keys)
    head: Row = [(" " * keys, "text")]
    for place in places:
        sign = sign_of(overlaid.sides[place], signs)
        name = cut(overlaid.sides[place].name, widths[place] - cell_len(sign[0]) - 1, cut="middle")
        head += [(" ", "text"), *fit([sign, (f" {name}", "muted")], widths[place])]
    rows.append(fit(head, width))
    for one in table:
        row: Row = [*fit([(one.key, "text")], keys)]
        base = one.values[overlaid.sides.index(overlaid.baseline)]
        for place in places:
            text = one.values[place]
            row += [(" ", "text"), *fit([(text, "muted" if text == base else "strong")], widths[place])]
        rows.append(fit(row, width))
    left = len(overlaid.sides) - len(places)
    if left:
        rows.append(fit([(f"{left} more beside these: ↓ ↑", "muted")], width))
    return rows


def of_sides(overlaid: Overlaid) -> list[Differing]:
    """The settings that differ between sides, with one value a side; what seeds differ in is left out."""
    rows = []
    for one in overlaid.settings:
        values = []
        for side in overlaid.sides:
            told = list(dict.fromkeys(one.values[place] for place in side.places))
            values.append(told[0] if len(told) == 1 else MIXED)
        seeds = one.key == SEED and MIXED in values
        if len(set(values)) > 1 and not seeds:
            rows.append(Differing(one.key, tuple(values)))
    return rows


def _all_known(overlaid: Overlaid) -> bool:
    return all(run.view is not None or run.missing for run in overlaid.runs)


def _width(table: Sequence[Differing], place: int) -> int:
    return min(VALUE_CELLS, max(8, *(cell_len(one.values[place]) for one in table)))


def _widths(overlaid: Overlaid, table: Sequence[Differing], places: Sequence[int], room: int) -> dict[int, int]:
    """What each of the columns needs, and of the room that is left what it takes to show the names, shared out.

    Where there is less room than they need, the widest gives way.
    """
    widths = {place: _width(table, place) for place in places}
    left = room - sum(widths.values()) - len(places)
    for _ in range(-left):
        widths[max(places, key=lambda place: widths[place])] -= 1
    left = max(0, left)
    wanted = {place: max(0, cell_len(overlaid.sides[place].name) + 2 - widths[place]) for place in places}
    for number, place in enumerate(sorted(places, key=lambda place: wanted[place])):
        more = max(0, min(wanted[place], left // (len(places) - number)))
        widths[place] += more
        left -= more
    return widths


def _columns(overlaid: Overlaid, table: Sequence[Differing], selected: int, room: int) -> list[int]:
    """The baseline, and the others around what is selected as far as there is room, in their order."""
    number = len(overlaid.sides)
    base = overlaid.sides.index(overlaid.baseline)
    chosen = [base]
    room -= _width(table, base) + 1
    nearest = sorted((place for place in range(number) if place != base), key=lambda place: abs(place - selected))
    for place in nearest:
        room -= _width(table, place) + 1
        if room < 0 and len(chosen) > 1:
            break
        chosen.append(place)
        if room < 0:
            break
    return sorted(chosen)


def metric_rows(overlaid: Overlaid, signs: Signs, width: int) -> list[Row]:
    """A block a metric, a line a side: at the last epoch that all have, at its best, and in the end."""
    rows: list[Row] = [fit([("Metrics at equal epochs", "title")], width)]
    if not overlaid.figures:
        return [*rows, fit([("no values yet", "muted")], width)]
    for one in overlaid.figures:
        rows += _block(overlaid, one, signs, width)
    return rows


def _block(overlaid: Overlaid, one: Aligned, signs: Signs, width: int) -> list[Row]:
    lines = [(side, _cells(one, side)) for side in overlaid.sides]
    heads = (f"epoch {one.common}" if one.common else ABSENT, "best", "last")
    widths = [max(cell_len(head), *(cell_len(cells[at]) for _, cells in lines)) for at, head in enumerate(heads)]
    columns = 3
    while columns > 1 and sum(widths[:columns]) + 2 * columns + LEAST_NAME > width:
        columns -= 1
    names = max(4, min(width - sum(widths[:columns]) - 2 * columns - 2, max(NAME_CELLS, cell_len(one.metric))))
    head: Row = [*fit([(one.metric, "strong")], names + 2)]
    for at in range(columns):
        head.append((f"  {heads[at]:>{widths[at]}}", "muted"))
    rows = [fit(head, width)]
    best = next((side for side in overlaid.sides if one.best is not None and one.best in side.places), None)
    for side, cells in lines:
        star: Part = ("★", "success") if side is best else (" ", "text")
        row: Row = [sign_of(side, signs), star, *fit([(side.name, "text")], names)]
        row += [(f"  {cells[at]:>{widths[at]}}", "text") for at in range(columns)]
        rows.append(fit(row, width))
    return rows


def _cells(one: Aligned, side: Side) -> tuple[str, str, str]:
    figures = [one.figures[place] for place in side.places]
    if len(figures) == 1:
        return _single(one.metric, figures[0])
    told = [
        [value for value in values if value is not None]
        for values in zip(*((f.at_common, f.best, f.final) for f in figures), strict=True)
    ]
    texts = [figure(spread(values), one.metric) for values in told]
    return texts[0], texts[1], texts[2]


def _single(metric: str, figures: Figures) -> tuple[str, str, str]:
    best, final = shown(figures.best, metric), shown(figures.final, metric)
    return (
        shown(figures.at_common, metric),
        f"{best} @{figures.best_epoch}" if figures.best is not None else best,
        f"{final} @{figures.final_epoch}" if figures.final is not None else final,
    )


def as_text(overlaid: Overlaid) -> str:
    """All of it as lines of columns apart by tabs, to be pasted into a table."""
    names = [side.name for side in overlaid.sides]
    lines = ["\t".join(["setting", *names])]
    lines += ["\t".join([one.key, *one.values]) for one in of_sides(overlaid)]
    for one in overlaid.figures:
        lines += ["", "\t".join([one.metric, f"epoch {one.common}", "best", "last"])]
        lines += ["\t".join([side.name, *_cells(one, side)]) for side in overlaid.sides]
    lines.append("")
    for side in overlaid.sides:
        if (verdict := overlaid.verdict(side)) is not None:
            lines.append(f"{side.name}\t{verdict.sentence}")
    return "\n".join(lines)

"""The list of the runs of an overlay: colour, state, how far, how good, and the verdict in a sign."""

from __future__ import annotations

from training.runs.seeds import Spread, spread
from training.story.versus.measured import ACCURACY
from training.story.versus.words import SIGNS, WORDS, figure
from tui.overlay.model import Overlaid, Side
from tui.theme import STATES
from tui.widgets.chart_signs import STYLES_OF_CELLS, Signs
from tui.widgets.rows import Part, Row, between, fit, width_of
from tui.widgets.table import fit as cut

STYLES = {
    "better": "success", "worse": "error", "differs": "accent", "same": "text", "unclear": "muted", "early": "muted",
    "incomparable": "warning",
}  # fmt: skip
"""Of verdicts."""
HIDDEN: Part = ("○", "muted")
JUDGING: Part = ("·", "muted")
"""Until a side is judged, which takes a moment."""
WORDY = 60
"""Cells from which on the verdict is said in a word."""
LEAST_NAME = 12


def run_rows(overlaid: Overlaid, selected: int, signs: Signs, width: int, height: int) -> list[Row]:
    """A row a side, in a window that holds the one that is selected; a heading where there is room for one."""
    sides = overlaid.sides
    headed, window = in_sight(len(sides), selected, height)
    heading = [_heading(overlaid)] if headed else []
    shown = [(number, sides[number]) for number in window]
    rows = [_row(overlaid, side, signs, width, here=number == selected) for number, side in shown]
    hidden = len(sides) - len(shown)
    if heading and hidden:
        heading[0] = [*heading[0], (f"  {hidden} more", "muted")]
    return [*(fit(row, width) for row in heading), *rows][:height]


def in_sight(sides: int, selected: int, height: int) -> tuple[bool, range]:
    """Whether the list has its heading, and which of the sides stand below it."""
    headed = height > sides or height > 3
    room = max(1, height - headed)
    first = max(0, min(selected - room + 1, sides - room))
    return headed, range(first, min(sides, first + room))


def _heading(overlaid: Overlaid) -> Row:
    number, sides = len(overlaid.runs), len(overlaid.sides)
    grouped = ", seeds together" if overlaid.groups_seeds and sides < number else ""
    return [("Runs", "title"), (f"  {number}{grouped}", "muted")]


def _row(overlaid: Overlaid, side: Side, signs: Signs, width: int, *, here: bool) -> Row:
    mark: Part = ("▸", "key") if here else (" ", "text")
    left: Row = [mark, sign_of(side, signs), (" ", "text")]
    right = _right(overlaid, side, width)
    room = width - width_of(left) - width_of(right) - 1
    while room < LEAST_NAME and len(right) > 1:  # the name matters more than the figures, the verdict most
        right = right[2:]
        room = width - width_of(left) - width_of(right) - 1
    name: Part = (cut(side.name, max(1, room), cut="middle"), "strong" if here else "text")
    return between([*left, name], right, width)


def sign_of(side: Side, signs: Signs) -> Part:
    """The sign of a side's curves, in its colour."""
    return HIDDEN if side.hidden else (signs.legend(side.colour, side.again), STYLES_OF_CELLS[side.colour])


def _right(overlaid: Overlaid, side: Side, width: int) -> Row:
    """State and epoch, the best accuracy, the verdict; each with a separator behind it but the last."""
    gap: Part = ("  ", "text")
    row: Row = [_state(overlaid, side), gap]
    if (best := accuracy(overlaid, side)) is not None:
        row += [(figure(best, ACCURACY), "text"), gap]
    return [*row, _verdict(overlaid, side, width)]


def _state(overlaid: Overlaid, side: Side) -> Part:
    """Of a single run its state, of several the worst that there is to say; with the last epoch."""
    runs = [overlaid.runs[place] for place in side.places]
    epochs = sorted({run.curves.epoch for run in runs})
    far = f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]}–{epochs[-1]}"
    states = list(dict.fromkeys(run.state for run in runs))
    if states == [""]:
        return "…", "muted"
    if "gone" in states:
        return "✗ gone", "error"
    signs = "".join(STATES.get(state, ("?", ""))[0] for state in states if state)
    return f"{signs} {far}", "muted"


def accuracy(overlaid: Overlaid, side: Side) -> Spread | None:
    """The best validation accuracies of a side; None where it has none."""
    values = []
    for place in side.places:
        series = overlaid.runs[place].curves.epochs.get(ACCURACY)
        if series is not None and (
            trained := [y for x, y in zip(series.x, series.y, strict=False) if x >= 1 and y == y]
        ):
            values.append(max(trained))
    return spread(values)


def _verdict(overlaid: Overlaid, side: Side, width: int) -> Part:
    if side == overlaid.baseline:
        return ("= baseline" if width >= WORDY else "= base"), "accent"
    verdict = overlaid.verdict(side)
    if verdict is None:
        return JUDGING
    word = f" {WORDS[verdict.kind]}" if width >= WORDY and verdict.kind in ("better", "worse", "differs") else ""
    return f"{SIGNS[verdict.kind]}{word}", STYLES[verdict.kind]

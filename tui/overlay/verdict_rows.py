"""The verdicts of an overlay, in sentences."""

from __future__ import annotations

from training.story.versus.words import SIGNS
from tui.overlay.model import Overlaid, Side
from tui.overlay.runs_rows import JUDGING, STYLES, sign_of
from tui.widgets.chart_signs import Signs
from tui.widgets.rows import Row, fit, wrap

ONE_SEED = "One run a side: what other seeds would make of it, R in a run's monitor shows."


def verdict_rows(overlaid: Overlaid, signs: Signs, width: int) -> list[Row]:
    """What is thought of each side against the baseline, in the order of the list."""
    baseline = overlaid.baseline
    rows: list[Row] = [fit([("Verdict", "title"), (f"  against {baseline.name}", "muted")], width)]
    judged = [block for side in overlaid.sides if (block := _block(overlaid, side, signs, width))]
    rows += [row for block in judged for row in block]
    if not judged:
        rows += wrap(_nothing(overlaid), width, "muted")
    elif all(len(side.places) == 1 for side in overlaid.sides):
        rows += [[], *wrap(ONE_SEED, width, "muted")]
    return rows


def verdict_place(overlaid: Overlaid, side: Side, signs: Signs, width: int) -> range:
    """The rows that tell of a side; the heading for the baseline."""
    start = 1
    for other in overlaid.sides:
        block = _block(overlaid, other, signs, width)
        if other.places == side.places:
            return range(start, start + len(block)) if block else range(1)
        start += len(block)
    return range(1)


def _block(overlaid: Overlaid, side: Side, signs: Signs, width: int) -> list[Row]:
    if side == overlaid.baseline:
        return []
    verdict = overlaid.verdict(side)
    if verdict is None:
        return [fit([JUDGING, (" ", "text"), sign_of(side, signs), (f" {side.name}", "strong")], width)]
    style = STYLES[verdict.kind]
    name: Row = [(f"{SIGNS[verdict.kind]} ", style), sign_of(side, signs), (f" {side.name}", "strong")]
    return [fit(name, width), *wrap(verdict.sentence, width, "text", first=[("  ", "text")], indent=2)]


def _nothing(overlaid: Overlaid) -> str:
    if len(overlaid.runs) > 1:
        return "They differ in their seed alone: g shows each by itself, and judges it."
    return "There is nothing to compare it with: mark several runs in Home with space, then c."

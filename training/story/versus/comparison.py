"""Several runs against a baseline: which belong together, and what is thought of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.curves import Curves
from training.runs.epoch_tail import EpochTail
from training.runs.lifecycle import RunView
from training.runs.seeds import SEED_IN_NAME, seed_key
from training.story.versus.measured import Measured
from training.story.versus.of_run import measured, name_of
from training.story.versus.verdict import Verdict, judge


@dataclass(frozen=True)
class Side:
    """A run, or several that differ in their seed alone."""

    name: str
    runs: tuple[int, ...]
    """Their places among all."""


def sides(runs: Sequence[RunView], *, by_seed: bool = True) -> list[Side]:
    """The runs, those of one seed group as one side; each where its first run stands."""
    found: dict[str, list[int]] = {}
    for index, run in enumerate(runs):
        key = seed_key(run) if by_seed else ""
        found.setdefault(key or f"run {index}", []).append(index)
    return [Side(together([name_of(runs[place]) for place in places]), tuple(places)) for places in found.values()]


def together(names: Sequence[str]) -> str:
    """What runs that differ in their seed alone are called together: `digits ×5`; a single one as it is."""
    return names[0] if len(names) == 1 else f"{SEED_IN_NAME.sub('', names[0])} ×{len(names)}"


def verdicts(runs: Sequence[Measured], found: Sequence[Side], baseline: int = 0) -> list[Verdict | None]:
    """What is thought of each side against the one of that place; None for the baseline itself."""
    theirs = [runs[index] for index in found[baseline].runs]
    return [
        None if place == baseline else judge([runs[index] for index in side.runs], theirs)
        for place, side in enumerate(found)
    ]


def read_measured(run: RunView) -> Measured:
    """The run with its whole history by epoch. Raises OSError."""
    tail, curves = EpochTail(run.folder.events), Curves()
    while not tail.at_end:
        curves.extend(tail.read(seconds=1.0))
    return measured(run, curves)

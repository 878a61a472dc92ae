"""How often the verdict calls real repeats of one config different, and how its noise compares with that of seeds.

`python -m tests.bench.bench_verdict RUNS_DIR` over a folder in which runs were repeated (`traindeck repeat RUN --seeds
7`): every pair of each group of seeds is judged at several epochs, as the monitor would have judged it then.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import median

from training.curve import Series
from training.runs.lifecycle import RunView
from training.runs.seeds import seed_key, spread
from training.runs.store import list_runs
from training.story.versus import noise
from training.story.versus.comparison import read_measured
from training.story.versus.measured import ACCURACY, Measured
from training.story.versus.verdict import Verdict, judge

EPOCHS = (3, 5, 8, 12, 18, 25, 50, 100)
LEAST_SEEDS = 3


def up_to(run: Measured, epoch: int) -> Measured:
    """The run as it was after that epoch."""
    cut = {}
    for name, series in run.epochs.items():
        cut[name] = Series()
        for x, y in zip(series.x, series.y, strict=False):
            if x <= epoch:
                cut[name].append(x, y)
    return replace(run, epochs=cut)


def groups(runs: Iterable[RunView]) -> list[list[Measured]]:
    """Repeats that are over, a list a config."""
    found: dict[str, list[RunView]] = {}
    for run in runs:
        if (key := seed_key(run)) and not run.live:
            found.setdefault(key, []).append(run)
    return [[read_measured(run) for run in group] for group in found.values() if len(group) >= LEAST_SEEDS]


def lines(group: Sequence[Measured], epoch: int) -> list[str]:
    """What the verdict makes of the group after that epoch, a line a metric; none where it has fewer behind it."""
    runs = [up_to(run, epoch) for run in group if len(run.at(ACCURACY)) >= epoch]
    if len(runs) < LEAST_SEEDS:
        return []
    told = []
    for metric in ("val_loss", ACCURACY):
        judged = [judge([replace(a, monitor=metric)], [replace(b, monitor=metric)]) for a, b in combinations(runs, 2)]
        told.append(_line(runs, metric, epoch, judged))
    return told


def _line(runs: Sequence[Measured], metric: str, epoch: int, judged: Sequence[Verdict]) -> str:
    different = sum(verdict.kind in ("better", "worse") for verdict in judged)
    values = [list(run.at(metric).values()) for run in runs]
    smoothed = spread([median(each[-noise.SMOOTHED :]) for each in values])
    seeds = smoothed.std if smoothed and smoothed.std is not None else 0.0
    of_epochs = median(noise.of_epochs(each) for each in values)
    of_pair = median(verdict.noise for verdict in judged)
    return (
        f"  epoch {epoch:>3}  {metric:<8}  different {different:>3} of {len(judged):<3}  between seeds {seeds:.4f}  "
        f"between epochs {of_epochs:.4f}  noise of a pair {of_pair:.4f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs_dir", type=Path)
    found = groups(list_runs(parser.parse_args().runs_dir))
    for group in found:
        print(f"{group[0].name}, {len(group)} seeds")
        for epoch in EPOCHS:
            for line in lines(group, epoch):
                print(line)
    if not found:
        print(f"No config here has {LEAST_SEEDS} seeds or more: `traindeck repeat RUN --seeds 7` makes some.")


if __name__ == "__main__":
    main()

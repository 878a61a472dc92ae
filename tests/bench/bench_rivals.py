"""Whole epochs of the engine against Lightning's Trainer, and against a loop that fetches values at each batch.

    python -m tests.bench.bench_rivals [--dir FOLDER] [--case A|B] [--laps N] [--json]

Needs `pip install lightning scikit-learn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.bench.arguments import EXTRAS, parser, report
from tests.bench.cases import make_case
from tests.bench.measure import ratios, spread
from tests.bench.table import Row
from tests.bench.turns import Contender, CouldNotRun, race

BARS = {"lightning": 1.1, "naive": 1.3}
NEEDS = {"lightning": "lightning", "naive": "sklearn"}
NAMES = {"lightning": "Lightning", "naive": "loop that fetches each batch"}
LAPS = {"A": 60, "B": 7}


def missing() -> str:
    """What has to be installed for all rivals to run; empty where all is there."""
    absent = [module for module in NEEDS.values() if find_spec(module) is None]
    return f"{' and '.join(absent)} missing: {EXTRAS}" if absent else ""


def against(name: str, workspace: Path, rivals: Sequence[str], *, laps: int, images: int) -> list[Row]:
    """Epochs by turns: training, validation, log, checkpoint."""
    make_case(name, workspace, images=images)  # draws the images, if they are not there yet
    contenders = [Contender(kind, name, workspace, images) for kind in ("engine", *rivals)]
    try:
        ours, *others = race(contenders, laps, warm_up=2)
    finally:
        for contender in contenders:
            contender.close()
    speed = [lap.images_per_s for lap in ours]
    rows = [Row(f"{name}: engine", spread(speed), "images/s")]
    for kind, theirs in zip(rivals, others, strict=True):
        rows += [
            Row(f"{name}: {NAMES[kind]}", spread([lap.images_per_s for lap in theirs]), "images/s"),
            Row(
                f"{name}: engine / {NAMES[kind]}",
                ratios(speed, [lap.images_per_s for lap in theirs]),
                "×",
                BARS[kind],
            ),
            Row(
                f"{name}: CPU time, {NAMES[kind]} / engine", ratios([x.cpu for x in theirs], [x.cpu for x in ours]), "×"
            ),
        ]
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--case", choices=("A", "B"), help="one case only")
    arguments.add_argument("--laps", type=int, help="epochs of each, by turns, instead of 60 for A and 7 for B")
    options = arguments.parse_args(argv)

    def rows() -> list[Row]:
        if missing():
            raise CouldNotRun(missing())
        return [
            row
            for name in options.case or "AB"
            for row in against(name, options.dir, tuple(BARS), laps=options.laps or LAPS[name], images=options.images)
        ]

    report("bench_rivals: whole epochs", rows, options.json)


if __name__ == "__main__":
    main()

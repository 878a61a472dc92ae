"""What an epoch costs over 200 epochs, and over more images: flat in the one, linear in the other; memory flat.

python -m tests.bench.bench_growth [--dir FOLDER] [--epochs N] [--json]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.arguments import parser, report
from tests.bench.cases import make_case
from tests.bench.measure import Spread, slope, spread
from tests.bench.table import Row, one
from tests.bench.turns import Contender, Lap, race

EPOCHS = 200
SHARES = (12.5, 25.0, 50.0, 100.0)
"""Percent of case B's images."""
MOST_GROWTH, MOST_MEMORY, MOST_POWER = 3.0, 1.0, 1.03
"""Percent over all epochs; percent over the second half; power of the number of images."""


def over_epochs(workspace: Path, epochs: int) -> list[Row]:
    """Case A, the whole worker, epoch after epoch; a bare loop by turns with it tells how fast the machine is."""
    with Contender("engine", "A", workspace, 0) as engine, Contender("plain", "A", workspace, 0) as clock:
        laps, ticks = race((engine, clock), epochs)
    return growth(laps, [lap.cpu for lap in ticks])


def growth(laps: Sequence[Lap], clock: Sequence[float]) -> list[Row]:
    """Of cost and memory over these epochs; `clock` is what something that never grows cost at the same times."""
    cost = [lap.cpu / tick for lap, tick in zip(laps, clock, strict=True)]
    epochs, tenth = len(laps), max(1, len(laps) // 10)
    memory = [lap.resident / 1e6 for lap in laps]
    half, last = median(memory[epochs // 2 :][:tenth]), median(memory[-tenth:])
    return [
        Row("A: CPU time an epoch", spread([lap.cpu * 1e3 for lap in laps]), "ms"),
        Row(f"A: its growth over {epochs} epochs", _percent(slope(cost), epochs, median(cost)), "%", MOST_GROWTH, True),
        Row("A: resident memory after the last epoch", one(memory[-1]), "MB"),
        Row("A: memory's growth over the second half", one(100 * (last / half - 1)), "%", MOST_MEMORY, True),
    ]


def _percent(change: Spread, over: int, of: float) -> Spread:
    scale = 100 * over / of
    return Spread(change.median * scale, change.low * scale, change.high * scale, change.count)


def over_images(workspace: Path, images: int, laps: int) -> list[Row]:
    """Case B with a small model on parts of its images, epochs by turns; the power of cost by least squares."""
    make_case("B", workspace, images=images)
    contenders = [Contender("engine", "B", workspace, images, str(share)) for share in SHARES]
    try:
        done = race(contenders, laps, warm_up=2)
    finally:
        for contender in contenders:
            contender.close()
    rows = [
        Row(
            f"B, small model: CPU time an image, {of_one[0].images} images",
            spread([lap.cpu / lap.images * 1e6 for lap in of_one]),
            "µs",
        )
        for of_one in done
    ]
    powers = [_power([of_one[turn] for of_one in done]) for turn in range(laps)]
    return [*rows, Row("B, small model: cost grows with images to the power", spread(powers), "", MOST_POWER, True)]


def _power(laps: Sequence[Lap]) -> float:
    """Slope of log cost over log images."""
    x = [math.log(lap.images) for lap in laps]
    y = [math.log(lap.cpu) for lap in laps]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--epochs", type=int, default=EPOCHS, help="of case A (default: %(default)s)")
    arguments.add_argument("--laps", type=int, default=9, help="epochs of each part of case B (default: %(default)s)")
    options = arguments.parse_args(argv)

    def rows() -> list[Row]:
        return [*over_epochs(options.dir, options.epochs), *over_images(options.dir, options.images, options.laps)]

    report("bench_growth", rows, options.json)


if __name__ == "__main__":
    main()

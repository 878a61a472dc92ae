"""Case B's images against ImageFolder, transforms v2 and a DataLoader with two workers: speed and memory.

python -m tests.bench.bench_data [--dir FOLDER] [--laps N] [--json]
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.bench.arguments import parser, report
from tests.bench.cases import make_case
from tests.bench.measure import PeakMemory, ratios, spread
from tests.bench.table import Row, one
from tests.bench.turns import Contender, race

FIRST, LATER, WHOLE, MEMORY = 1.0, 5.0, 1.2, 1.2
"""The bars: data path in the first epoch and later, end to end, peak memory."""
STARTS = 6


def read_once(folder: Path) -> None:
    """So that neither side is the first to fetch the files from the disk."""
    for path in folder.rglob("*.png"):
        path.read_bytes()


def first_epochs(workspace: Path, images: int, starts: int) -> list[Row]:
    """Data path from nothing: the engine's with its cache to be built, the rival's with its workers to be started."""
    case = make_case("B", workspace, images=images)
    speed: dict[str, list[float]] = {"engine_data": [], "rival_data": []}
    for _ in range(starts):
        shutil.rmtree(case.cache, ignore_errors=True)
        for kind, found in speed.items():
            with Contender(kind, "B", workspace, images) as contender:
                found.append(contender.lap().images_per_s)
    ours, theirs = speed.values()
    return [
        Row("first epoch, rival", spread(theirs), "images/s"),
        Row("first epoch, engine, cache built", spread(ours), "images/s"),
        Row("first epoch, engine / rival", ratios(ours, theirs), "×", FIRST),
    ]


def later_epochs(workspace: Path, images: int, laps: int) -> list[Row]:
    """Data path from the second epoch on."""
    with (
        Contender("engine_data", "B", workspace, images) as engine,
        Contender("rival_data", "B", workspace, images) as rival,
    ):
        ours, theirs = ([lap.images_per_s for lap in done] for done in race((engine, rival), laps))
    return [
        Row("later epochs, rival", spread(theirs), "images/s"),
        Row("later epochs, engine", spread(ours), "images/s"),
        Row("later epochs, engine / rival", ratios(ours, theirs), "×", LATER),
    ]


def whole_epochs(workspace: Path, images: int, laps: int) -> list[Row]:
    """Training and validation on the CPU: the engine's whole worker against a tidy loop on the rival's data path."""
    with (
        Contender("engine", "B", workspace, images) as engine,
        Contender("plain", "B", workspace, images) as rival,
    ):
        ours, theirs = race((engine, rival), laps)
    return [
        Row("end to end, rival", spread([lap.images_per_s for lap in theirs]), "images/s"),
        Row("end to end, engine", spread([lap.images_per_s for lap in ours]), "images/s"),
        Row(
            "end to end, engine / rival",
            ratios([lap.images_per_s for lap in ours], [lap.images_per_s for lap in theirs]),
            "×",
            WHOLE,
        ),
        Row(
            "CPU time an epoch, rival / engine",
            ratios([lap.cpu for lap in theirs], [lap.cpu for lap in ours]),
            "×",
        ),
    ]


def memory(workspace: Path, images: int) -> list[Row]:
    """Peak of the whole process tree over two epochs of a fresh run, the engine's with the building of its cache."""
    shutil.rmtree(make_case("B", workspace, images=images).cache, ignore_errors=True)
    peaks: dict[str, PeakMemory] = {}
    for kind in ("engine", "plain"):
        with Contender(kind, "B", workspace, images) as contender, PeakMemory(contender.pid) as peak:
            for _ in range(2):
                contender.lap()
        peaks[kind] = peak
    ours, theirs = peaks["engine"], peaks["plain"]
    return [
        Row("peak resident memory, rival", one(theirs.resident / 1e6), "MB"),
        Row("peak resident memory, engine", one(ours.resident / 1e6), "MB"),
        Row("peak resident, engine / rival", one(ours.resident / theirs.resident), "×", MEMORY, most=True),
        *(
            [Row("shared pages once, engine / rival", one(ours.proportional / theirs.proportional), "×")]
            if theirs.proportional
            else []
        ),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--laps", type=int, default=7, help="epochs of each, by turns (default: %(default)s)")
    options = arguments.parse_args(argv)

    def rows() -> list[Row]:
        case = make_case("B", options.dir, images=options.images)
        assert case.folder is not None
        read_once(case.folder)
        return [
            *first_epochs(options.dir, options.images, STARTS),
            *later_epochs(options.dir, options.images, options.laps),
            *whole_epochs(options.dir, options.images, options.laps),
            *memory(options.dir, options.images),
        ]

    report("bench_data: case B", rows, options.json)


if __name__ == "__main__":
    main()

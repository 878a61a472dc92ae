"""How soon the monitor shows a run that is over: a short one, our own log of a million steps, a CSV of as many rows.

    python -m tests.bench.bench_monitor_open [--dir FOLDER] [--steps N] [--laps N] [--size 140x40] [--json]

The rival in the same run is a bare Textual app with one plotext chart (`floor_chart.py`): what the framework takes by
itself. All run in pseudo-terminals and take turns. Measured is from the start of the program to the chunk that shows
the first drawn chart, and to the one that shows the last step; CPU time and peak memory are those of all its processes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.arguments import parser, report
from tests.bench.foreign_log import long_csv
from tests.bench.long_log import long_run
from tests.bench.measure import PeakMemory, ratios, spread
from tests.bench.pty_screen import PtyScreen
from tests.bench.table import Row
from tests.bench.turns import REPOSITORY

STEPS, SHORT = 1_000_000, 1000
LAPS = 7
CHART = r"┤.*[⠁-⣿]{2}"
"""A drawn curve beside its axis; the legend has single dots."""
MOST_OVER_FLOOR, SHORT_MEMORY = 1.7, 80
MOST_FIRST, MOST_CPU, MOST_MEMORY = 0.5, 2.0, 120
"""Seconds to the first chart, CPU seconds to the last step, MB at most; for a log of another tool twice as much."""


@dataclass(frozen=True)
class Opened:
    """One start."""

    first: float
    """Seconds to the first drawn chart."""
    complete: float
    """Seconds to the last step."""
    cpu: float
    """Of all processes, until then."""
    memory: float
    """MB at the highest, of all processes."""


@dataclass(frozen=True)
class Side:
    """A program, and what its screen shows once it has drawn, and once it has everything."""

    command: Sequence[str]
    first: str
    complete: str


def opened(side: Side, columns: int, rows: int, env: Mapping[str, str]) -> Opened:
    """Start it and look. Raises AssertionError where it does not show what it should."""
    began = time.monotonic()
    with PtyScreen(side.command, columns, rows, env) as screen, PeakMemory(screen.pid) as peak:
        first = screen.wait(side.first, 60) - began
        complete = screen.wait(side.complete, 120) - began
        cpu = sum(map(_cpu, _family(screen.pid)))
    return Opened(first, complete, cpu, peak.resident / 1e6)


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def measured(sides: Mapping[str, Side], laps: int, columns: int, rows: int) -> dict[str, list[Opened]]:
    """All sides by turns, `laps` times."""
    found: dict[str, list[Opened]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as folder:
        env = {f"XDG_{name}_HOME": folder for name in ("STATE", "CONFIG", "CACHE")} | {"PYTHONPATH": str(REPOSITORY)}
        for lap in range(laps):
            for name in list(sides)[:: 1 if lap % 2 == 0 else -1]:
                found[name].append(opened(sides[name], columns, rows, env))
    return found


def table(found: Mapping[str, Sequence[Opened]]) -> list[Row]:
    """What they took, against the bars."""
    short, first = found["short"], [one.first for one in found["floor"]]
    rows = [
        Row("a bare chart: first chart", spread(first), "s"),
        Row("short run: first chart", spread([one.first for one in short]), "s"),
        Row(
            "short run / bare chart",
            ratios([one.first for one in short], first),
            "×",
            MOST_OVER_FLOOR,
            True,
        ),
        Row("short run: memory", spread([one.memory for one in short]), "MB", SHORT_MEMORY, True),
    ]
    for name, label, factor in (("own", "long log", 1), ("foreign", "long CSV", 2)):
        each = found[name]
        rows += [
            Row(f"{label}: first chart", spread([one.first for one in each]), "s", factor * MOST_FIRST, True),
            Row(f"{label}: first chart / bare chart", ratios([one.first for one in each], first), "×"),
            Row(f"{label}: complete", spread([one.complete for one in each]), "s"),
            Row(f"{label}: CPU time, complete", spread([one.cpu for one in each]), "s", factor * MOST_CPU, True),
            Row(f"{label}: memory, complete", spread([one.memory for one in each]), "MB", factor * MOST_MEMORY, True),
        ]
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--steps", type=int, default=STEPS, help="of the long logs (default: %(default)s)")
    arguments.add_argument("--laps", type=int, default=LAPS, help="starts of each (default: %(default)s)")
    arguments.add_argument("--size", default="140x40", help="of the terminal (default: %(default)s)")
    options = arguments.parse_args(argv)
    columns, rows = (int(side) for side in options.size.split("x"))

    def watched(log: Path, steps: int) -> Side:
        command = [sys.executable, str(REPOSITORY / "traindeck.py"), "watch", str(log)]
        return Side(command, CHART, rf"step {steps}\b")

    def all_rows() -> list[Row]:
        folder = options.dir / "long"
        sides = {
            "floor": Side([sys.executable, "-m", "tests.bench.floor_chart"], CHART, CHART),
            "short": watched(long_run(folder, SHORT, 100).path, SHORT),
            "own": watched(long_run(folder, options.steps).path, options.steps),
            "foreign": watched(long_csv(folder, options.steps), options.steps),
        }
        return table(measured(sides, options.laps, columns, rows))

    report(f"bench_monitor_open: {options.steps:,} steps", all_rows, options.json)


if __name__ == "__main__":
    main()

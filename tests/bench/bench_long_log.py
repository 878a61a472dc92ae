"""A log of a million steps: diagnosing it from the shell, and reading it into the curves that the monitor draws.

python -m tests.bench.bench_long_log [--dir FOLDER] [--steps N] [--laps N] [--json]

Each side is a process of its own, from its start to its end. The rival does the least that a reader with the standard
library has to do, `json.loads` of each line, and keeps nothing; where pandas is installed, `read_json` is beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from tests.bench.arguments import parser, report
from tests.bench.long_log import long_run
from tests.bench.measure import PeakMemory, ratios, spread
from tests.bench.table import Row, one
from tests.bench.turns import REPOSITORY, CouldNotRun
from training.runs.layout import RunFolder

STEPS = 1_000_000
LAPS = 7
MOST_SECONDS, MOST_MEMORY = 3.0, 1.1
"""CPU seconds, process start included; peak memory against that of a log with a quarter of the steps."""

JSON = "import sys, json\nfor line in open(sys.argv[1], 'rb'): json.loads(line)"
PANDAS = "import sys, pandas\npandas.read_json(sys.argv[1], lines=True)"
CURVES = """\
import sys
from pathlib import Path
from training.curves import Curves
from training.runs.column_reader import in_batches
curves = Curves()
for batch in in_batches(Path(sys.argv[1])):
    curves.extend(batch)
"""


@dataclass(frozen=True)
class Cost:
    """Of a process from start to end."""

    seconds: float
    cpu: float
    memory: float
    """Peak, in bytes."""


def cost(command: Sequence[str]) -> Cost:
    """Run it. Raises CouldNotRun where it fails."""
    before, begun = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=REPOSITORY)
    with process, PeakMemory(process.pid) as peak:
        _, problem = process.communicate()
    seconds, after = time.perf_counter() - begun, os.times()
    if process.returncode:
        raise CouldNotRun(problem.decode(errors="replace").strip()[-300:])
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds, cpu, peak.resident)


def diagnosing(run: RunFolder) -> list[str]:
    words = ["diagnose", str(run.path), "--runs-dir", str(run.path.parent)]
    return [sys.executable, str(REPOSITORY / "traindeck.py"), *words]


def measured(run: RunFolder, shorter: RunFolder, laps: int) -> list[Row]:
    """All sides by turns, `laps` times."""
    sides = {
        "diagnose": diagnosing(run),
        "shorter": diagnosing(shorter),
        "curves": [sys.executable, "-c", CURVES, str(run.events)],
        "json": [sys.executable, "-c", JSON, str(run.events)],
    }
    if find_spec("pandas"):
        sides["pandas"] = [sys.executable, "-c", PANDAS, str(run.events)]
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for lap in range(laps):
        for name in list(sides)[:: 1 if lap % 2 == 0 else -1]:
            costs[name].append(cost(sides[name]))
    cpu = {name: [one_cost.cpu for one_cost in found] for name, found in costs.items()}
    memory = {name: [one_cost.memory for one_cost in found] for name, found in costs.items()}
    rows = [
        Row("diagnose: CPU time", spread(cpu["diagnose"]), "s", MOST_SECONDS, True),
        Row("diagnose: time on the clock", spread([one_cost.seconds for one_cost in costs["diagnose"]]), "s"),
        Row("diagnose: peak memory", spread([peak / 1e6 for peak in memory["diagnose"]]), "MB"),
        Row("diagnose: memory / a quarter's", ratios(memory["diagnose"], memory["shorter"]), "×", MOST_MEMORY, True),
        Row("the monitor's curves: CPU time", spread(cpu["curves"]), "s"),
        Row("the monitor's curves: peak memory", spread([peak / 1e6 for peak in memory["curves"]]), "MB"),
    ]
    for rival, name in (("json", "json.loads of each line"), ("pandas", "pandas.read_json")):
        if rival in sides:
            rows += [
                Row(f"{name}: CPU time", spread(cpu[rival]), "s"),
                Row(f"diagnose / {name}", ratios(cpu["diagnose"], cpu[rival]), "×"),
                Row(f"the monitor's curves / {name}", ratios(cpu["curves"], cpu[rival]), "×"),
            ]
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--steps", type=int, default=STEPS, help="of the log (default: %(default)s)")
    arguments.add_argument("--laps", type=int, default=LAPS, help="processes of each side (default: %(default)s)")
    options = arguments.parse_args(argv)

    def rows() -> list[Row]:
        run, shorter = (long_run(options.dir / "long", steps) for steps in (options.steps, options.steps // 4))
        log = run.events.stat().st_size
        return [Row("the log", one(log / 1e6), "MB"), *measured(run, shorter, options.laps)]

    report(f"bench_long_log: {options.steps:,} steps", rows, options.json)


if __name__ == "__main__":
    main()

"""Throughput of case B on two processes against one, on the CPU: images a second of the epochs, as the run logs them.

python -m tests.bench.bench_processes [--dir FOLDER] [--blocks N] [--epochs N] [--images N] [--json]

Each block is a whole run under its supervisor, by turns. One process is measured with one thread, and with a thread for
each of the two cores: that is what a second process has to compete with on one machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from tests.bench.arguments import parser, report
from tests.bench.cases import Case, make_case, new_run
from tests.bench.measure import ratios, spread
from tests.bench.table import Row
from tests.bench.turns import CouldNotRun
from training.runs.events import Epoch, number
from training.runs.log import read_all
from training.runs.supervisor import ENTRY

BLOCKS, EPOCHS = 6, 4
"""The first epoch of a run does not count: caches and branches are cold."""


def throughput(case: Case, workspace: Path, *, processes: int, threads: int) -> float:
    """Images a second, of all processes: the median over the epochs of one run but the first."""
    run = new_run(replace(case, text=case.text.replace("device: cpu", f"device: cpu, threads: {threads}")), workspace)
    environment = {
        **os.environ,
        "TRAINDECK_PROCESSES": str(processes),
        "TRAINDECK_NODES": "1",
        "TRAINDECK_DEVICE": "cpu",
    }
    with run.console.open("wb") as console:
        command = [sys.executable, str(ENTRY), "_supervise", str(run.path)]
        subprocess.run(command, env=environment, stdout=console, stderr=console, check=False)
    epochs = [event for event in read_all(run.events) if isinstance(event, Epoch) and event.epoch > 1]
    if not epochs:
        raise CouldNotRun(f"{run.console}: {run.console.read_text()[-300:]}")
    return median(number(event.metrics["images_per_s"]) for event in epochs)


def against_one(workspace: Path, *, blocks: int, epochs: int, images: int) -> list[Row]:
    case = make_case("B", workspace, images=images, epochs=epochs)
    kinds = {"1 process, 1 thread": (1, 1), "1 process, 2 threads": (1, 2), "2 processes, 1 thread each": (2, 1)}
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for block in range(blocks):
        for name in list(kinds)[:: 1 if block % 2 == 0 else -1]:
            processes, threads = kinds[name]
            found[name].append(throughput(case, workspace, processes=processes, threads=threads))
    single, threaded, double = found.values()
    return [
        *(Row(f"B: {name}", spread(values), "images/s") for name, values in found.items()),
        Row("B: 2 processes / 1 process of 1 thread", ratios(double, single), "×"),
        Row("B: 2 processes / 1 process of 2 threads", ratios(double, threaded), "×"),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--blocks", type=int, default=BLOCKS, help="runs of each kind (default: %(default)s)")
    arguments.add_argument("--epochs", type=int, default=EPOCHS, help="of each run (default: %(default)s)")
    options = arguments.parse_args(argv)
    report(
        f"bench_processes: images a second on {os.cpu_count()} cores",
        lambda: against_one(options.dir, blocks=options.blocks, epochs=options.epochs, images=options.images),
        options.json,
    )


if __name__ == "__main__":
    main()

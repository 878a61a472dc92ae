"""What an overlay of live runs costs: bytes on the line and CPU, by the number of runs that go on at once.

`python -m tests.bench.bench_overlay`: each run logs 20 steps a second with four metrics, and an epoch every 45 steps.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from tests.bench.pty_screen import PtyScreen
from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun
from training.config.schema import TrainingConfig
from training.runs.events import Epoch, Step, spell_all
from training.runs.layout import RunFolder
from tui.app import TraindeckApp

STEPS_A_SECOND = 20
COLUMNS, ROWS = 140, 40


class Overlaying(TraindeckApp):
    """The app, on an overlay of all runs of its folder from the start."""

    def on_mount(self) -> None:
        from tui.screens.overlay import OverlayScreen

        folders = sorted(path for path in self.runs_dir.iterdir() if path.is_dir())
        self.push_screen(OverlayScreen([RunFolder(path) for path in folders]))


def make(runs_dir: Path, number: int) -> list[FakeRun]:
    """So many live runs, each with an epoch behind it."""
    runs = []
    for index in range(number):
        config = TrainingConfig(epochs=300, learning_rate=1e-4 * (index + 1))
        run = FakeRun(runs_dir, f"live-{index:02}", config=config, live=True)
        run.begin()
        runs.append(run)
        for _ in range(STEPS_PER_EPOCH):
            step(run, index)
    return runs


def step(run: FakeRun, index: int) -> None:
    """One more step, and where it is the last of an epoch that epoch's end."""
    run.t = time.time()
    run.step += 1
    epoch = -(-run.step // STEPS_PER_EPOCH)
    loss = 2.3 * math.exp(-epoch / (20 + index)) * (1 + 0.02 * math.sin(run.step))
    metrics = {"train_loss": loss, "lr": 1e-3, "grad_norm": 1 + loss, "images_per_s": 160 + loss}
    run.write(Step(step=run.step - 1, epoch=epoch, metrics=spell_all(metrics)))
    if run.step % STEPS_PER_EPOCH == 0:
        values = {"train_loss": loss, "val_loss": 1.1 * loss, "train_acc": 1 - loss / 3, "val_acc": 0.95 - loss / 3}
        run.write(Epoch(epoch=epoch, step=run.step, metrics=spell_all(values | {"lr": 1e-3})))


def go_on(runs: list[FakeRun], over: threading.Event) -> None:
    """All of them log until that is set."""
    begun, steps = time.monotonic(), 0
    while not over.wait(max(0.0, begun + steps / STEPS_A_SECOND - time.monotonic())):
        for index, run in enumerate(runs):
            step(run, index)
        steps += 1


def measure(number: int, seconds: float) -> tuple[float, float, float]:
    """Bytes a second, per cent of a core, and resident MB with so many live runs."""
    over = threading.Event()
    with tempfile.TemporaryDirectory() as place:
        runs = make(Path(place) / "runs", number)
        writer = threading.Thread(target=go_on, args=(runs, over))
        command = [sys.executable, "-m", "tests.bench.bench_overlay", "--show", str(Path(place) / "runs")]
        state = {"XDG_STATE_HOME": str(Path(place) / "state"), "PYTHONPATH": str(Path.cwd())}
        with PtyScreen(command, COLUMNS, ROWS, state) as screen:
            writer.start()
            try:
                screen.wait(f"{number} runs? .*(Settings that differ|Verdict)")
                screen.read_for(3.0)
                process = psutil.Process(screen.pid)
                before, received = process.cpu_times(), screen.received
                screen.read_for(seconds)
                after = process.cpu_times()
                cpu = max(0.0, after.user + after.system - before.user - before.system)  # sums of rounded times
                resident = process.memory_info().rss
                return (screen.received - received) / seconds, 100 * cpu / seconds, resident / 1e6
            finally:
                over.set()
                writer.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="to measure each for (default: %(default)s)")
    parser.add_argument("--show", metavar="RUNS_DIR", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.show:
        Overlaying(arguments.show).run()
        return
    print(f"{COLUMNS}×{ROWS}, {STEPS_A_SECOND} steps a second and run, {os.cpu_count()} cores")
    for number in (1, 2, 20):
        line, cpu, memory = measure(number, arguments.seconds)
        print(f"{number:>2} live runs: {line:6.0f} B/s  {cpu:4.1f} % CPU  {memory:4.0f} MB")


if __name__ == "__main__":
    main()

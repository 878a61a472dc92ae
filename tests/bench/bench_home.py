"""Home and `traindeck runs` with many runs: first page, filtering, memory, and what it costs while nothing happens.

    python -m tests.bench.bench_home [--runs N] [--live N] [--seconds S] [--starts N]

The runs are folders as their writers leave them, made in a temporary folder; the live ones are written about every
second, as a worker does. Measured is in a pseudo-terminal of 140×40, from the key, or the start of the process, to the
chunk that shows the answer.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

import msgspec
import psutil

from tests.bench.measure import spread
from tests.bench.pty_screen import PtyScreen
from tests.bench.table import Row, one, show
from tests.runs.builders import add_process, beat, make_run
from training import files
from training.config.schema import TrainingConfig
from training.runs.describe import settings
from training.runs.layout import RunFolder
from training.runs.summary import Summary

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 140, 40
SETTLE_SECONDS = 4.0
"""From the first page to a Home that has read and measured all its runs."""


def fill(runs_dir: Path, count: int) -> None:
    """Runs that ended one after the other, the newest a minute ago."""
    now = time.time()
    told = settings(TrainingConfig())
    for number in range(count):
        begun = now - 60 - 600 * number
        make_run(
            runs_dir, f"digits-{number:05}", state=("finished", "stopped", "failed")[number % 3], created=begun,
            started=begun, ended=begun + 300, updated=begun + 300, epoch=10, model="CNN 32-64 · 128", data="digits",
            device="CPU", best_val_acc=0.9 + number % 97 / 1000, best_val_loss=0.1 + number % 89 / 1000,
            settings={**told, "learning_rate": (1e-4, 1e-3, 1e-2)[number % 3]}, sections={},
        )  # fmt: skip


class Live:
    """Runs whose summaries and heartbeats move, in a thread."""

    def __init__(self, runs_dir: Path, count: int) -> None:
        self.folders: list[RunFolder] = []
        for number in range(count):
            folder = make_run(
                runs_dir, f"live-{number:02}", created=time.time() + number, training_seconds=1.0, epochs=50
            )
            add_process(folder)
            beat(folder, 0.0)
            self.folders.append(folder)
        self._over = Event()
        self._thread = Thread(target=self._move)

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _move(self) -> None:
        turn = 0
        while not self._over.wait(1.0):
            turn += 1
            for number, folder in enumerate(self.folders):
                summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
                summary.updated, summary.training_seconds = time.time(), float(turn)
                if (turn + number) % 5 == 0:
                    summary.epoch = min(summary.epoch + 1, 50)
                    summary.best_val_loss, summary.best_val_acc = 2 / (1 + summary.epoch), 1 - 1 / (2 + summary.epoch)
                files.replace(folder.summary, msgspec.json.encode(summary), sync=False)
                beat(folder, 0.0)


def open_home(runs_dir: Path, home: str) -> PtyScreen:
    env = {f"XDG_{name}_HOME": home for name in ("STATE", "CONFIG", "CACHE")}
    return PtyScreen([sys.executable, str(ROOT / "traindeck.py"), "--runs-dir", str(runs_dir)], COLUMNS, ROWS, env)


def first_page(runs_dir: Path, home: str) -> float:
    """Seconds from the start of the process to the first row."""
    began = time.monotonic()
    with open_home(runs_dir, home) as screen:
        return screen.wait(r"digits-\d+ .*10/10") - began


def over_time(screen: PtyScreen, seconds: float) -> tuple[float, float]:
    """Bytes a second on the line, and per cent of a core."""
    process = psutil.Process(screen.pid)
    screen.quiet()
    before, spent, began = screen.received, sum(process.cpu_times()[:2]), time.monotonic()
    screen.read_for(seconds)
    took = time.monotonic() - began
    return (screen.received - before) / took, 100 * (sum(process.cpu_times()[:2]) - spent) / took


def measure(count: int, live: int, seconds: float, starts: int) -> list[Row]:
    """All of it, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        runs_dir = Path(folder) / "runs"
        fill(runs_dir, count)
        pages = [first_page(runs_dir, folder) for _ in range(starts)]
        with open_home(runs_dir, folder) as screen:
            screen.wait(rf"{count} runs")
            screen.read_for(SETTLE_SECONDS)
            idle = over_time(screen, seconds)
            screen.send("/")
            keys = [took for _ in range(5) for took in (screen.milliseconds("9", "with “9”"), _clear(screen))]
            memory = psutil.Process(screen.pid).memory_info().rss / 1e6
        with Live(runs_dir, live), open_home(runs_dir, folder) as screen:
            screen.wait(rf"{live} going on")
            screen.read_for(SETTLE_SECONDS)
            busy = over_time(screen, seconds)
        verb = [_listing(runs_dir, folder) for _ in range(starts)]
    return [
        Row(f"Home, {count} runs: first page", spread(pages), "s", 1.0, True),
        Row("a key of the filter", spread(keys), "ms", 500, True),
        Row("resident memory", one(memory), "MB", 150, True),
        Row("idle: on the line", one(idle[0]), "B/s", 0, True),
        Row("idle: CPU", one(idle[1]), "%", 0.5, True),
        Row(f"{live} live runs: on the line", one(busy[0]), "B/s", 1000, True),
        Row(f"{live} live runs: CPU", one(busy[1]), "%", 4, True),
        Row("traindeck runs, with a filter", spread(verb), "s", 0.25, True),
    ]


def _clear(screen: PtyScreen) -> float:
    return screen.milliseconds("\x15", r"\A(?!.*with “9”)")


def _listing(runs_dir: Path, home: str) -> float:
    """Seconds of the headless list."""
    env = {**os.environ, "XDG_STATE_HOME": home}
    words = ["--runs-dir", str(runs_dir), "runs", "lr>=1e-3", "state:failed", "--sort", "acc"]
    began = time.monotonic()
    subprocess.run([sys.executable, str(ROOT / "traindeck.py"), *words], env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=1000, help="that are over (default: %(default)s)")
    parser.add_argument("--live", type=int, default=20, help="that go on (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of watching (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=5, help="of the app, and of the verb (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(words)
    rows = measure(chosen.runs, chosen.live, chosen.seconds, chosen.starts)
    print(show("home", rows, as_json=chosen.json))


if __name__ == "__main__":
    main()

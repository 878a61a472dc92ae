"""The monitor of a live run: bytes on the line, CPU, memory, and each of its keys, beside a naive monitor of the run.

    python -m tests.bench.bench_monitor [--seconds S] [--presses N] [--json]

The run logs 20 steps a second with four metrics, and an epoch every five seconds; the screen is 140×40 with its three
charts. A key is measured from when it is sent to the chunk that makes the screen show its answer, and back; while the
run is live, and when it is over. The slow line is a terminal that takes in, and answers, SLOW bytes a second.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.bench.arguments import parser, report
from tests.bench.live_log import LiveLog
from tests.bench.measure import Spread, spread
from tests.bench.pty_screen import PtyScreen
from tests.bench.table import Row, one
from tests.bench.turns import REPOSITORY

COLUMNS, ROWS = 140, 40
WARM_SECONDS = 6.0
BEFORE = 600
"""Steps that the run has behind it when it is opened."""
MOST_BYTES, MOST_CPU, MOST_IDLE_CPU, MOST_MEMORY = 1000.0, 4.0, 0.5, 80.0
MOST_MEDIAN, MOST_P95 = 12.0, 24.0
SLOW = 1000
MOST_SLOW_SECONDS = 4.0

GAPS = random.Random(7)
LEAST_GAP, MOST_GAP = 0.2, 0.7
"""Seconds between two keys."""

KEYS: dict[str, tuple[str, str, str, str]] = {
    "help": ("?", "Keys: monitor", "\x1b", r"\A(?!.*Keys: monitor)"),
    "panel": ("\t", "Console", "\x1b[Z", r"\A(?!.*Console)"),
    "crosshair": ("x", r"Loss  epoch", "x", r"\A(?!.*Loss  epoch)"),
    "zoom": ("+", r"epochs? [0-9.]+–", "-", r"\A(?!.*epochs? [0-9.]+–)"),
    "smoothing": ("]", "smoothed", "[", r"\A(?!.*smoothed)"),
    "large": ("z", r"\A(?!.*Diagnosis)", "z", "Diagnosis"),
    "scale": ("y", " log ", "yy", r"\A(?!.* log )"),
    "unit": ("t", "step 0", "tt", "epoch 0"),
}
"""A key, what the screen shows then, the key back, and what it shows after that."""
NAIVE_HELP = ("?", "Keys of the naive", "\x1b", r"\A(?!.*Keys of the naive)")


@contextmanager
def watched(run: LiveLog, state: Path) -> Iterator[PtyScreen]:
    """The app on that run, from its first chart on."""
    env = {f"XDG_{name}_HOME": str(state) for name in ("STATE", "CONFIG", "CACHE")}
    command = [sys.executable, str(REPOSITORY / "traindeck.py"), "watch", str(run.run.folder.path)]
    with PtyScreen(command, COLUMNS, ROWS, env) as screen:
        screen.wait("Loss .*Diagnosis")
        yield screen


@contextmanager
def naive(run: LiveLog) -> Iterator[PtyScreen]:
    """The rival on the same run."""
    command = [sys.executable, "-m", "tests.bench.naive_monitor", str(run.run.folder.events)]
    with PtyScreen(command, COLUMNS, ROWS, {"PYTHONPATH": str(REPOSITORY)}) as screen:
        screen.wait("train_loss")
        yield screen


def over_time(screen: PtyScreen, seconds: float) -> tuple[float, float, float]:
    """Bytes a second on the line, per cent of a core, and resident MB."""
    process = psutil.Process(screen.pid)
    before, spent, began = screen.received, sum(process.cpu_times()[:2]), time.monotonic()
    screen.read_for(seconds)
    took = time.monotonic() - began
    cpu = sum(process.cpu_times()[:2]) - spent
    return (screen.received - before) / took, 100 * cpu / took, process.memory_info().rss / 1e6


def pressed(screen: PtyScreen, keys: tuple[str, str, str, str], times: int) -> list[float]:
    """Milliseconds of that key and of the one back, so many times each."""
    key, expected, back, expected_back = keys
    taken = []
    for _ in range(times):
        for typed, pattern in ((key, expected), (back, expected_back)):
            screen.read_for(GAPS.uniform(LEAST_GAP, MOST_GAP))  # at any time between two pieces of news
            assert screen.text  # nothing is left to be drawn while the answer is on its way
            began = time.monotonic()
            screen.send(typed)
            took = 1000 * (screen.wait(pattern) - began)
            if len(typed) == 1 or typed.startswith("\x1b"):  # one key
                taken.append(took)
    return taken


def p95(values: Sequence[float]) -> Spread:
    return one(sorted(values)[int(0.95 * len(values))])


def key_rows(when: str, screen: PtyScreen, presses: int) -> list[Row]:
    """Each key, and all of them."""
    taken = {name: pressed(screen, keys, presses) for name, keys in KEYS.items()}
    every = [value for values in taken.values() for value in values]
    return [
        *(Row(f"{when}: {name}", spread(values), "ms", MOST_MEDIAN, True) for name, values in taken.items()),
        Row(f"{when}: all keys", spread(every), "ms", MOST_MEDIAN, True),
        Row(f"{when}: 95 % of them within", p95(every), "ms", MOST_P95, True),
    ]


def slow_rows(run: LiveLog, state: Path, presses: int) -> list[Row]:
    """A crosshair that comes and goes on a slow line that has just had the first picture."""
    with watched(run, state) as screen:
        screen.quiet()
        screen.drain_at(SLOW)
        taken = []
        for turn in range(presses):
            screen.read_for(1.0)
            began = time.monotonic()
            screen.send("x")
            expected = KEYS["crosshair"][1 if turn % 2 == 0 else 3]
            taken.append(screen.wait(expected, 30.0) - began)
    return [Row(f"a key on a line of {SLOW} B/s", spread(taken), "s", MOST_SLOW_SECONDS, True)]


def measure(seconds: float, presses: int) -> list[Row]:
    """All of it, one after the other."""
    with tempfile.TemporaryDirectory() as place:
        run, state = LiveLog(Path(place) / "runs"), Path(place) / "state"
        run.steps(BEFORE)
        with run:
            with watched(run, state) as screen:
                screen.read_for(min(WARM_SECONDS, seconds))
                live = over_time(screen, seconds)
                keys = key_rows("live", screen, presses)
            with naive(run) as screen:
                screen.read_for(min(WARM_SECONDS, seconds))
                rival = over_time(screen, seconds)
                rival_keys = pressed(screen, NAIVE_HELP, presses)
            slow = slow_rows(run, state, presses)
        run.finish()
        with watched(run, state) as screen:
            screen.read_for(min(WARM_SECONDS, seconds))
            idle = over_time(screen, seconds)
            keys += key_rows("over", screen, presses)
    return [
        Row("live: on the line", one(live[0]), "B/s", MOST_BYTES, True),
        Row("live: CPU", one(live[1]), "%", MOST_CPU, True),
        Row("resident memory", one(live[2]), "MB", MOST_MEMORY, True),
        Row("naive, live: on the line", one(rival[0]), "B/s"),
        Row("naive, live: CPU", one(rival[1]), "%"),
        Row("naive, live: memory", one(rival[2]), "MB"),
        Row("naive, live: help", spread(rival_keys), "ms"),
        Row("over: on the line", one(idle[0]), "B/s", 0, True),
        Row("over: CPU", one(idle[1]), "%", MOST_IDLE_CPU, True),
        *keys,
        *slow,
    ]


def main(words: Sequence[str] | None = None) -> None:
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=25.0, help="of watching (default: %(default)s)")
    made.add_argument("--presses", type=int, default=15, help="of each key (default: %(default)s)")
    chosen = made.parse_args(words)
    report("bench_monitor", lambda: measure(chosen.seconds, chosen.presses), chosen.json)


if __name__ == "__main__":
    main()

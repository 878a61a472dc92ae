"""How soon the editor answers: a key to the hint that it causes, and a preset to the open editor.

    python -m tests.bench.bench_editor [--keys N] [--size 140x40]

The rival in the same run is a bare Textual app, whose Input is answered by a Static (`floor_form.py`): what the
framework takes by itself. Both run in pseudo-terminals and take turns; measured is from the key to the chunk that shows
the answer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.pty_screen import PtyScreen

ROOT = Path(__file__).parents[2]
HINT = "above the usual"
NO_HINT = rf"\A(?!.*{HINT})"
CLEAR = "\x15"
TARGETS = "targets: median 15 ms, p95 30 ms, opening 100 ms"


def percentile(values: Sequence[float], share: float) -> float:
    """The value at that share of the sorted values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def answers(screen: PtyScreen, key: str = "1") -> tuple[float, float]:
    """Milliseconds until a hint appears, and until it is gone."""
    return screen.milliseconds(key, HINT), screen.milliseconds(CLEAR, NO_HINT)


def opening(screen: PtyScreen) -> float:
    """Milliseconds from the choice of a preset to the form; back at Home afterwards."""
    screen.send("n")
    screen.wait("Balanced, medium")
    took = screen.milliseconds("\r", "Learning rate")
    screen.quiet()
    screen.send("\x1b")
    screen.wait("No runs yet")
    return took


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=60, help="keys for each program (default: 60)")
    parser.add_argument("--size", default="140x40", help="columns x rows (default: 140x40)")
    chosen = parser.parse_args(arguments)
    columns, rows = map(int, chosen.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        env = {f"XDG_{name}_HOME": folder for name in ("STATE", "CONFIG", "CACHE")}
        env["PYTHONPATH"] = str(ROOT)
        ours = [sys.executable, str(ROOT / "traindeck.py"), "--runs-dir", f"{folder}/runs"]
        floor = [sys.executable, "-m", "tests.bench.floor_form"]
        os.chdir(folder)
        with PtyScreen(ours, columns, rows, env) as editor, PtyScreen(floor, columns, rows, env) as bare:
            editor.wait("No runs yet")
            bare.wait("No runs yet")
            opened = [opening(editor) for _ in range(5)]
            bare.send("n")
            for key, shows in (
                ("n", "Balanced, medium"),
                ("\r", "Learning rate"),
                ("\x1b[B", "how|step"),
                ("\r", "Done"),
            ):
                editor.send(key)
                editor.wait(shows)
            took: dict[str, list[float]] = {"editor": [], "floor": []}
            for _ in range(max(1, chosen.keys // 2)):
                took["editor"] += answers(editor)
                took["floor"] += answers(bare)
    report(took, opened, chosen.size)


def report(took: dict[str, list[float]], opened: Sequence[float], size: str) -> None:
    """One line a program, then the ratio."""
    medians = {name: statistics.median(values) for name, values in took.items()}
    print(f"key to hint, {size}, {len(took['editor'])} keys each, two programs in turn")
    for name, values in took.items():
        print(f"  {name:<8} median {medians[name]:5.1f} ms   p95 {percentile(values, 0.95):5.1f} ms")
    print(f"  editor / floor: {medians['editor'] / medians['floor']:.2f}")
    print(f"opening the editor from the preset list: median {statistics.median(opened):.0f} ms of {len(opened)}")
    print(TARGETS)


if __name__ == "__main__":
    main()

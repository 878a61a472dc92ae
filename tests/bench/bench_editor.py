"""How soon the editor answers: a key to the hint that it causes, and a preset to the open editor.

    python -m tests.bench.bench_editor [--keys N] [--size 140x40]

The rival in the same run is a bare Textual app, whose Input is answered by a Static (`floor_form.py`): what the
framework takes by itself. Both run in pseudo-terminals and take turns; measured is from the key to the chunk that shows
the answer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import ratios, spread
from tests.bench.pty_screen import PtyScreen
from tests.bench.table import Row, one, show

ROOT = Path(__file__).parents[2]
HINT = "above the usual"
NO_HINT = rf"\A(?!.*{HINT})"
CLEAR = "\x15"
MOST_MILLISECONDS = 15.0


def late(values: Sequence[float]) -> float:
    """What 95 of 100 are below."""
    return sorted(values)[round(0.95 * (len(values) - 1))]


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


def measure(keys: int, columns: int, rows: int) -> list[Row]:
    """The two programs in turn, key by key."""
    with tempfile.TemporaryDirectory() as folder:
        env = {f"XDG_{name}_HOME": folder for name in ("STATE", "CONFIG", "CACHE")}
        env["PYTHONPATH"] = str(ROOT)
        ours = [sys.executable, str(ROOT / "traindeck.py"), "--runs-dir", f"{folder}/runs"]
        floor = [sys.executable, "-m", "tests.bench.floor_form"]
        with PtyScreen(ours, columns, rows, env) as editor, PtyScreen(floor, columns, rows, env) as bare:
            editor.wait("No runs yet")
            bare.wait("No runs yet")
            opened = [opening(editor) for _ in range(5)]
            bare.send("n")
            for key, shows in (
                ("n", "Balanced, medium"),
                ("\r", "Decay strength"),
                ("\x1b[B", "learning_rate"),
                ("\r", "Done"),
            ):
                editor.send(key)
                editor.wait(shows)
            took: tuple[list[float], list[float]] = ([], [])
            for _ in range(max(1, keys // 2)):
                took[0].extend(answers(editor))
                took[1].extend(answers(bare))
    return [
        Row("key to hint", spread(took[0]), "ms", MOST_MILLISECONDS, True),
        Row("key to hint: 95 of 100 below", one(late(took[0])), "ms", 2 * MOST_MILLISECONDS, True),
        Row("the floor: key to answer", spread(took[1]), "ms"),
        Row("editor / floor", ratios(*took), "×"),
        Row("opening from the preset list", spread(opened), "ms", 100, True),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--keys", type=int, default=60, help="keys for each program (default: %(default)s)")
    parser.add_argument("--size", default="140x40", help="columns x rows (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    columns, rows = map(int, options.size.split("x"))
    print(show(f"bench_editor: {options.size}", measure(options.keys, columns, rows), as_json=options.json))


if __name__ == "__main__":
    main()

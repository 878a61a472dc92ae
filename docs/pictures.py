"""Draw the README's pictures from the real app on real runs: `.venv/bin/python docs/pictures.py` (about a minute).

Trains the demo's two runs in a temporary runs folder, and photographs the monitor of the faulty one while it trains,
Home, the editor on the demo's config, and both runs in the overlay.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from textual.pilot import Pilot  # noqa: E402

from training.cli.demo import start  # noqa: E402
from training.cli.stop import wait_until_over  # noqa: E402
from training.runs import commands  # noqa: E402
from training.runs.layout import RunFolder  # noqa: E402
from training.runs.lifecycle import read_summary  # noqa: E402
from tui.app import TraindeckApp  # noqa: E402
from tui.widgets.table import Table  # noqa: E402

SIZE = (120, 36)


async def draw(runs_dir: Path) -> None:
    runs = [start(name, runs_dir) for name in ("sound", "faulty")]
    sound, faulty = runs
    try:
        await _photograph(TraindeckApp(runs_dir, watch=faulty), "monitor", lambda: _epochs(faulty, 12))
        await _photograph(TraindeckApp(runs_dir), "home", lambda: _epochs(sound, 15))
        await _photograph(TraindeckApp(runs_dir), "editor", lambda: _epochs(sound, 16), "e", "down")
        app = TraindeckApp(runs_dir)
        await _photograph(app, "overlay", lambda: len(app.query_one(Table).rows) == len(runs), "space", "space", "c")
    finally:
        for run in runs:
            commands.send(run, "stop")
        for run in runs:
            wait_until_over(run)


async def _photograph(app: TraindeckApp, name: str, ready: Callable[[], bool], *keys: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, ready)
        await pilot.press(*keys)
        await pilot.pause(1)
        (ROOT / "docs" / f"{name}.svg").write_text(app.export_screenshot(title="traindeck"))


async def _until(pilot: Pilot[None], ready: Callable[[], bool]) -> None:
    for _ in range(600):
        if ready():
            return
        await pilot.pause(0.2)
    raise SystemExit("The demo run did not get there within two minutes.")


def _epochs(run: RunFolder, epochs: int) -> bool:
    summary = read_summary(run.summary)
    return summary is not None and summary.epoch >= epochs


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "XDG_STATE_HOME": folder}
        os.chdir(folder)
        asyncio.run(draw(Path(folder) / "traindeck_runs"))

"""The monitor of a run that is over opens with no more than it shows; the rest is loaded when a key asks for it."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from tests.bench.long_log import long_run
from traindeck import ROOT
from tui.app import TraindeckApp

NOT_NEEDED = (
    "training.config.schema",
    "training.config.inplace",
    "training.diagnosis.engine",
    "training.diagnosis.rules",
    "training.dataset",
    "training.foreign",
    "training.recording",
    "training.runs.environment",
    "training.runs.launch",
    "training.runs.supervisor",
    "tui.screens.editor",
    "tui.screens.fix",
    "tui.screens.home",
    "tui.screens.resume",
    "tui.screens.story",
    "importlib.metadata",
    "psutil",
    "pynvml",
    "yaml",
)
OPENED = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
import traindeck
from training.cli.main import run_verb

def opened(runs_dir, watch, edit=None, fork=None):
    from training.runs.layout import RunFolder
    from tui.app import TraindeckApp
    from tui.widgets.chart import Chart

    async def drawn():
        async with TraindeckApp(runs_dir, watch=RunFolder(watch)).run_test(size=(140, 40)) as pilot:
            screen = pilot.app.screen
            while not (screen.run.view and screen.run.curves.step):
                await pilot.pause()
            await pilot.pause()
            assert any(chart.axis for chart in screen.query(Chart))
            print(*sys.modules)
    asyncio.run(drawn())
    return 0

import training.cli.watch
training.cli.watch.need_terminal = lambda *_: None
sys.exit(run_verb(["watch", {run!r}], open_app=opened))
"""


def test_a_run_that_is_over_is_shown_without_what_only_keys_need(tmp_path: Path) -> None:
    run = long_run(tmp_path, 500, 100)
    code = OPENED.format(root=str(ROOT), run=str(run.path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "tui.screens.monitor" in loaded
    assert sorted(loaded.intersection(NOT_NEEDED)) == []


def test_what_keys_need_can_be_loaded_ahead_of_them() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tui.screens import dialogs; dialogs.load()"
    said = "; print(*(name for name in dialogs.MODULES if name not in sys.modules), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code + said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_the_rest_of_the_app_runs_with_the_collector_on(tmp_path: Path) -> None:
    gc.disable()  # as the way in does for the start
    try:
        async with TraindeckApp(tmp_path, watch=long_run(tmp_path, 500, 100)).run_test() as pilot:
            app = pilot.app
            assert isinstance(app, TraindeckApp)
            app.prepare_help()
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()

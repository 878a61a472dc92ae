"""What gets loaded, and from where, whatever lies in the user's directory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import QUICK_MODEL, ROOT, Traindeck

APP = """
import asyncio, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tui.app import TraindeckApp

async def open_and_leave():
    async with TraindeckApp(Path({runs!r}), edit={edit!r}).run_test(size=(80, 24)) as pilot:
        await pilot.pause()

asyncio.run(open_and_leave())
print([name for name in ("torch", "torchvision", "numpy") if name in sys.modules])
"""


@pytest.mark.parametrize("edit", [None, "new.yaml"])
def test_opening_the_app_loads_neither_torch_nor_numpy(tmp_path: Path, edit: str | None) -> None:
    source = APP.format(root=str(ROOT), runs=str(tmp_path / "runs"), edit=edit)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("words", [["runs"], ["check", "balanced"], ["presets"], ["--help"]])
def test_a_verb_that_does_not_train_loads_neither_torch_nor_numpy(traindeck: Traindeck, words: list[str]) -> None:
    source = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import traindeck\n"
        f"try: traindeck.main({words!r})\n"
        "except SystemExit: pass\n"
        "print([name for name in ('torch', 'torchvision', 'numpy', 'textual') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=False,
        cwd=traindeck.cwd,
        env=traindeck.env(),
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("with_pythonpath", [False, True])
def test_a_run_starts_in_a_directory_with_foreign_training_and_tui_packages(
    traindeck: Traindeck, with_pythonpath: bool
) -> None:
    for package in ("training", "tui"):
        folder = traindeck.cwd / package
        folder.mkdir()
        (folder / "__init__.py").write_text(f"raise ImportError('the foreign {package} was imported')\n")
    if with_pythonpath:
        traindeck.environment["PYTHONPATH"] = "."
    run = traindeck.detach("balanced", "--set", "epochs=1", "--set", QUICK_MODEL)
    assert traindeck.wait_for_end(run).state == "finished", run.console.read_text()

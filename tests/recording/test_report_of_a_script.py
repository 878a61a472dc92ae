"""What a script may report, and what that leaves alone: its time, its modules, its Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.conftest import LOOP, ROOT, Scripts, epochs, steps


def test_what_is_no_number_is_left_out_and_said_once(scripts: Scripts) -> None:
    source = """
        class Tensor:
            def item(self): return 0.5
        class Batch:
            def __float__(self): raise ValueError("more than one element")
        for epoch in (1, 2):
            report({"train/loss": Tensor(), "f1": None}, epoch=epoch, val_loss="high", acc=float("nan"), odd=Batch())
        report("nonsense")
        report.start(nonsense=object(), epochs="ten")
        """
    code, _, err = scripts.run(source)
    assert code == 0
    assert err.splitlines()[:2] == [
        "traindeck: report(val_loss=…) got a str, which is no number; it is left out.",
        "traindeck: report(odd=…) got a Batch, which is no number; it is left out.",
    ]
    told = epochs(scripts.runs()[0].folder)
    assert [(number, metrics["train_loss"], sorted(metrics)) for number, metrics in told] == [
        (1, 0.5, ["train_acc", "train_loss"]),
        (2, 0.5, ["train_acc", "train_loss"]),
    ]


def test_a_report_takes_no_time_from_the_training(scripts: Scripts) -> None:
    source = """
        import time
        report(step=0, loss=1.0)
        begun = time.perf_counter()
        for step in range(1, 5001):
            report(step=step, loss=1.0)
        print((time.perf_counter() - begun) / 5000 * 1e6)
        """
    code, out, _ = scripts.run(source)
    assert code == 0
    assert float(out) < 1000, "microseconds a report"
    assert [number for number, _, _ in steps(scripts.only.folder)] == list(range(5001))


def test_the_users_own_training_and_tui_stay_theirs(scripts: Scripts) -> None:
    for package in ("training", "tui"):
        (scripts.cwd / package).mkdir()
        (scripts.cwd / package / "__init__.py").write_text("OWNER = 'user'\n")
    source = """
        import training, tui
        report(epoch=1, loss=1.0)
        print(training.OWNER, tui.OWNER)
        """
    assert scripts.run(source, PYTHONPATH=f"{scripts.cwd}{os.pathsep}{ROOT}") == (0, "user user\n", "")
    assert scripts.only.state == "finished"


def test_importing_it_loads_nothing_but_the_standard_library() -> None:
    source = (
        "import sys; before = set(sys.modules); path = list(sys.path)\n"
        "from traindeck import report\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)), sys.path == path)"
    )
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['traindeck', 'traindeck_script'] True\n"


def test_a_script_that_goes_on_with_its_run_is_another_attempt_of_it(scripts: Scripts) -> None:
    scripts.run(LOOP + "raise ValueError('lost')")
    resumed = """
        report.start(resume="train", epochs=5)
        for epoch in range(2, 5):
            report(epoch=epoch, train_loss=0.1 * epoch, val_loss=0.1 * epoch)
        """
    assert scripts.run(resumed, name="again.py") == (0, "", "")
    run = scripts.only
    assert (run.summary.name, run.state, run.summary.attempt, run.summary.epoch) == ("train", "finished", 2, 5)
    assert run.summary.interruption == "failed: ValueError: lost"
    assert run.summary.from_epoch == 2
    assert run.summary.best_epoch == 3


def test_each_training_of_a_cross_validation_is_a_run(scripts: Scripts) -> None:
    assert scripts.run("for fold in range(3):\n" + "\n".join(f"    {line}" for line in LOOP.splitlines()))[0] == 0
    assert [(run.summary.name, run.state, run.summary.epoch) for run in scripts.runs()] == [
        (name, "finished", 3) for name in ("train", "train-2", "train-3")
    ]


def test_a_script_names_its_run_and_the_folder_of_its_runs(scripts: Scripts, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    scripts.run(f"report.start('named', runs_dir={str(elsewhere)!r})\n" + LOOP)
    assert scripts.runs() == []
    assert (elsewhere / "named/summary.json").exists()


def test_a_script_says_once_what_its_run_is_called(scripts: Scripts, tmp_path: Path) -> None:
    code, out, err = scripts.run(LOOP + LOOP, TRAINDECK_QUIET="")
    assert (code, out, err) == (0, "", "traindeck: recorded as train; `traindeck watch train` shows it\n")
    elsewhere = tmp_path / "else where"
    _, _, err = scripts.run(f"report.start('a b', runs_dir={str(elsewhere)!r})\n" + LOOP, TRAINDECK_QUIET="")
    assert err == f"traindeck: recorded as a b; `traindeck watch '{elsewhere}/a-b'` shows it\n"


@pytest.mark.parametrize("reports", [1, 300])
def test_a_python_that_lacks_what_traindeck_needs_is_said_once_with_the_remedy(scripts: Scripts, reports: int) -> None:
    (scripts.cwd / "lacking").mkdir()
    (scripts.cwd / "lacking/sitecustomize.py").write_text("import sys; sys.modules['msgspec'] = None\n")
    source = f"""
        import time
        for epoch in range({reports}):
            report(epoch=epoch, train_loss=1.0)
            time.sleep(0.01)
        print("trained")
        """
    path = f"{scripts.cwd / 'lacking'}{os.pathsep}{ROOT}"
    code, out, err = scripts.run(source, PYTHONPATH=path, TRAINDECK_QUIET="")
    assert (code, out, err.count("\n")) == (0, "trained\n", 1)
    assert err.startswith("traindeck: not recorded: ")
    assert "msgspec" in err
    assert err.endswith(f". Install traindeck in this Python: pip install -e {ROOT}.\n")
    assert scripts.runs() == []

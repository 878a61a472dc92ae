"""`from traindeck import load_run` in real interpreters of a user, with a `training` package of the user's own."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.recording.conftest import ROOT, Scripts
from tests.tui.fakes import FLAT, FakeRun, faulty_run
from training.runs.events import Classes
from training.runs.muting import mute

SPELL = """
import json, math
def spelled(value):
    if isinstance(value, float) and not math.isfinite(value): return str(value)
    if hasattr(value, "items"): return {name: spelled(each) for name, each in value.items()}
    if not isinstance(value, str | bytes) and hasattr(value, "__iter__"): return [spelled(each) for each in value]
    return value
def tell(value): print(json.dumps(spelled(value)))
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


def asked(scripts: Scripts, source: str) -> Any:
    """What a script tells that knows the run `run`."""
    path = scripts.cwd / "notebook.py"
    path.write_text("from traindeck import load_run\n" + SPELL + dedent(source))
    done = subprocess.run(
        [sys.executable, str(path)], cwd=scripts.cwd, env=scripts.env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_epochs_and_steps_are_columns_with_nan_where_nothing_was_logged(scripts: Scripts) -> None:
    run = FakeRun(scripts.runs_dir, "mine", state="finished")
    run.begin()
    run.train_step(train_loss=2.0)
    run.train_step(train_loss=math.inf, images_per_s=7.0)
    run.train_epoch(1.5, math.nan, 0.5, 0.6, 1e-3)
    told = asked(scripts, "run = load_run('mine')\ntell([run.steps, run.epochs, run.state, repr(run)])")
    steps, epochs, state, shown = told
    assert steps["step"][:3] == [0, 1, 2]
    assert steps["train_loss"][:2] == [2.0, "inf"]
    assert steps["images_per_s"][:2] == ["nan", 7.0]
    assert {len(column) for column in steps.values()} == {47}
    assert epochs["epoch"] == [1]
    assert (epochs["train_loss"], epochs["val_loss"]) == ([1.5], ["nan"])
    assert (state, shown) == ("finished", "<run mine: finished, epoch 0 of 30>")


def test_what_a_resume_went_back_over_is_not_there(scripts: Scripts) -> None:
    run = FakeRun(scripts.runs_dir, "mine", state="finished")
    run.begin()
    run.learn(2)
    place = run.checkpoint("last")
    run.learn(2)
    run.go_on(place)
    run.train_epoch(0.5, 0.25, 0.5, 0.6, 1e-3)
    epochs, steps = asked(scripts, "run = load_run('last')\ntell([run.epochs, run.steps['step']])")
    assert epochs["epoch"] == [1, 2, 3]
    assert epochs["val_loss"][-1] == 0.25
    assert steps == list(range(3 * 45))


def test_findings_classes_config_and_checkpoints_come_along(scripts: Scripts) -> None:
    run = faulty_run(scripts.runs_dir, state="finished")
    run.write(Classes(epoch=3, step=135, precision=[1.0], recall=[0.5], f1=[0.6], support=[4], confusion=[(0, 0, 4)]))
    run.folder.checkpoints.mkdir()
    run.checkpoint("last")
    run.checkpoint("best")
    (run.folder.checkpoints / "best.pt").touch()
    mute(run.folder, FLAT.label)
    (finding,), val, rate, kept, summary = asked(
        scripts,
        "run = load_run(run='last')\n"
        "tell([run.findings, run.classes['val'], run.config['learning_rate'], run.checkpoints, run.summary])",
    )
    assert (finding["label"], finding["open"], finding["muted"]) == (FLAT.label, True, True)
    assert finding["evidence"] == FLAT.evidence
    assert (val["recall"], val["confusion"]) == ([0.5], [[0, 0, 4]])
    assert rate == 1.0
    assert [(each["kind"], each["path"]) for each in kept] == [("best", str(run.folder.checkpoints / "best.pt"))]
    assert summary["epochs"] == 30


def test_a_training_package_of_the_users_stays_the_users(scripts: Scripts) -> None:
    run = FakeRun(scripts.runs_dir, "mine", state="finished")
    run.begin()
    run.learn(1)
    for package in ("training", "tui"):
        (scripts.cwd / package).mkdir()
        (scripts.cwd / package / "__init__.py").write_text(f"NAME = 'my own {package}'\n")
        (scripts.cwd / package / "curves.py").write_text("NAME = 'my own curves'\n")
    told = asked(
        scripts,
        """
        run = load_run("mine")
        import sys, training, tui
        from training import curves
        ours = [name for name in sys.modules if name.split(".")[0] in ("msgspec", "yaml", "torch", "numpy")]
        tell([training.NAME, tui.NAME, curves.NAME, ours, len(run.epochs["epoch"])])
        """,
    )
    assert told == ["my own training", "my own tui", "my own curves", [], 1]


def test_a_log_of_another_tool_is_loaded_by_its_path(scripts: Scripts) -> None:
    (scripts.cwd / "log.csv").write_text("epoch,train_loss,val_loss\n1,2.0,2.5\n2,1.0,1.5\n")
    epochs, message = asked(scripts, "run = load_run('log.csv')\ntell([run.epochs, run.message])")
    assert (epochs["epoch"], epochs["val_loss"]) == ([1, 2], [2.5, 1.5])
    assert "log of another tool" in message


def test_a_run_that_is_not_there_and_a_file_that_is_no_log_are_errors_in_a_sentence(scripts: Scripts) -> None:
    (scripts.cwd / "prose.txt").write_text("no log at all\n")
    told = asked(
        scripts,
        """
        said = []
        for wanted in ("nobody", "", "prose.txt"):
            try: load_run(wanted)
            except ValueError as error: said.append(str(error))
        tell(said)
        """,
    )
    assert told[0].startswith("There is no run yet.")
    assert told[1].startswith("The name of the run is empty.")
    assert "prose.txt" in told[2]


def test_without_pandas_the_way_to_it_is_said_and_with_it_the_first_column_is_the_index(scripts: Scripts) -> None:
    run = FakeRun(scripts.runs_dir, "mine", state="finished")
    run.begin()
    run.learn(2)
    (scripts.cwd / "pandas.py").write_text("raise ImportError('no pandas')\n")
    source = "try: load_run().epochs.to_pandas()\nexcept ImportError as error: tell(str(error))"
    assert asked(scripts, source) == "to_pandas() needs pandas: pip install pandas"
    (scripts.cwd / "pandas.py").write_text(
        "class DataFrame(dict):\n    def set_index(self, name): return {'index': name, **self}\n"
    )
    told = asked(scripts, "tell(load_run().epochs.to_pandas())")
    assert (told["index"], told["epoch"]) == ("epoch", [1, 2])


def test_the_name_is_offered_beside_report() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from traindeck import *; print(load_run.__name__, callable(report))"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout == "load_run True\n"

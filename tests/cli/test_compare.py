"""`traindeck compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.fakes import FakeRun
from training.cli.main import run_verb
from training.config.patch import apply
from training.config.schema import TrainingConfig


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path))


def run_with(tmp_path: Path, name: str, loss: float, changes: dict[str, Any] | None = None, **summary: Any) -> FakeRun:
    run = FakeRun(tmp_path, name, config=apply(TrainingConfig(epochs=30), changes or {}), **summary)
    run.begin()
    for epoch in range(8):
        run.train_epoch(2 * loss / (1 + epoch), loss, 0.9, 0.95, 1e-3)
    run.finish()
    return run


def compare(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run_verb(["compare", *words], lambda *_: 0) == code
    read = capsys.readouterr()
    return read.out if code == 0 else read.err


def test_settings_metrics_and_verdict_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_with(tmp_path, "parent", 2.0, {"learning_rate": 1.0})
    run_with(tmp_path, "child", 0.2)
    said = compare(capsys, "parent", "child")
    lines = [line.split() for line in said.splitlines()]
    assert ["learning_rate", "1.0", "0.001"] in lines
    assert ["parent", "2", "2", "at", "1", "2", "at", "8"] in lines
    assert "↑ child: better: val_loss 0.2 against 2 at epoch 8" in said


def test_a_single_run_is_compared_with_its_parent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_with(tmp_path, "first", 0.2)
    run_with(tmp_path, "second", 0.9, {"epochs": 9}, parent="first")
    assert "↓ second: worse" in compare(capsys, "second")
    assert "first corrects no other run" in compare(capsys, "first", code=2)


def test_a_run_that_is_named_twice_is_not_compared_with_itself_or_with_its_parent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_with(tmp_path, "first", 0.2)
    run_with(tmp_path, "second", 0.9, parent="first")
    assert "first is named twice, and no other run." in compare(capsys, "first", "first", code=2)
    assert "second is named 3 times, and no other run." in compare(capsys, "second", "second", "second", code=2)


def test_seeds_are_one_side_unless_each_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(3):
        run_with(tmp_path, f"a-seed-{seed}", 0.2 + 0.001 * seed, {"runtime.seed": seed})
    run_with(tmp_path, "b", 0.9, {"epochs": 9})
    names = ["b", "a-seed-0", "a-seed-1", "a-seed-2"]
    assert "↑ a ×3: better: val_loss 0.201 ± 0.001 (3) against 0.9" in compare(capsys, *names)
    each = compare(capsys, "--each", *names)
    assert each.count("better: val_loss") == 3
    assert "They differ in their seed alone" in compare(capsys, *names[1:])


def test_one_metric_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_with(tmp_path, "a", 0.2)
    run_with(tmp_path, "b", 0.3)
    said = compare(capsys, "a", "b", "--metric", "val_acc")
    assert "val_acc" in said
    assert "train_loss" not in said
    assert "No run has 'nothing' by epoch" in compare(capsys, "a", "b", "--metric", "nothing", code=2)


def test_programs_get_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_with(tmp_path, "a", 0.9, {"learning_rate": 0.1})
    run_with(tmp_path, "b", float("nan"))
    told = json.loads(compare(capsys, "a", "b", "--json"))
    assert told["settings"] == {"learning_rate": ["0.1", "0.001"]}
    assert told["metrics"]["val_loss"]["runs"][1] == {
        "at_common": "nan",
        "best": None,
        "best_epoch": 0,
        "final": "nan",
        "final_epoch": 8,
    }
    verdict = told["sides"][1]["verdict"]
    assert (verdict["kind"], verdict["since_epoch"], verdict["epoch"]) == ("worse", 3, 8)


def test_a_run_without_values_is_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_with(tmp_path, "a", 0.2)
    FakeRun(tmp_path, "empty", config=TrainingConfig(epochs=5)).finish()
    assert "… empty: too early to tell: empty ended with no epochs behind it" in compare(capsys, "a", "empty")

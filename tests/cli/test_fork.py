"""`traindeck fork`: what it launches, what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.runs.builders import make_run
from tests.runs.sealing import configured, sealed
from training.config import files as config_files
from training.runs import launch as launching
from training.runs.checkpoints import check, path_of, read_label
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose supervisors would have been started."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    folders: list[RunFolder] = []
    monkeypatch.setattr(launching, "start_supervisor", lambda folder, *_: folders.append(folder))
    return folders


@pytest.fixture
def parent(tmp_path: Path) -> RunFolder:
    """A run that was stopped after its third epoch."""
    folder = make_run(tmp_path / "runs", "a", state="stopped", epoch=3, step=120)
    config = configured(folder, epochs=10)
    for name, epoch, step, seq in (("step-000000080.pt", 2, 80, 6), ("last.pt", 3, 120, 9)):
        sealed(folder, name, config, epoch=epoch, step=step, seq=seq)
    sealed(folder, "best.pt", config, epoch=2, step=80, seq=6, resumable=False)
    return folder


def forked(*words: str) -> int:
    return traindeck.main(["fork", "a", "--detach", "--yes", *words])


def test_a_fork_goes_on_from_the_last_checkpoint(
    parent: RunFolder, started: list[RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    assert forked("--set", "learning_rate=0.01") == 0
    [child] = started
    said = capsys.readouterr().out
    assert said.startswith("Goes on exactly from a at step 120 (epoch 3): weights, optimizer, schedule, counters.\n")
    assert child.id == "a-fork"
    config = config_files.load(child.config)
    assert (config.learning_rate, config.epochs) == (0.01, 10)
    label = check(path_of(child, "last"))
    assert (label.step, label.config["learning_rate"]) == (120, 0.01)
    assert child.events.read_bytes() == b"".join(parent.events.read_bytes().splitlines(keepends=True)[:9])
    summary = read_summary(child.summary)
    assert summary is not None
    assert (summary.parent, summary.reason, summary.inherited_attempts) == ("a", "fork at step 120", 1)


def test_from_an_older_epoch_no_more_of_the_log_is_taken(parent: RunFolder, started: list[RunFolder]) -> None:
    assert forked("--from", "epoch-2", "--name", "older") == 0
    [child] = started
    assert (child.id, read_label(path_of(child, "last")).step) == ("older", 80)
    assert len(child.events.read_bytes().splitlines()) == 6
    # The best so far is of that epoch: it is another name for the parent's file.
    assert path_of(child, "best").samefile(path_of(parent, "best"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "best"), "alone: its best checkpoint holds nothing else"),
        (("--set", "optimizer=AdamW"), "alone, since optimizer (Adam → AdamW) changed"),
        (("--weights",), "alone, as asked for"),
    ],
)
def test_else_it_takes_the_weights_alone_and_says_why(
    parent: RunFolder, started: list[RunFolder], capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert forked(*words) == 0
    [child] = started
    assert why in capsys.readouterr().out
    assert [path.name for path in child.checkpoints.iterdir()] == ["start.pt"]
    assert not child.events.exists()
    assert child.start.samefile(path_of(parent, "best" if "best" in words else "last"))


def test_from_scratch_it_is_a_new_run_on_the_same_split(parent: RunFolder, started: list[RunFolder]) -> None:
    parent.split.write_text("{}")
    assert forked("--from", "scratch") == 0
    [child] = started
    assert child.split.read_text() == "{}"
    assert not child.checkpoints.exists()


def test_json_tells_whether_it_goes_on_exactly(parent: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert forked("--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["parent"], said["step"], said["exact"]) == (parent.id, 120, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "step-7"), "a has no checkpoint step-7. There is last (epoch 3, step 120), step-80 (epoch 2, step"),
        (("--from", "newest"), "Say last, best, step-N, epoch-N or scratch."),
        (("--set", "epochs=3"), "epochs is 3, and 3 are done at step 120: nothing is left to train. Raise epochs"),
        (("--set", "epochz=3"), "epochz"),
        (("--name", "x" * 100), "The run name has 100 characters"),
    ],
)
def test_what_cannot_be_forked_is_refused_and_leaves_nothing(
    parent: RunFolder,
    started: list[RunFolder],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    assert forked(*words) == 2
    assert says in capsys.readouterr().err
    assert started == []
    assert [path.name for path in parent.path.parent.iterdir()] == ["a"]


@pytest.mark.parametrize("changes", [{"kind": "reported"}, {"cleaned": 1.0}])
def test_a_run_without_checkpoints_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any]
) -> None:
    configured(make_run(tmp_path / "runs", "a", state="finished", **changes))
    assert forked() == 2
    said = capsys.readouterr().err
    assert "it has no checkpoint to fork from" in said or "they were removed by `traindeck clean`" in said


def test_the_editor_needs_a_terminal(parent: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert forked("--edit") == 2
    assert "needs a terminal" in capsys.readouterr().err
    assert not list(parent.checkpoints.glob("held-*"))

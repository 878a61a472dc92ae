"""Checkpoints: whole, loadable without trust, and a start for the run that corrects this one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.engine.conftest import SMALL, MakeRun
from training.engine import checkpoint
from training.engine.cadence import Cadence
from training.errors import TraindeckError
from training.runs.checkpoints import Label, candidates, newest, read_label
from training.runs.events import Checkpoint, End, Epoch, Log
from training.runs.layout import RunFolder


def test_a_checkpoint_loads_without_trust_and_holds_what_a_resume_needs(make_run: MakeRun) -> None:
    run = make_run(SMALL + "lr_strategy: ReduceLROnPlateau\n")
    run.train()
    content = run.checkpoint("last")  # weights_only=True
    assert content["schema"] == 2
    label = read_label(run.folder.checkpoints / "last.pt")
    assert (label.traindeck, label.attempt, label.epoch, label.step, label.resumable) == (2, 1, 2, 24, True)
    assert (content["epoch"], content["step"], content["step_in_epoch"]) == (2, 24, 0)
    assert content.keys() >= {"model", "optimizer", "schedule", "progress", "random", "config", "normalisation"}
    assert content["optimizer"]["state"]
    assert content["schedule"]["scheduler"]["num_bad_epochs"] == 0
    assert content["progress"]["best_val_loss"] == run.summary.best_val_loss
    assert content["config"]["lr_strategy"] == "ReduceLROnPlateau"


def test_the_best_checkpoint_stays_what_it_was_while_the_last_moves_on(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("epochs: 2", "epochs: 12\nlearning_rate: 0.2"))
    run.train()
    best = run.of(Checkpoint)
    epochs = [event.epoch for event in best if event.kind == "best"]
    assert epochs[-1] < 12
    assert run.checkpoint("best")["epoch"] == epochs[-1] == run.summary.best_epoch
    assert run.checkpoint("last")["epoch"] == 12
    names = sorted(path.name for path in run.folder.checkpoints.iterdir())
    assert names == ["best.pt", "last.pt", "step-000000132.pt"]


def test_the_best_checkpoint_holds_no_optimizer_state(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    assert not run.checkpoint("best").keys() & {"optimizer", "schedule", "random", "progress"}
    assert not read_label(run.folder.checkpoints / "best.pt").resumable


def test_as_many_older_checkpoints_stay_as_the_config_wants(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("epochs: 2", "epochs: 6") + "runtime: {checkpoint_keep: 3}\n")
    run.train()
    assert [read_label(path).epoch for path in candidates(run.folder)] == [6, 5, 4, 3]


def test_checkpoints_are_as_seldom_as_the_config_wants_and_the_end_is_kept(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("epochs: 2", "epochs: 3") + "runtime: {checkpoint_every: 15 steps}\n")
    run.train()
    best, last = ([event.step for event in run.of(Checkpoint) if event.kind == kind] for kind in ("best", "last"))
    assert set(best) <= set(last)  # the best is never ahead of what a resume goes on from
    assert [step for step in last if step not in best] == due_after(15, best, 36)
    assert run.checkpoint("last")["step_in_epoch"] == 0


def due_after(steps: int, best: list[int], end: int) -> list[int]:
    """Where a checkpoint is due that many steps after the last one, which may have been a best one; and the end."""
    found, before = [], 0
    for step in range(1, end + 1):
        if step in best:
            before = step
        elif step - before >= steps or step == end:
            found.append(step)
            before = step
    return found


def test_minutes_between_checkpoints_count_training_without_pauses() -> None:
    cadence = Cadence("2 min")
    assert not cadence.due(1000, 119.0)
    assert cadence.due(1000, 120.0)
    cadence.wrote(1000, 120.0)
    assert (cadence.due(1001, 239.0), cadence.due(1001, 240.0)) == (False, True)


def test_where_there_are_no_hard_links_the_one_before_is_still_kept(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    run = make_run()
    assert run.train() == 0
    assert [read_label(path).epoch for path in candidates(run.folder)] == [2, 1]


def test_a_write_that_fails_leaves_the_old_checkpoint_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    checkpoint.save(folder, "last", {"model": {}, "epoch": 1}, Label(step=1), keep=1)

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(folder, "last", {"model": {}, "epoch": 2}, Label(step=2), keep=1)
    assert checkpoint.load(folder.checkpoints / "last.pt")["epoch"] == 1
    assert [path.name for path in candidates(folder)] == ["last.pt", "step-000000001.pt"]
    assert not list(folder.checkpoints.glob(".*"))


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 torn"])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "last.pt"
    path.write_bytes(content)
    with pytest.raises(TraindeckError, match=r"last\.pt is damaged"):
        checkpoint.load(path)


def test_a_single_byte_that_has_changed_is_noticed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    checkpoint.save(folder, "last", {"model": {"weight": torch.ones(1000)}, "epoch": 1}, Label(step=1))
    path = folder.checkpoints / "last.pt"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    assert read_label(path).step == 1
    with pytest.raises(TraindeckError, match="its checksum is not that of what was written"):
        checkpoint.load(path)
    assert newest(folder)[0] is None


def test_what_is_no_checkpoint_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    torch.save([1, 2], path)
    with pytest.raises(TraindeckError, match="no checkpoint"):
        checkpoint.load(path)
    torch.save({"model": {}, "schema": 99}, path)
    with pytest.raises(TraindeckError, match="newer traindeck"):
        checkpoint.load(path)


def test_weights_of_another_shape_are_refused_and_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    torch.save({"model": nn.Linear(3, 2).state_dict(), "epoch": 1}, path)
    model = nn.Linear(4, 2)
    before = model.weight.clone()
    with pytest.raises(TraindeckError, match=r"weight \(2×3 there, 2×4 here\)"):
        checkpoint.load_weights(model, path)
    assert torch.equal(model.weight, before)


@pytest.mark.parametrize("kind", ["best", "last"])
def test_a_child_starts_from_its_parents_weights(make_run: MakeRun, kind: str) -> None:
    parent = make_run(SMALL.replace("epochs: 2", "epochs: 4"), "parent")
    parent.train()
    child = make_run(SMALL, "child", parent="parent", start_from=kind)
    child.folder.split.write_bytes(parent.folder.split.read_bytes())
    assert child.train() == 0
    epoch = parent.checkpoint(kind)["epoch"]
    assert any(f"{kind} weights of parent (epoch {epoch})" in event.message for event in child.of(Log))
    assert child.of(Epoch)[0].metrics["val_loss"] == parent.metric(Epoch, "val_loss")[epoch - 1]


def test_a_child_of_another_shape_fails_clearly(make_run: MakeRun) -> None:
    parent = make_run(name="parent")
    parent.train()
    child = make_run(SMALL.replace("filters: 4", "filters: 5"), "child", parent="parent", start_from="best")
    assert child.train() == 1
    assert "holds another model's weights" in child.one(End).reason


def test_a_child_of_a_parent_without_checkpoint_fails_clearly(make_run: MakeRun) -> None:
    make_run(name="parent")
    child = make_run(SMALL, "child", parent="parent", start_from="last")
    assert child.train() == 1
    assert "there is no such checkpoint" in child.one(End).reason

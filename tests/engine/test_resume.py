"""A worker goes on where its run stands."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
import torch

from tests.engine.conftest import SMALL, MakeRun, Run
from tests.reliability.comparing import differences
from training.config.schema import TrainingConfig
from training.engine import loop
from training.engine.data.batches import Batch
from training.engine.job import Job
from training.engine.models.build import build_model
from training.engine.update import Update
from training.runs import commands
from training.runs.checkpoints import path_of
from training.runs.events import Acknowledged, Attempt, Checkpoint, End, Epoch, Log, Step
from training.runs.log import standing

LONGER = SMALL.replace("epochs: 2", "epochs: 4") + "runtime: {checkpoint_every: 5 steps, threads: 1}\n"


def stopped(run: Run, step: int, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run, stopped by a command before that step."""
    true_step = loop.step

    def step_or_stop(job: Job, batches: tuple[Batch, ...]) -> None:
        if job.state.step == step:
            commands.send(run.folder, "stop")
            job.control._polled = -1e9
            job.control.between_steps(job)
        true_step(job, batches)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "step", step_or_stop)
        assert run.train() == 0
    assert run.summary.state == "stopped"
    return run


def resumed(run: Run) -> Run:
    """The run after another attempt, launched as the resume verb does."""
    summary = run.summary
    summary.commands_from = run.folder.commands.stat().st_size if run.folder.commands.exists() else 0
    run.folder.summary.write_bytes(msgspec.json.encode(summary))
    run.train()
    return run


@pytest.mark.parametrize("step", [1, 7, 12, 40])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    whole = make_run(LONGER, "whole")
    whole.train()
    run = resumed(stopped(make_run(LONGER), step, monkeypatch))
    first, second = run.of(Attempt)
    assert (first.from_step, second.attempt, second.from_step) == (0, 2, step)
    steps = [event.step for event in standing(run.events) if isinstance(event, Step)]
    assert steps == list(range(48))
    # The stop wrote a checkpoint more.
    assert list(differences(run.folder, whole.folder, but=(Checkpoint,))) == []
    assert (run.summary.state, run.summary.attempt, run.summary.epoch) == ("finished", 2, 4)
    assert run.summary.best_val_loss == whole.summary.best_val_loss
    assert run.summary.kept_epoch == whole.summary.kept_epoch


def test_a_stop_of_the_attempt_before_is_not_obeyed_again(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stopped(make_run(LONGER), 7, monkeypatch)
    run.train()  # not even where nobody has told where its commands begin: it has been answered
    assert run.summary.state == "finished"
    assert len(run.of(Acknowledged)) == 1


def test_a_damaged_checkpoint_falls_back_to_the_one_before_and_says_so(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(make_run(LONGER), 17, monkeypatch)
    damage(path_of(run.folder, "last"))
    resumed(run)
    assert run.of(Attempt)[1].from_step == 12
    warnings = [event.message for event in run.of(Log) if event.level == "warning"]
    assert any("last.pt is damaged: its checksum" in message for message in warnings)
    assert "Going back to step-000000012.pt, step 12." in warnings
    assert [event.step for event in standing(run.events) if isinstance(event, Step)] == list(range(48))


def test_where_every_checkpoint_is_damaged_nothing_starts_over(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(make_run(LONGER), 17, monkeypatch)
    for path in run.folder.checkpoints.glob("*.pt"):
        damage(path)
    before = [event for event in run.events if isinstance(event, Step | Epoch)]
    resumed(run)
    assert run.of(End)[-1].reason.startswith("None of the run's checkpoints can be used.")
    assert [event for event in standing(run.events) if isinstance(event, Step | Epoch)] == before


def test_checkpoints_whose_log_is_gone_are_not_overwritten(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stopped(make_run(LONGER), 7, monkeypatch)
    before = path_of(run.folder, "last").read_bytes()
    run.folder.events.unlink()
    resumed(run)
    assert "training anew would overwrite it" in run.of(End)[-1].reason
    assert path_of(run.folder, "last").read_bytes() == before


def test_a_run_without_a_checkpoint_starts_over_and_supersedes_all(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(make_run(LONGER), 7, monkeypatch)
    for path in run.folder.checkpoints.glob("*.pt"):
        path.unlink()
    resumed(run)
    assert (run.of(Attempt)[1].from_step, run.of(Attempt)[1].from_seq) == (0, 0)
    assert [event.epoch for event in standing(run.events) if isinstance(event, Epoch)] == [0, 1, 2, 3, 4]


def test_the_checkpoint_that_it_goes_on_from_is_in_the_new_history(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = resumed(stopped(make_run(LONGER), 7, monkeypatch))
    standing_steps = [e.step for e in standing(run.events) if isinstance(e, Checkpoint) and e.kind == "last"]
    assert standing_steps[:3] == [5, 7, 12]
    assert standing_steps == sorted(set(standing_steps))
    assert standing_steps[-1] == 48


def test_data_that_changed_stop_a_resume_and_change_nothing(
    make_run: MakeRun, make_folder: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_folder(a=12, b=12)  # type: ignore[operator]
    config = LONGER.replace("batch_size: 128", "batch_size: 4") + f"data: {{source: folder, path: {root}}}\n"
    run = stopped(make_run(config), 7, monkeypatch)
    before = path_of(run.folder, "last").read_bytes()
    next((root / "a").iterdir()).unlink()
    resumed(run)
    assert "The data have changed" in run.of(End)[-1].reason
    assert path_of(run.folder, "last").read_bytes() == before


def test_an_optimizers_state_comes_back_whole_from_its_parts() -> None:
    config = TrainingConfig(optimizer="AdamW")
    device = torch.device("cpu")
    updates = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        model = build_model(config, (1, 8, 8), 10)
        update = Update(model, config, device)
        for _ in range(3):
            update.begin()
            loss = model(torch.randn(4, 1, 8, 8)).square().mean()
            update.backward(loss)
            update.step(loss.detach())
        updates.append(update)
    updates[1].load(updates[0].state(), 3)
    first, second = (update.state() for update in updates)
    assert first["state"].keys() == second["state"].keys()
    for place, entry in first["state"].items():
        assert all(torch.equal(value, second["state"][place][name]) for name, value in entry.items())


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    os.utime(path)

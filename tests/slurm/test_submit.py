"""Launching, resuming and correcting through Slurm: what sbatch is handed, and what is left where it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import make_run
from tests.slurm.fakes import FakeSlurm, slurm
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.errors import InvalidInput, RunFailed
from training.runs.launch import launch
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.plan import aim, plan
from training.runs.submit import allocation_of, submit_again, target_of
from training.slurm.script import Allocation

__all__ = ["slurm"]
CONFIG = TrainingConfig()


def submitted(
    tmp_path: Path, target: Allocation | None = None, config: TrainingConfig = CONFIG, **more: Any
) -> RunFolder:
    planned = aim(config, target or Allocation())
    return launch("", config, planned, runs_dir=tmp_path / "runs", base_dir=tmp_path, name="a", **more)


def test_a_submitted_run_is_queued_at_once_with_its_job_and_the_reason(tmp_path: Path, slurm: FakeSlurm) -> None:
    folder = submitted(tmp_path)
    seen = view(folder)
    assert seen is not None
    assert (seen.state, seen.detail) == ("queued", "Slurm job 7: PENDING (Resources)")
    assert seen.summary.slurm_job == "7"
    assert folder.job_script.read_text().endswith(f"_supervise {folder.path}\n")


def test_the_job_starts_only_once_its_id_is_written_down(tmp_path: Path, slurm: FakeSlurm) -> None:
    folder = submitted(tmp_path)
    assert slurm.calls("sbatch") == [f"--parsable --hold {folder.job_script}"]
    assert "release 7" in slurm.calls("scontrol")


def test_a_user_who_wants_it_held_gets_it_held(tmp_path: Path, slurm: FakeSlurm) -> None:
    submitted(tmp_path, Allocation(options=("--hold",)))
    assert "release 7" not in slurm.calls("scontrol")


def test_a_job_that_cannot_be_released_is_cancelled_and_leaves_no_run(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.answers("scontrol", error="slurm_update error: Access/permission denied\n", code=1, only="release")
    with pytest.raises(RunFailed, match="permission denied"):
        submitted(tmp_path)
    assert slurm.calls("scancel") == ["7"]
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_refused_job_leaves_no_run(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.answers("sbatch", error="sbatch: error: Invalid account\n", code=1)
    with pytest.raises(RunFailed, match="Invalid account"):
        submitted(tmp_path)
    assert list((tmp_path / "runs").iterdir()) == []


def test_no_device_of_this_host_is_looked_at_for_slurm(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_: object, **__: object) -> None:
        raise AssertionError("the devices of the login node are nobody's business")

    monkeypatch.setattr("training.runs.plan.choose_many", looked)
    planned = plan(apply(CONFIG, {"runtime.device": "cuda"}), tmp_path, target=Allocation(gpus=2))
    assert (planned.problems, planned.confirm) == ((), [])
    assert planned.notes[0] == "Slurm: 1 node, 2 GPUs, the partition's time limit."
    assert "goes back into the queue" in planned.notes[1]


def test_gpus_of_slurm_and_a_config_for_the_cpu_or_for_more_processes_contradict_each_other(
    slurm: FakeSlurm,
) -> None:
    for patch, key in (({"runtime.device": "cpu"}, "runtime.device"), ({"runtime.processes": 4}, "runtime.processes")):
        (problem,) = aim(apply(CONFIG, patch), Allocation(gpus=2)).problems
        assert problem.key == key


def test_where_there_is_no_slurm_nothing_can_be_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InvalidInput, match="no Slurm"):
        aim(CONFIG, Allocation())


def test_a_run_that_is_over_is_submitted_again_as_it_was(tmp_path: Path, slurm: FakeSlurm) -> None:
    asked = Allocation(2, 1, "60", ("-p", "gpu"))
    folder = submitted(tmp_path, asked)
    folder.commands.write_text('{"command": "stop"}\n')
    slurm.answers("sbatch", "8;cluster\n")
    assert submit_again(folder) == "8"
    summary = json.loads(folder.summary.read_bytes())
    assert (summary["state"], summary["slurm_job"]) == ("queued", "8")
    assert summary["commands_from"] == folder.commands.stat().st_size
    assert allocation_of(folder) == target_of(folder) == asked


def test_a_run_of_this_machine_has_no_place_in_slurm(tmp_path: Path, slurm: FakeSlurm) -> None:
    assert target_of(make_run(tmp_path, "a")) is None


def test_a_correction_waits_for_the_job_of_the_run_that_it_corrects(tmp_path: Path, slurm: FakeSlurm) -> None:
    parent = submitted(tmp_path, Allocation(gpus=1))
    seen = view(parent)
    assert seen is not None
    planned = plan(CONFIG, tmp_path, replacing=seen)
    assert planned.target == Allocation(gpus=1)
    launch("", CONFIG, planned, runs_dir=tmp_path / "runs", base_dir=tmp_path, name="b", parent=parent, after=parent)
    assert "--dependency=afterany:7" in slurm.calls("sbatch")[-1]

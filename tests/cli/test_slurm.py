"""`traindeck train` where there is a Slurm: what goes to sbatch, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.slurm.fakes import FakeSlurm, slurm
from training.cli.main import run_verb
from training.devices.gpus import Nvml, Reading
from training.runs import launch, store
from training.runs.submit import allocation_of
from training.slurm.script import Allocation

__all__ = ["slurm"]


@pytest.fixture(autouse=True)
def _on_a_login_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slurm: FakeSlurm) -> None:
    monkeypatch.setattr(Nvml, "read", lambda *_, **__: Reading())
    monkeypatch.setattr(launch, "start_supervisor", lambda *_: None)
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))


def traindeck(*words: str) -> int:
    return run_verb(list(words), open_app=lambda *_: 0)


def test_what_follows_the_dashes_is_for_sbatch_alone(tmp_path: Path) -> None:
    asked = ("--nodes", "2", "--gpus", "4", "--time", "1-0")
    assert traindeck("train", "balanced", "--slurm", *asked, "--name", "a", "--", "-p", "gpu", "--yes") == 0
    (run,) = store.list_runs(tmp_path / "runs")
    assert allocation_of(run.folder) == Allocation(2, 4, "1-0", ("-p", "gpu", "--yes"))


def test_a_program_learns_the_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck("train", "balanced", "--slurm", "--name", "a", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"id": "a", "path": str(tmp_path / "runs/a"), "slurm_job": "7"}


def test_a_person_learns_the_job_its_state_and_how_to_watch(capsys: pytest.CaptureFixture[str]) -> None:
    traindeck("train", "balanced", "--slurm", "--name", "a")
    said = capsys.readouterr().out
    assert "Submitted a as Slurm job 7; `traindeck watch a` shows it." in said
    assert "queued: Slurm job 7: PENDING (Resources)" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "login node"),
        (("--gpus", "2"), "--gpus is for a run that Slurm starts"),
        (("--slurm", "--here"), "contradict each other"),
        (("--slurm", "--", "--array=0-3"), "a run is one job"),
    ],
)
def test_what_makes_no_sense_here_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert traindeck("train", "balanced", *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("words", [("--here",), ("--set", "runtime.device=cpu")])
def test_a_login_node_trains_where_that_is_said(tmp_path: Path, words: tuple[str, ...], slurm: FakeSlurm) -> None:
    assert traindeck("train", "balanced", "--detach", *words) == 0
    assert slurm.calls("sbatch") == []

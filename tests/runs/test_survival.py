"""What ends a run here, told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.runs.survival import survival


def host(root: Path, *, logind: str = "", pid1: str = "0::/init.scope", own: str = "0::/user.slice") -> Path:
    """A small copy of the files that tell."""
    for path, text in {
        "run/systemd/system/x": "",
        "proc/1/cgroup": pid1,
        "proc/self/cgroup": own,
        "etc/systemd/logind.conf": logind,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_a_plain_host_keeps_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = survival({}, host(tmp_path, logind="#KillUserProcesses=yes\n"))
    assert said.survives is True


def test_systemd_that_kills_at_logout_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = survival({}, host(tmp_path, logind="[Login]\nKillUserProcesses=yes\n"))
    assert said.survives is False
    assert "enable-linger" in said.sentence


def test_a_slurm_allocation_ends_its_runs(tmp_path: Path) -> None:
    said = survival({"SLURM_JOB_ID": "42"}, host(tmp_path))
    assert said.survives is False
    assert "Slurm job 42" in said.sentence


@pytest.mark.parametrize("pid1", ["12:cpu:/docker/abc", "0::/kubepods/pod1"])
def test_a_container_ends_its_runs_when_it_stops(tmp_path: Path, pid1: str) -> None:
    said = survival({}, host(tmp_path, pid1=pid1))
    assert said.survives is None
    assert "container" in said.sentence

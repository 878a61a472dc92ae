"""The benches of verdicts and overlays on a few runs. What they find depends on the machine and on the runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import bench_overlay, bench_verdict
from tests.tui.overlaying import run_of, seeds_of
from training.runs.store import list_runs


def test_each_pair_of_a_group_of_seeds_is_judged_as_it_was_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    seeds_of(tmp_path / "runs", "a", 4, 0.2)
    run_of(tmp_path / "runs", "alone", learning_rate=0.5)
    [group] = bench_verdict.groups(list_runs(tmp_path / "runs"))
    assert len(group) == 4
    assert all("of 6 " in line for line in bench_verdict.lines(group, 8))
    assert bench_verdict.lines(group, 50) == []


def test_an_overlay_of_live_runs_is_measured() -> None:
    line, cpu, memory = bench_overlay.measure(2, 0.5)
    assert line >= 0
    assert cpu >= 0
    assert memory > 10

"""The bench of long logs on a short one. How long it takes depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench import bench_long_log
from tests.bench.long_log import long_run
from tests.bench.turns import CouldNotRun
from training.replay import diagnose_run
from training.runs.events import Epoch, Step
from training.runs.lifecycle import view
from training.runs.log import read_all


def test_both_sides_are_measured(tmp_path: Path) -> None:
    rows = bench_long_log.measured(long_run(tmp_path, 2000, 400), long_run(tmp_path, 500, 400), laps=1)
    # CPU time comes in ticks and memory is sampled: a process that is over in a moment may show neither.
    times = [row.value.median for row in rows if row.what == "diagnose: time on the clock"]
    assert times
    assert times[0] > 0
    assert "diagnose / json.loads of each line" in {row.what for row in rows}


def test_a_side_that_fails_says_why() -> None:
    with pytest.raises(CouldNotRun, match="no such"):
        bench_long_log.cost([sys.executable, "-c", "raise SystemExit('no such')"])


def test_a_long_run_is_a_sound_one_of_that_many_steps(tmp_path: Path) -> None:
    folder = long_run(tmp_path, 2000, 400)
    events = read_all(folder.events)
    assert sum(isinstance(event, Step) for event in events) == 2000
    assert [event.epoch for event in events if isinstance(event, Epoch)] == list(range(6))
    shown = view(folder)
    assert shown is not None
    assert (shown.state, folder.path.name) == ("finished", "long-2000-400")
    assert diagnose_run(folder).open == []
    assert long_run(tmp_path, 2000, 400).path == folder.path

"""The bench of Home on a few runs. What it finds depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import math

from tests.bench import bench_home


def test_home_is_measured_with_runs_that_are_over_and_with_live_ones() -> None:
    rows = bench_home.measure(count=30, live=2, seconds=0.5, starts=1)
    assert len(rows) == 8
    assert all(math.isfinite(row.value.median) for row in rows)

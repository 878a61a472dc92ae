"""The bench of the monitor on a short run. What it finds depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import math

import pytest

from tests.bench import bench_monitor


def test_the_monitor_is_measured_live_and_over_beside_a_naive_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_monitor, "MOST_GAP", 0.25)
    rows = {row.what: row.value.median for row in bench_monitor.measure(seconds=0.5, presses=1)}
    assert all(math.isfinite(value) for value in rows.values())
    assert {f"{when}: {name}" for when in ("live", "over") for name in bench_monitor.KEYS} <= rows.keys()
    assert rows["naive, live: on the line"] > rows["live: on the line"] > 0

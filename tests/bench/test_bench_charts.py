"""The bench of charts on short runs. How long a drawing takes depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import pytest

from tests.bench import bench_charts
from tests.bench.bench_charts import EPOCHS, FEW, KINDS, LENSES, Side


def test_every_case_is_measured_and_both_sides_draw_the_same() -> None:
    rows = {row.what: row for row in bench_charts.measured(10 * FEW, blocks=3)}
    assert len(rows) == len(LENSES) * (2 * len(KINDS) + 1)
    assert all(row.value.median > 0 for row in rows.values())
    for case in LENSES:
        assert rows[f"{case}: cells drawn / {FEW:,} steps"].value.median == pytest.approx(1.0, abs=0.02)


def test_a_side_is_a_run_of_that_many_steps_and_a_step_longer_with_each_that_is_logged() -> None:
    side = Side.of(FEW)
    assert (side.curves.step, side.curves.epoch) == (FEW, EPOCHS)
    side.log_one()
    assert side.curves.step == FEW + 1
    side.ready("smoothed")
    assert not side.painter.pending

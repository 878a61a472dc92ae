"""The benches' measuring code on tiny inputs. What they find depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.bench import bench_data, bench_editor, bench_growth, bench_overhead, bench_processes, bench_rivals
from tests.bench.cases import make_case
from tests.bench.measure import PeakMemory, ratios, slope, spread, take_turns
from tests.bench.table import Row, one, show
from tests.bench.turns import Contender, CouldNotRun, Lap

IMAGES = 100


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def assert_measured(rows: Sequence[Row]) -> None:
    assert rows
    for row in rows:
        for number in (row.value.median, row.value.low, row.value.high):
            assert math.isfinite(number), row
    assert {cell for line in show("bench", rows).splitlines()[2:] for cell in line.split() if cell in ("met", "MISSED")}


def test_the_interval_of_a_median_holds_it_and_narrows_with_more_values() -> None:
    few, many = spread(range(9)), spread([value % 9 for value in range(900)])
    assert few.low <= few.median == 4 <= few.high
    assert many.low == many.median == many.high == 4
    assert (spread([3.0, 1.0, 2.0]).low, spread([3.0, 1.0, 2.0]).high) == (1.0, 3.0)


def test_the_interval_is_that_of_the_tables() -> None:
    """Of 20 values the 6th from either end hold the median with 95 % (binomial distribution)."""
    twenty = spread(range(1, 21))
    assert (twenty.low, twenty.high) == (6, 15)


def test_ratios_are_taken_between_neighbours_so_that_a_slow_spell_does_not_count() -> None:
    assert ratios([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]).median == 2.0


def test_turns_change_who_begins() -> None:
    began: list[str] = []
    take_turns(2, lambda: began.append("a") or 1.0, lambda: began.append("b") or 1.0)  # type: ignore[func-returns-value]
    assert began == ["a", "b", "b", "a"]


def test_growth_is_told_from_a_machine_that_gets_slower() -> None:
    laps = [Lap(1.0, 1.0 + place, 10, 1_000_000) for place in range(20)]
    clock = [2.0 * (1 + place) for place in range(20)]
    assert [row.met for row in bench_growth.growth(laps, clock) if row.bar is not None] == [True, True]
    assert [row.met for row in bench_growth.growth(laps, [1.0] * 20) if row.bar is not None] == [False, True]


def test_a_slope_is_found_behind_an_outlier() -> None:
    values = [5 + 0.1 * place for place in range(40)]
    values[7] = 100.0
    assert slope(values).median == pytest.approx(0.1)


def test_a_table_says_which_bar_was_missed() -> None:
    rows = [Row("quick", one(1.2), "×", 1.1), Row("slow", one(1.05), "×", 1.03, most=True), Row("told", one(3.0), "ms")]
    table = show("bench", rows).splitlines()
    assert [line.split()[-1] for line in table[2:]] == ["met", "MISSED", "ms"]
    assert [row["met"] for row in json.loads(show("bench", rows, as_json=True))["rows"]] == [True, False, None]


def test_the_overhead_of_a_step_is_measured(workspace: Path) -> None:
    assert_measured(bench_overhead.overhead("A", workspace, blocks=3, steps=4, images=0))


def test_data_paths_are_measured_from_nothing(workspace: Path) -> None:
    assert_measured(bench_data.first_epochs(workspace, IMAGES, starts=1))


def test_processes_are_measured(workspace: Path) -> None:
    case = make_case("B", workspace, images=IMAGES, epochs=2)
    assert bench_processes.throughput(case, workspace, processes=2, threads=1) > 0


def test_a_contender_tells_what_each_epoch_took(workspace: Path) -> None:
    with Contender("engine", "B", workspace, IMAGES) as engine, PeakMemory(engine.pid) as peak:
        laps = [engine.lap() for _ in range(4)]
    assert [lap.images for lap in laps] == [IMAGES * 0.8] * 4
    assert all(lap.cpu > 0 and lap.seconds > 0 for lap in laps)
    assert peak.resident >= max(lap.resident for lap in laps) > 50e6
    assert_measured(bench_growth.growth(laps, [lap.seconds for lap in laps]))


@pytest.mark.skipif(bool(bench_rivals.missing()), reason=bench_rivals.missing() or "all there")
def test_rivals_are_measured(workspace: Path) -> None:
    assert_measured(bench_rivals.against("A", workspace, ("lightning", "naive"), laps=2, images=0))


@pytest.mark.skipif(find_spec("sklearn") is not None, reason="scikit-learn is there")
def test_a_contender_that_cannot_run_says_why(workspace: Path) -> None:
    with Contender("naive", "A", workspace, 0) as naive, pytest.raises(CouldNotRun, match="No module named 'sklearn'"):
        naive.lap()


def test_the_editor_is_measured_in_a_real_terminal_beside_its_floor() -> None:
    assert_measured(bench_editor.measure(keys=4, columns=100, rows=30))

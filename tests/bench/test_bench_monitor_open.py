"""The bench of opening logs on short ones. How long it takes depends on the machine: nothing is asked of that here."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.bench import bench_monitor_open
from tests.bench.foreign_log import long_csv


def test_all_sides_are_opened_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--dir", str(tmp_path), "--steps", "3000", "--laps", "1", "--size", "140x40", "--json"]
    bench_monitor_open.main(words)
    rows = {row["what"]: row["value"]["median"] for row in json.loads(capsys.readouterr().out)["rows"]}
    assert all(value > 0 for what, value in rows.items() if "memory" not in what)
    assert rows["long CSV: complete"] >= rows["long CSV: first chart"]


def test_a_side_that_never_draws_is_an_error() -> None:
    side = bench_monitor_open.Side(["/bin/echo", "nothing"], "a chart", "all of it")
    with pytest.raises((AssertionError, OSError)):
        bench_monitor_open.opened(side, 80, 24, {})


def test_a_long_csv_has_its_rows_and_is_made_once(tmp_path: Path) -> None:
    path = long_csv(tmp_path, 250)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), rows[-1]["epoch"], rows[-1]["step"]) == (250, "2", "249")
    written = path.stat().st_mtime_ns
    assert long_csv(tmp_path, 250).stat().st_mtime_ns == written

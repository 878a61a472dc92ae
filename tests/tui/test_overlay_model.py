"""What an overlay makes of its runs, without a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from tests.tui.overlaying import judged, overlaid, run_of, seeds_of
from training.curve import Series
from training.runs.events import Epoch
from tui.overlay.band import Band
from tui.overlay.book import OverlayBook
from tui.overlay.runs_rows import in_sight, run_rows
from tui.overlay.tables import as_text, metric_rows, of_sides, settings_rows
from tui.overlay.verdict_rows import verdict_place, verdict_rows
from tui.widgets.chart_signs import Signs
from tui.widgets.rows import Row, width_of

SIGNS = Signs()


def texts(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def series(*values: float) -> Series:
    made = Series()
    for epoch, value in enumerate(values, 1):
        made.append(epoch, value)
    return made


def test_runs_that_differ_in_their_seed_alone_are_one_side(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "first", learning_rate=0.1), *seeds_of(runs_dir, "b", 3, 0.2)])
    assert [(side.name, side.places) for side in found.sides] == [("first", (0,)), ("b ×3", (1, 2, 3))]
    found.toggle_grouped()
    assert [side.places for side in found.sides] == [(0,), (1,), (2,), (3,)]


def test_seeds_alone_stay_apart_until_they_are_grouped(runs_dir: Path) -> None:
    found = overlaid(seeds_of(runs_dir, "a", 3, 0.2))
    assert len(found.sides) == 3
    assert found.has_seeds
    found.toggle_grouped()
    assert len(found.sides) == 1
    assert "They differ in their seed alone" in " ".join(texts(verdict_rows(found, SIGNS, 200)))


def test_each_side_is_judged_against_the_baseline_and_that_can_be_another(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "bad", level=1.5, learning_rate=1.0), run_of(runs_dir, "good", level=0.1)])
    bad, good = found.sides
    assert found.verdict(bad) is None
    verdict = found.verdict(good)
    assert verdict is not None
    assert verdict.kind == "better"
    found.set_baseline(good)
    assert found.verdict(bad) is None
    judged(found)
    back = found.verdict(bad)
    assert back is not None
    assert back.kind == "worse"
    assert found.verdict(good) is None


def test_settings_that_differ_stand_first_of_each_side(runs_dir: Path) -> None:
    runs = [run_of(runs_dir, "a", learning_rate=0.1), *seeds_of(runs_dir, "b", 2, 0.2, learning_rate=0.01)]
    found = overlaid(runs)
    assert [(one.key, one.values) for one in of_sides(found)] == [("learning_rate", ("0.1", "0.01"))]
    found.toggle_grouped()
    assert [one.key for one in of_sides(found)] == ["learning_rate", "runtime.seed"]


@pytest.mark.parametrize("width", [20, 34, 48, 80, 200])
def test_no_table_is_wider_than_its_room(runs_dir: Path, width: int) -> None:
    long = "a-run-with-a-name-that-is-very-much-too-long-for-its-place"
    runs = [
        run_of(runs_dir, long, learning_rate=0.1),
        *seeds_of(runs_dir, "b", 3, 0.2),
        run_of(runs_dir, "ü日本", epochs=0),
    ]
    found = overlaid(runs)
    for rows in (
        run_rows(found, 1, SIGNS, width, 20),
        settings_rows(found, 1, SIGNS, width),
        metric_rows(found, SIGNS, width),
        verdict_rows(found, SIGNS, width),
    ):
        assert all(width_of(row) <= width for row in rows)


def test_twenty_settings_columns_keep_the_baseline_and_what_is_marked(runs_dir: Path) -> None:
    runs = [run_of(runs_dir, f"r{n}", epochs=1, learning_rate=0.001 * (n + 1)) for n in range(20)]
    found = overlaid(runs)
    head = texts(settings_rows(found, 15, SIGNS, 60))[1]
    assert "r0" in head
    assert "r15" in head
    assert "r9" not in head


def test_a_long_value_on_one_side_leaves_the_other_side_readable(runs_dir: Path) -> None:
    runs = [
        run_of(runs_dir, "plateau", lr_strategy="ReduceLROnPlateau", class_weights="Auto Class Weights"),
        run_of(runs_dir, "cosine", lr_strategy="Cosine Annealing", class_weights="None"),
    ]
    lines = texts(settings_rows(overlaid(runs), 1, SIGNS, 46))
    assert any("Reduce" in line and "Cosine Ann" in line for line in lines)


def test_the_list_keeps_the_marked_one_in_sight() -> None:
    assert in_sight(20, 0, 6) == (True, range(5))
    assert in_sight(20, 19, 6) == (True, range(15, 20))
    assert in_sight(2, 1, 10) == (True, range(2))
    assert in_sight(5, 4, 2) == (False, range(3, 5))


def test_what_is_thought_of_a_side_can_be_found_in_the_verdicts(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, f"r{n}", learning_rate=0.001 * (n + 1)) for n in range(5)])
    rows = texts(verdict_rows(found, SIGNS, 40))
    place = verdict_place(found, found.sides[3], SIGNS, 40)
    assert rows[place.start].endswith("r3")
    assert rows[place.stop].endswith("r4")
    assert verdict_place(found, found.sides[0], SIGNS, 40) == range(1)


def test_metrics_are_told_at_the_last_epoch_that_all_have(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "a", epochs=4), run_of(runs_dir, "b", epochs=9, learning_rate=0.1)])
    rows = texts(metric_rows(found, SIGNS, 100))
    assert rows[1].split()[:3] == ["val_loss", "epoch", "4"]
    assert "@9" in rows[3]


def test_a_group_tells_mean_and_spread(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "a", learning_rate=0.1), *seeds_of(runs_dir, "b", 3, 0.2)])
    assert any("± " in row and "(3)" in row for row in texts(metric_rows(found, SIGNS, 100)))
    assert any("(3)" in row for row in texts(run_rows(found, 0, SIGNS, 60, 10)))


def test_the_text_that_is_copied_has_the_tables_and_the_verdicts(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "a", level=1.5, learning_rate=0.1), run_of(runs_dir, "b")])
    lines = as_text(found).split("\n")
    assert lines[:2] == ["setting\ta\tb", "learning_rate\t0.1\t0.001"]
    assert any(line.startswith("b\tbetter: val_loss") for line in lines)


def test_a_chart_has_a_curve_for_each_side_that_is_not_hidden(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "a", learning_rate=0.1), run_of(runs_dir, "b")])
    book = OverlayBook(found)
    specs = book.specs("epoch")
    titles = [spec.title for spec in specs]
    assert titles[:3] == ["Validation loss", "Validation accuracy", "Learning rate"]
    assert {"Training loss", "Training accuracy"} < {*titles}
    assert [curve.name for curve in specs[0].curves] == ["a", "b"]
    assert len({curve.series for curve in specs[0].curves}) == 2
    found.toggle_hidden(found.sides[0])
    assert [curve.name for curve in book.specs("epoch")[0].curves] == ["b"]


def test_the_specs_are_the_same_objects_as_long_as_they_show_the_same(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, "a", learning_rate=0.1), run_of(runs_dir, "b")])
    book = OverlayBook(found)
    first = book.specs("epoch")
    assert [spec.serial for spec in book.specs("epoch")] == [spec.serial for spec in first]
    assert book.specs("step")[0].x_name == "step"
    assert book.specs("step")[0].reached == 12 * 45 - 1


def test_more_runs_than_colours_are_told_apart_by_their_markers(runs_dir: Path) -> None:
    found = overlaid([run_of(runs_dir, f"r{n}", epochs=1, learning_rate=0.001 * (n + 1)) for n in range(20)])
    signs = [(side.colour, SIGNS.legend(side.colour, side.again)) for side in found.sides]
    assert len({*signs}) == 20
    curves = OverlayBook(found).specs("epoch")[0].curves
    assert [(curve.series, SIGNS.legend(curve.series, curve.again)) for curve in curves] == signs


def test_a_unit_that_no_run_tells_falls_back(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "plain")
    run.write(Epoch(epoch=1, step=0, metrics={"val_loss": 0.5}))
    book = OverlayBook(overlaid([run]))
    assert "step" not in book.units
    assert book.specs("step")[0].x_name == "epoch"


def test_a_run_that_logs_steps_alone_is_drawn_by_its_steps(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, "steps")
    run.begin()
    for _ in range(30):
        run.train_step(train_loss=1.0)
    spec = OverlayBook(overlaid([run])).specs("step")[0]
    assert (spec.title, len(spec.curves[0].points.y)) == ("Training loss", 30)


def test_a_mean_counts_the_epochs_that_half_of_the_seeds_have() -> None:
    band = Band()
    band.follow([series(1.0, 2.0, 3.0), series(3.0, 4.0), series(5.0), series(7.0)])
    assert list(band.mean.y) == [4.0, 3.0]
    assert list(band.low.x) == [1, 2]


def test_a_mean_grows_with_its_seeds_and_is_cut_with_them() -> None:
    band, a, b = Band(), series(1.0, 2.0), series(3.0, 4.0)
    band.follow([a, b])
    mean = band.mean
    a.append(3, 3.0)
    b.append(3, 5.0)
    band.follow([a, b])
    assert band.mean is mean
    assert (list(mean.y), mean.rewinds) == ([2.0, 3.0, 4.0], 0)
    b.truncate(2)
    band.follow([a, b])
    assert (list(mean.y), mean.rewinds) == ([2.0, 2.0, 3.0], 1)


def test_the_band_of_a_share_stays_between_nothing_and_all() -> None:
    band = Band(share=True)
    band.follow([series(1.0, 0.0), series(0.8, 0.3)])
    assert max(band.high.y) <= 1.0
    assert min(band.low.y) >= 0.0


def test_values_that_are_not_finite_leave_the_others_mean() -> None:
    band = Band()
    band.follow([series(float("nan"), 2.0), series(3.0, float("inf"))])
    assert list(band.mean.y) == [3.0, 2.0]

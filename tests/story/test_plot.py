"""Charts as text."""

from __future__ import annotations

import math

import pytest

from training.curves import Curves
from training.runs.events import Epoch
from training.story.charts import charts_of
from training.story.plot import Line, plot

EPOCHS = [float(epoch) for epoch in range(1, 31)]
FALLING = [2.3 * math.exp(-epoch / 4) for epoch in EPOCHS]


def body(lines: list[str]) -> list[str]:
    """The rows of marks, without axes and labels."""
    return [line[8:] for line in lines if len(line) > 7 and line[7] in "┤│"]


def test_a_falling_curve_goes_from_the_top_left_to_the_bottom_right() -> None:
    drawn = body(plot([Line("train_loss", EPOCHS, FALLING)], width=60, height=8))
    assert len(drawn) == 8
    assert drawn[0].startswith("*")
    assert drawn[-1].rstrip().endswith("*")
    assert len(drawn[-1].rstrip()) == 52
    firsts = [row.index("*") for row in drawn if "*" in row]
    assert firsts == sorted(firsts)


def test_the_stretch_stands_between_brackets_with_its_ends_named() -> None:
    lines = plot([Line("val_loss", EPOCHS, FALLING)], width=66, stretch=(9, 20))
    axis, labels = lines[-2], lines[-1]
    first, last = axis.index("┝"), axis.index("┥")
    assert set(axis[first + 1 : last]) == {"━"}
    assert labels[first] == "9"
    assert labels[last - 1 : last + 1] == "20"
    assert (labels.split()[1], labels.split()[-1]) == ("1", "30")


def test_one_epoch_has_one_mark() -> None:
    axis = plot([Line("val_loss", EPOCHS, FALLING)], stretch=(9, 9))[-2]
    assert axis.count("╋") == 1


def test_every_curve_has_its_mark_in_the_legend_and_in_the_chart() -> None:
    lines = plot([Line("train_loss", EPOCHS, FALLING), Line("val_loss", EPOCHS, FALLING[::-1])], width=60)
    assert lines[0] == "* train_loss  o val_loss"
    assert {"*", "o"} <= set("".join(body(lines)))


def test_training_and_validation_have_the_same_marks_in_every_chart_whichever_was_logged_first() -> None:
    curves = Curves()
    curves.extend(
        [
            Epoch(epoch=0, step=0, metrics={"val_acc": 0.1, "val_loss": 2.3}),
            Epoch(epoch=1, step=1, metrics={"train_loss": 2.0, "train_acc": 0.2, "val_acc": 0.2, "val_f1": 0.1}),
        ]
    )
    drawn = charts_of(curves, ["train_loss", "val_acc", "val_f1"], width=60, height=5)
    assert [chart.lines[0] for chart in drawn] == [
        "* train_loss  o val_loss",
        "* train_acc  o val_acc",
        "o val_f1",
    ]
    assert "o" in drawn[2].lines[3]


def test_an_exploding_loss_is_drawn_on_a_log_scale_that_says_so() -> None:
    lines = plot([Line("train_loss", EPOCHS, [10.0**epoch for epoch in EPOCHS])], width=60, height=9)
    assert "(log scale)" in lines[0]
    rows = ["*" in row for row in body(lines)]
    assert all(rows)


def test_a_value_that_is_not_finite_is_a_gap_and_named() -> None:
    values = [1.0, 2.0, math.nan, math.nan, math.nan, 1.0, 2.0]
    lines = plot([Line("val_loss", [float(x) for x in range(1, 8)], values)], width=60)
    assert lines[-1] == "val_loss is not finite at epoch 3"
    assert "*" not in {row[24] for row in body(lines) if len(row) > 24}


@pytest.mark.parametrize(
    "values", [[1.0], [0.0] * 5, [-1e308, 1e308], [math.nan, math.inf], [1e-320, 2e-320], [5.0, 5.0]]
)
@pytest.mark.parametrize("width", [5, 30, 80])
def test_odd_values_and_widths_are_drawn_without_complaint(values: list[float], width: int) -> None:
    xs = [float(x) for x in range(1, len(values) + 1)]
    lines = plot([Line("a", xs, values)], width=width, height=5, stretch=(0, 99))
    assert all(len(line) <= max(width, 16) for line in lines[1:-1])
    assert any("*" in line for line in lines)


def test_shares_are_labelled_in_percent() -> None:
    assert "100 % ┤" in plot([Line("val_acc", [1.0, 2.0], [0.0, 1.0])], percent=True)[1]


def test_a_long_run_is_drawn_in_the_same_space() -> None:
    xs = [float(x) for x in range(20_000)]
    lines = plot([Line("val_loss", xs, [1 / (1 + x) for x in xs])], width=60, height=8)
    assert max(map(len, lines)) <= 60


def test_a_scale_that_is_asked_for_is_used_where_it_can_be() -> None:
    falling = Line("loss", EPOCHS, FALLING)
    assert "(log scale)" not in plot([falling])[0]
    assert "(log scale)" in plot([falling], log=True)[0]
    exploding = Line("loss", EPOCHS, [1.0] * 29 + [1e6])
    assert "(log scale)" in plot([exploding])[0]
    assert "(log scale)" not in plot([exploding], log=False)[0]
    assert "(log scale)" not in plot([Line("loss", EPOCHS, [0.0, *FALLING[1:]])], log=True)[0]

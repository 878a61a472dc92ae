"""Metrics of several runs at equal epochs."""

from __future__ import annotations

from tests.story.measuring import run_with
from training.story.versus.aligned import Figures, aligned, telling


def test_figures_are_those_of_the_last_common_epoch_of_the_best_and_of_the_end() -> None:
    short = run_with("short", val_acc=[0.5, 0.8, 0.7])
    long = run_with("long", val_acc=[0.4, 0.6, 0.9, 0.95, 0.94])
    [table] = aligned([short, long], ["val_acc"])
    assert table.common == 3
    assert table.figures == (Figures(0.7, 0.8, 2, 0.7, 3), Figures(0.9, 0.95, 4, 0.94, 5))
    assert table.best == 1


def test_a_run_without_the_metric_has_no_figures_and_takes_no_epoch_from_the_others() -> None:
    tables = aligned([run_with("a", val_loss=[0.3, 0.2]), run_with("b", train_loss=[0.1]), run_with("c")])
    loss = next(table for table in tables if table.metric == "val_loss")
    assert loss.common == 2
    assert loss.figures[1:] == (Figures(), Figures())
    assert loss.best is None


def test_the_metric_that_decides_comes_first_and_how_a_run_trains_is_left_out() -> None:
    run = run_with("a", val_loss=[1.0], val_acc=[0.5], val_ce=[1.0], lr=[0.1], macro_f1=[0.4], monitor="macro_f1")
    assert telling([run]) == ["macro_f1", "val_loss", "val_acc"]


def test_the_cross_entropy_is_told_where_losses_are_different_measures() -> None:
    one = run_with("a", val_loss=[1.0], val_ce=[1.0], loss="None")
    assert "val_ce" not in telling([one, one])
    assert "val_ce" in telling([one, run_with("b", val_loss=[0.1], val_ce=[1.0], loss="Focal Loss")])


def test_not_a_number_is_no_best() -> None:
    nan = float("nan")
    [table] = aligned([run_with("a", val_loss=[nan, nan]), run_with("b", val_loss=[nan, 0.5])], ["val_loss"])
    assert [figures.best for figures in table.figures] == [None, 0.5]


def test_a_metric_is_best_where_its_name_says_that_it_is() -> None:
    a, b = [0.52, 0.9, 0.95, 0.96], [0.5, 0.6, 0.65, 0.66]
    for name in ("val_auc", "val_accuracy", "val_iou", "val_map", "val_top5"):
        [table] = aligned([run_with("a", **{name: a}), run_with("b", **{name: b})], [name])
        assert (table.best, table.figures[0].best_epoch) == (0, 4)
    [table] = aligned([run_with("a", val_mystery=a), run_with("b", val_mystery=b)], ["val_mystery"])
    assert table.best is None
    assert table.figures[0] == Figures(0.96, None, 0, 0.96, 4)

"""What of a run lies where on axes of epochs, steps and time, and which marks stand under its charts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import SECONDS_PER_EPOCH, STEPS_PER_EPOCH, FakeRun, learning_run
from tests.tui.test_monitor_model import monitored
from tests.tui.test_monitor_resumed import resumed_run
from training.curves import Curves
from training.runs.events import AnyEvent, Attempt, Checkpoint, Epoch, Metrics, Override, Step
from training.story.run_axis import RunAxis, units_of
from tui.away.values import values_at
from tui.monitor.book import ChartBook
from tui.monitor.lens import Unit
from tui.widgets.chart_spec import ChartSpec, Mark


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return learning_run(tmp_path)


def charts(run: FakeRun, unit: Unit) -> dict[str, ChartSpec]:
    return {spec.title: spec for spec in ChartBook(monitored(run).curves, unit=unit).specs()}


def test_a_run_of_ours_has_all_three_axes(run: FakeRun) -> None:
    assert units_of(monitored(run).curves) == ["epoch", "step", "time"]


def test_a_log_has_the_axes_that_it_tells() -> None:
    curves = Curves()
    assert units_of(curves) == []
    curves.extend([Epoch(attempt=1, epoch=1, step=0, metrics={"loss": 1.0})])
    assert units_of(curves) == ["epoch"]
    curves = Curves()
    curves.extend([Step(attempt=1, step=step, epoch=1, metrics={"loss": 1.0}) for step in range(3)])
    assert units_of(curves) == ["step"]


def test_a_unit_that_the_log_does_not_tell_leaves_the_axis_at_one_that_it_does() -> None:
    curves = Curves()
    curves.extend([Epoch(attempt=1, epoch=1, step=0, metrics={"loss": 1.0})])
    assert {spec.x_name for spec in ChartBook(curves, unit="time").specs()} == {"epoch"}


def test_by_step_epochs_lie_at_their_last_step(run: FakeRun) -> None:
    loss = charts(run, "step")["Loss"]
    steps, train, _ = loss.curves
    assert (loss.x_name, loss.planned) == ("step", 30.0 * STEPS_PER_EPOCH)
    assert steps.reached == train.reached == 12 * STEPS_PER_EPOCH - 1


def test_by_time_steps_and_epochs_lie_at_their_seconds(run: FakeRun) -> None:
    loss = charts(run, "time")["Loss"]
    steps, train, _ = loss.curves
    assert (loss.x_name, loss.planned) == ("time", 0.0)
    assert steps.reached == pytest.approx(12 * SECONDS_PER_EPOCH, rel=0.01)
    assert train.placing.on_axis(6) == pytest.approx(6 * SECONDS_PER_EPOCH, rel=0.01)


def test_the_time_that_a_run_was_down_is_no_part_of_its_time(tmp_path: Path) -> None:
    loss = charts(resumed_run(tmp_path, down=7200.0), "time")["Loss"]
    assert loss.curves[0].reached < 600
    assert loss.seams[0] == pytest.approx(loss.curves[0].placing.on_axis(3 * STEPS_PER_EPOCH - 1), abs=1.0)


def history(*, epochs: int, resumed_at: int | None = None) -> list[AnyEvent]:
    """Ten steps of a second each and a validation of three, every epoch; a resume does all from that step on again."""
    events: list[AnyEvent] = [Attempt(attempt=1, t=1000.0, epochs=9, steps_per_epoch=10)]
    t, step, attempt = 1000.0, 0, 1
    while step < 10 * epochs:
        t, step = t + 1, step + 1
        loss: Metrics = {"loss": float(step - 1)}
        events.append(Step(attempt=attempt, t=t, step=step - 1, epoch=(step + 9) // 10, metrics=loss))
        if step % 10 == 0:
            t += 3
            events.append(Epoch(attempt=attempt, t=t, epoch=step // 10, step=step, metrics={"val_loss": 1.0}))
        if step == resumed_at and attempt == 1:
            events.append(Checkpoint(attempt=1, t=t, kind="last", path="last.pt", epoch=step // 10, step=step))
            kept = len(events)
        if resumed_at is not None and step == 10 * epochs and attempt == 1:
            t, step, attempt = t + 500, resumed_at, 2
            where = Attempt(attempt=2, t=t, epochs=9, steps_per_epoch=10)
            where.from_step, where.from_epoch, where.from_seq = step, step // 10, kept
            events.append(where)
    for seq, event in enumerate(events):
        event.seq = seq
    return events


def test_what_an_epoch_takes_after_its_last_step_does_not_move_the_next_one() -> None:
    curves = Curves()
    curves.extend(history(epochs=3))
    placing = RunAxis(curves, "time").by_step
    assert [placing.on_axis(step) for step in (8, 9, 10, 11, 19, 20)] == [9, 10, 14, 15, 23, 27]
    found = {at: values_at(curves, "time", at) for at in (10.0, 12.9, 13.0, 13.9, 14.0)}
    assert [values["loss"] for values in found.values()] == [9, 9, 9, 9, 10]
    assert ["val_loss" in values for values in found.values()] == [False, False, True, True, True]


@pytest.mark.parametrize(("step", "seconds"), [(10, 13.0), (20, 26.0), (15, 18.0)])
def test_a_resume_leaves_its_checkpoint_and_its_seam_where_they_were_in_time(step: int, seconds: float) -> None:
    events = history(epochs=3, resumed_at=step)
    curves = Curves()
    book = ChartBook(curves, unit="time")
    for event in events:
        curves.extend([event])
        spec = book.specs()[0]
        assert {round(mark.x, 3) for mark in spec.marks if mark.kind == "checkpoint"} <= {seconds}
        assert {round(seam, 3) for seam in spec.seams} <= {seconds}
    assert len(spec.seams) == 1
    again = spec.curves[0].placing.on_axis(step)
    assert again == pytest.approx(39 + 1), "what was done again lies behind all that was done before"


def test_a_resume_between_two_points_of_a_thinned_clock_leaves_its_seam_where_it_was() -> None:
    curves = Curves()
    curves.extend([Attempt(attempt=1, t=1000.0, epochs=9, steps_per_epoch=100)])
    curves.extend([Step(seq=n + 1, attempt=1, t=1000 + n / 100, step=n, epoch=1) for n in range(90)])
    where = Attempt(seq=91, attempt=2, t=2000.0, epochs=9, steps_per_epoch=100)
    where.from_step, where.from_seq = 40, 42
    curves.extend([where])
    curves.extend([Step(seq=n + 52, attempt=2, t=2000 + (n - 39) / 100, step=n, epoch=1) for n in range(40, 50)])
    placing = RunAxis(curves, "time").by_step
    assert placing.on_axis(39) == pytest.approx(0.39)
    assert placing.on_axis(40) == pytest.approx(0.9)


def test_all_charts_of_a_run_count_the_same_and_reach_as_far(run: FakeRun) -> None:
    for unit in ("epoch", "step", "time"):
        specs = charts(run, unit).values()
        assert {spec.x_name for spec in specs} == {unit}
        assert len({spec.reached for spec in specs}) == 1


def test_another_unit_keeps_what_is_known_of_the_curves(run: FakeRun) -> None:
    book = ChartBook(monitored(run).curves)
    before = book.specs()[0].curves[0].pyramid
    book.unit = "step"
    assert book.specs()[0].curves[0].pyramid is before


def marks(run: FakeRun, kind: str, unit: Unit = "epoch", chart: str = "Loss") -> list[tuple[float, str]]:
    return [(round(mark.x, 2), mark.label) for mark in charts(run, unit)[chart].marks if mark.kind == kind]


def test_the_best_epoch_is_that_of_the_best_checkpoint(run: FakeRun) -> None:
    run.write(Checkpoint(kind="best", path="checkpoints/best.pt", epoch=7, step=7 * STEPS_PER_EPOCH))
    assert marks(run, "best") == [(7, "best 7")]
    assert marks(run, "best", "step") == [(7 * STEPS_PER_EPOCH - 1, "best 7")]
    assert marks(run, "best", "time")[0][0] == pytest.approx(7 * SECONDS_PER_EPOCH, rel=0.01)


def test_without_checkpoints_it_is_that_of_the_lowest_validation_loss(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(12, overfit_from=9)
    assert marks(run, "best") == [(9, "best 9")]


def test_the_last_checkpoint_is_marked_where_it_was_written(run: FakeRun) -> None:
    run.checkpoint("last")
    run.train_epoch(1.0, 1.0, 0.5, 0.5, 1e-3)
    run.train_step(train_loss=1.0)
    run.checkpoint("last")
    assert marks(run, "checkpoint") == [(round(13 + 1 / STEPS_PER_EPOCH, 2), "last checkpoint")]


def test_an_epoch_whose_learning_rate_fell_by_a_third_is_marked_at_its_start(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    for rate in (1e-3, 1e-3, 8e-4, 4e-4, 4e-4, 4e-5):
        run.train_epoch(1.0, 1.0, 0.5, 0.5, rate)
    assert [x for x, _ in marks(run, "lr")] == [3, 5]
    assert marks(run, "lr", chart="Learning rate") == []


def test_a_learning_rate_that_is_logged_by_step_counts_at_the_ends_of_epochs(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    for epoch, rate in enumerate((1e-3, 1e-3, 1e-4), 1):
        for _ in range(STEPS_PER_EPOCH):
            run.train_step(train_loss=1.0, lr=rate)
        run.write(Epoch(epoch=epoch, step=run.step, metrics={"val_loss": 1.0}))
    assert [x for x, _ in marks(run, "lr")] == [2]


@pytest.mark.parametrize(
    ("setting", "value", "label"),
    [
        ("learning_rate", 3e-4, "lr 0.0003"),
        ("learning_rate", 3e-6, "lr 3e-6"),
        ("lr_factor", 0.5, "lr ×0.5"),
        ("early_stopping_patience", 12.0, "patience 12"),
        ("epochs", 50.0, "epochs 50"),
        ("something\x1b[2J", "odd\n", "something odd"),
    ],
)
def test_what_was_changed_by_hand_is_marked_where_it_began(
    run: FakeRun, setting: str, value: float | str, label: str
) -> None:
    run.write(Override(setting=setting, value=value, step=5 * STEPS_PER_EPOCH, epoch=6))
    assert marks(run, "override") == [(5, label)]


def test_marks_of_what_was_superseded_are_gone(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(3)
    place = run.checkpoint("last")
    run.learn(1)
    run.write(Override(setting="epochs", value=9.0, step=run.step, epoch=4))
    assert marks(run, "override") != []
    run.go_on(place)
    assert marks(run, "override") == []


def test_marks_are_looked_for_only_where_something_happened(run: FakeRun) -> None:
    book = ChartBook(monitored(run).curves)
    before = book.specs()[0].marks
    assert isinstance(before, tuple)
    assert all(isinstance(mark, Mark) for mark in before)
    book.curves.extend([Step(attempt=1, step=540, epoch=13, metrics={"train_loss": 1.0})])
    assert book.specs()[0].marks is before


def test_steps_of_epochs_of_unknown_length_place_epochs_by_their_ends(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.write(Attempt(run="a", epochs=0, steps_per_epoch=0))
    for step, epoch in ((10, 1), (30, 2), (60, 3)):
        while run.step < step:
            run.train_step(train_loss=1.0)
        run.write(Epoch(epoch=epoch, step=step, metrics={"val_loss": 1.0}))
    loss = charts(run, "step")["Loss"]
    val = next(curve for curve in loss.curves if curve.name == "val")
    assert [val.placing.on_axis(epoch) for epoch in (1, 2, 3)] == [9, 29, 59]

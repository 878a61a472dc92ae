"""What the monitor makes of events, without a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import FLAT, OVERFIT, STEPS_PER_EPOCH, FakeRun, faulty_run
from training.config.schema import TrainingConfig
from training.runs.column_reader import in_batches
from training.runs.commands import CommandName, send
from training.runs.events import Acknowledged, Epoch, Log, Step
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import read_all
from tui.monitor.arrangement import Arrangement, arrangements, is_small
from tui.monitor.book import ChartBook
from tui.monitor.model import WARNINGS, Asked, Monitored, News
from tui.monitor.pace import Pace
from tui.widgets.geometry import x_limit


def monitored(run: FakeRun) -> Monitored:
    """The run with everything that is in its folder taken in."""
    found = Monitored(run.folder)
    found.take(News(events=read_all(run.folder.events), view=view(run.folder)))
    return found


@pytest.fixture
def learning(tmp_path: Path) -> FakeRun:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    run.learn(12, overfit_from=9)
    return run


def test_progress_counts_steps_of_the_plan(learning: FakeRun) -> None:
    run = monitored(learning)
    assert (run.curves.epoch, run.epochs, run.curves.step, run.steps) == (12, 30, 540, 1350)
    assert run.share == 0.4


def test_the_time_left_is_the_steps_left_at_the_pace_of_the_last_minute(learning: FakeRun) -> None:
    run = monitored(learning)
    assert run.seconds_left == pytest.approx((1350 - 540) * 9.0 / STEPS_PER_EPOCH, rel=0.01)


def test_steps_that_come_in_columns_tell_the_same_pace(learning: FakeRun) -> None:
    run, by_columns = monitored(learning), Monitored(learning.folder)
    by_columns.take(
        News(events=[event for batch in in_batches(learning.folder.events) for event in batch], view=run.view)
    )
    assert by_columns.seconds_left == pytest.approx(run.seconds_left, rel=0.02)
    assert by_columns.curves.step == run.curves.step


def test_a_pause_is_no_part_of_the_pace() -> None:
    pace = Pace()
    for second in range(10):
        pace.add(second, 10 * second)
    pace.reset()
    pace.add(1000.0, 100)
    assert pace.steps_per_second() is None
    pace.add(1002.0, 120)
    assert pace.steps_per_second() == 10.0


def test_steps_that_were_flushed_together_are_no_pace() -> None:
    pace = Pace()
    for step in range(50):
        pace.add(5.0 + 1e-5 * step, step)
    assert pace.steps_per_second() is None


def test_the_pace_is_the_same_however_the_events_arrive(learning: FakeRun) -> None:
    run = monitored(learning)
    assert run.pace.steps_per_second() == pytest.approx(STEPS_PER_EPOCH / 9.0, rel=1e-3)


def test_an_attempt_that_begins_further_back_starts_the_pace_anew() -> None:
    pace = Pace()
    pace.add(0.0, 500)
    pace.add(10.0, 100)
    assert pace.steps_per_second() is None


def test_the_best_epoch_is_one_of_training(learning: FakeRun) -> None:
    run = monitored(learning)
    best = run.best("val_loss", highest=False)
    assert best is not None
    assert best[1] == 9
    assert run.best("val_f1", highest=True) is None


def test_fixes_are_numbered_through_all_findings_worst_first(tmp_path: Path) -> None:
    faulty = faulty_run(tmp_path)
    faulty.find(OVERFIT)
    run = monitored(faulty)
    assert [finding.label for finding in run.findings] == [FLAT.label, OVERFIT.label]
    assert [fix.title for _, fix in run.fixes] == [fix.title for fix in (*FLAT.fixes, *OVERFIT.fixes)]


def test_a_resolved_finding_is_gone(tmp_path: Path) -> None:
    faulty = faulty_run(tmp_path)
    faulty.find(FLAT, "resolved")
    assert monitored(faulty).findings == []


def test_a_command_is_waiting_until_the_worker_answers_it(learning: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = monitored(learning)
    id = send(learning.folder, "pause")
    run.ask(Asked(id, "pause"))
    assert run.asked
    run.take(News(events=[Acknowledged(attempt=1, id=id, command="pause", ok=True, message="paused at step 540")]))
    assert run.asked == []
    assert run.answer == ("✓ paused at step 540", True)
    learning.learn(2)
    run.take(News(events=read_all(learning.folder.events), view=view(learning.folder)))
    assert run.answer == ("✓ paused at step 540", True)  # two short epochs are no time to read it
    monkeypatch.setattr("tui.monitor.model.ANSWER_SECONDS", 0.0)
    run.take(News(view=view(learning.folder)))
    assert run.answer == ("", True)


@pytest.mark.parametrize(
    ("command", "before", "after"), [("pause", "running", "paused"), ("resume", "paused", "running")]
)
def test_an_answer_is_gone_once_the_state_says_the_same(
    learning: FakeRun, command: CommandName, before: str, after: str
) -> None:
    learning.change_summary(state=before)
    run = monitored(learning)
    run.ask(Asked("1", command))
    run.take(News(events=[Acknowledged(attempt=1, id="1", command=command, ok=True, message=after)]))
    assert run.answer == (f"✓ {after}", True)
    learning.change_summary(state=after)
    run.take(News(view=view(learning.folder)))
    assert run.answer == ("", True)


def test_each_warning_is_kept_once_however_often_a_resumed_run_says_it(learning: FakeRun) -> None:
    for message in ("first", "second", "first"):
        learning.write(Log(message=message, level="warning"))
    learning.say("no warning")
    assert monitored(learning).warnings == ["second", "first"]


def test_of_warnings_without_end_the_latest_are_kept(tmp_path: Path) -> None:
    said = [Log(seq=n, attempt=1, level="warning", message=f"loss is nan at step {n}") for n in range(3 * WARNINGS)]
    at_once, one_by_one = Monitored(RunFolder(tmp_path)), Monitored(RunFolder(tmp_path))
    at_once.take(News(list(said)))
    for event in said:
        one_by_one.take(News([event]))
        assert len(one_by_one.warnings) <= WARNINGS
    assert at_once.warnings == one_by_one.warnings == [event.message for event in said[-WARNINGS:]]


def test_a_command_to_a_run_that_ends_is_not_waited_for_any_longer(learning: FakeRun) -> None:
    run = monitored(learning)
    run.ask(Asked("1", "pause"))
    learning.finish()
    run.take(News(view=view(learning.folder)))
    assert run.asked == []
    assert run.answer == ("the run ended before it answered", False)


def test_a_queued_run_that_was_stopped_has_obeyed(tmp_path: Path) -> None:
    queued = FakeRun(tmp_path, live=True, state="queued")
    run = monitored(queued)
    run.ask(Asked("1", "stop"))
    queued.change_summary(state="stopped", message="stopped while it waited for a to end")
    run.take(News(view=view(queued.folder)))
    assert run.answer == ("", True)


def test_the_charts_are_loss_accuracy_and_learning_rate_and_then_whatever_else_is_logged(tmp_path: Path) -> None:
    made = FakeRun(tmp_path)
    made.begin()
    made.train_step(train_loss=1.0, lr=0.1, grad_norm=2.0, images_per_s=5.0, my_metric=1.0)
    made.learn(1)
    specs = ChartBook(monitored(made).curves).specs()
    assert [spec.title for spec in specs] == [
        "Loss",
        "Accuracy",
        "Learning rate",
        "Gradient norm",
        "Images per second",
        "my_metric",
    ]
    assert [curve.name for curve in specs[0].curves] == ["steps", "train", "val"]
    assert [curve.name for curve in specs[2].curves] == ["lr"]


def test_a_run_without_events_has_its_three_charts_empty(tmp_path: Path) -> None:
    specs = ChartBook(monitored(FakeRun(tmp_path)).curves).specs()
    assert [(spec.title, spec.curves) for spec in specs] == [("Loss", []), ("Accuracy", []), ("Learning rate", [])]


def test_once_an_epoch_shows_what_is_logged_no_chart_stands_empty(tmp_path: Path) -> None:
    made = FakeRun(tmp_path)
    made.begin()
    made.train_step(train_loss=1.0, lr=0.1)
    assert [spec.title for spec in ChartBook(monitored(made).curves).specs()] == ["Loss", "Accuracy", "Learning rate"]
    made.write(Epoch(epoch=1, step=45, metrics={"train_loss": 1.0, "mAP50": 0.2}))
    assert [spec.title for spec in ChartBook(monitored(made).curves).specs()] == ["Loss", "Learning rate", "mAP50"]


def test_the_charts_of_a_finished_run_end_at_the_same_epoch(tmp_path: Path) -> None:
    made = FakeRun(tmp_path, config=TrainingConfig(epochs=60))
    made.begin()
    made.learn(60)
    specs = ChartBook(monitored(made).curves).specs()
    assert {x_limit(max(spec.reached, *(c.reached for c in spec.curves)), spec.planned) for spec in specs} == {60}


def test_a_curve_that_reaches_further_than_the_plan_takes_all_charts_along(tmp_path: Path) -> None:
    made = FakeRun(tmp_path, config=TrainingConfig(epochs=10))
    made.begin()
    made.learn(11)
    made.train_step(train_loss=1.0)
    specs = ChartBook(monitored(made).curves).specs()
    assert len({spec.reached for spec in specs}) == 1
    assert specs[0].reached > 11


def test_steps_lie_at_their_part_of_the_epoch(learning: FakeRun) -> None:
    loss = ChartBook(monitored(learning).curves).specs()[0]
    steps, _, validation = loss.curves
    assert steps.reached == validation.reached == 12
    assert loss.x_name == "epoch"


def test_steps_of_a_run_whose_epochs_are_of_unknown_length_are_counted_as_steps(tmp_path: Path) -> None:
    run = Monitored(FakeRun(tmp_path).folder)
    run.take(News(events=[Step(attempt=1, step=step, epoch=1, metrics={"loss": 1.0}) for step in range(5)]))
    loss = ChartBook(run.curves).specs()[0]
    assert (loss.x_name, loss.planned, loss.curves[0].reached) == ("step", 0.0, 4.0)


def test_the_charts_stay_the_same_objects_while_no_metric_appears(learning: FakeRun) -> None:
    run = monitored(learning)
    book = ChartBook(run.curves)
    before = book.specs()
    learning.learn(1)
    run.take(News(events=read_all(learning.folder.events)[-46:]))
    assert book.specs() is before
    assert before[0].reached == 13


@pytest.mark.parametrize(
    ("width", "height", "first"),
    [
        (140, 35, Arrangement(3, ("diagnosis", "log"))),
        (120, 35, Arrangement(3, ("diagnosis", "log"))),
        (80, 18, Arrangement(2, ("diagnosis",))),
        (40, 9, Arrangement(1)),
    ],
)
def test_each_size_has_its_first_arrangement(width: int, height: int, first: Arrangement) -> None:
    assert arrangements(width, height, console_first=False)[0] == first


@pytest.mark.parametrize(("width", "height"), [(140, 35), (100, 26), (80, 18), (60, 14), (40, 9), (1, 1)])
@pytest.mark.parametrize("console_first", [False, True])
def test_tab_reaches_every_panel_and_a_chart_at_every_size(width: int, height: int, console_first: bool) -> None:
    views = arrangements(width, height, console_first=console_first)
    assert {panel for view in views for panel in view.side} == {"diagnosis", "log", "console"}
    assert any(view.charts for view in views)
    if console_first:
        assert "console" in views[0].side


def test_a_diagnosis_stands_beside_a_chart_wherever_there_is_room_for_two() -> None:
    for width in range(60, 160, 5):
        for height in range(14, 50):
            assert not is_small(width, height)
            first = arrangements(width, height, console_first=False)[0]
            assert first.charts >= 1
            assert "diagnosis" in first.side

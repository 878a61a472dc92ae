"""What was changed of a running job, as the next attempt finds it in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.curves import Curves
from training.runs.events import Attempt, End, Event, Log, Override
from training.runs.log import EventWriter, read_all
from training.runs.overrides import in_words, overrides_ahead, stop_ahead


def override(setting: str, value: float, step: int) -> Override:
    return Override(setting=setting, value=value, step=step, epoch=1)


def written(path: Path, *attempts: list[Event]) -> Path:
    """A log of attempts, each with its first event."""
    for number, events in enumerate(attempts, 1):
        with EventWriter(path, number) as writer:
            writer.write_all(events)
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def made(path: Path, seq: int) -> list[tuple[str, object, int]]:
    return [(one.setting, one.value, one.step) for one in overrides_ahead(path, seq)]


def test_what_lies_beyond_the_checkpoint_is_made_again_in_its_order(log: Path) -> None:
    written(log, [Attempt(epochs=9), override("lr_factor", 0.5, 3), override("epochs", 20, 5),
                  override("lr_factor", 0.1, 7)])  # fmt: skip
    assert made(log, 2) == [("epochs", 20, 5), ("lr_factor", 0.1, 7)]
    assert made(log, 4) == []


def test_a_newer_value_takes_the_place_of_its_own_setting_alone(log: Path) -> None:
    first: list[Event] = [Attempt(), override("lr_factor", 0.5, 3), override("epochs", 20, 5)]
    second: list[Event] = [Attempt(from_seq=1), override("lr_factor", 0.2, 1)]
    written(log, first, second)
    assert made(log, 5) == [("epochs", 20, 5)]


def test_what_an_attempt_did_not_come_to_is_handed_on(log: Path) -> None:
    first: list[Event] = [Attempt(), override("lr_factor", 0.5, 3), override("epochs", 20, 5)]
    second: list[Event] = [Attempt(from_seq=1), override("lr_factor", 0.5, 3), Log(message="killed")]
    written(log, first, second)
    assert made(log, 5) == [("epochs", 20, 5)]


def test_what_was_left_out_once_stays_out(log: Path) -> None:
    first: list[Event] = [Attempt(), override("lr_factor", 0.5, 3), override("epochs", 20, 5)]
    second: list[Event] = [Attempt(from_seq=1, overrides_from=3), override("early_stopping_patience", 4, 2)]
    written(log, first)
    assert [(one.setting, one.seq) for one in overrides_ahead(log, 1)] == [("lr_factor", 1), ("epochs", 2)]
    assert overrides_ahead(log, 1, dropped_before=3) == []
    with EventWriter(log, 2) as writer:
        writer.write_all(second)
    assert made(log, 1) == [("early_stopping_patience", 4, 2)]


def test_leaving_out_spares_what_lies_before_the_checkpoint(log: Path) -> None:
    first: list[Event] = [Attempt(), override("lr_factor", 0.5, 3), override("lr_factor", 1e30, 8)]
    written(log, first, [Attempt(from_seq=2, overrides_from=3)])
    assert made(log, 4) == []
    assert made(log, 1) == [("lr_factor", 0.5, 3)]  # from an older checkpoint, the newer ones being damaged


def test_overrides_are_told_in_words() -> None:
    rate = Override(setting="lr_factor", value=5000, step=12, epoch=2, rate=5.0)
    told = [rate, override("lr_factor", 0.5, 3), override("lr_factor", 1, 4), override("epochs", 20, 5),
            override("early_stopping_patience", 0, 6)]  # fmt: skip
    assert [in_words(one) for one in told] == [
        "learning rate 5 (×5e+03) from step 12 on", "learning rate ×0.5 from step 3 on",
        "learning rate as scheduled from step 4 on", "epochs 20 from step 5 on", "no early stopping from step 6 on",
    ]  # fmt: skip


def test_a_stop_that_was_asked_for_is_no_setting(log: Path) -> None:
    written(log, [Attempt(), override("stop_after_epoch", 3, 4)])
    assert made(log, 1) == []


@pytest.mark.parametrize(
    ("events", "epoch"),
    [
        ([override("stop_after_epoch", 3, 4)], 3),
        ([override("stop_after_epoch", 3, 4), override("stop_after_epoch", 0, 5)], 0),
        ([override("stop_after_epoch", 3, 4), End(state="stopped", reason="", epoch=3, step=9)], 0),
        ([override("epochs", 3, 4)], 0),
    ],
)
def test_a_stop_stands_until_it_is_withdrawn_or_the_run_has_ended(log: Path, events: list[Event], epoch: int) -> None:
    written(log, [Attempt(), *events])
    assert stop_ahead(log) == epoch


def test_the_plan_of_a_run_is_that_of_its_attempt_or_of_a_command_since(log: Path) -> None:
    first: list[Event] = [Attempt(epochs=9, steps_per_epoch=4), override("epochs", 20, 5), Log(message="killed")]
    written(log, first)
    curves = Curves()
    assert curves.planned_epochs == 0
    curves.extend(read_all(log))
    assert curves.planned_epochs == 20
    # The next attempt goes on from before that, and has not come to it yet.
    curves.extend([Attempt(seq=3, attempt=2, epochs=9, steps_per_epoch=4, from_seq=1)])
    assert curves.planned_epochs == 9
    curves.extend([Override(seq=4, attempt=2, setting="epochs", value=20, step=5, epoch=2)])
    assert curves.planned_epochs == 20
    # And one that goes on from after it knows of it.
    curves.extend([Attempt(seq=5, attempt=3, epochs=20, steps_per_epoch=4, from_seq=5)])
    assert curves.planned_epochs == 20

"""Following a log without its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from training.curves import Curves
from training.runs.epoch_tail import EpochTail
from training.runs.events import Epoch, Step
from training.runs.log import read_all


def curves_of(tail: EpochTail) -> Curves:
    curves = Curves()
    curves.extend(tail.read())
    return curves


def test_the_curves_by_epoch_are_those_of_the_whole_log(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(4)
    checkpoint = run.checkpoint()
    run.learn(3)
    run.go_on(checkpoint)
    run.learn(2)
    whole = Curves()
    whole.extend(read_all(run.folder.events))
    found = curves_of(EpochTail(run.folder.events))
    assert found.epochs == whole.epochs
    assert found.epoch == 6


def test_steps_are_left_out_once_there_are_epochs(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(3)
    events = EpochTail(run.folder.events).read()
    assert {event.epoch for event in events if isinstance(event, Step)} == {1}
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2, 3]


def test_a_log_of_steps_alone_is_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    monkeypatch.setattr("training.runs.epoch_tail.STEPS_KEPT", 10)
    for _ in range(60):
        run.train_step(loss=1.0)
    steps = [event.step for event in EpochTail(run.folder.events).read() if isinstance(event, Step)]
    assert steps == [*range(10), 19, 29, 39, 49, 59]


def test_what_is_appended_is_read_and_a_torn_line_waits(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(2)
    tail = EpochTail(run.folder.events)
    assert curves_of(tail).epoch == 2
    assert tail.at_end
    assert tail.read() == []
    whole = run.folder.events.read_bytes()
    run.learn(1)
    more = run.folder.events.read_bytes()[len(whole) :]
    run.folder.events.write_bytes(whole + more[:-20])
    before = tail.read()
    with run.folder.events.open("ab") as log:
        log.write(more[-20:] + b"not json\n")
    after = tail.read()
    assert [event.epoch for event in before + after if isinstance(event, Epoch)] == [3]


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    tail = EpochTail(tmp_path / "events.jsonl")
    assert tail.read() == []
    assert tail.at_end

"""Following a run that was interrupted, in plain lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from training.cli.follow import Follower


def test_following_a_resumed_run_tells_what_is_new_and_where_it_went_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(3)
    checkpoint = run.checkpoint("last")
    for _ in range(14):
        run.train_step(train_loss=1.0)
    follower = Follower(run.folder)
    follower.pass_over()
    run.go_on(checkpoint)
    run.learn(1)
    run.finish()
    assert follower.to_the_end() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "— went on from epoch 3, step 135 (attempt 2; 14 steps done again) —"
    assert lines[1].startswith("epoch  4/30")
    assert len(lines) == 3


def test_following_from_the_start_tells_the_interruption_between_the_epochs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(1)
    checkpoint = run.checkpoint("last")
    run.go_on(checkpoint)
    run.learn(1)
    run.finish()
    Follower(run.folder).follow()
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines[:3]] == ["epoch  1/", "— went on", "epoch  2/"]
    assert lines[1] == "— went on from epoch 1, step 45 (attempt 2) —"


def test_programs_hear_of_a_new_attempt_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(1)
    run.go_on(run.checkpoint("last"))
    run.finish()
    Follower(run.folder, as_json=True).follow()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["type"] for event in told] == ["epoch", "attempt"]
    assert (told[1]["attempt"], told[1]["from_epoch"]) == (2, 1)

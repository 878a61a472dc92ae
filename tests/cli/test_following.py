"""Following a run that was interrupted, in plain lines."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.tui.fakes import FakeRun
from training.cli.follow import Follower
from training.diagnosis.findings import Finding
from training.story.telling import NOW_TOLD


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


def test_a_finding_that_gave_way_to_a_better_story_is_not_said_to_be_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    finding = Finding(
        issue="overfitting", label="val_noisy", title="Few images", severity="info", since_epoch=1, shown_epoch=1,
        evidence="24 of them.", stretch=(1, 1), causes=(), fixes=(),
    )  # fmt: skip
    told = msgspec.structs.replace(finding, evidence=f"24 of them. {NOW_TOLD} overfitting.")
    over = msgspec.structs.replace(finding, title="Noise")
    for changed in (told, over):
        run.find(changed, "resolved")
    run.finish()
    Follower(run.folder).follow()
    assert [line for line in capsys.readouterr().out.splitlines() if "✓" in line] == ["✓ no longer: Noise"]

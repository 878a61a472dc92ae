"""Runs that traindeck does not train: a script's own, and logs of other tools. They are shown, and left alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import traindeck
from tests.runs.builders import add_process, beat, make_run
from tests.tui.driving import home
from tests.tui.monitoring import SIZES, monitor
from training.diagnosis.findings import Finding, Fix
from training.errors import InvalidInput
from training.foreign.reading import open_source
from training.recording.recorder import Recorder
from training.recording.shadow import Shadow
from training.recording.start import Start
from training.recording.watched import first_summary
from training.runs.correct import correct
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary

COMMANDS = ("pause", "resume", "stop")


def reported(runs_dir: Path, epochs: int = 0) -> RunFolder:
    """A live run of a script that has reported twelve epochs."""
    now = time.time()
    settings = {"optimizer": "Adam", "learning_rate": 0.5} | ({"epochs": epochs} if epochs else {})
    folder = make_run(
        runs_dir, "train", kind="reported", device="pid 4242 on gpu7", epochs=epochs, settings=settings, created=now
    )
    add_process(folder)
    beat(folder, 0)
    summary = read_summary(folder.summary)
    assert summary is not None
    recorder = Recorder(folder, summary, Start(1, "train", "train", now, config=settings, epochs=epochs), print)
    for epoch in range(1, 13):
        recorder.report(
            {"epoch": epoch, "loss": 2.0 / epoch, "val_loss": 2.1 / epoch, "acc": 1 - 1 / epoch}, now + epoch
        )
    return folder


def watched(runs_dir: Path) -> RunFolder:
    log = runs_dir / "metrics.csv"
    log.write_text(
        "epoch,loss,val_loss\n" + "".join(f"{epoch},{2 / (epoch + 1)},{3 / (epoch + 1)}\n" for epoch in range(9))
    )
    folder = RunFolder(runs_dir / "shadow")
    folder.path.mkdir()
    source = open_source(log)
    shadow = Shadow(folder, first_summary(folder, log, source.format), source)
    while events := source.poll():
        shadow.take(events)
    shadow.judge(0.0)
    return folder


@pytest.mark.parametrize("size", SIZES)
async def test_a_reported_run_is_watched_without_keys_that_it_would_not_hear(
    runs_dir: Path, size: tuple[int, int]
) -> None:
    async with monitor(reported(runs_dir), size) as screen:
        await screen.shows("epoch 12", "status")
        assert "▶ running" in screen.text("status")
        assert "12/" not in screen.text("status")
        assert [action for action in COMMANDS if screen.screen.check_action(action, ())] == []
        if size[0] >= 120:
            assert "pid 4242 on gpu7" in screen.text("status")


async def test_a_reported_run_with_a_plan_says_how_long_it_takes_yet(runs_dir: Path) -> None:
    async with monitor(reported(runs_dir, epochs=24)) as screen:
        await screen.shows("epoch 12/24", "status")
        await screen.shows("ETA 12 s", "status")
        assert "step" not in screen.text("status")


@pytest.mark.parametrize("size", SIZES)
async def test_a_log_of_another_tool_says_its_file_and_format_and_nothing_of_this_machine(
    runs_dir: Path, size: tuple[int, int]
) -> None:
    async with monitor(watched(runs_dir), size) as screen:
        await screen.shows("epoch 9", "status")
        text = screen.text()
        assert "? silent  metrics.csv" in text
        assert "CPU" not in text
        assert "took" not in text
        assert [action for action in COMMANDS if screen.screen.check_action(action, ())] == []
        if size[0] >= 120:
            assert "last written to on" in text


async def test_home_lists_a_reported_run_with_its_host_and_pid_and_offers_no_copy_of_a_config(runs_dir: Path) -> None:
    folder = reported(runs_dir)
    async with home(runs_dir) as app:
        row = app.cells(folder.id)
        assert (row["state"], row["name"], row["epoch"]) == ("▶ running", "train", "12")
        assert "pid 4242 on gpu7" in app.text("#home-detail")
        assert [action for action in ("again", "resume") if app.home.check_action(action, ())] == []


def test_it_cannot_be_stopped_and_that_is_said(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = reported(runs_dir)
    assert traindeck.main(["stop", str(folder.path)]) == 2
    assert capsys.readouterr().err == (
        "traindeck: train is not trained by traindeck, which only looks at it (pid 4242 on gpu7). "
        "Stop what trains it.\n"
    )
    assert not folder.commands.exists()


def test_it_can_be_shown_listed_and_diagnosed_without_a_config(
    runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = reported(runs_dir)
    for words in (
        ["runs"],
        ["show", str(folder.path)],
        ["show", str(folder.path), "--json"],
        ["diagnose", str(folder.path)],
    ):
        assert traindeck.main(["--runs-dir", str(runs_dir), *words]) == 0
    out = capsys.readouterr().out
    assert "progress  epoch 12, " in out
    assert "training  pid 4242 on gpu7\n" in out


def test_a_fix_is_told_in_words_where_no_key_can_launch_it(runs_dir: Path) -> None:
    fix = Fix(title="Lower it", effect="It learns.", patch={"learning_rate": 0.001, "optimization.grad_clip": 1.0})
    finding = Finding(
        issue="loss_diverged", label="divergence", title="t", severity="critical", since_epoch=1, shown_epoch=1,
        evidence="e", stretch=(1, 2), causes=(), fixes=(fix,),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        correct(reported(runs_dir), finding, fix)
    assert str(refused.value) == (
        "train is not trained by traindeck, so no key can launch the corrected run. "
        "Change it there: learning_rate: 0.5 → 0.001; optimization.grad_clip: 1.0."
    )

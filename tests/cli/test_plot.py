"""`plot`: a run's charts as text, as a picture, as a table."""

from __future__ import annotations

import csv
import io
import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

import traindeck
from tests.diagnosis.curves import CURVES
from tests.story.reading_svg import ReadSvg
from tests.tui.fakes import FakeRun
from training.config.schema import TrainingConfig
from training.runs.events import Override
from training.story.export.scene import SERIES


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def learned(tmp_path: Path) -> FakeRun:
    """A run of 12 epochs that overfits from the ninth on, resumed after the sixth."""
    run = FakeRun(tmp_path / "runs", "digits", config=TrainingConfig(epochs=12))
    run.begin()
    run.learn(6)
    run.go_on(run.checkpoint("last"), down=3600)
    run.learn(6, overfit_from=8)
    run.finish()
    return run


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def test_without_a_file_it_draws_loss_and_accuracy_as_text(learned: FakeRun, said: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["plot", "digits"]) == 0
    text = said.readouterr().out
    assert text.splitlines()[0] == "digits"
    assert "* train  o val" in text
    assert text.index("Loss") < text.index("Accuracy")
    assert "Learning rate" not in text
    assert "best, epoch 8" in text
    assert "resumed at epoch 6" in text


def test_a_chart_is_asked_for_by_its_name_or_by_that_of_a_metric(
    learned: FakeRun, said: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["plot", "digits", "--chart", "lr,val_acc", "--size", "60x5"]) == 0
    lines = said.readouterr().out.splitlines()
    assert [line for line in lines if line in ("Learning rate", "Accuracy", "Loss")] == ["Learning rate", "Accuracy"]
    assert max(map(len, lines)) <= 62


def test_a_chart_that_the_run_does_not_have_is_answered_with_those_it_has(
    learned: FakeRun, said: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["plot", "digits", "--chart", "loss,f1"]) == 2
    assert "digits has no chart 'f1'. Its charts: loss, acc, lr, images_per_s." in said.readouterr().err


def test_an_svg_shows_the_run_by_epoch_with_its_marks(learned: FakeRun, said: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["plot", "digits", "--chart", "loss", "--out", "loss.svg"]) == 0
    assert "loss.svg: loss," in said.readouterr().out
    picture = ReadSvg.of(Path("loss.svg").read_bytes())
    assert {"Loss", "digits", "train", "val", "steps", "best, epoch 8", "resumed at epoch 6"} <= set(picture.texts)
    across, down = picture.axes()
    line = picture.lines(SERIES[3])[1]
    assert [across(x) for x, _ in line] == pytest.approx(range(1, 13), abs=0.02)
    assert down(line[0][1]) == pytest.approx(2.3 * math.exp(-1 / 3.2) + 0.06, abs=0.01)


@pytest.mark.parametrize(("unit", "last"), [("step", None), ("time", None)])
def test_the_x_axis_counts_steps_or_seconds_without_the_time_that_the_run_was_down(
    learned: FakeRun, said: pytest.CaptureFixture[str], unit: str, last: float | None
) -> None:
    assert traindeck.main(["plot", "digits", "--chart", "loss", "--x", unit, "--json"]) == 0
    [chart] = json.loads(said.readouterr().out)["charts"]
    assert chart["x"] == unit
    curves = {curve["name"]: curve["points"] for curve in chart["curves"]}
    ends = [x for x, _ in curves["val"]]
    per_epoch = learned.step / 12
    if unit == "step":
        assert ends == pytest.approx([per_epoch * epoch - 1 for epoch in range(1, 13)])
        assert [x for x, _ in curves["steps"]] == list(range(learned.step))
    else:
        gaps = [b - a for a, b in pairwise(ends)]
        assert max(gaps) == pytest.approx(min(gaps), rel=0.2)
        assert max(x for x, _ in curves["steps"]) <= ends[-1] + 1
    best = next(mark for mark in chart["marks"] if mark["kind"] == "best")
    assert best["x"] == pytest.approx(ends[7])


def test_a_change_of_a_running_job_is_marked_where_it_was_made(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    run = FakeRun(tmp_path / "runs", "changed")
    run.begin()
    run.learn(3)
    run.write(Override(setting="learning_rate", value=1e-4, step=run.step, epoch=4))
    run.learn(2)
    assert traindeck.main(["plot", "changed", "--chart", "loss", "--json"]) == 0
    [chart] = json.loads(said.readouterr().out)["charts"]
    assert {"x": 3.0, "kind": "override", "label": "learning rate 0.0001"} in chart["marks"]


def test_several_charts_share_a_png_of_the_size_that_was_asked_for(learned: FakeRun) -> None:
    assert traindeck.main(["plot", "digits", "--out", "all.png", "--size", "640x800", "--log", "--smooth", "0.6"]) == 0
    with Image.open("all.png") as image:
        assert image.size == (640, 800)
        assert image.info["Title"] == "Loss, Accuracy: digits"


def test_a_csv_holds_every_value_as_it_was_logged(learned: FakeRun) -> None:
    learned.train_step(train_loss=math.nan, lr=1e-3)
    assert traindeck.main(["plot", "digits", "--out", "all.csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(Path("all.csv").read_text())))
    assert list(rows[0]) == [
        "kind",
        "step",
        "epoch",
        "train_loss",
        "lr",
        "images_per_s",
        "val_loss",
        "train_acc",
        "val_acc",
    ]
    assert rows[-1]["train_loss"] == "nan"
    assert len([row for row in rows if row["kind"] == "step"]) == learned.step
    val = [float(row["val_loss"]) for row in rows if row["kind"] == "epoch"]
    assert val[:8] == [2.3 * math.exp(-epoch / 3.2) + 0.06 for epoch in range(1, 9)]
    assert traindeck.main(["plot", "digits", "--chart", "loss", "--out", "loss.csv"]) == 0
    assert Path("loss.csv").read_text().splitlines()[0] == "kind,step,epoch,train_loss,val_loss"


def test_a_file_is_replaced_only_when_told_to(learned: FakeRun, said: pytest.CaptureFixture[str]) -> None:
    Path("loss.svg").write_text("mine")
    assert traindeck.main(["plot", "digits", "--out", "loss.svg"]) == 2
    assert "loss.svg is there already. Name another file, or give --force." in said.readouterr().err
    assert Path("loss.svg").read_text() == "mine"
    assert traindeck.main(["plot", "digits", "--out", "loss.svg", "--force", "--json"]) == 0
    told = json.loads(said.readouterr().out)
    assert told == {"path": str(Path("loss.svg").absolute()), "charts": ["loss", "acc"], "bytes": told["bytes"]}
    assert Path("loss.svg").stat().st_size == told["bytes"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--out", "loss.jpg"], "is written as .svg, .png or .csv"),
        (["--out", "gone/loss.svg"], "no such folder"),
        (["--out", "loss.csv", "--log"], "A table holds the values as they were logged"),
        (["--out", "loss.svg", "--size", "20x20"], "a picture is 120 to 8000 pixels"),
        (["--chart", ""], ""),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    learned: FakeRun, said: pytest.CaptureFixture[str], words: list[str], answer: str
) -> None:
    assert traindeck.main(["plot", "digits", *words]) == (2 if answer else 0)
    assert answer in said.readouterr().err


@pytest.mark.parametrize("words", [["--smooth", "1"], ["--smooth", "x"], ["--size", "12"], ["--x", "mile"]])
def test_options_that_make_no_sense_exit_with_2(
    learned: FakeRun, words: list[str], said: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        traindeck.main(["plot", "digits", *words])
    assert ended.value.code == 2
    assert words[0] in said.readouterr().err


def test_a_run_that_has_logged_nothing_says_so(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    FakeRun(tmp_path / "runs", "young", live=True).begin()
    for words in ([], ["--out", "young.csv"]):
        assert traindeck.main(["plot", "young", *words]) == 2
        assert "young has logged no value yet." in said.readouterr().err
    assert not Path("young.csv").exists()


def test_an_ended_run_and_a_table_without_a_value_are_not_told_to_wait_for_steps(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    FakeRun(tmp_path / "runs", "dead", state="failed", message="no such file").begin()
    assert traindeck.main(["plot", "dead"]) == 2
    assert "dead ended before it logged a value. `traindeck show dead` says how." in said.readouterr().err
    header = tmp_path / "header.csv"
    header.write_text("epoch,train_loss,val_loss\n")
    assert traindeck.main(["plot", str(header)]) == 2
    assert "header.csv holds no value." in said.readouterr().err


def test_a_log_of_another_tool_is_drawn_too(said: pytest.CaptureFixture[str]) -> None:
    log = CURVES / "run_016.jsonl"
    assert traindeck.main(["plot", str(log)]) == 0
    assert said.readouterr().out.startswith("run_016.jsonl\n\nLoss\n")
    assert traindeck.main(["plot", str(log), "--x", "time"]) == 2
    assert "does not say when" in said.readouterr().err
    assert traindeck.main(["plot", str(log), "--out", "log.csv"]) == 0
    assert "val_loss" in Path("log.csv").read_text().splitlines()[0]

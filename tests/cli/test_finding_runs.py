"""`runs` with a filter, an order, columns and groups; `tag`, `note` and `archive`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.runs.builders import add_process, beat, make_run
from training.cli.listing import minus_apart
from training.config.schema import TrainingConfig
from training.runs.describe import settings
from training.runs.labels import read_labels
from training.runs.layout import RunFolder


@pytest.fixture(autouse=True)
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    folder = tmp_path / "runs"
    for number, (lr, acc) in enumerate(((0.1, 0.5), (0.001, 0.9), (0.001, 0.8))):
        make_run(
            folder, f"run-{number}", state="finished", created=100.0 + number, started=100.0, ended=160.0,
            settings={**settings(TrainingConfig()), "learning_rate": lr}, sections={}, best_val_acc=acc, model="CNN 32",
        )  # fmt: skip
    return folder


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert traindeck.main(list(words)) == code
    out, err = capsys.readouterr()
    return err if code and "--json" not in words else out


def names(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()[1:]]


def test_words_and_terms_filter_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert names(said(capsys, "runs")) == ["run-2", "run-1", "run-0"]
    assert names(said(capsys, "runs", "lr>=1e-2")) == ["run-0"]
    assert names(said(capsys, "runs", "cnn", "-name:run-0", "acc>85%")) == ["run-1"]
    assert said(capsys, "runs", "lr>1").startswith("None of the 3 runs in ")


def test_the_list_is_sorted_by_a_column_either_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert names(said(capsys, "runs", "--sort", "acc")) == ["run-1", "run-2", "run-0"]
    assert names(said(capsys, "runs", "--sort", "acc", "--reverse")) == ["run-0", "run-2", "run-1"]
    assert names(said(capsys, "runs", "--reverse")) == ["run-0", "run-1", "run-2"]


def test_columns_are_chosen_by_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "runs", "--columns", "lr,seed,acc").splitlines()
    assert lines[0].split() == ["RUN", "LEARNING_RATE", "RUNTIME.SEED", "BEST", "ACC"]
    assert lines[1].split() == ["run-2", "0.001", "0", "80.0", "%"]
    (first, *_) = json.loads(said(capsys, "runs", "--columns", "lr,state", "--json"))
    assert first.pop("path").endswith("run-2")
    assert first == {"learning_rate": 0.001, "state": "finished"}


def test_groups_show_mean_and_spread(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "runs", "--group", "lr").splitlines()
    assert lines[1] == "lr 0.001: 2, best acc 85.0 ± 7.1 % (n = 2)"
    assert lines[4] == "lr 0.1: 1, best acc 50.0 % (n = 1)"
    groups = json.loads(said(capsys, "runs", "--group", "lr", "--json"))
    assert [(group["group"], len(group["runs"])) for group in groups] == [("0.001", 2), ("0.1", 1)]
    assert groups[0]["acc"]["n"] == 2
    assert groups[0]["loss"] is None


def test_runs_that_differ_in_their_seed_alone_are_a_group(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, seed in ((0, 0), (1, 1), (2, 2)):
        lr = 0.1 if number == 0 else 0.001
        (runs_dir / f"run-{number}/config.yaml").write_text(f"learning_rate: {lr}\nruntime: {{seed: {seed}}}\n")
    lines = said(capsys, "runs", "--group", "seeds").splitlines()
    assert lines[1].startswith("seeds of run-1: 2, best acc 85.0 ± 7.1 % (n = 2)")
    assert lines[4].startswith("run-0")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("modle:vit",), "modle:vit: “modle” is nothing that runs have. Did you mean model?"),
        (("lr>=abc", "x"), "lr>=abc: “abc” is no number."),
        (("--sort", "nothing"), "“nothing” is nothing that runs have."),
        (("--columns", "acc,zzz"), "“zzz” is nothing that runs have."),
        (("--group", "optimi"), "“optimi” could be optimizer, optimization.grad_clip"),
    ],
)
def test_what_is_no_key_is_named_with_the_nearest_one(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in said(capsys, "runs", *words, code=2)
    assert "error" in json.loads(said(capsys, "runs", *words, "--json", code=2))


def test_the_best_loss_and_the_latest_are_told_apart(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_run(runs_dir, "worse", state="finished", best_val_loss=0.1, latest={"val_loss": 0.9})
    assert "BEST LOSS" in said(capsys, "runs").splitlines()[0]
    lines = said(capsys, "runs", "name:worse", "--columns", "loss,val_loss").splitlines()
    assert [line.split() for line in lines] == [["RUN", "BEST", "LOSS", "VAL_LOSS"], ["worse", "0.1", "0.9"]]


def test_tags_are_given_and_taken_away(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "tag", "run-1", "paper", "old") == "run-1 has the tags paper old.\n"
    assert said(capsys, "tag", "run-1", "-old", "Paper", "new") == "run-1 has the tags paper new.\n"
    assert read_labels(RunFolder(runs_dir / "run-1")).tags == ("paper", "new")
    assert names(said(capsys, "runs", "tag:paper")) == ["run-1"]
    assert names(said(capsys, "runs", "-tag:paper")) == ["run-2", "run-0"]
    assert json.loads(said(capsys, "tag", "run-1", "--json"))["tags"] == ["paper", "new"]
    assert said(capsys, "tag", "run-2") == "run-2 has no tags.\n"
    assert "is no tag" in said(capsys, "tag", "run-2", 'a"b', code=2)


def test_a_note_is_kept_printed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "note", "run-1", "the", "good one") == "the good one\n"
    assert said(capsys, "note", "run-1") == "the good one\n"
    assert names(said(capsys, "runs", "note:good")) == ["run-1"]
    assert said(capsys, "note", "run-1", "--clear") == "run-1 has no note.\n"


def test_archived_runs_are_left_out_until_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "archived" in said(capsys, "archive", "run-0", "run-1")
    assert names(said(capsys, "runs")) == ["run-2"]
    assert names(said(capsys, "runs", "--archived")) == ["run-2", "run-1", "run-0"]
    assert names(said(capsys, "runs", "archived:yes")) == ["run-1", "run-0"]
    assert [one["archived"] for one in json.loads(said(capsys, "archive", "--off", "run-0", "--json"))] == [False]
    assert names(said(capsys, "runs")) == ["run-2", "run-0"]
    said(capsys, "archive", "run-0", "run-2")
    assert "All 3 runs in " in said(capsys, "runs")


def test_a_live_run_is_not_archived(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live = make_run(runs_dir, "live")
    add_process(live)
    beat(live, 0.0)
    assert "Archive it once it has ended." in said(capsys, "archive", "run-0", "live", code=2)
    assert not read_labels(RunFolder(runs_dir / "run-0")).archived


def test_a_folder_that_may_not_be_written_gives_the_reason(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("training.files.replace", refuse)
    error = said(capsys, "tag", "run-1", "x", code=1)
    assert "its labels cannot be written: Permission denied." in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "kept", "apart"),
    [
        (["runs", "-tag:old", "a", "--sort", "acc"], ["runs", "a", "--sort", "acc"], ["-tag:old"]),
        (["--runs-dir", "runs", "train", "-x"], ["--runs-dir", "runs", "train", "-x"], []),
        (["--runs-dir", "d", "tag", "r", "-x", "y"], ["--runs-dir", "d", "tag", "r", "y"], ["-x"]),
        (["runs", "-h"], ["runs", "-h"], []),
        (["--theme=dark", "runs", "-a"], ["--theme=dark", "runs"], ["-a"]),
        ([], [], []),
    ],
)
def test_words_with_a_minus_are_no_options_of_the_verbs_that_take_them(
    words: list[str], kept: list[str], apart: list[str]
) -> None:
    assert minus_apart(words) == (kept, apart)

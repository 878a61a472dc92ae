"""Columns with unusual names, and folders instead of files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.foreign.logs import LOGS, epochs, written
from tests.runs.builders import make_run
from training.cli.main import run_verb
from training.cli.mapping import column_names, is_log
from training.errors import InvalidInput
from training.foreign.beside import settings_beside
from training.foreign.columns import meaning
from training.foreign.reading import read
from training.runs.log import standing


@pytest.mark.parametrize(
    ("column", "ours"),
    [
        ("Loss/train", "train_loss"),
        ("train/loss_epoch", "train_loss"),
        ("val_MulticlassAccuracy", "val_acc"),
        ("metrics/accuracy_top1", "val_acc"),
        ("valid_loss", "val_loss"),
        ("eval/accuracy", "val_acc"),
        ("sparse_categorical_accuracy", "train_acc"),
        ("lr-AdamW/pg0", "lr"),
        ("train/global_step", "step"),
        ("train_loss_step", "step_loss"),
        ("macro-F1", "macro_f1"),
        ("perplexity", None),
        ("lr/pg1", None),
    ],
)
def test_usual_names_are_known(column: str, ours: str | None) -> None:
    found = meaning(column)
    assert (found[0] if found else None) == ours


UNUSUAL = "epoch,objective,validation/ce,val_loss\n1,2,3,9\n2,1,2,9\n"


def test_a_given_name_goes_before_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(UNUSUAL)
    log = read(path, {"train_loss": "objective", "val_loss": "validation/ce"})
    assert epochs(log.events)[0][1] == {"train_loss": 2.0, "val_loss": 3.0, "val_loss (log)": 9.0}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("keras.csv", "nothing"),
        ("hugging_face_epochs.json", "nothing"),
        ("offline.wandb", "nothing"),
        ("events.out.tfevents.by_epoch", "nothing"),
        ("lightning/metrics.csv", "nothing"),
    ],
)
def test_a_column_that_is_not_there_is_one_error_that_lists_those_that_are(name: str, column: str) -> None:
    with pytest.raises(InvalidInput, match=f"has no column '{column}' for val_loss. Its columns are: .*[lL]oss"):
        read(LOGS / name, {"val_loss": column})


def test_json_lines_take_names_too_by_their_path(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps({"epoch": n, "valid": {"ce": 1 / n}}) + "\n" for n in (1, 2)))
    assert epochs(read(path, {"val_loss": "valid/ce"}).events) == [(1, {"val_loss": 1.0}), (2, {"val_loss": 0.5})]


@pytest.mark.parametrize("options", [["val_loss"], ["=loss"], ["val_loss="], ["val_loss=a", "val_loss=b"]])
def test_an_option_of_another_form_is_refused(options: list[str]) -> None:
    with pytest.raises(InvalidInput):
        column_names(options)


def test_a_metric_that_nobody_knows_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="Did you mean val_loss"):
        column_names(["val_los=loss"])


def test_diagnose_takes_names_and_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.csv").write_text(UNUSUAL)
    words = ["diagnose", str(tmp_path), "--map", "train_loss=objective", "--map", "val_loss=validation/ce", "--json"]
    assert run_verb(words, lambda *_: 0) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "Healthy so far, 2 epochs: train loss 1.00, val loss 2.00."


def test_a_column_that_is_not_there_ends_diagnose_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["diagnose", str(LOGS / "keras.csv"), "--map", "val_loss=ce"], lambda *_: 0) == 2
    assert "has no column 'ce' for val_loss" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["lightning", "lightning_tensorboard", "hugging_face_checkpoints"])
def test_a_folder_with_one_log_is_that_log(tmp_path: Path, name: str) -> None:
    shutil.copytree(LOGS / name, tmp_path / "outer" / "inner")
    (tmp_path / "outer" / "notes.csv").write_text("who,what\nme,this\n")
    assert standing(read(tmp_path).events) == standing(read(LOGS / name).events)


def test_a_folder_with_several_logs_lists_them() -> None:
    with pytest.raises(
        InvalidInput, match=r"holds several logs: the event files in it, .*keras\.csv.*Name one of them"
    ):
        read(LOGS)


def test_a_run_goes_before_a_folder_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "digits").mkdir()
    assert is_log("digits")
    make_run(tmp_path / "runs", "digits")
    assert not is_log("digits")
    assert is_log("./digits")


def test_a_folder_without_a_log_says_what_is_wrong_with_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Looked for CSV"):
        read(tmp_path)
    (tmp_path / "notes.csv").write_text("who,what\nme,this\n")
    with pytest.raises(InvalidInput, match="names no column for a loss or an accuracy, but who, what"):
        read(tmp_path)


def test_settings_beside_a_log_are_read_as_far_as_they_are_settings(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(
        "lr0: 0.01\nepochs: 50\nbatch: 16\noptimizer: SGD\nweight_decay: 0.0005\npatience: 10\nmodel: [a, b]\n"
    )
    assert settings_beside(tmp_path / "results.csv") == {
        "learning_rate": 0.01,
        "epochs": 50,
        "batch_size": 16,
        "optimizer": "SGD with Momentum",
        "l2_decay": True,
        "l2_lambda": 0.0005,
        "early_stopping": True,
        "es_patience": 10,
    }


@pytest.mark.parametrize("text", ["lr: !!python/object:os.system {}\n", "[1, 2", "- 1\n", "lr: true\nbatch: x\n", "\0"])
def test_settings_that_cannot_be_read_count_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "hparams.yaml").write_text(text)
    assert settings_beside(tmp_path / "metrics.csv") == {}


def test_planned_epochs_count_only_where_the_log_counts_epochs(tmp_path: Path) -> None:
    (tmp_path / "hparams.yaml").write_text("epochs: 5\nlr: 0.1\n")
    by_steps = "step,loss,val_loss\n" + "".join(f"{step},1,{'1' if step % 9 == 0 else ''}\n" for step in range(1, 40))
    assert written(tmp_path, by_steps).config == {"learning_rate": 0.1}
    assert written(tmp_path, "epoch,loss\n1,1\n").config == {"learning_rate": 0.1, "epochs": 5}


@pytest.mark.parametrize("cell", ["1e300", "-1e300", "nan", "inf", "1e12"])
def test_numbers_that_count_nothing_do_no_harm(tmp_path: Path, cell: str) -> None:
    log = written(tmp_path, f"epoch,step,loss,val_loss\n1,{cell},2,2\n{cell},2,1,1\n2,3,1,1\n")
    assert [epoch for epoch, _ in epochs(log.events)] == [1, 2]


def test_a_table_out_of_order_does_not_start_over_without_end(tmp_path: Path) -> None:
    log = written(tmp_path, "epoch,loss,val_loss\n" + "".join(f"{2 - row % 2},1,1\n" for row in range(20_000)))
    assert len(standing(log.events)) < 2000

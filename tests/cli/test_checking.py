"""`traindeck check`: the guide's tables against the config and the data it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import traindeck

CONFIG = "data:\n  source: folder\n  path: images\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another session remembered of a model is no part of this."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def uneven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty times as many images of one class as of the other."""
    for name, images in (("common", 60), ("rare", 3)):
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True)
        for number in range(images):
            Image.new("L", (8, 8), number).save(folder / f"{number}.png")
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("uneven")
def test_the_hints_know_the_class_ratio_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["check", "c.yaml"]) == 0
    assert "The largest class is 20 times the smallest: focal loss fits better." in capsys.readouterr().out


@pytest.mark.usefixtures("uneven")
def test_json_tells_what_the_hints_knew_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["check", "c.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"]["class_ratio"], told["data"]["classes"]) == (20.0, 2)
    assert "loss_for_ratio" in {hint["rule"] for hint in told["hints"]}


def test_a_config_is_checked_where_its_data_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    assert traindeck.main(["check", "c.yaml"]) == 0
    told = capsys.readouterr().out
    assert "c.yaml: valid" in told
    assert "The hints know nothing of the data: " in told


def test_silenced_hints_are_counted_and_listed_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("optimizer: adamw\nl2_decay: true\nadvice: {silenced: [adamw_decay_low, dropout_low]}\n")
    assert traindeck.main(["check", str(config)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "c.yaml: valid, 2 hints, 1 silenced."
    assert not [line for line in lines if "l2_lambda" in line]
    assert traindeck.main(["check", str(config), "--silenced"]) == 0
    (listed,) = [line for line in capsys.readouterr().out.splitlines() if "l2_lambda" in line]
    assert listed.startswith("  ! Silenced (adamw_decay_low): l2_lambda: AdamW at a decay of 0.0001")
    assert traindeck.main(["check", str(config), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [hint["rule"] for hint in told["silenced"]] == ["adamw_decay_low"]
    assert "adamw_decay_low" not in {hint["rule"] for hint in told["hints"]}


def test_a_hint_says_all_that_has_to_change_with_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["check", "balanced", "--set", "optimizer=sgd", "--set", "learning_rate=0.01"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "optimizer:" in line]
    assert line.endswith("Try optimizer: Adam, learning_rate: 0.001. (guide 2)")


def test_the_hints_know_the_digits_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["check", "balanced", "--json", "--set", "batch_size=256"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"]["n_train"], told["data"]["classes"], told["data"]["device_bytes"]) == (1438, 10, None)
    assert {hint["rule"] for hint in told["hints"]} == {"batch_large", "batch_data", "learning_rate_scaling"}


ASKED = {"parameters": 10, "trainable": 10, "multiply_adds": 10, "input": [1, 8, 8]}
MEMORY = {"weights": 1 << 30, "gradients": 1 << 30, "average": 0, "activations": 1 << 50}


def test_memory_is_told_when_asked_for_and_remembered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(question: str, *_: object, **__: object) -> dict[str, object]:
        asked.append(question)
        return {**ASKED, "memory": MEMORY}

    monkeypatch.setattr("training.runs.estimates.ask", answer)
    words = ["check", "balanced", "--set", "runtime.device=cpu"]
    assert traindeck.main(words) == 0
    assert "batch_size" not in capsys.readouterr().out
    for more in (["--memory"], []):
        assert traindeck.main([*words, *more]) == 0
        told = capsys.readouterr().out
        assert "A batch of 32 needs about" in told
        assert "(CPU, " in told
    assert asked == ["model"]


def test_a_model_that_cannot_be_built_leaves_the_other_hints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("model: {kind: transfer, backbone: resnet19}\n")
    assert traindeck.main(["check", str(config), "--memory"]) == 0
    told = capsys.readouterr().out
    assert "The hints know nothing of the memory: " in told
    assert "resnet19" in told
    assert "lr_strategy" in told or "epochs" in told


@pytest.mark.parametrize(
    ("text", "line", "key", "remedy"),
    [
        ("optimizer: Adam\nepochs: 0\n", 2, "epochs", "1"),
        ("learning_rat: 0.1\n", 1, "learning_rat", "learning_rate"),
        ("epochs: [1, 2\n", 1, "", ""),
    ],
)
def test_errors_come_as_json_with_file_line_key_message_and_remedy(
    text: str, line: int, key: str, remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bad.yaml"
    config.write_text(text)
    assert traindeck.main(["check", str(config), "--json"]) == 2
    captured = capsys.readouterr()
    (problem,) = json.loads(captured.out)["problems"]
    assert captured.err == ""
    assert (problem["source"], problem["key"]) == (str(config), key)
    assert problem["line"] >= line
    assert problem["message"]
    assert remedy in problem["remedy"]


def test_a_missing_file_comes_as_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["check", str(tmp_path / "none.yaml"), "--json"]) == 2
    assert "none.yaml" in json.loads(capsys.readouterr().out)["error"]


def test_a_key_of_another_kind_of_model_is_said_to_have_no_effect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("model: {dropout: 0.3, depth: 6, unfrozen_stages: 2}\n")
    assert traindeck.main(["check", str(config)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "no effect" in line]
    assert lines == [
        "  · model.unfrozen_stages: This has no effect. It is for transfer, and the model is custom_cnn. (guide 8)",
        "  · model.dropout: This has no effect. It is for vit, and the model is custom_cnn. (guide 8)",
    ]
    assert traindeck.main(["check", str(config), "--set", "model.kind=vit"]) == 0
    assert "model.dropout: This has no effect" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["model.dense_dropout=0.5"], "model.blocks.0.dropout or model.dense_layers.0.dropout"),
        (["model.kind=vit", "model.dense_dropout=0.5"], "model.dropout"),
    ],
)
def test_a_wrong_key_is_taken_for_one_that_counts_for_the_kind_of_model(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traindeck.main(["check", "balanced", *(part for word in words for part in ("--set", word))]) == 2
    assert f"Did you mean {meant}?" in capsys.readouterr().err

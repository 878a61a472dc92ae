"""`traindeck check`: the guide's tables against the config and the data it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import traindeck

CONFIG = "data:\n  source: folder\n  path: images\n"


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

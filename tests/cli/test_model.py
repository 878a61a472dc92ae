"""`traindeck model` and `traindeck fetch`: what a config's model is, and what is said before a launch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import traindeck
from training.config.files import load
from training.config.schema import TrainingConfig
from training.errors import InvalidInput, TraindeckError
from training.runs.ask import ask
from training.runs.backbone import backbone_problems, with_whole_paths
from training.runs.supervisor import ENTRY

TRANSFER = """
model: {kind: transfer, backbone: resnet18, weights: none, mode: frozen}
data: {image_size: 32}
"""
OFFLINE = "http://127.0.0.1:9"
"""Nobody listens on the discard port."""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with foreign packages of our names, no connection, and a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HTTPS_PROXY", OFFLINE)
    monkeypatch.setenv("https_proxy", OFFLINE)
    monkeypatch.chdir(tmp_path)
    for name in ("training", "tui"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise ImportError('the foreign {name} was imported')\n")
    monkeypatch.setenv("PYTHONPATH", ".")
    (tmp_path / "transfer.yaml").write_text(TRANSFER)
    return tmp_path


def described(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert traindeck.main(["model", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_table_adds_up_to_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    found = described(capsys, "transfer.yaml")
    assert (found["input"], found["classes"]) == ([3, 32, 32], 10)
    assert (found["parameters"], found["trainable"]) == (11_181_642, 5_130)
    for name in ("parameters", "trainable", "multiply_adds"):
        assert sum(layer[name] for layer in found["layers"]) == found[name]
    memory = found["memory"]
    assert memory["gradients"] == 4 * 5_130
    assert memory["optimizer"] == 2 * 4 * 5_130  # Adam's two moments
    assert memory["activations"] < 1_000_000  # nothing before the head is kept for a backward pass


def test_the_lines_for_people_name_the_layers_and_the_assumptions(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    (project / "cnn.yaml").write_text("data: {source: folder, path: nowhere}\n")
    assert traindeck.main(["model", "cnn.yaml", "--image-size", "16"]) == 0
    out = capsys.readouterr().out
    assert "images of 3×16×16, 2 classes" in out
    assert "Conv2d       32×16×16  864" in out
    assert "Say --classes N." in out
    assert "data.color=grey" in out


def test_fetching_offline_says_where_the_file_is_and_where_it_belongs(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    assert traindeck.main(["fetch", "resnet18"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "https://download.pytorch.org/models/resnet18-f37072fd.pth" in line
    assert f"put resnet18-f37072fd.pth into {project}/torch/hub/checkpoints" in line


def test_a_launch_is_refused_while_the_weights_cannot_be_had(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert traindeck.main(["train", "transfer.yaml", "--set", "model.weights=default"]) == 2
    err = capsys.readouterr().err
    assert "model.weights: The weights of resnet18 are not on this host" in err
    assert "traindeck fetch resnet18" in err
    assert not (project / "traindeck_runs").exists()


def test_what_was_in_order_is_not_asked_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(project / "transfer.yaml")
    assert backbone_problems(config, project) == []
    monkeypatch.setattr(sys, "executable", "/nowhere")  # no child could start
    assert backbone_problems(config, project) == []
    assert backbone_problems(TrainingConfig(), project) == []


def test_the_runs_copy_of_the_config_names_the_weights_by_a_whole_path(project: Path) -> None:
    (project / "transfer.yaml").write_text(TRANSFER.replace("none", "mine/net.pt"))
    config = with_whole_paths(load(project / "transfer.yaml"), project)
    assert config.model.weights == str(project / "mine" / "net.pt")
    (project / "transfer.yaml").write_text(TRANSFER)
    assert with_whole_paths(load(project / "transfer.yaml"), project).model.weights == "none"


def test_a_child_that_does_not_answer_in_time_is_given_up() -> None:
    with pytest.raises(TraindeckError, match="no answer within"):
        ask("backbone", {}, timeout=0.01)


def test_a_question_that_fails_unforeseen_says_what_happened() -> None:
    with pytest.raises(TraindeckError, match="KeyError: 'nonsense'") as caught:
        ask("nonsense", {})
    assert not isinstance(caught.value, InvalidInput)


def test_the_child_ends_when_the_asker_does() -> None:
    child = subprocess.Popen([sys.executable, ENTRY, "_ask", "model"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=30) != 0

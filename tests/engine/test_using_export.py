"""Exported networks: other programs read them with nothing of ours, and a file that answers otherwise is not kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from tests.engine.conftest import SMALL, Run
from tests.engine.trained import draw_classes, trained
from training.engine.ask.questions import find_answer
from training.engine.using import export as exporting
from training.engine.using.export import export
from training.engine.using.formats import METADATA, write_safetensors
from training.engine.using.loaded import LoadedRun, load_run
from training.engine.using.trial import trial_pixels
from training.errors import RunFailed, TraindeckError

TRANSFER = """
epochs: 1
batch_size: 8
model: {{kind: transfer, backbone: resnet18, weights: none, mode: frozen}}
data: {{source: folder, path: {path}, image_size: 32}}
"""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    run = trained(tmp_path_factory.mktemp("export") / "digits", SMALL + "optimization: {ema: 0.9}\n")
    return load_run(run.folder)


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("resnet")
    return trained(folder / "resnet", TRANSFER.format(path=draw_classes(folder / "images", a=6, b=6)))


def pixels_and_logits(run: LoadedRun) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels from 0 to 1 as a stranger would make them, and what the run makes of them."""
    stored, real = trial_pixels(run)
    assert real == 4
    (batch,) = run.batches(stored)
    return stored.float() / 255, run.logits(batch.images)


def test_safetensors_hold_the_weights_that_were_validated_and_what_to_do_with_them(
    digits: LoadedRun, tmp_path: Path
) -> None:
    path = tmp_path / "digits.safetensors"
    assert export(digits, "safetensors", path).difference < 1e-5
    content = Run(digits.folder).checkpoint("best")
    weights = load_file(path)
    assert torch.equal(weights["0.0.weight"], content["average"]["0.0.weight"])
    assert not torch.equal(weights["0.0.weight"], content["model"]["0.0.weight"])
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["classes"]) == list("0123456789")
    assert json.loads(metadata["input_shape"]) == [1, 8, 8]
    assert json.loads(metadata["normalisation"]) == content["normalisation"]
    assert json.loads(metadata["config"])["batch_size"] == 128
    assert "(pixels / 255 - mean) / std" in metadata["input"]


def test_the_weights_of_a_transfer_run_load_into_torchvisions_own_network(resnet: Run, tmp_path: Path) -> None:
    from torchvision.models import resnet18

    run = load_run(resnet.folder)
    path = tmp_path / "resnet.safetensors"
    checked = export(run, "safetensors", path)
    assert (checked.real, checked.images) == (2, 5)
    network = resnet18(num_classes=2)
    network.load_state_dict(load_file(path))
    (batch,) = run.batches(trial_pixels(run)[0])
    with torch.no_grad():
        assert torch.allclose(network.eval()(batch.images), run.logits(batch.images), atol=1e-5)
    with safe_open(path, "pt") as file:
        assert file.metadata()["network"].startswith("resnet18 of torchvision with 2 outputs")


def test_a_pt2_file_takes_pixels_from_0_to_1_in_any_number(digits: LoadedRun, tmp_path: Path) -> None:
    path = tmp_path / "digits.pt2"
    export(digits, "pt2", path)
    described = {METADATA: ""}
    network = torch.export.load(path, extra_files=described).module()
    pixels, expected = pixels_and_logits(digits)
    assert torch.allclose(network(pixels), expected, atol=1e-4)
    assert torch.allclose(network(pixels[:1]), expected[:1], atol=1e-4)
    assert json.loads(described[METADATA])["classes"] == list("0123456789")


def test_an_onnx_file_gives_the_same_answers_without_torch(digits: LoadedRun, tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "digits.onnx"
    export(digits, "onnx", path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    pixels, expected = pixels_and_logits(digits)
    for count in (1, 5):
        (found,) = session.run(["logits"], {"pixels": pixels[:count].numpy()})
        assert torch.allclose(torch.from_numpy(found), expected[:count], atol=1e-4)
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == list("0123456789")
    assert [file.name for file in tmp_path.iterdir()] == ["digits.onnx"]


def test_a_file_that_answers_otherwise_is_not_kept(
    digits: LoadedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = load_run(digits.folder)
    with torch.no_grad():
        next(other.model.parameters()).add_(0.1)
    monkeypatch.setitem(exporting._WRITE, "safetensors", lambda _, path: write_safetensors(other, path))
    with pytest.raises(RunFailed, match="answers otherwise than the run"):
        export(digits, "safetensors", tmp_path / "wrong.safetensors")
    assert not list(tmp_path.iterdir())


def test_what_torch_cannot_export_is_one_line_and_leaves_nothing(digits: LoadedRun, tmp_path: Path) -> None:
    class Fickle(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.flatten(1) if images.sum() > 0 else images.flatten(1) * 2

    with pytest.raises(RunFailed, match="cannot be exported to pt2") as raised:
        export(replace(digits, model=Fickle()), "pt2", tmp_path / "fickle.pt2")
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
@pytest.mark.parametrize("form", ["safetensors", "onnx", "pt2"])
def test_a_full_disk_is_named_and_not_the_network(digits: LoadedRun, tmp_path: Path, form: str) -> None:
    draft = tmp_path / "draft"
    draft.symlink_to("/dev/full")
    asked = {"run": str(digits.folder.path), "checkpoint": "best", "format": form, "to": str(draft)}
    with pytest.raises(RunFailed) as raised:
        find_answer("export")({**asked, "place": "/models/net"}, lambda _: None)
    assert str(raised.value) == (
        "/models/net: cannot be written: No space left on device. Name another place with --output."
    )
    assert not list(tmp_path.iterdir())


def test_a_missing_extra_is_named_with_its_remedy(
    digits: LoadedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting.NEEDS, "onnx", ("torch", "no_such_onnx"))
    with pytest.raises(TraindeckError) as raised:
        export(digits, "onnx", tmp_path / "x.onnx")
    assert str(raised.value) == (
        "Exporting to onnx needs no_such_onnx, not installed here. Run: pip install 'traindeck[export]'"
    )

"""Pretrained weights: from which files they are taken, and what is said where they cannot be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from training.config.schema import TrainingConfig
from training.engine.models.backbones import Backbone, find_backbone
from training.engine.models.build import build_model
from training.engine.models.fetch import download, fetch_weights
from training.engine.models.transfer import Transfer
from training.errors import InvalidInput, TraindeckError


def built(weights: Path | str, classes: int = 5, **model: Any) -> Transfer:
    settings = {"kind": "transfer", "weights": str(weights), **model}
    transfer = build_model(msgspec.convert({"model": settings}, TrainingConfig), (3, 32, 32), classes)
    assert isinstance(transfer, Transfer)
    return transfer


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The state of a ResNet-18 with its thousand classes, as torchvision publishes it."""
    torch.manual_seed(1)
    path = tmp_path / "resnet18.pth"
    torch.save(models.resnet18().state_dict(), path)
    return path


def backbone_of(model: nn.Module) -> dict[str, Tensor]:
    return {name.removeprefix("net."): v for name, v in model.state_dict().items() if not name.startswith("net.fc.")}


def assert_has(model: nn.Module, path: Path) -> None:
    state = torch.load(path, weights_only=True)
    for name, value in backbone_of(model).items():
        assert torch.equal(value, state[name]), name


def test_a_weights_file_goes_into_the_backbone_but_not_into_the_head(weights: Path) -> None:
    assert_has(built(weights), weights)


def test_default_weights_come_from_the_folder_of_torch_hub(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    cache = tmp_path / "home" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / "resnet18-f37072fd.pth").write_bytes(weights.read_bytes())
    assert_has(built("default"), weights)


def test_a_model_that_is_only_looked_at_reads_no_weights() -> None:
    config = msgspec.convert({"model": {"kind": "transfer", "weights": "/nowhere.pth"}}, TrainingConfig)
    build_model(config, (3, 32, 32), 3, pretrained=False)


def test_missing_default_weights_are_named_with_where_to_get_and_where_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(TraindeckError) as caught:
        built("default")
    for words in (
        "https://download.pytorch.org/models/resnet18-f37072fd.pth",
        "traindeck fetch resnet18",
        f"put resnet18-f37072fd.pth into {tmp_path}/hub/checkpoints",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize("form", ["bare", "state_dict", "module", "ours", "safetensors"])
def test_every_usual_form_of_file_is_read(weights: Path, tmp_path: Path, form: str) -> None:
    state = torch.load(weights, weights_only=True)
    path = tmp_path / f"other.{'safetensors' if form == 'safetensors' else 'pt'}"
    if form == "safetensors":
        save_file(state, path)
    else:
        contents: dict[str, Any] = {
            "bare": state,
            "state_dict": {"state_dict": state, "epoch": 3},
            "module": {"model": {f"module.{name}": value for name, value in state.items()}},
            "ours": {"model": {f"net.{name}": value for name, value in state.items()}, "average": None, "epoch": 3},
        }
        torch.save(contents[form], path)
    assert_has(built(path), weights)


def test_a_head_for_as_many_classes_is_taken_too(tmp_path: Path) -> None:
    first = built("none")
    torch.save({"model": first.state_dict(), "average": None}, tmp_path / "last.pt")
    same, other = built(tmp_path / "last.pt"), built(tmp_path / "last.pt", classes=6)
    assert torch.equal(same.head_parameters()[0], first.head_parameters()[0])
    assert other.head_parameters()[0].shape == (6, 512)


@pytest.mark.parametrize(
    ("backbone", "said"), [("resnet34", "layer1.2.conv1.weight (none there"), ("mobilenet_v3_small", "features.0.0")]
)
def test_weights_of_another_network_are_refused_by_name(weights: Path, backbone: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=r"model\.weights: .* another network's weights") as caught:
        built(weights, backbone=backbone)
    assert said in str(caught.value)


def test_weights_of_a_deeper_network_are_refused_too(tmp_path: Path) -> None:
    torch.save(models.resnet34().state_dict(), tmp_path / "resnet34.pth")
    with pytest.raises(InvalidInput, match=r"layer1\.2\.conv1\.weight \(64×64×3×3 there, none here\)"):
        built(tmp_path / "resnet34.pth")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), (b"", "no weights file"), (b"\x80\x02}q", "no weights file"), ({"a": 1}, "no state dict")],
)
def test_a_file_without_weights_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "weights.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(InvalidInput, match=said):
        built(path)


def test_a_vision_transformer_at_another_size_interpolates_its_positions(tmp_path: Path) -> None:
    state = models.VisionTransformer(64, 32, 2, 12, 768, 3072).state_dict()
    spread = torch.arange(4.0).view(1, 4, 1).expand(1, 4, 768)
    state["encoder.pos_embedding"] = torch.cat([torch.full((1, 1, 768), 9.0), spread], dim=1)
    net = models.VisionTransformer(96, 32, 2, 12, 768, 3072, num_classes=3)
    from training.engine.models.weights import fit_weights

    fit_weights(net, state, "heads.head", "a file", side=96, keep_head=False)
    positions = net.encoder.pos_embedding[0, :, 0].tolist()
    assert positions == pytest.approx([9, 0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3], abs=0.2)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the files in tmp_path/served."""
    (tmp_path / "served").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_download_is_whole_or_not_there(server: str, tmp_path: Path) -> None:
    content = b"weights" * 100_000
    good = f"net-{sha256(content).hexdigest()[:8]}.pth"
    for name in (good, "net-00000000.pth"):
        (tmp_path / "served" / name).write_bytes(content)
    folder = tmp_path / "cache" / "checkpoints"
    assert download(f"{server}/{good}", folder / good, lambda _done, _total: None).read_bytes() == content
    known = find_backbone("resnet18")
    for name, said in (("net-00000000.pth", "not the file that its name promises"), ("absent.pth", "404")):
        wrong = Backbone("net", known.side, known.normalisation, f"{server}/{name}")
        with pytest.raises(TraindeckError, match=said):
            fetch_weights(wrong, folder, lambda _progress: None)
    assert [path.name for path in folder.iterdir()] == [good]

"""Weights files that cannot be used: each is told apart from the file, in words of our own."""

from __future__ import annotations

import pickle
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import nn

from training.engine.models.backbones import find_backbone
from training.engine.models.weights import read_weights
from training.errors import InvalidInput

DAMAGED = "is damaged or cut short. Copy or fetch it again."
NO_WEIGHTS = "is no weights file. Save the state dict alone: torch.save(model.state_dict(), path)."


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        read_weights(path)
    return str(raised.value).removeprefix(f"model.weights: {path} ")


@pytest.mark.parametrize("new_format", [True, False])
def test_a_whole_model_is_not_loaded_and_the_reason_is_said(tmp_path: Path, new_format: bool) -> None:
    path = tmp_path / "model.pt"
    torch.save(nn.Linear(2, 2), path, _use_new_zipfile_serialization=new_format)
    assert refusal(path) == (
        "holds a whole pickled object, not a state dict; it is not loaded, since that could run code. "
        "Save the state dict alone: torch.save(model.state_dict(), path)."
    )


@pytest.mark.parametrize("left", [10, 1000, 0.5, 0.99])
def test_a_file_that_was_cut_short_asks_for_another_copy(tmp_path: Path, left: float) -> None:
    path = tmp_path / "cut.pt"
    torch.save(nn.Linear(100, 100).state_dict(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left if left > 1 else left * len(whole))])
    assert refusal(path) == DAMAGED


def test_a_file_with_a_damaged_part_and_old_and_safetensors_files_cut_short_do_so_too(tmp_path: Path) -> None:
    state = nn.Linear(100, 100).state_dict()
    torch.save(state, tmp_path / "part.pt")
    whole = (tmp_path / "part.pt").read_bytes()
    (tmp_path / "part.pt").write_bytes(whole[:200] + b"x" * 1000 + whole[1200:])
    torch.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "old.pt").write_bytes((tmp_path / "old.pt").read_bytes()[:-10])
    (tmp_path / "cut.safetensors").write_bytes(save(state)[:-10])
    for name in ("part.pt", "old.pt", "cut.safetensors"):
        assert refusal(tmp_path / name) == DAMAGED, name


@pytest.mark.parametrize("text", ["hello, this is text", "<html>", "version https://git-lfs.github.com/spec/v1"])
def test_a_text_is_no_weights_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "text.pt").write_text(text)
    assert refusal(tmp_path / "text.pt") == NO_WEIGHTS
    (tmp_path / "text.safetensors").write_text(text)
    assert refusal(tmp_path / "text.safetensors").startswith("is no weights file. Name a")


def test_an_archive_of_something_else_and_a_pickled_list_are_no_weights_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.pt", "w") as archive:
        archive.writestr("word/document.xml", "")
    (tmp_path / "list.pt").write_bytes(pickle.dumps([1], protocol=2))
    assert refusal(tmp_path / "zip.pt") == NO_WEIGHTS
    assert refusal(tmp_path / "list.pt") == NO_WEIGHTS


def test_a_folder_asks_for_a_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "is a folder. Name a file."


def test_a_package_that_a_configured_backbone_needs_is_a_fault_of_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(InvalidInput, match=r"need timm\. Run: pip install 'traindeck\[timm\]'"):
        find_backbone("timm/of_no_cache")
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(InvalidInput, match=r"torchvision .* Run: pip install"):
        find_backbone("of_no_cache")

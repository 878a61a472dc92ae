"""Runs and paths that cannot be used get one clear error each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.conftest import Run
from tests.engine.trained import draw_classes, trained
from training.engine.using.evaluate import judge_run
from training.engine.using.loaded import load_run, usable_precision
from training.engine.using.predict import Prediction, find_files, predict
from training.errors import InvalidInput, TraindeckError
from training.runs.layout import RunFolder

BINARIES = """
epochs: 1
batch_size: 4
model: {{blocks: [{{filters: 2}}], dense_layers: []}}
data: {{source: byteplot, path: {path}, image_size: 8}}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on binaries of two families."""
    folder = tmp_path_factory.mktemp("binaries")
    for name, byte in (("zeros", 0), ("ones", 1)):
        (folder / "data" / name).mkdir(parents=True)
        for index in range(4):
            (folder / "data" / name / f"sample{index}").write_bytes(bytes([byte * 255]) * (2000 + index))
    return trained(folder / "run", BINARIES.format(path=folder / "data"))


@pytest.fixture
def run(original: Run, tmp_path: Path) -> Run:
    """A copy to be spoilt, data included."""
    shutil.copytree(original.folder.path, tmp_path / "run")
    shutil.copytree(original.folder.path.parent / "data", tmp_path / "data")
    copy = Run(RunFolder(tmp_path / "run"))
    for kind in ("best", "last"):
        change(copy, kind, lambda content: content["config"]["data"].update(path=str(tmp_path / "data")))
    return copy


def change(run: Run, kind: str, how: Callable[[dict[str, Any]], Any]) -> None:
    content = run.checkpoint(kind)
    how(content)
    torch.save(content, run.folder.checkpoints / f"{kind}.pt")


def test_a_run_without_a_checkpoint_says_what_else_there_is(run: Run) -> None:
    (run.folder.checkpoints / "best.pt").unlink()
    with pytest.raises(InvalidInput, match=r"run has no best checkpoint\. Use --checkpoint last\."):
        load_run(run.folder)
    (run.folder.checkpoints / "last.pt").unlink()
    with pytest.raises(InvalidInput, match="once an epoch of it is validated"):
        load_run(run.folder)


def test_a_damaged_checkpoint_is_named(run: Run) -> None:
    path = run.folder.checkpoints / "best.pt"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(TraindeckError, match=r"best\.pt is damaged.*Use --checkpoint last"):
        load_run(run.folder)


@pytest.mark.parametrize(
    "how",
    [
        lambda content: content.update(schema=99),
        lambda content: content["config"].update(invented_later=1),
    ],
)
def test_a_checkpoint_of_a_newer_version_asks_for_that_version(run: Run, how: Callable[[dict[str, Any]], Any]) -> None:
    change(run, "best", how)
    with pytest.raises(TraindeckError, match=r"best\.pt.*Update traindeck"):
        load_run(run.folder)


def test_weights_of_another_model_are_refused(run: Run) -> None:
    change(run, "best", lambda content: content["config"]["model"]["blocks"][0].update(filters=3))
    with pytest.raises(TraindeckError, match="do not fit"):
        load_run(run.folder)


def test_data_that_changed_or_went_are_told_apart(run: Run, tmp_path: Path) -> None:
    loaded = load_run(run.folder)
    assert len(judge_run(loaded)) == 1
    (tmp_path / "data" / "ones" / "new").write_bytes(b"1")
    with pytest.raises(TraindeckError, match="data have changed"):
        judge_run(loaded)
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(TraindeckError, match=r"data: no such folder.*--data"):
        judge_run(loaded)
    run.folder.split.unlink()
    with pytest.raises(TraindeckError, match=r"split\.json"):
        judge_run(loaded)


def test_a_gpu_that_is_not_here_gives_way_to_the_cpu_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    monkeypatch.setenv("TRAINDECK_DEVICE", "cuda")
    device = load_run(run.folder).device
    assert device.torch.type == "cpu"
    assert "cannot use the GPU" in device.reason


def test_a_number_format_that_this_device_lacks_gives_way_to_fp32() -> None:
    assert usable_precision("bf16", torch.device("cpu")).format == "bf16"
    assert usable_precision("fp16", torch.device("mps")).format == "fp32"


def test_for_byteplots_every_file_counts_and_is_drawn(run: Run, tmp_path: Path) -> None:
    loaded = load_run(run.folder)
    files = find_files(loaded, [str(tmp_path / "data")])
    assert len(files) == 8
    found = [entry for part in predict(loaded, files, top=9) for entry in part]
    assert all(isinstance(entry, Prediction) and len(entry.top) == 2 for entry in found)


def test_folders_are_walked_for_images_once_and_hidden_files_passed_over(run: Run, tmp_path: Path) -> None:
    change(run, "best", lambda content: content["config"]["data"].update(source="folder"))
    loaded = load_run(run.folder)
    root = draw_classes(tmp_path / "images", b=1, a=2)
    (root / "a" / "notes.txt").write_text("no image")
    (root / "a" / ".hidden.png").write_bytes(b"")
    (root / "b" / "round").symlink_to(root)
    found = find_files(loaded, [str(root), str(root / "a" / "notes.txt")])
    assert [str(Path(path).relative_to(root)) for path in found] == ["a/00.png", "a/01.png", "b/00.png", "a/notes.txt"]
    with pytest.raises(InvalidInput, match=r"nowhere: no such file or folder"):
        find_files(loaded, [str(root), str(root / "nowhere")])
    with pytest.raises(InvalidInput, match=r"data holds no PNG"):
        find_files(loaded, [str(tmp_path / "data")])

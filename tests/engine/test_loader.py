"""From files to samples: kept in a cache or decoded as they are needed, the batches are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from PIL import Image

from training.config.schema import TrainingConfig
from training.config.validate import input_side
from training.dataset.decode import Recipe
from training.dataset.folder import list_folder
from training.engine.data import normalisation as measuring
from training.engine.data.batches import Batch, Subset
from training.engine.data.files import Files
from training.engine.data.load import load_samples
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Memory, Samples
from training.errors import TraindeckError

CPU = torch.device("cpu")


class Told:
    """Stands in for the report and for the control of a run: nobody asks for anything."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        self.said.append(message)

    def progress(self, message: str) -> None: ...

    def breathe(self) -> None: ...


Load = Callable[..., Samples]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve images of two classes, one of them grey, of several sizes."""
    generator = torch.Generator().manual_seed(4)
    for index in range(12):
        side = 20 + index
        content = bytes(torch.randint(0, 256, (side * side * 3,), generator=generator).tolist())
        drawn = Image.frombytes("RGB", (side, side), content)
        path = tmp_path / "images" / "ab"[index % 2] / f"{index:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        (drawn.convert("L") if index == 3 else drawn).save(path)
    return tmp_path / "images"


@pytest.fixture
def load(folder: Path, tmp_path: Path) -> Load:
    def loaded(told: Told | None = None, **data: Any) -> Samples:
        settings = {"source": "folder", "path": "images", "image_size": 16, "cache_dir": str(tmp_path / "kept"), **data}
        config = msgspec.convert({"data": settings}, TrainingConfig)
        told = told or Told()
        return load_samples(tmp_path, config, None, told, told)  # type: ignore[arg-type]

    return loaded


def subset(samples: Samples, **data: Any) -> Subset:
    rows = samples.rows(samples.ids)
    settings = msgspec.convert({"data": {"source": "folder", **data}}, TrainingConfig).data
    return Subset(samples, rows, Normalisation.none(3), CPU, seed=0, data=settings, side=16)


def all_batches(side: Subset) -> Iterator[Batch]:
    for epoch in (1, 2):
        for step in side.steps(epoch, 5):
            yield from step
        yield from side.in_order(4)


def test_without_a_cache_the_batches_are_the_same_bit_for_bit(load: Load) -> None:
    data = {"augmentation": "strong", "mixup": 0.2}
    kept, decoded = (load(cache=cache, **data) for cache in ("disk", "off"))
    assert isinstance(kept.store, Memory)
    assert isinstance(decoded.store, Files)
    assert kept.store.shape == decoded.store.shape == (3, 24, 24)
    pairs = list(zip(all_batches(subset(kept, **data)), all_batches(subset(decoded, **data)), strict=True))
    assert len(pairs) > 4
    for one, other in pairs:
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.labels, other.labels)


def test_decoding_as_needed_leaves_the_dropout_as_it_is(load: Load) -> None:
    side = subset(load(cache="off"))
    torch.manual_seed(1)
    before = torch.rand(1)
    torch.manual_seed(1)
    list(side.steps(1, 5))
    assert torch.equal(torch.rand(1), before)


def test_an_epoch_that_was_left_early_does_not_disturb_the_next(load: Load) -> None:
    side = subset(load(cache="off"))
    whole = [batch.images for (batch,) in side.steps(2, 2)]
    begun = side.steps(1, 2)
    next(begun)
    del begun
    assert all(torch.equal(a, batch.images) for a, (batch,) in zip(whole, side.steps(2, 2), strict=True))


def test_a_file_that_cannot_be_read_is_named_when_its_batch_is_due(load: Load, folder: Path) -> None:
    side = subset(load(cache="off"))
    (folder / "b" / "05.png").write_bytes(b"no image")
    with pytest.raises(TraindeckError, match=r"An image cannot be read: b/05\.png .*Repair or remove it"):
        list(side.steps(1, 5))


def test_a_colour_image_among_grey_ones_is_refused_and_never_made_grey(folder: Path) -> None:
    grey = Files(list_folder(folder), Recipe(16), channels=1, workers=1)
    with pytest.raises(TraindeckError, match=r"a/00\.png is in colour.*data\.color"):
        list(grey.batches([torch.arange(2)], CPU))


def test_images_that_are_decoded_as_needed_are_measured_on_a_sample(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded, kept = load(cache="off"), load(cache="disk")
    rows = torch.arange(12)
    assert Normalisation.measured(decoded.store, rows) == Normalisation.measured(kept.store, rows)
    monkeypatch.setattr(measuring, "ENOUGH", 4)
    spread = torch.tensor([0, 3, 6, 9])
    assert Normalisation.measured(decoded.store, rows) == Normalisation.measured(kept.store, spread)


def test_images_are_kept_larger_where_augmentation_zooms_and_the_log_says_so(load: Load) -> None:
    told = Told()
    assert load(told, augmentation="medium").store.shape == (3, 24, 24)
    assert any("24×24" in line for line in told.said)
    assert load(augmentation="light").store.shape == (3, 16, 16)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not tell what is mapped")
def test_the_pixels_are_those_of_the_cache_and_no_copy(load: Load) -> None:
    store = load(cache="disk").store
    assert isinstance(store, Memory)
    address = store.images.data_ptr()
    for line in Path("/proc/self/maps").read_text().splitlines():
        first, end = (int(word, 16) for word in line.split()[0].split("-"))
        if first <= address < end:
            assert "kept" in line
            break
    else:
        pytest.fail("the pixels are nowhere in memory")


def test_a_ready_made_split_and_groups_are_known_by_sample(load: Load, folder: Path) -> None:
    samples = load(groups=r"/(\d)")
    assert samples.groups is not None
    assert samples.groups["a/10.png"] == "1"
    for side, names in {"train": "ab", "val": "ab"}.items():
        for name in names:
            (folder / side / name).mkdir(parents=True)
    for place, path in enumerate(sorted(folder.glob("[ab]/*.png"))):
        path.rename(folder / ("val" if place % 3 == 0 else "train") / path.parent.name / path.name)
    for name in "ab":
        (folder / name).rmdir()
    samples = load()
    assert samples.sides is not None
    assert all(str(sample).startswith(f"{side}/") for sample, side in samples.sides.items())
    assert len(samples.sides) == 12


def test_the_model_sees_what_the_config_says_then_what_its_weights_know_then_the_default() -> None:
    def side(wanted: int | None, **data: Any) -> int:
        return input_side(msgspec.convert({"data": data}, TrainingConfig).data, wanted)

    assert side(224, image_size=96) == 96
    assert side(224) == 224
    assert side(None) == 8
    assert side(None, source="folder") == 64

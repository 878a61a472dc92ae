"""A run's model with the weights of one of its checkpoints, and how files become what it sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from training.config.schema import TrainingConfig
from training.dataset.decode import Recipe, Unreadable
from training.dataset.stream import channels_of, stream
from training.devices.cores import available_cores
from training.engine import checkpoint
from training.engine.checkpoint import Kind
from training.engine.data.augment import stored_side
from training.engine.data.batches import Batch, Subset
from training.engine.data.normalisation import Normalisation
from training.engine.data.samples import Memory, Samples
from training.engine.device import Device, choose_threads, chosen_device
from training.engine.models.build import build_model
from training.engine.models.size import Shape, multiply_adds
from training.engine.precision import Precision, choose_memory_format, choose_precision
from training.errors import InvalidInput, TraindeckError
from training.runs.checkpoints import path_of
from training.runs.layout import RunFolder
from training.text import one_line


@dataclass(frozen=True)
class LoadedRun:
    """Everything that is needed to use what a run has learned; the model is in evaluation mode, on the device."""

    folder: RunFolder
    kind: Kind
    epoch: int
    config: TrainingConfig
    classes: tuple[str, ...]
    shape: Shape
    """Channels, height and width of what the model sees."""
    normalisation: Normalisation
    batch_size: int
    model: nn.Module
    device: Device
    precision: Precision

    @property
    def recipe(self) -> Recipe:
        """How files are decoded: at the side at which training kept them, in the colours that the model knows."""
        data, (channels, side, _) = self.config.data, self.shape
        known = data.color if data.color != "auto" else "grey" if channels == 1 else "rgb"
        return Recipe(stored_side(self.config, side), known, "byteplot" if data.source == "byteplot" else "image")

    def batches(
        self, pixels: Tensor, labels: Tensor | None = None, normalisation: Normalisation | None = None
    ) -> Iterator[Batch]:
        """What the model sees of decoded pixels [N, C, stored, stored], uint8, by the code that shows it the validation
        images in training; labels are 0 where none are given, and the normalisation is the run's.
        """
        labels = torch.zeros(len(pixels), dtype=torch.int64) if labels is None else labels
        samples = Samples(Memory(pixels), labels, row_of={}, classes=self.classes, fingerprint="")
        rows, side = torch.arange(len(pixels)), self.shape[1]
        subset = Subset(samples, rows, normalisation or self.normalisation, self.device.torch, seed=0, side=side)
        return subset.in_order(self.batch_size)

    def logits(self, images: Tensor) -> Tensor:
        """Of what the model sees [N, C, H, W]: float32 [N, K], on the device."""
        with torch.inference_mode(), self.precision.autocast():
            found: Tensor = self.model(images)
        return found.float()

    def decoded(self, root: Path, paths: Sequence[str], sizes: Sequence[int]) -> Iterator[Decoded]:
        """Files in their order, a few at a time. Raises RunFailed where a process that decodes is killed."""
        recipe = self.recipe
        shape = (-1, channels_of(recipe), recipe.side, recipe.side)
        for part in stream(root, paths, sizes, recipe, workers=available_cores()):
            flat = torch.frombuffer(bytearray(part.pixels), dtype=torch.uint8) if part.good else torch.empty(0).byte()
            yield Decoded(part.places, flat.view(shape), part.good, part.bad)


@dataclass(frozen=True)
class Decoded:
    """Some of the files, by their places among all."""

    places: range
    pixels: Tensor
    """[files in `good`, C, stored, stored], uint8."""
    good: tuple[int, ...]
    bad: tuple[tuple[int, Unreadable], ...]


def load_run(
    folder: RunFolder, kind: Kind = "best", *, device: Device | None = None, precision: str | None = None
) -> LoadedRun:
    """The run's model with the weights that were validated for this checkpoint.

    `device` and `precision` are those of the config where they are not given, and the CPU where its device cannot be
    had; torch gets as many threads as training would. Raises InvalidInput where the run has no such checkpoint,
    TraindeckError for one that cannot be used.
    """
    path = _existing(folder, kind)
    content = checkpoint.load(path, _other(folder, kind) or "Train the run again.")
    config, classes, shape, normalisation = _described(content, path)
    device = device or _device_for(config)
    model = build_model(config, shape, len(classes), pretrained=False)
    try:
        model.load_state_dict(checkpoint.usable_weights(content))
    except RuntimeError as error:
        raise TraindeckError(
            f"{path}: its weights do not fit the model that its config describes.", "Train the run again."
        ) from error
    chosen = usable_precision(precision or config.runtime.precision, device.torch)
    work = multiply_adds(model, shape) * config.images_per_batch
    torch.set_num_threads(choose_threads(config.runtime, work, device.torch)[0])
    memory_format, _ = choose_memory_format(config.runtime.memory_format, chosen)
    model.to(device.torch, memory_format=memory_format)  # type: ignore[call-overload]
    return LoadedRun(
        folder=folder,
        kind=kind,
        epoch=content["epoch"],
        config=config,
        classes=classes,
        shape=shape,
        normalisation=normalisation,
        batch_size=content.get("batch_size", config.images_per_batch),
        model=model.eval(),
        device=device,
        precision=chosen,
    )


def usable_precision(wanted: str, device: torch.device) -> Precision:
    """What the config asks for; fp32 where this device has no such format."""
    try:
        return choose_precision(wanted, device)
    except InvalidInput as error:
        return Precision("fp32", error.message.rstrip("."), device)


def _existing(folder: RunFolder, kind: Kind) -> Path:
    path = path_of(folder, kind)
    if not path.exists():
        name = one_line(folder.id)
        remedy = _other(folder, kind) or "A run has one once an epoch of it is validated."
        raise InvalidInput(f"{name} has no {kind} checkpoint.", remedy)
    return path


def _other(folder: RunFolder, kind: Kind) -> str:
    """What to do instead where the other checkpoint is there."""
    other: Kind = "last" if kind == "best" else "best"
    return f"Use --checkpoint {other}." if path_of(folder, other).exists() else ""


def _described(content: dict[str, Any], path: Path) -> tuple[TrainingConfig, tuple[str, ...], Shape, Normalisation]:
    """What a checkpoint says about its model."""
    try:
        config = msgspec.convert(content["config"], TrainingConfig)
        channels, height, width = content["input_shape"]
        mean, std = (tuple(map(float, content["normalisation"][name])) for name in ("mean", "std"))
        content["epoch"] = int(content["epoch"])
        return config, tuple(content["classes"]), (channels, height, width), Normalisation(mean, std)
    except msgspec.ValidationError as error:
        raise TraindeckError(
            f"{path} holds a config that this version does not know: {one_line(str(error))}.", "Update traindeck."
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise TraindeckError(
            f"{path} is no checkpoint of this version of traindeck.", "Train the run again."
        ) from error


def _device_for(config: TrainingConfig) -> Device:
    """The config may name a GPU of another host: its weights are as good here."""
    try:
        return chosen_device(config.runtime)
    except TraindeckError as error:
        return Device(torch.device("cpu"), "CPU", error.message.rstrip("."))

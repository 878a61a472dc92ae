"""What people write themselves: torchvision's ImageFolder, transforms v2, torch's DataLoader and a loop by hand.

They train the engine's own architecture with the same batch size, optimizer and number of threads, on as many images,
and validate after each epoch. Their augmentation is flip, shift and small affine; the engine's `medium` also
changes brightness and contrast.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Subset, TensorDataset, random_split

from tests.bench.cases import SIDE, Case
from tests.bench.turns import Laps
from training.config import files
from training.engine.models.build import build_model

WORKERS = 2
VALIDATION = 0.2
_SPLIT = 7


def model_of(case: Case) -> nn.Module:
    """The engine's architecture for the case."""
    config, _ = files.read_text(case.text)
    assert config is not None
    return build_model(config, (1, 8, 8) if case.folder is None else (3, SIDE, SIDE), 10)


def loaders(case: Case) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Training and validation. Small tensors in memory need no workers, and are slower with them."""
    if case.folder is not None:
        return (
            folder_loader(case.folder, case.batch_size, training=True, part=True),
            folder_loader(case.folder, case.batch_size, training=False, part=True),
        )
    images, labels = digits()
    validation, training = random_split(TensorDataset(images, labels), (VALIDATION, 1 - VALIDATION), _generator())
    return DataLoader(training, case.batch_size, shuffle=True), DataLoader(validation, case.batch_size)


def folder_loader(folder: Path, batch_size: int, *, training: bool, part: bool = False) -> DataLoader[Any]:
    """ImageFolder with transforms v2 on PIL images, which is their quickest way at this size, and two workers.

    `part`: only this side of a random split, else every image.
    """
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import InterpolationMode, v2

    changes = [
        v2.RandomHorizontalFlip(),
        v2.RandomAffine(10, (0.125, 0.125), (1 / 1.1, 1.1), interpolation=InterpolationMode.BILINEAR),
    ]
    as_tensor = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.25] * 3)]
    dataset: Any = ImageFolder(str(folder), v2.Compose([*(changes if training else []), *as_tensor]))
    if part:
        order = torch.randperm(len(dataset), generator=_generator()).tolist()
        held_out = round(len(dataset) * VALIDATION)
        dataset = Subset(dataset, order[held_out:] if training else order[:held_out])
    return DataLoader(dataset, batch_size, shuffle=training, num_workers=WORKERS, persistent_workers=True)


def digits() -> tuple[Tensor, Tensor]:
    """Normalised images [1797, 1, 8, 8] and labels."""
    from training.config.data import Data
    from training.engine.data.digits import load_digits
    from training.engine.data.samples import Memory

    samples = load_digits(Data(), 8)
    assert isinstance(samples.store, Memory)
    images = samples.store.images.float() / 255
    return (images - images.mean()) / images.std(), samples.labels


def plain(case: Case, laps: Laps) -> None:
    """A tidy loop: one metric, fetched each step; the loss and accuracy of the validation set each epoch."""
    _prepare(case)
    training, validation = loaders(case)
    model = model_of(case)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    while True:
        laps.boundary(len(training.dataset))  # type: ignore[arg-type]
        model.train()
        running = 0.0
        for images, labels in training:
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            running += loss.item() * len(labels)
        model.eval()
        right = 0
        with torch.no_grad():
            for images, labels in validation:
                right += int((model(images).argmax(1) == labels).sum().item())


def naive(case: Case, laps: Laps) -> None:
    """As many first versions look: values fetched at each batch, and scikit-learn's metrics over lists of them."""
    from sklearn.metrics import accuracy_score  # type: ignore[import-not-found, unused-ignore]

    _prepare(case)
    training, validation = loaders(case)
    model = model_of(case)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    while True:
        laps.boundary(len(training.dataset))  # type: ignore[arg-type]
        model.train()
        losses: list[float] = []
        said: list[int] = []
        true: list[int] = []
        for images, labels in training:
            optimizer.zero_grad()
            logits = model(images)
            loss = criterion(logits, labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            batch_said, batch_true = logits.argmax(1).cpu().tolist(), labels.cpu().tolist()
            said += batch_said
            true += batch_true
            accuracy_score(batch_true, batch_said)
        _report(said, true)
        model.eval()
        said, true = [], []
        with torch.no_grad():
            for images, labels in validation:
                logits = model(images)
                losses.append(criterion(logits, labels).item())
                said += logits.argmax(1).cpu().tolist()
                true += labels.cpu().tolist()
        _report(said, true)


def _report(said: Iterable[int], true: Iterable[int]) -> Any:
    from sklearn.metrics import (  # type: ignore[import-not-found, unused-ignore]
        confusion_matrix,
        f1_score,
        precision_score,
        recall_score,
    )

    scores = [
        score(true, said, average="macro", zero_division=0) for score in (precision_score, recall_score, f1_score)
    ]
    return scores, confusion_matrix(true, said)


def _prepare(case: Case) -> None:
    torch.manual_seed(0)
    if case.threads is not None:
        torch.set_num_threads(case.threads)


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(_SPLIT)

"""What a data set's list of files tells the guide's hints, without reading a single image."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from training.config.schema import TrainingConfig
from training.dataset.source import list_source
from training.guide.hint import Facts


def known(config: TrainingConfig, path: Path | None) -> Facts:
    """Class ratio, number of classes and of training images, as the split would leave them.

    `path` is where data.path leads; None, as for the digits, tells nothing. Raises InvalidInput where the data cannot
    be listed.
    """
    if path is None:
        return Facts()
    listing = list_source(config.data, path, config.runtime.seed)
    if listing.sides is not None:
        labels = [label for label, side in zip(listing.labels, listing.sides, strict=True) if side == "train"]
        n_train = len(labels)
    else:
        labels = list(listing.labels)
        n_train = round(len(labels) * (1 - config.data.val_fraction - config.data.test_fraction))
    counts = Counter(labels)
    return Facts(
        class_ratio=max(counts.values()) / min(counts.values()) if counts else None,
        n_train=n_train,
        classes=len(listing.classes),
    )

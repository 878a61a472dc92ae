"""What a data set's list of files tells the guide's hints, without reading a single image."""

from __future__ import annotations

from pathlib import Path

from training.config.schema import TrainingConfig
from training.dataset import preview
from training.dataset.source import list_source
from training.errors import InvalidInput
from training.guide.hint import Facts


def known(config: TrainingConfig, path: Path | None) -> Facts:
    """Class ratio, number of classes and of training images, as the split would leave them.

    `path` is where data.path leads; the digits need none. Raises InvalidInput where the data cannot be listed.
    """
    data = config.data
    if data.source == "digits":
        try:
            return preview.facts(preview.digits(data), data)
        except OSError as error:
            raise InvalidInput(f"The digits cannot be read: {error.strerror}.", "Install traindeck again.") from error
    if path is None:
        return Facts()
    return preview.facts(preview.of_listing(list_source(data, path, config.runtime.seed)), data)

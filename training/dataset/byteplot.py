"""Folders of binaries with one subfolder a class: every file counts, whatever its suffix."""

from __future__ import annotations

from pathlib import Path

from training.dataset.folder import Sought, list_folder
from training.dataset.listing import Listing

BINARIES = Sought("files", "Point data.path at a folder with one subfolder of binaries a class.", None)


def list_binaries(path: Path) -> Listing:
    """The files below `path`, hidden ones left out. Raises InvalidInput where it cannot be read or holds none."""
    return list_folder(path, BINARIES)

"""Folders of binaries with one subfolder a class: every file counts, whatever its suffix."""

from __future__ import annotations

from pathlib import Path

from training.dataset.folder import SUFFIXES, Sought, list_folder
from training.dataset.listing import Listing

IMAGES_DRAWN = (
    "Most of these files are images; byteplot draws their compressed bytes: use source: folder to see the images."
)

BINARIES = Sought("files", "Point data.path at a folder with one subfolder of binaries a class.", None)


def list_binaries(path: Path) -> Listing:
    """The files below `path`, hidden ones left out. Raises InvalidInput where it cannot be read or holds none."""
    return list_folder(path, BINARIES)


def mostly_images(listing: Listing) -> bool:
    """Whether more than half of the files are images by their suffix."""
    images = sum(path.lower().endswith(tuple(SUFFIXES)) for path in listing.paths)
    return 2 * images > len(listing.paths)

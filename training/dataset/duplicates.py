"""Files with the same content, and what that does to training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from training.dataset.listing import Listing, Side, shown

Group = tuple[str, ...]
"""Paths of files that are the same, safe to print."""


class Duplicates(msgspec.Struct, frozen=True):
    """Groups of files that are the same to the last byte; one group may be in several of these."""

    within_class: tuple[Group, ...]
    """All of one class: harmless but for the weight that they give to one image."""
    across_classes: tuple[Group, ...]
    """Of several classes: at least one label is wrong."""
    across_sides: tuple[Group, ...]
    """On several sides of the split: what is validated or tested has been trained on."""


def find_duplicates(listing: Listing, digests: Mapping[int, bytes], sides: Mapping[int, Side]) -> Duplicates:
    """`digests` of the content and `sides` of the split are by row; without sides nothing is across them."""
    by_content: dict[bytes, list[int]] = defaultdict(list)
    for row, digest in sorted(digests.items()):
        by_content[digest].append(row)
    groups = [rows for rows in by_content.values() if len(rows) > 1]
    alike = {True: list[Group](), False: list[Group]()}
    leaked = []
    for rows in groups:
        paths = tuple(shown(listing.paths[row]) for row in rows)
        alike[len({listing.labels[row] for row in rows}) == 1].append(paths)
        if len({sides[row] for row in rows if row in sides}) > 1:
            leaked.append(paths)
    return Duplicates(tuple(alike[True]), tuple(alike[False]), tuple(leaked))

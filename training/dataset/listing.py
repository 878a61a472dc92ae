"""What a source of images holds, known without opening a single one; and what no source may lack."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from training.config.problems import listed
from training.errors import InvalidInput
from training.text import one_line

Side = Literal["train", "val", "test"]
SIDES: tuple[Side, ...] = get_args(Side)
SIDE_NAMES: dict[str, Side] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""How people call the sides of a ready-made split; compared in lower case."""

NOWHERE = "link leads nowhere"
"""Why a file cannot be read whose name is there without it."""

_NEED = {"train": "training", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class Listing:
    """The images of a source, sorted by class and path."""

    root: Path
    classes: tuple[str, ...]
    """Sorted names, as the file system or the manifest has them: undecodable bytes are surrogates, `shown` prints them.
    """
    paths: tuple[str, ...]
    """Relative to `root`, with `/`; a manifest may hold absolute ones."""
    labels: tuple[int, ...]
    sizes: tuple[int, ...]
    """Bytes."""
    mtimes: tuple[int, ...] = ()
    """Nanoseconds; what tells a changed file from its cached pixels."""
    sides: tuple[Side, ...] | None = None
    """Which side of a ready-made split each image is on; None where the split is still to be made."""
    groups: tuple[str, ...] | None = None
    """What each image belongs to (a patient, a video); images of one group stay on one side."""
    empty: tuple[str, ...] = ()
    """Subfolders without an image; they are no classes."""
    foreign: int = 0
    """Files of other image formats, passed over."""
    broken: tuple[str, ...] = ()
    """Links that would be samples but lead nowhere, or round to themselves; relative to `root`, sorted."""
    loose: int = 0
    """Images beside the class folders instead of in one, passed over."""
    from_manifest: bool = False
    """Class and side are told by a manifest, not by the paths."""

    @property
    def counts(self) -> list[int]:
        """Images of each class."""
        found = Counter(self.labels)
        return [found[label] for label in range(len(self.classes))]

    @property
    def fingerprint(self) -> str:
        """Tells one state of the data from another by every path and size, and by class and side where a manifest
        tells them; a copy of the folder has the same.
        """
        digest = sha256()
        for path, size in zip(self.paths, self.sizes, strict=True):
            digest.update(os.fsencode(path) + b"\x00%d\n" % size)
        if self.from_manifest:
            for row, label in enumerate(self.labels):
                digest.update(os.fsencode(self.classes[label]) + b"\x00%s\n" % self.side(row).encode())
        return f"sha256:{digest.hexdigest()}"

    def side(self, row: int) -> Side:
        """The side that an image may be on: any image may be trained on where there is no ready-made split."""
        return self.sides[row] if self.sides else "train"

    def only(self, rows: Sequence[int]) -> Listing:
        """These images (rows ascending), and the classes that they are of."""
        kept = sorted({self.labels[row] for row in rows})
        place = {label: new for new, label in enumerate(kept)}
        return replace(
            self,
            classes=tuple(self.classes[label] for label in kept),
            paths=tuple(self.paths[row] for row in rows),
            labels=tuple(place[self.labels[row]] for row in rows),
            sizes=tuple(self.sizes[row] for row in rows),
            mtimes=tuple(self.mtimes[row] for row in rows) if self.mtimes else (),
            sides=tuple(self.sides[row] for row in rows) if self.sides else None,
            groups=tuple(self.groups[row] for row in rows) if self.groups else None,
        )


def shown(name: str) -> str:
    """A file or class name that any terminal and any JSON can carry."""
    return one_line(os.fsencode(name).decode("utf-8", "replace"))


def sides_to_make(ready: Collection[Side], *, test: bool) -> tuple[Side, ...]:
    """The sides that the training images are split into, where those in `ready` have images of their own already."""
    wanted: tuple[Side, ...] = ("val", "test") if test else ("val",)
    return ("train", *(side for side in wanted if side not in ready))


def too_few(name: str, images: int, groups: int | None, sides: Sequence[Side]) -> tuple[str, str]:
    """Message and remedy for a class that is too small to be on all these sides."""
    need = f"{listed((_NEED[side] for side in sides), 'and')} need one each"
    if not images:
        return f"class {shown(name)} has no image to train on.", "Add some, or leave the class out."
    if groups is None or images < len(sides):
        count = "one image" if images == 1 else f"{images} images"
        return f"class {shown(name)} has {count}; {need}.", "Add images to it, or leave the class out."
    count = "one group" if groups == 1 else f"{groups} groups"
    return (
        f"class {shown(name)} has images of {count} only, and a group stays on one side; {need}.",
        "Add images of other groups, make data.groups finer, or leave the class out with data.classes.",
    )


def check(listing: Listing, where: str, *, test: bool = False) -> None:
    """Refuse what no classifier can be trained on; `where` is what the user named, `test` asks for a test split.

    Raises InvalidInput.
    """
    if len(listing.classes) < 2:
        raise InvalidInput(
            f"{where} holds images of one class only ({shown(listing.classes[0])}).",
            "A classifier needs two or more classes.",
        )
    _check_sides(listing, where)
    _check_groups(listing, where)
    to_make = sides_to_make(set(listing.sides or ()), test=test)
    images: Counter[int] = Counter()
    groups: dict[int, set[str]] = defaultdict(set)
    for row, label in enumerate(listing.labels):
        if listing.side(row) == "train":
            images[label] += 1
            if listing.groups:
                groups[label].add(listing.groups[row])
    for label, name in enumerate(listing.classes):
        units = len(groups[label]) if listing.groups else images[label]
        if units < len(to_make):
            message, remedy = too_few(name, images[label], units if listing.groups else None, to_make)
            by_groups = listing.groups is not None and images[label] >= len(to_make)
            raise InvalidInput(f"{where}: {message}", remedy, "data.groups" if by_groups else "")


def _check_sides(listing: Listing, where: str) -> None:
    """Of a ready-made split: whatever is validated or tested has to be trained."""
    if not listing.sides:
        return
    seen = set(zip(listing.labels, listing.sides, strict=True))
    for label, side in sorted(seen):
        if side != "train" and (label, "train") not in seen:
            raise InvalidInput(
                f"{where}: class {shown(listing.classes[label])} has images to {_VERB[side]} but none to train on.",
                "Add some to its training images, or leave the class out.",
            )


_VERB = {"val": "validate on", "test": "test on"}


def _check_groups(listing: Listing, where: str) -> None:
    """A ready-made split keeps its sides, so it has to keep the groups too."""
    if not listing.sides or not listing.groups:
        return
    side_of: dict[str, Side] = {}
    for group, side in zip(listing.groups, listing.sides, strict=True):
        other = side_of.setdefault(group, side)
        if other != side:
            raise InvalidInput(
                f"{where}: group {shown(group)} has images for {_NEED[other]} and for {_NEED[side]}.",
                "Move them to one side of the split, or leave data.groups out.",
                "data.groups",
            )

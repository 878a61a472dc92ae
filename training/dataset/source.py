"""The samples that a config's data section names: found, but not read."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.config.data import Data, Source
from training.config.problems import listed, nearest
from training.dataset.byteplot import list_binaries
from training.dataset.folder import list_folder
from training.dataset.grouping import draw_groups
from training.dataset.listing import SIDES, Listing, check, shown, sides_to_make
from training.dataset.manifest import list_manifest
from training.errors import InvalidInput
from training.seeds import derive

_MANIFESTS = (".csv", ".tsv")
_NAME_ONE = "Name a folder or a .csv file."


def list_source(data: Data, path: Path, seed: int) -> Listing:
    """The files of a source other than the digits, with classes, subset and groups as the config wants them.

    `path` is where data.path leads. Raises InvalidInput for what cannot be trained on, with what to do about it and,
    where it is not the data as a whole, with the key that is at fault.
    """
    if data.source == "manifest":
        listing = list_manifest(path, data.groups)
    else:
        listing = list_binaries(path) if data.source == "byteplot" else list_folder(path)
    where = shown(str(path))
    if data.classes is not None:
        listing = _of_classes(listing, data.classes, where)
    if data.groups is not None and data.source != "manifest":
        listing = replace(listing, groups=_groups(listing.paths, data.groups, where))
    check(listing, where, test=data.test_fraction > 0)
    return listing if data.subset >= 100 else _subset(listing, data, seed)


def missing(path: Path) -> InvalidInput:
    """The refusal of a path at which there is nothing."""
    return InvalidInput(f"{shown(str(path))}: no such file or folder.", _NAME_ONE)


def guess_source(path: Path) -> Source:
    """What kind of source a path is. Raises InvalidInput where it is neither a folder nor a manifest."""
    if path.is_dir():
        return "folder"
    if path.suffix.lower() in _MANIFESTS:
        return "manifest"
    if not path.exists():
        raise missing(path)
    raise InvalidInput(f"{shown(str(path))} is neither a folder nor a CSV manifest.", _NAME_ONE)


def _of_classes(listing: Listing, wanted: Sequence[str], where: str) -> Listing:
    """Only the classes of these names, spelled as the file system or as the screen has them."""
    known = {name: name for name in listing.classes} | {shown(name): name for name in listing.classes}
    for name in wanted:
        if name not in known:
            near = nearest(name, list(known))
            remedy = f"Did you mean {shown(near)}?" if near else f"Its classes are {_some(listing.classes)}."
            raise InvalidInput(f"{where} has no class {shown(name)}, which data.classes names.", remedy, "data.classes")
    if len(set(wanted)) < 2:
        message = f"data.classes names {'one class only' if wanted else 'no class'}."
        raise InvalidInput(message, "A classifier needs two or more; leave data.classes out for all.", "data.classes")
    chosen = {known[name] for name in wanted}
    broken = tuple(path for path in listing.broken if not chosen.isdisjoint(path.split("/")[:2]))
    rows = [row for row, label in enumerate(listing.labels) if listing.classes[label] in chosen]
    return replace(listing, broken=broken).only(rows)


def _some(names: Sequence[str]) -> str:
    return listed([*map(shown, names[:10]), *([f"{len(names) - 10} more"] if len(names) > 10 else [])], "and")


def _groups(paths: Sequence[str], pattern: str, where: str) -> tuple[str, ...]:
    """The group of each path: what the pattern's first group matches, or all of it; the path itself if it does not."""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        message = f"data.groups is no regular expression: {error}."
        raise InvalidInput(message, "Correct the expression.", "data.groups") from error
    found = [compiled.search(path) for path in paths]
    if not any(found):
        raise InvalidInput(
            f"{where}: data.groups ({shown(pattern)}) matches no path; one of them is {shown(paths[0])}.",
            "Correct the expression.",
            "data.groups",
        )
    which = 1 if compiled.groups else 0
    return tuple((match and match[which]) or path for match, path in zip(found, paths, strict=True))


def _subset(listing: Listing, data: Data, seed: int) -> Listing:
    """data.subset percent of each class on each side, the same images for the same seed; groups are kept whole.

    Enough stay of each class to split it: two images or groups to train on, three if a test is split off too.
    """
    need = len(sides_to_make(set(listing.sides or ()), test=data.test_fraction > 0))
    kept: list[int] = []
    for side in SIDES:
        rows = [row for row in range(len(listing.paths)) if listing.side(row) == side]
        least = max(2, need) if side == "train" else 1
        draw = _draw_groups if listing.groups else _draw
        kept += draw(listing, rows, data.subset / 100, least, seed)
    return listing.only(sorted(kept))


def _draw(listing: Listing, rows: Sequence[int], share: float, least: int, seed: int) -> list[int]:
    by_class: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_class[listing.labels[row]].append(row)
    drawn: list[int] = []
    for of_class in by_class.values():
        of_class.sort(key=lambda row: (derive(seed, "subset", listing.paths[row]), listing.paths[row]))
        drawn += of_class[: max(round(len(of_class) * share), least)]
    return drawn


def _draw_groups(listing: Listing, rows: Sequence[int], share: float, least: int, seed: int) -> list[int]:
    assert listing.groups is not None
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        counts[listing.groups[row]][listing.labels[row]] += 1
    images = Counter(listing.labels[row] for row in rows)
    groups = Counter(label for classes in counts.values() for label in classes)
    drawn = draw_groups(
        counts,
        {label: max(round(count * share), 1) for label, count in images.items()},
        order=lambda attempt, group: derive(seed, "subset", group, attempt),
        inside={label: min(least, count) for label, count in groups.items()},
        outside=0,
    )
    return [row for row in rows if listing.groups[row] in drawn]

"""`traindeck data PATH`: what a data set holds and what is wrong with it, before it is trained on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training.cli.configs import read_config
from training.cli.output import say, say_json, table
from training.cli.progress import overwrite
from training.config.data import Data, Source
from training.config.fields import format_value
from training.config.schema import TrainingConfig
from training.dataset.listing import Listing, shown
from training.dataset.preview import Extent
from training.dataset.source import guess_source, list_source
from training.dataset.survey import ClassFacts, Survey, survey
from training.devices.cores import available_cores
from training.errors import EXIT_INVALID, EXIT_OK, InvalidInput
from training.guide.rules.loss import loss_name
from training.runs.plan import data_folder

BAR = 30
"""Cells of the longest bar."""
NAMED = 10
"""Files or groups that are named; --json names all."""
SAME = 4
"""Files of one group that are named."""
MANY_CLASSES = 40
"""Of more, only the largest and the smallest are printed."""

_CONFIGS = (".yaml", ".yml")
_MODE_NAMES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with alpha",
    "P": "palette",
    "PA": "palette with alpha",
    "RGBA": "RGB with alpha",
    "RGB;16": "RGB, 16 bits",
    "RGBA;16": "RGB or grey with alpha, 16 bits",
    "I;16": "grey, 16 bits",
    "I;16B": "grey, 16 bits",
    "bytes": "binaries, drawn as grey images",
}


def run(arguments: argparse.Namespace) -> int:
    """Exit code 2 for what cannot be trained on; warnings alone are no failure."""
    config, path = _wanted(arguments.path, arguments.source)
    listing = list_source(config.data, path, config.runtime.seed)
    found = survey(listing, config, workers=available_cores(), progress=_tell)
    if arguments.json:
        say_json(found)
    else:
        _show(found, listing, path)
    return EXIT_INVALID if found.split_problem else EXIT_OK


def _wanted(name: str, source: Source | None) -> tuple[TrainingConfig, Path]:
    """The config that the data are looked at with, and where they are. Raises InvalidInput."""
    if not name.strip():
        raise InvalidInput("The path of the data is empty.", "Name a folder, a .csv file or a config.")
    path = Path(name)
    if path.suffix.lower() in _CONFIGS and not path.is_dir():
        given = read_config(name, [])
        folder = data_folder(given.config, given.base_dir)
        if given.config.data.source == "digits" or folder is None:
            raise InvalidInput(
                f"{shown(name)} trains on the digits, which ship with traindeck.",
                "Name a folder or a manifest instead.",
            )
        if source not in (None, given.config.data.source):
            raise InvalidInput(f"{shown(name)} says data.source: {given.config.data.source}.", "Leave --source out.")
        return given.config, folder
    return TrainingConfig(data=Data(source=source or guess_source(path), path=name)), path.absolute()


def _tell(done: int, total: int) -> None:
    overwrite(f"Reading files: {done} of {total}" if done < total else "")


def _show(found: Survey, listing: Listing, path: Path) -> None:
    more = f" ({len(found.unreadable)} more cannot be read)" if found.unreadable else ""
    say(f"{shown(str(path))}: {_count(found.images, 'image')} of {len(found.classes)} classes{more}.")
    if found.groups is not None:
        say(f"They belong to {_count(found.groups, 'group')}.")
    for line in _class_lines(found.classes):
        say(f"  {line}")
    if found.ratio is not None:
        best = found.losses[0]
        sizes = (
            f"The largest class is {found.ratio:.3g} times the smallest" if found.ratio > 1 else "All classes are equal"
        )
        say(f"{sizes}; the guide recommends {loss_name(best)} (class_weights: {format_value(best)}).")
    _show_images(found)
    _show_faults(found, listing)


def _class_lines(classes: Sequence[ClassFacts]) -> list[str]:
    sides = list(classes[0].sides)
    chosen = list(classes)
    omitted = ""
    if len(chosen) > MANY_CLASSES:
        chosen.sort(key=lambda entry: -entry.count)
        half = MANY_CLASSES // 2
        omitted = f"… and {len(chosen) - 2 * half} classes between these; --json lists all."
        chosen = chosen[:half] + chosen[-half:]
    most = max(entry.count for entry in classes) or 1
    rows = [
        [entry.name, str(entry.count), *(str(entry.sides[side]) for side in sides), _bar(entry.count / most)]
        for entry in chosen
    ]
    lines = table(["class", "images", *sides, ""], rows)
    return [*lines, omitted] if omitted else lines


def _bar(share: float) -> str:
    cells = round(share * BAR) or (1 if share else 0)
    encoding = sys.stdout.encoding or "utf-8"
    block = "█" if "█".encode(encoding, "ignore") else "#"
    return block * cells


def _show_images(found: Survey) -> None:
    if found.width and found.height:
        say(f"Width {_range(found.width)}, height {_range(found.height)} pixels (smallest, median, largest).")
    say("Pixels: " + ", ".join(f"{_MODE_NAMES.get(mode, mode)} {count}" for mode, count in found.modes.items()) + ".")
    if found.mean:
        say(f"At {found.side}×{found.side} the mean is {_numbers(found.mean)}, the deviation {_numbers(found.std)}.")


def _show_faults(found: Survey, listing: Listing) -> None:
    for note in found.notes:
        say(f"! {note}")
    if found.foreign:
        say(f"! {_count(found.foreign, 'file')} of other image formats would be left out.")
    if found.empty:
        say(f"! Folders without images: {_some(list(found.empty))}.")
    if found.unreadable:
        say(f"! {_count(len(found.unreadable), 'image')} cannot be read and would be left out:")
        _list([f"{file.path} ({file.why})" for file in found.unreadable])
    same = found.duplicates
    by = "the ready-made split" if listing.sides else f"the split of {found.split_by}"
    for groups, what in (
        (same.across_classes, "with two labels: the same file in several classes"),
        (same.across_sides, f"leaked: the same file on several sides of {by}"),
        (same.within_class, "more than once in its class"),
    ):
        if groups:
            say(f"! {_count(len(groups), 'image')} {what}:")
            _list([_same(group) for group in groups])
    if found.split_problem:
        say(f"✗ This cannot be trained on: {found.split_problem}")


def _list(lines: Sequence[str]) -> None:
    for line in lines[:NAMED]:
        say(f"    {line}")
    if len(lines) > NAMED:
        say(f"    … and {len(lines) - NAMED} more; --json lists all.")


def _same(group: Sequence[str]) -> str:
    more = f" = … ({len(group)} files)" if len(group) > SAME else ""
    return " = ".join(group[:SAME]) + more


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _range(spread: Extent) -> str:
    if spread.least == spread.most:
        return str(spread.least)
    return f"{spread.least}, {spread.median:g}, {spread.most}"


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""What a run is evaluated on: sides of its own data, or other data, whose classes it knows by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from training.config.problems import listed
from training.dataset.byteplot import list_binaries
from training.dataset.folder import list_folder
from training.dataset.listing import SIDES, Listing, Side, shown
from training.dataset.manifest import list_manifest
from training.dataset.source import list_source, missing
from training.dataset.split import SampleId, Split, read_split
from training.engine.data.batches import Batch
from training.engine.data.digits import load_digits
from training.engine.data.samples import Memory
from training.engine.using.loaded import Decoded, LoadedRun
from training.errors import InvalidInput, RunFailed

Progress = Callable[[int, int], None]
"""Called with the images done and all of them; may raise to stop."""

_NAMES: dict[Side, str] = {"train": "training", "val": "validation", "test": "test"}
_OTHER_DATA = "Bring the old data back, or name other data with --data."
_NAMED = 10
"""Classes that a message lists."""


@dataclass
class Labelled:
    """Images and their classes."""

    name: str
    """What a person calls them: validation, test, training, or data."""
    labels: Tensor
    """[N], int64, by the classes of the run."""
    read: Callable[[], Iterator[Decoded]]
    bad: list[str] = field(default_factory=list)
    """Files that cannot be read, and why; known once the batches have been gone through."""

    def batches(self, run: LoadedRun, progress: Progress) -> Iterator[Batch]:
        """Every image that can be read, as the model sees it. Raises RunFailed where there is none."""
        for part in self.read():
            self.bad += [str(why) for _, why in part.bad]
            if part.good:
                yield from run.batches(part.pixels, self.labels[list(part.good)])
            progress(part.places.stop, len(self.labels))
        if len(self.bad) == len(self.labels):
            raise RunFailed(f"None of the {len(self.bad)} images can be read; the first is {self.bad[0]}.")


def own_sides(run: LoadedRun) -> list[Labelled]:
    """The validation side of the run's data, and the test side where it has one.

    Raises TraindeckError where the data or the split are gone, or are not what the run was trained on.
    """
    if not run.folder.split.exists():
        raise RunFailed(f"{run.folder.split}: there is no such file.", "Name data with --data.")
    data = run.config.data
    if data.source == "digits":
        samples = load_digits(data, run.shape[1], run.config.runtime.seed)
        assert isinstance(samples.store, Memory)
        pixels, labels = samples.store.images, samples.labels

        def side(name: str, ids: Sequence[SampleId]) -> Labelled:
            rows = samples.rows(ids)
            return Labelled(name, labels[rows], lambda: iter([_kept(pixels[rows])]))

        return _sides(read_split(run.folder.split, samples.fingerprint), side)
    try:
        listing = list_source(data, run.folder.path / Path(data.path or "").expanduser(), run.config.runtime.seed)
    except InvalidInput as error:
        raise RunFailed(f"The run's data cannot be used: {error.message}", _OTHER_DATA) from error
    place = {path: row for row, path in enumerate(listing.paths)}
    split = read_split(run.folder.split, listing.fingerprint)
    return _sides(split, lambda name, ids: _of_files(run, listing, name, [place[str(path)] for path in ids]))


def other_data(run: LoadedRun, path: Path) -> list[Labelled]:
    """All images of a folder or a manifest; a ready-made split side by side.

    Not all classes of the run have to be there. Raises InvalidInput for a class that it does not know.
    """
    if not path.exists():
        raise missing(path)
    if run.config.data.source == "byteplot":
        listing = list_binaries(path)
    else:
        listing = list_folder(path) if path.is_dir() else list_manifest(path)
    if not listing.sides:
        return [_of_files(run, listing, "data", range(len(listing.paths)))]
    by_side = {side: [row for row, of in enumerate(listing.sides) if of == side] for side in SIDES}
    return [_of_files(run, listing, _NAMES[side], rows) for side, rows in by_side.items() if rows]


def _sides(split: Split, side: Callable[[str, Sequence[SampleId]], Labelled]) -> list[Labelled]:
    return [side(name, ids) for name, ids in ((_NAMES["val"], split.val), (_NAMES["test"], split.test)) if ids]


def _kept(pixels: Tensor) -> Decoded:
    return Decoded(range(len(pixels)), pixels, tuple(range(len(pixels))), ())


def _of_files(run: LoadedRun, listing: Listing, name: str, rows: Sequence[int]) -> Labelled:
    label_of = _labels(run, listing)
    paths, sizes = [listing.paths[row] for row in rows], [listing.sizes[row] for row in rows]
    labels = torch.tensor([label_of[listing.labels[row]] for row in rows])
    return Labelled(name, labels, lambda: run.decoded(listing.root, paths, sizes))


def _labels(run: LoadedRun, listing: Listing) -> Sequence[int]:
    """For each class of the listing its number in the run. Checkpoints hold names as they are shown."""
    names = tuple(map(shown, listing.classes))
    if names == run.classes:
        return range(len(names))
    strangers = [name for name in names if name not in run.classes]
    if strangers:
        known = [*run.classes[:_NAMED], *([f"{len(run.classes) - _NAMED} more"] if len(run.classes) > _NAMED else [])]
        what = "a class" if len(strangers) == 1 else f"{len(strangers)} classes"
        raise InvalidInput(
            f"The data have {what} that the run does not know: {listed(strangers[:_NAMED], 'and')}.",
            f"It knows {listed(known, 'and')}; rename the class, or leave it out.",
        )
    return [run.classes.index(name) for name in names]

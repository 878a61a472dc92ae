"""split.json: which samples train, validate and test; made once, stored, and inherited by the runs that correct it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training import files
from training.dataset.grouping import Undrawable, draw_groups
from training.dataset.listing import SIDES, Side, shown, sides_to_make, too_few
from training.errors import TraindeckError
from training.seeds import derive

SCHEMA_VERSION = 1

SampleId = int | str
"""What tells a sample from the others for good: its row in the digits, its relative path in a folder."""


@dataclass(frozen=True)
class Split:
    """`fingerprint` is that of the data that were split; each side keeps the order of the data."""

    seed: int
    fraction: float
    fingerprint: str
    train: tuple[SampleId, ...]
    val: tuple[SampleId, ...]
    test: tuple[SampleId, ...] = ()


def make_split(
    ids: Sequence[SampleId],
    labels: Sequence[int],
    *,
    fraction: float,
    seed: int,
    fingerprint: str,
    test_fraction: float = 0.0,
    sides: Mapping[SampleId, Side] | None = None,
    groups: Mapping[SampleId, str] | None = None,
    classes: Sequence[str] = (),
) -> Split:
    """Hold `fraction` of every class out for validation, at least one sample and never all of them; so for the test.

    Which samples those are depends on the seed and their ids alone: other samples that come or go move nothing across,
    and the test is drawn first, so that another validation share leaves it as it was. A side that `sides` fills is
    kept as it is; the others are split off its training samples. `groups` are kept whole, at the cost of the shares.
    `classes` are the names for messages. Raises TraindeckError for a class that cannot be on every side.
    """
    side_of: dict[SampleId, Side] = {sample: sides[sample] if sides else "train" for sample in ids}
    to_make = sides_to_make(set(side_of.values()), test=test_fraction > 0)
    names = classes or [f"number {label}" for label in range(max(labels, default=0) + 1)]
    pool = _Pool(dict(zip(ids, labels, strict=True)), groups, names, seed)
    pool.restrict([sample for sample in ids if side_of[sample] == "train"])
    pool.check(to_make)
    if "test" in to_make:
        side_of.update(dict.fromkeys(pool.draw("test", test_fraction, left=len(to_make) - 1), "test"))
    if "val" in to_make:
        side_of.update(dict.fromkeys(pool.draw("split", fraction, left=1), "val"))
    train, val, test = (tuple(sample for sample in ids if side_of[sample] == side) for side in SIDES)
    return Split(seed, fraction, fingerprint, train, val, test)


class _Pool:
    """The training samples, from which the other sides are drawn."""

    def __init__(
        self,
        label_of: Mapping[SampleId, int],
        groups: Mapping[SampleId, str] | None,
        names: Sequence[str],
        seed: int,
    ) -> None:
        self.label_of = label_of
        self.groups = groups
        self.names = names
        self.seed = seed
        self.samples: list[SampleId] = []
        self.by_class: dict[int, list[SampleId]] = {}
        self.totals: dict[int, int] = {}
        """Samples by class before anything was drawn; what a share is a share of."""

    def restrict(self, samples: Sequence[SampleId]) -> None:
        """Only these are left."""
        self.samples = list(samples)
        self.by_class = {label: [] for label in sorted(set(self.label_of.values()))}
        for sample in samples:
            self.by_class[self.label_of[sample]].append(sample)
        self.totals = self.totals or {label: len(of_class) for label, of_class in self.by_class.items()}

    def check(self, to_make: Sequence[Side]) -> None:
        for label, of_class in self.by_class.items():
            groups = len({self.groups[sample] for sample in of_class}) if self.groups else None
            if (len(of_class) if groups is None else groups) < len(to_make):
                message, remedy = too_few(self.names[label], len(of_class), groups, to_make)
                raise TraindeckError(message[0].upper() + message[1:], remedy)

    def draw(self, name: str, fraction: float, *, left: int) -> list[SampleId]:
        """Take the share of every class out, at least one sample; `left` of each stay for the other sides."""
        targets = {
            label: min(max(round(self.totals[label] * fraction), 1), len(of_class) - left)
            for label, of_class in self.by_class.items()
        }
        drawn = self._whole_groups(name, targets, left) if self.groups else self._singly(name, targets)
        self.restrict([sample for sample in self.samples if sample not in drawn])
        return list(drawn)

    def _singly(self, name: str, targets: Mapping[int, int]) -> set[SampleId]:
        drawn: set[SampleId] = set()
        for label, of_class in self.by_class.items():
            ordered = sorted(of_class, key=lambda sample: (derive(self.seed, name, sample), sample))
            drawn.update(ordered[: targets[label]])
        return drawn

    def _whole_groups(self, name: str, targets: Mapping[int, int], left: int) -> set[SampleId]:
        assert self.groups is not None
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for sample in self.samples:
            counts[self.groups[sample]][self.label_of[sample]] += 1
        try:
            drawn = draw_groups(
                counts,
                targets,
                order=lambda attempt, group: derive(self.seed, name, group, *([attempt] if attempt else [])),
                inside=dict.fromkeys(targets, 1),
                outside=left,
            )
        except Undrawable as error:
            lost = shown(self.names[error.label])
            raise TraindeckError(
                f"No split was found that has class {lost} on every side and breaks no group.",
                "Add images of other groups, make data.groups finer, or leave the class out with data.classes.",
            ) from error
        return {sample for sample in self.samples if self.groups[sample] in drawn}


def write_split(path: Path, split: Split) -> None:
    """Store the split; raises OSError. Names that are no UTF-8 survive as JSON escapes."""
    content = {
        "schema": SCHEMA_VERSION,
        "seed": split.seed,
        "fraction": split.fraction,
        "fingerprint": split.fingerprint,
        "train": list(split.train),
        "val": list(split.val),
        "test": list(split.test),
    }
    files.replace(path, json.dumps(content, separators=(",", ":")).encode())


def read_split(path: Path, fingerprint: str) -> Split:
    """The stored split, which must be of the data with this fingerprint. Raises TraindeckError."""
    try:
        content = json.loads(path.read_bytes())
        if content["schema"] > SCHEMA_VERSION:
            raise TraindeckError(f"{path} was written by a newer traindeck.", "Update traindeck.")
        split = Split(
            seed=content["seed"],
            fraction=content["fraction"],
            fingerprint=content["fingerprint"],
            train=tuple(content["train"]),
            val=tuple(content["val"]),
            test=tuple(content.get("test", ())),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TraindeckError(f"{path} is damaged: {error}.", "Launch a new run; it makes its own split.") from error
    if split.fingerprint != fingerprint:
        raise TraindeckError(
            f"The data have changed since {path} was made: files were added, removed or replaced.",
            "Bring the old data back, or launch a new run, which splits the new data.",
        )
    return split


def load_or_make(path: Path, fingerprint: str, make: Callable[[], Split]) -> tuple[Split, bool]:
    """The run's split, and whether it was there already (inherited, or from an earlier attempt)."""
    if path.exists():
        return read_split(path, fingerprint), True
    split = make()
    write_split(path, split)
    return split, False

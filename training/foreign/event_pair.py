"""Event files in two folders, `train` and `validation`, with the same tags in both: Keras' way, and a common one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path

from training.foreign.columns import meaning
from training.foreign.event_files import FORMAT, PATTERN, EventFiles, scalars, tags
from training.foreign.row_parser import RowParser
from training.foreign.timeline import Timeline

TRAIN = ("train", "training")
VALIDATION = ("validation", "val", "valid", "eval", "test")
SIDES = (b"t", b"v")


def pair_in(folder: Path) -> tuple[Path, Path] | None:
    """The two folders, where there are both and each holds event files itself."""
    found = [
        next((folder / name for name in names if any((folder / name).glob(PATTERN))), None)
        for names in (TRAIN, VALIDATION)
    ]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def tag_of(side: bytes, tag: str) -> str:
    """What a tag would be called in one file for both sides."""
    return f"val_{tag}" if side == b"v" and meaning(f"val_{tag}") else tag


def logged_names(train: bytes, validation: bytes) -> list[str]:
    """The tags in what may be the beginnings of both sides' files."""
    return [tag_of(side, tag) for side, data in zip(SIDES, (train, validation), strict=True) for tag in tags(data)]


class PairFiles:
    """Whole records of one side at a time, behind a byte that says which."""

    def __init__(self, folders: tuple[Path, Path]) -> None:
        self._files = [EventFiles(folder) for folder in folders]

    def read(self) -> tuple[bytes, bool]:
        for side, files in zip(SIDES, self._files, strict=True):
            data, _ = files.read()
            if data:
                return side + data, False
        return b"", False

    def rewind(self) -> None:
        for files in self._files:
            files.rewind()


class Pair(RowParser):
    """Scalars of one step on both sides are a row; the sides are joined in the order of their steps.

    What one side says of a step waits until the other has gone past it.
    """

    format = FORMAT

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        super().__init__(timeline, names)
        self._waiting: dict[bytes, deque[tuple[int, dict[str, float]]]] = {side: deque() for side in SIDES}
        timeline.begin()

    def feed(self, data: bytes) -> None:
        side = data[:1]
        if side not in SIDES:
            return
        waiting = self._waiting[side]
        found, damaged = scalars(data[1:])
        self.skipped += damaged
        for step, tag, value in found:
            if tag.startswith("evaluation_"):  # Keras counts these in batches, all else in epochs
                continue
            name = self._columns.ours(tag_of(side, tag))
            if waiting and step < waiting[-1][0]:
                self._join(both=False)
            if not waiting or waiting[-1][0] != step or name in waiting[-1][1]:
                waiting.append((step, {}))
            waiting[-1][1][name] = value
        self._join()

    def finish(self) -> None:
        self._join(both=False)
        self._rows.finish()

    def _join(self, both: bool = True) -> None:
        """Take rows in the order of steps, while `both` sides have a later one, or all of them."""
        train, validation = (self._waiting[side] for side in SIDES)
        while (len(train) > 1 and len(validation) > 1) if both else (train or validation):
            step = min(waiting[0][0] for waiting in (train, validation) if waiting)
            row: dict[str, float] = {"step": float(step)}
            for waiting in (train, validation):
                if waiting and waiting[0][0] == step:
                    row |= waiting.popleft()[1]
            self.accuracies(row)
            self._rows.add(row)

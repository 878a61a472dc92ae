"""Reader of Hugging Face's trainer_state.json, which holds the whole log and is written anew with every checkpoint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.foreign.log import numeric
from training.foreign.records import flat
from training.foreign.row_parser import RowParser
from training.foreign.rows import WHOLE
from training.foreign.tail import Whole
from training.foreign.timeline import Timeline

FORMAT = "Hugging Face's trainer_state.json"
NAME = "trainer_state.json"
IDLE = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "total_flos")
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")


class Checkpoints:
    """The newest trainer_state.json of an output folder: its own, else that of the checkpoint with the most steps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Whole | None = None

    def read(self) -> tuple[bytes, bool]:
        """All bytes and True where the newest one is another, or was written anew."""
        path = newest(self._folder)
        if path is not None and (self._file is None or self._file.path != path):
            self._file = Whole(path)
        return self._file.read() if self._file else (b"", False)

    def rewind(self) -> None:
        """Read from the start again."""
        self._file = None


def newest(folder: Path) -> Path | None:
    """The trainer_state.json that knows most of an output folder's run; None where there is none."""
    own = folder / NAME
    if own.is_file():
        return own
    found = [
        (int(match[1]), path)
        for path in folder.glob(f"checkpoint-*/{NAME}")
        if (match := _CHECKPOINT.fullmatch(path.parent.name))
    ]
    return max(found)[1] if found else None


def is_trainer_state(data: bytes) -> bool:
    """Whether a file that begins so may be one."""
    return data.lstrip().startswith(b"{") and (b'"log_history"' in data or b'"is_local_process_zero"' in data)


def logged_names(data: bytes) -> list[str]:
    """The names of all numbers in the log; none where the bytes are not whole."""
    return list(dict.fromkeys(name for entry in _history(_state(data)) for name, _ in flat(entry)))


def _state(data: bytes) -> dict[str, Any]:
    try:
        state = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}


def _history(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    history = state.get("log_history")
    return [entry for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []


class TrainerState(RowParser):
    """An entry of the log is a row. Bytes that are no whole JSON are a file that is just being written: not yet.

    The entry that ends a training, whose loss is the mean of all of it, is its end.
    """

    format = FORMAT

    def __init__(self, timeline: Timeline, names: Mapping[str, str] | None = None) -> None:
        super().__init__(timeline, names)

    def feed(self, data: bytes) -> None:
        """Take in the whole file."""
        state = _state(data)
        if not isinstance(state.get("log_history"), list):
            return
        entries = _history(state)
        self.skipped = len(state["log_history"]) - len(entries)
        self._begin(state, entries)
        for place, entry in enumerate(entries):
            if "train_runtime" in entry:
                if place == len(entries) - 1:
                    self._rows.finish()
                    reason = "the Trainer says that the training is over"
                    self.timeline.end("finished", reason, self._rows.epoch, self._rows.step)
                continue
            row = {self._columns.ours(name): value for name, value in flat(entry) if name not in IDLE}
            self.accuracies(row)
            if not self._rows.add(row):
                self.skipped += 1

    def finish(self) -> None:
        self._rows.finish()

    def _begin(self, state: Mapping[str, Any], entries: list[dict[str, Any]]) -> None:
        """Planned epochs mean something only where the log is cut by them, as `Rows` does."""
        epochs, steps, batch = (
            numeric(state.get(name)) for name in ("num_train_epochs", "max_steps", "train_batch_size")
        )
        if isinstance(batch, float) and batch >= 1:
            self.config["batch_size"] = int(batch)
        first = next((entry.get("epoch") for entry in entries if "eval_loss" in entry), None)
        first = numeric(first)
        whole = not isinstance(first, float) or abs(first - round(first)) <= WHOLE
        if not (isinstance(epochs, float) and epochs >= 1 and whole):
            self.timeline.begin()
            return
        self.config["epochs"] = int(epochs)
        told = isinstance(steps, float) and steps > 0
        self.timeline.begin(int(epochs), {"steps_per_epoch": round(float(steps or 0) / epochs)} if told else {})

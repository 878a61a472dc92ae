"""`from traindeck import load_run`: a run as columns, in a notebook or a script of the user's. Standard library only.

A child process reads the run (training/cli/history.py): here `training` may be a package of the user's, and nothing
that traindeck needs has to be loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from array import array
from importlib import import_module
from pathlib import Path
from typing import Any

from .pipe import ENTRY


class Columns(dict[str, "array[Any]"]):
    """A column by name, all of one length; the first, `epoch` or `step`, says what a row is. nan where nothing was
    logged.
    """

    def to_pandas(self) -> Any:
        """The same as a pandas DataFrame with the first column as its index. Raises ImportError without pandas."""
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install pandas") from error
        frame = pandas.DataFrame({name: list(column) for name, column in self.items()})
        return frame.set_index(next(iter(self))) if self else frame

    def __repr__(self) -> str:
        rows = len(next(iter(self.values()), ()))
        return f"<{rows} rows: {', '.join(self) or 'nothing logged'}>"


class Run:
    """What is known of a run at the moment that it was loaded: a snapshot, which does not follow it."""

    id: str
    name: str
    path: Path
    """Its folder, or the log of another tool."""
    state: str
    """Such as finished, running, crashed."""
    message: str
    """Why it is in that state; may be empty."""
    epochs: Columns
    """`epoch` (0 is before training) and each metric that is logged by epoch. A resume's superseded rows are gone."""
    steps: Columns
    """`step` (from 0) and each metric that is logged by step."""
    config: dict[str, Any]
    """The whole config, defaults included, in sections as in its YAML; of others' runs the settings that they told."""
    summary: dict[str, Any]
    """Progress, bests, latest values: what Home shows."""
    findings: list[dict[str, Any]]
    """All that the diagnosis has said, each in its last version; `open` says whether it still holds."""
    checkpoints: list[dict[str, Any]]
    """Those on the disk: kind, path, epoch, step, metrics."""
    classes: dict[str, dict[str, Any]]
    """By side of the split (val, test): the classes with precision, recall, f1, support, in one order, and the
    confusion as (true class, taken for, samples)."""
    test: dict[str, float]
    """Metrics of the best checkpoint on the test split; empty where there is none."""
    environment: dict[str, Any]

    def __init__(self, content: dict[str, Any]) -> None:
        self.__dict__.update(content)
        self.path = Path(self.path)

    def __repr__(self) -> str:
        done = f"epoch {self.summary.get('epoch', 0)} of {self.summary.get('epochs') or '?'}"
        return f"<run {self.name}: {self.state}, {done}>"


def load_run(run: str | os.PathLike[str] = "last", *, runs_dir: str | os.PathLike[str] | None = None) -> Run:
    """A run by its path, name, unique prefix or `last`; or the log of another tool by its path.

    Raises ValueError where there is no such run, or a log that cannot be read.
    """
    words = [sys.executable, "-X", "utf8", str(ENTRY), "_history", os.fspath(run)]
    if runs_dir is not None:
        words.append(os.fspath(runs_dir))
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    header, _, body = done.stdout.partition(b"\n")
    try:
        content = json.loads(header)
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(f"The run could not be read: {said[-1]}") from None
    if "error" in content:
        raise ValueError(content["error"])
    at = 0
    for table, columns in content.pop("columns").items():
        content[table] = Columns()
        for name, kind, length in columns:
            column = content[table][name] = array(kind)
            end = at + length * column.itemsize
            column.frombytes(body[at:end])
            at = end
    return Run(content)

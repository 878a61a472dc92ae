"""What a run was started with, read from its folder once: the config beside that of its parent, and the environment.

It is read by a thread: the folder may lie on a network file system, and hints take their time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.config import files
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from training.guide.comparison import Difference, compare
from training.guide.hints import Facts, Hint, hints
from training.runs.compared import Placed, beside
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, read_summary
from training.text import one_line
from tui.editor.yaml_text import YamlText, yaml_text

MOST_BYTES = 1_000_000
"""Of an environment.json; the diff in it is cut at a tenth of that."""


@dataclass(frozen=True)
class Papers:
    """What could be read; empty where there is nothing."""

    text: YamlText | None = None
    problem: str = ""
    """Why there is no config to show, or what is wrong with it."""
    parent: str = ""
    """The name of the run that the config is compared with; empty for the defaults."""
    differences: tuple[Difference, ...] = ()
    hints: tuple[Hint, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def device(self) -> Mapping[str, Any]:
        """Kind, name, UUIDs and reason of the device that was chosen."""
        found = self.environment.get("device")
        return found if isinstance(found, Mapping) else {}

    @property
    def uuids(self) -> frozenset[str]:
        """Of the GPUs that the run was given; empty where it trains on none, or nobody can tell."""
        told = self.device.get("uuids") or ([self.device["uuid"]] if self.device.get("uuid") else [])
        return frozenset(str(uuid) for uuid in told) if isinstance(told, list) else frozenset()


def read_papers(run: RunView, facts: Mapping[str, Any]) -> Papers:
    """Everything about that run; `facts` are what its log says of the data."""
    environment = _environment(run.folder)
    if not run.folder.config.exists():
        return Papers(problem="There is no config in the run's folder.", environment=environment)
    loaded = files.read(run.folder.config)
    text = yaml_text(loaded.text, "")
    if loaded.config is None:
        return Papers(text, one_line(loaded.problems[0].says), environment=environment)
    name, other = _baseline(run, loaded.config)
    found = tuple(compare(other, loaded.config))
    return Papers(text, "", name, found, tuple(_hints(loaded.config, facts)), environment)


def _baseline(run: RunView, config: TrainingConfig) -> tuple[str, TrainingConfig]:
    """The parent's config, with paths as this one writes them; the defaults where there is none that can be read."""
    if run.summary.parent:
        folder = RunFolder(run.folder.path.parent / run.summary.parent)
        theirs = files.read(folder.config).config
        if theirs is not None:
            summary = read_summary(folder.summary)
            name = one_line(summary.name if summary else folder.id)
            here = Placed("", config, run.folder.path)
            return name, beside(Placed(name, theirs, folder.path), here)
    return "", TrainingConfig()


def _hints(config: TrainingConfig, facts: Mapping[str, Any]) -> list[Hint]:
    classes = facts.get("classes")
    number, ratio = facts.get("n_train"), facts.get("class_ratio")
    known = Facts(
        class_ratio=float(ratio) if isinstance(ratio, int | float) else None,
        n_train=number if isinstance(number, int) else None,
        classes=len(classes) if isinstance(classes, list) else None,
    )
    try:
        return hints(config, known)
    except InvalidInput:
        return []


def _environment(folder: RunFolder) -> Mapping[str, Any]:
    try:
        with folder.environment.open("rb") as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}

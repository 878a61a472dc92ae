"""summary.json: the one small file that Home reads of a run; written by the launcher once, then by the worker alone."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from training.diagnosis.findings import Severity, StartFrom
from training.runs.events import Metrics, Number

SCHEMA_VERSION = 1

RunState = Literal[
    "queued", "starting", "running", "paused", "stopping", "finished", "stopped", "failed", "crashed", "silent"
]
LIVE_STATES: frozenset[str] = frozenset({"queued", "starting", "running", "paused", "stopping"})


FORKED = "forked from "
"""How the `interruption` begins of a run that goes on from a checkpoint of another one."""


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """An open finding as Home shows it."""

    issue: str
    label: str
    title: str
    severity: Severity
    since_epoch: int


class Summary(msgspec.Struct, kw_only=True):
    """What a run is, how far it is and how it does."""

    schema: int = SCHEMA_VERSION
    id: str
    name: str
    kind: Literal["engine", "reported", "wrapped", "foreign"] = "engine"
    created: float
    """Wall clock, seconds."""
    parent: str = ""
    """Id of the run that this one corrects."""
    reason: str = ""
    """The fix that led to this run."""
    start_from: StartFrom | Literal["fork"] = "scratch"
    """`fork` is a checkpoint of the parent that lies in this run's folder; the reason says which."""
    inherited_attempts: int = 0
    """Of the parent, in the part of its log that a fork goes on from."""
    state: RunState = "starting"
    message: str = ""
    """Why it is in that state."""
    model: str = ""
    data: str = ""
    settings: dict[str, Any] = {}
    """The guide's flat keys, for tables and search."""
    sections: dict[str, Any] | None = None
    """What the config's sections set otherwise than the defaults, by dotted key; None where nobody wrote it down."""
    device: str = ""
    processes: int = 1
    """Training processes, of all machines."""
    slurm_job: str = ""
    """The id of its job where Slurm runs it."""
    attempt: int = 1
    from_step: int = 0
    from_epoch: int = 0
    """Steps and whole epochs that were done where this attempt went on."""
    interruption: str = ""
    """What ended the attempt before this one, in words; empty for the first."""
    commands_from: int = 0
    """Bytes of commands.jsonl that were there when the run was resumed: requests to an attempt that is over."""
    overrides_from: int = 0
    """Of the events before that number, the newest attempt makes no override again."""
    epoch: int = 0
    """Epochs completed."""
    epochs: int = 0
    first_epoch: int = 1
    """What a script that reports its run calls the first epoch; here it is always 1."""
    step: int = 0
    steps: int = 0
    started: float = 0.0
    updated: float = 0.0
    ended: float = 0.0
    cleaned: float = 0.0
    """When its weights were removed to free the disk; 0 while they were not."""
    training_seconds: float = 0.0
    best_epoch: int = 0
    best_val_loss: Number | None = None
    best_val_acc: Number | None = None
    """The best of the run, each by itself; `best_epoch` is the one with the lowest validation loss."""
    monitor: str = "val_loss"
    """The metric that decides which epoch's checkpoint is kept as the best."""
    kept_epoch: int = 0
    """That epoch; 0 where none is kept yet."""
    latest: Metrics = {}
    test: Metrics = {}
    """Of the best checkpoint on the test split, once the run has finished."""
    findings: list[FindingLine] = []
    """Open ones, worst first."""

"""What the diagnosis says: findings with their evidence, and fixes that are changes to a config."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["info", "warning", "critical"]
Issue = Literal["loss_not_decreasing", "loss_diverged", "overfitting", "validation_stalled", "underfitting"]
StartFrom = Literal["scratch", "best", "last"]

SEVERITY_ORDER: dict[str, int] = {"info": 0, "warning": 1, "critical": 2}


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to try. An empty patch is advice in words that no config key can express yet."""

    title: str
    effect: str
    """What it should do to the curves."""
    patch: dict[str, Any] = {}
    """Config keys, dotted ("model.dense_layers.0.dropout"), and their new values."""
    start_from: StartFrom = "scratch"
    live: bool = False
    """Whether a command can do it to the running job."""
    undo: bool = False
    """Whether it takes back a learning rate that was set by hand; the config stays as it is."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One of the guide's issues (guide, section 11), seen on the curves of a run."""

    issue: Issue
    label: str
    """The finer story behind the issue, such as `lr_too_high_flat`; one finding per label is open at a time."""
    title: str
    severity: Severity
    since_epoch: int
    """The epoch in which the trouble began."""
    shown_epoch: int
    """The epoch after which it was first reported."""
    evidence: str
    """The numbers it rests on, in one sentence."""
    stretch: tuple[int, int]
    """First and last epoch of the curves that show it."""
    curves: tuple[str, ...] = ()
    """The metrics that show it, the plainest first."""
    causes: tuple[str, ...]
    """Ranked by the evidence."""
    fixes: tuple[Fix, ...]
    guide: str = "11"
    confidence: float = 1.0
    since_step: int | None = None

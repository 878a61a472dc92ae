"""The first message of a script that reports: what it says of its run before training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.config.names import ALIASES
from training.runs.store import NAME_LENGTH
from training.text import one_line

SPELLINGS = {"lr": "learning_rate", "num_epochs": "epochs", "bs": "batch_size", "weight_decay": "l2_lambda"}
"""What scripts call the guide's keys, beside their own names."""
TEXT_LENGTH = 200


@dataclass(frozen=True)
class Start:
    """`config` has the guide's keys as far as the script names them, and its other settings."""

    pid: int
    script: str
    name: str
    t: float
    command: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0
    runs_dir: str = ""
    resume: str = ""

    @property
    def steps_per_epoch(self) -> int:
        """0 where unknown."""
        return count(self.facts.get("steps_per_epoch"))


def read_start(message: Mapping[str, Any]) -> Start:
    """What of it can be used; text is made safe to show. Raises KeyError and ValueError where it tells no process."""
    script = one_line(str(message.get("script") or "")) or "script"
    config = guide_config(message.get("config") or {})
    epochs = count(message.get("epochs")) or count(config.get("epochs"))
    return Start(
        pid=int(message["pid"]),
        script=script,
        name=(one_line(str(message.get("name") or "")) or script)[:NAME_LENGTH],
        t=float(message["t"]),
        command=[one_line(str(word)) for word in message.get("command") or []],
        config=config | ({"epochs": epochs} if epochs else {}),
        facts=safe(message.get("facts") or {}),
        epochs=epochs,
        runs_dir=str(message.get("runs_dir") or ""),
        resume=str(message.get("resume") or ""),
    )


def guide_config(told: Mapping[str, Any]) -> dict[str, Any]:
    """A script's settings under the guide's names and spellings, where they have one."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        key = SPELLINGS.get(name, name)
        if isinstance(value, str):
            value = ALIASES.get(key, {}).get(value.casefold(), value)
        found.setdefault(key, value)
        if name == "weight_decay" and isinstance(value, int | float):
            found.setdefault("l2_decay", value > 0)
    kept: dict[str, Any] = safe(found)
    return kept


def count(value: Any) -> int:
    """A whole number from 1 on; 0 for anything else."""
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return 0
    return max(0, number)


def safe(value: Any) -> Any:
    """The same with all its text safe to show, and not endless."""
    if isinstance(value, str):
        return one_line(value)[:TEXT_LENGTH]
    if isinstance(value, Mapping):
        return {one_line(str(key)): safe(inner) for key, inner in value.items()}
    return [safe(inner) for inner in value] if isinstance(value, list) else value

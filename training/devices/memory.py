"""How much memory the chosen device has."""

from __future__ import annotations

from pathlib import Path

import psutil

from training.devices.choice import Choice
from training.devices.gpus import Reading

_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Of this process's control group, in a container: version 2, version 1."""


def device_memory(choice: Choice, reading: Reading) -> int | None:
    """Bytes that one training process can have in all, used or not; None where nobody tells.

    Each process has a GPU of its own; on the CPU they share this host's memory.
    """
    if choice.problem is not None:
        return None
    if choice.device == "cuda":
        totals = [gpu.memory_total for gpu in reading.gpus if gpu.uuid in choice.uuids]
        return min(totals, default=0) or None
    return host_memory() // choice.processes


def host_memory() -> int:
    """Bytes of this host's memory, or of the part of it that this container may use."""
    return min([psutil.virtual_memory().total, *(limit for path in _LIMITS if (limit := _number(path)))])


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # not there, or `max`
        return None

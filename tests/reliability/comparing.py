"""Whether two runs are the same to the last bit, wall-clock fields aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import torch
from torch import Tensor

from training.runs.events import AnyEvent, Checkpoint, Classes, End, Epoch, FinalTest, FindingChanged, Override, Step
from training.runs.layout import RunFolder
from training.runs.log import read_all, standing

CLOCKS = {"training_seconds", "epoch_seconds", "seconds", "images_per_s", "gpu_util", "gpu_memory"}
"""What a clock measured: it differs between any two runs."""
SAID = (Step, Epoch, Classes, FindingChanged, Override, Checkpoint, FinalTest, End)
"""What training says; the others tell of processes and people."""


def differences(one: RunFolder, other: RunFolder, *, but: tuple[type[AnyEvent], ...] = ()) -> Iterator[str]:
    """Where they differ: events after supersession, `but` those types, then the last and the best checkpoint."""
    ours, theirs = (_told(folder, but) for folder in (one, other))
    if len(ours) != len(theirs):
        yield f"{len(ours)} events against {len(theirs)}"
    for place, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        if a != b:
            yield f"event {place}: {a} against {b}"
            break
    for kind in ("last", "best"):
        contents = [torch.load(folder.checkpoints / f"{kind}.pt", weights_only=True) for folder in (one, other)]
        yield from (f"{kind}.pt {where}" for where in _unequal(*contents))


def _told(folder: RunFolder, but: tuple[type[AnyEvent], ...]) -> list[tuple[str, Any]]:
    said = [event for event in standing(read_all(folder.events)) if isinstance(event, SAID) and type(event) not in but]
    return [(type(event).__name__, _content(event)) for event in said]


def _content(event: AnyEvent) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(event)
    kept = {key: value for key, value in content.items() if key not in ("seq", "attempt", "t")}
    if "metrics" in kept:
        kept["metrics"] = {name: value for name, value in kept["metrics"].items() if name not in CLOCKS}
    return kept


def _unequal(one: Any, other: Any, where: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            yield f"{where}: {sorted(map(str, one))} against {sorted(map(str, other))}"
        for key in one.keys() & other.keys() - CLOCKS:
            yield from _unequal(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _unequal(a, b, f"{where}[{place}]")
    elif isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.dtype != other.dtype or not torch.equal(one, other):
            yield f"{where}: tensors differ"
    elif one != other:
        yield f"{where}: {one!r} against {other!r}"

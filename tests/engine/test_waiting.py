"""Nothing in a training step makes the host wait for the device; the fetch does, every quarter of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.engine.conftest import SMALL, MakeRun
from training.engine import loop
from training.engine.data.batches import Batch
from training.engine.job import Job
from training.runs.events import Step

WAITS = (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default, torch.ops.aten.item.default)
HEAVY = """
data: {augmentation: strong, mixup: 0.2, sampler: balanced}
class_weights: Auto Class Weights
"""
ALL = "optimization: {ema: 0.99, grad_clip: 1.0, accumulate: 2, label_smoothing: 0.1, warmup_epochs: 1}\n"


class _Waits(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes what would wait for the device, and what is copied from one to another."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        moved = func is torch.ops.aten._to_copy.default and (kwargs or {}).get("device") not in (None, args[0].device)
        if func in WAITS or moved:
            self.found.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("settings", ["", HEAVY + ALL, HEAVY + ALL + "runtime: {precision: fp16}\n", ALL])
@pytest.mark.parametrize("optimizer", ["AdamW", "RMSprop"])
def test_a_whole_epoch_waits_only_where_metrics_are_fetched(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, settings: str, optimizer: str
) -> None:
    waits = _Waits()
    steps, original = 0, loop.step

    def watched(job: Job, batches: Any) -> None:
        nonlocal steps
        steps += 1
        with waits:
            original(job, batches)

    monkeypatch.setattr(loop, "step", watched)
    fetched = Job.steps

    def batches(job: Job) -> Iterator[tuple[Batch, ...]]:
        """The first of an epoch is left out: what an epoch draws, it draws on the host."""
        steps = fetched(job)
        yield next(steps)
        with suppress(StopIteration):
            while True:
                with waits:
                    step = next(steps)
                yield step

    monkeypatch.setattr(Job, "steps", batches)
    run = make_run(SMALL + settings + f"optimizer: {optimizer}\n")
    assert run.train() == 0
    assert steps == len(run.of(Step)) > 10
    assert waits.found == []

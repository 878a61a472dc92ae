"""Gradients of several batches before a step: the same training as one large batch."""

from __future__ import annotations

import pytest

from tests.engine.conftest import MakeRun, Run
from training.runs.events import Attempt, Epoch, Step

PLAIN = """
epochs: 2
learning_rate: 0.003
class_weights: {loss}
batch_size: {size}
model:
  blocks: [{{filters: 4, batch_norm: false}}]
  dense_layers: []
optimization: {{accumulate: {parts}, label_smoothing: 0.1, grad_clip: 5.0}}
"""


@pytest.mark.parametrize("loss", ["None", "Auto Class Weights", "Focal Loss"])
def test_accumulated_batches_train_like_one_of_their_size(make_run: MakeRun, loss: str) -> None:
    def trained(size: int, parts: int) -> Run:
        run = make_run(PLAIN.format(loss=loss, size=size, parts=parts), f"{size}x{parts}")
        assert run.train() == 0
        return run

    # 1438 images: the last step is a short one, and its batches are uneven.
    whole, parts = trained(256, 1), trained(32, 8)
    assert parts.one(Attempt).steps_per_epoch == whole.one(Attempt).steps_per_epoch == 6
    for kind, name in ((Step, "train_loss"), (Step, "grad_norm"), (Epoch, "val_loss"), (Epoch, "train_acc")):
        assert parts.metric(kind, name) == pytest.approx(whole.metric(kind, name), rel=2e-3), name

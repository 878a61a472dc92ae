"""runtime.compile: the same training, by compiled code."""

from __future__ import annotations

import shutil

import pytest
import torch
from torch._inductor.exc import InvalidCxxCompiler

from tests.engine.conftest import MakeRun
from training.runs.events import End, Epoch, Step

TINY = """
epochs: 2
batch_size: 719
model: {blocks: [{filters: 2, dropout: 0.0}], dense_layers: []}
"""


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="torch.compile needs a C++ compiler")
def test_a_compiled_model_trains_like_a_plain_one(make_run: MakeRun) -> None:
    plain, compiled = make_run(TINY, "plain"), make_run(TINY + "runtime: {compile: true}\n", "compiled")
    assert plain.train() == compiled.train() == 0
    assert compiled.metric(Step, "train_loss") == pytest.approx(plain.metric(Step, "train_loss"), rel=1e-4)
    assert compiled.metric(Epoch, "val_loss") == pytest.approx(plain.metric(Epoch, "val_loss"), rel=1e-4)
    # Compiling wraps the model; what is saved is the model's own.
    assert compiled.checkpoint("last")["model"].keys() == plain.checkpoint("last")["model"].keys()


def test_a_model_that_cannot_be_compiled_says_what_is_missing(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_images: torch.Tensor) -> torch.Tensor:
        raise InvalidCxxCompiler

    monkeypatch.setattr(torch, "compile", lambda _model: refuse)
    run = make_run(TINY + "runtime: {compile: true}\n")
    assert run.train() == 1
    reason = run.one(End).reason
    assert reason.startswith("The model could not be compiled: No working C++ compiler found")
    assert "Set runtime.compile: false" in reason

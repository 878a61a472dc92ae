"""Runs that do not end well say why, in one sentence, and keep what is good."""

from __future__ import annotations

import errno
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.engine.conftest import SMALL, MakeRun
from training import files
from training.engine import worker
from training.engine.control import Control
from training.engine.data.batches import Batch
from training.engine.objective import Objective, Sums
from training.runs.events import Attempt, End, FindingChanged, Log, Step
from training.runs.log import EventWriter


def spoil(monkeypatch: pytest.MonkeyPatch, at: int, change: Callable[[Tensor], Tensor]) -> None:
    """Change the loss of the training step with that number."""
    calls = iter(range(1_000_000))
    original = Objective.loss

    def spoiled(self: Objective, logits: Tensor, batch: Batch, size: Tensor | int | None) -> Tensor:
        loss = original(self, logits, batch, size)
        return change(loss) if next(calls) == at else loss

    monkeypatch.setattr(Objective, "loss", spoiled)


@pytest.mark.parametrize("optimizer", ["Adam", "SGD with Momentum", "RMSprop"])
def test_a_loss_that_is_not_finite_fails_the_run_at_its_step_and_spares_the_checkpoint(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    spoil(monkeypatch, 17, lambda loss: loss * math.nan)
    run = make_run(SMALL + f"optimizer: {optimizer}\n")
    assert run.train() == 1
    end = run.one(End)
    assert (end.state, end.reason) == ("failed", "non-finite loss at step 17")
    last = run.of(Step)[-1]
    assert (last.step, last.metrics["train_loss"]) == (17, "nan")
    assert (run.summary.state, run.summary.message) == ("failed", "non-finite loss at step 17")
    kept = run.checkpoint("last")
    assert (kept["step"], kept["epoch"]) == (12, 1)
    assert all(tensor.isfinite().all() for tensor in kept["model"].values())


def test_the_finding_is_written_before_the_end(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, 17, lambda loss: loss * math.inf)
    run = make_run()
    run.train()
    opened = [event for event in run.of(FindingChanged) if event.change == "opened"]
    assert [event.finding.issue for event in opened] == ["loss_diverged"]
    assert opened[0].seq < run.one(End).seq
    assert [line.issue for line in run.summary.findings] == ["loss_diverged"]


def test_a_rate_at_which_numbers_overflow_fails_the_run(make_run: MakeRun) -> None:
    run = make_run(SMALL.replace("batch_norm: true", "batch_norm: false") + "learning_rate: 1e30\n")
    assert run.train() == 1
    assert run.one(End).reason.startswith("non-finite ")


def test_a_step_whose_gradient_overflows_is_called_that(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, 3, lambda loss: loss + (loss - loss.detach()).abs().sqrt())
    run = make_run()
    assert run.train() == 1
    assert run.one(End).reason == "non-finite gradient at step 3"


def test_a_full_disk_is_named_and_the_old_checkpoint_stays(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run()
    original, written = files.replace, []

    def replace(path: Path, data: bytes, *, sync: bool = True) -> None:
        if path.name == "last.pt":
            written.append(path)
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        original(path, data, sync=sync)

    monkeypatch.setattr(files, "replace", replace)
    assert run.train() == 1
    reason = run.one(End).reason
    assert reason.startswith("The disk is full")
    assert "last.pt" in reason
    assert run.checkpoint("last")["epoch"] == 1


def test_a_disk_that_takes_no_event_any_more_still_takes_the_summary(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    original = EventWriter.flush

    def flush(self: EventWriter) -> None:
        if b'"step":14' in self._held:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(self)

    monkeypatch.setattr(EventWriter, "flush", flush)
    assert run.train() == 1
    assert run.summary.state == "failed"
    assert run.summary.message.startswith("The disk is full")


def test_a_disk_that_takes_no_answer_to_a_late_command_still_takes_the_summary(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Control, "decline_rest", refuse)
    assert run.train() == 1
    assert run.summary.state == "finished"


def test_a_summary_that_is_no_text_is_named(make_run: MakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run()
    run.folder.summary.write_bytes(b'{"id": "\xff"}')
    assert run.train() == 1
    assert "is no run folder" in capsys.readouterr().err


def test_a_worker_that_has_said_its_last_word_does_not_wait_for_torch_to_be_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import atexit; atexit.register(print, 'taken apart')")
    command = [sys.executable, str(Path(worker.__file__).parents[2] / "traindeck.py"), "_work", str(tmp_path / "none")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is no run folder" in done.stderr


def test_memory_that_runs_out_names_the_batch_size_and_the_next_to_try(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_loss: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    spoil(monkeypatch, 1, refuse)
    run = make_run()
    assert run.train() == 1
    reason = run.one(End).reason
    assert "batch_size 128" in reason
    assert re.search(r"with \d[\d.]* [MG]B at its peak", reason)
    assert "Try batch_size: 64; with optimization.accumulate: 2" in reason


def test_an_error_that_nobody_foresaw_is_one_line_in_the_log_and_whole_on_the_console(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(_loss: Tensor) -> Tensor:
        raise KeyError("first line\nsecond line \x1b[31m")

    spoil(monkeypatch, 1, break_down)
    run = make_run()
    assert run.train() == 1
    reason = run.one(End).reason
    assert reason.startswith("KeyError")
    assert "\n" not in reason
    assert "\x1b" not in reason
    assert "Traceback" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert worker.main(tmp_path) == 1
    assert "is no run folder" in capsys.readouterr().err


def test_a_config_that_is_wrong_fails_the_run_with_its_problems(make_run: MakeRun) -> None:
    run = make_run("learning_rate: -1\nepocs: 3\n")
    assert run.train() == 1
    first, *_ = run.events
    assert isinstance(first, Attempt)
    assert "epocs" in run.one(End).reason


def test_a_gpu_that_torch_cannot_use_stops_the_run_with_the_versions(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINDECK_DEVICE", "cuda")
    monkeypatch.setenv("TRAINDECK_DRIVER", "470.82")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    run = make_run()
    assert run.train() == 1
    reason = run.one(End).reason
    assert torch.__version__ in reason
    assert "driver 470.82" in reason
    assert "runtime.device: cpu" in reason


def test_a_validation_loss_that_is_not_finite_is_no_reason_to_overwrite_a_checkpoint(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Objective.sums
    calls = iter(range(1_000_000))

    def sums(self: Objective, logits: Tensor, batch: Batch) -> Sums:
        loss, size, plain = original(self, logits, batch)
        # 10 calls for the chance loss, 2 before training, 1 for each epoch
        return Sums(loss * math.nan if next(calls) == 13 else loss, size, plain)

    monkeypatch.setattr(Objective, "sums", sums)
    run = make_run()
    assert run.train() == 0
    assert run.checkpoint("last")["epoch"] == 1
    assert any("no checkpoint was written" in event.message for event in run.of(Log))

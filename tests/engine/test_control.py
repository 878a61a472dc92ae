"""Commands and signals to a running job: done between two steps, and answered."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tests.engine.conftest import SMALL, MakeRun, Run
from tests.waiting import wait_until
from training.engine.control import Control
from training.engine.objective import Objective
from training.runs.commands import Command, CommandName, CommandReader, send
from training.runs.events import Acknowledged, Checkpoint, End, Epoch, Override, State, Step, number

ROOT = Path(__file__).resolve().parents[2]
LONG = SMALL.replace("epochs: 2", "epochs: 100000\nlearning_rate: 0.0001")


@contextmanager
def training(run: Run) -> Iterator[threading.Thread]:
    """The worker in a thread, past its first steps; stopped at the end if it is still going."""
    thread = threading.Thread(target=run.train)
    thread.start()
    try:
        wait_until(lambda: run.folder.events.exists() and run.of(Step), what="the first steps")
        yield thread
    finally:
        if thread.is_alive():
            send(run.folder, "stop")
            thread.join()


def ask(run: Run, command: CommandName, **args: object) -> Acknowledged:
    """Send a command and wait for its answer."""
    wanted = send(run.folder, command, **args)
    return wait_until(lambda: next((e for e in run.of(Acknowledged) if e.id == wanted), None), what=command)


def test_a_stop_leaves_a_checkpoint_of_the_last_step(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with training(run) as thread:
        answer = ask(run, "stop")
        thread.join()
    assert answer.ok
    assert [event.state for event in run.of(State)] == ["running", "stopping"]
    end = run.one(End)
    assert end.state == run.summary.state == "stopped"
    assert end.reason.startswith("stopped by ")
    steps = [event.step for event in run.of(Step)]
    assert steps == list(range(end.step))
    kept = run.checkpoint("last")
    assert kept["step"] == end.step
    assert kept["epoch"] * 12 + kept["step_in_epoch"] == end.step
    assert kept["totals"] is None or kept["totals"]["steps"] == kept["step_in_epoch"]


def test_a_stop_carries_its_reason(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with training(run) as thread:
        ask(run, "stop", reason="corrected by run-2")
        thread.join()
    assert run.one(End).reason == "corrected by run-2"


def test_a_stop_before_training_ends_the_run_without_any(make_run: MakeRun) -> None:
    run = make_run(LONG)
    send(run.folder, "stop")
    assert run.train() == 0
    assert run.summary.state == "stopped"
    assert not run.of(Epoch)[1:]


def test_a_paused_run_takes_no_step_until_it_goes_on(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with training(run):
        assert ask(run, "pause").ok
        wait_until(lambda: run.summary.state == "paused", what="the paused state")
        done = run.of(Step)[-1].step
        assert ask(run, "pause").message == "already paused"
        assert run.of(Step)[-1].step == done
        assert run.summary.step == done + 1
        assert ask(run, "checkpoint").ok
        assert run.checkpoint("last")["step"] == done + 1
        assert ask(run, "resume").ok
        wait_until(lambda: run.of(Step)[-1].step > done, what="further steps")
        assert run.summary.state == "running"
    assert [event.state for event in run.of(State)] == ["running", "paused", "running", "stopping"]


def test_a_paused_run_can_be_stopped(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with training(run) as thread:
        ask(run, "pause")
        ask(run, "stop")
        thread.join()
    assert run.summary.state == "stopped"


def test_a_new_learning_rate_scales_the_schedule_from_that_step_on(make_run: MakeRun) -> None:
    run = make_run(LONG + "lr_strategy: Exponential Decay\n")
    with training(run) as thread:
        answer = ask(run, "set_lr", learning_rate=0.001)
        assert answer.ok
        wait_until(lambda: run.of(Epoch)[-1].step > run.one(Override).step + 24, what="two more epochs")
        ask(run, "stop")
        thread.join()
    override = run.one(Override)
    assert override.setting == "lr_factor"
    assert number(override.value) == pytest.approx(10)
    for event in run.of(Step):
        scheduled = 0.0001 * 0.95 ** (event.epoch - 1)
        factor = 10 if event.step >= override.step else 1
        assert number(event.metrics["lr"]) == pytest.approx(scheduled * factor, rel=1e-9)
    assert run.checkpoint("last")["schedule"]["factor"] == pytest.approx(10)


@pytest.mark.parametrize("args", [{}, {"factor": 0}, {"learning_rate": -1}, {"factor": "x"}, {"learning_rate": True}])
def test_a_learning_rate_that_makes_no_sense_is_refused_and_the_run_goes_on(
    make_run: MakeRun, args: dict[str, object]
) -> None:
    run = make_run(LONG)
    with training(run):
        answer = ask(run, "set_lr", **args)
        assert not answer.ok
        assert "above 0" in answer.message
        assert ask(run, "set_lr", factor=0.5).ok


def test_what_is_asked_too_late_is_declined(make_run: MakeRun) -> None:
    run = make_run()
    # Without a job yet, these wait in line; the config is never read, so there will be none.
    run.folder.config.unlink()
    send(run.folder, "set_lr", factor=0.5)
    assert run.train() == 1
    answer = run.one(Acknowledged)
    assert (answer.ok, answer.message) == (False, "the run has ended")


def test_a_checkpoint_on_request_is_one_of_this_moment(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with training(run):
        answer = ask(run, "checkpoint")
        assert f"step {answer.step}" in answer.message
        assert any(event.step == answer.step for event in run.of(Checkpoint))


def test_a_stop_during_validation_does_not_wait_for_its_end(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.engine.data.batches.EVALUATION_VALUES", 64)
    monkeypatch.setattr("training.engine.control.POLL_SECONDS", 0.0)
    run = make_run(LONG.replace("batch_size: 128", "batch_size: 8"))
    original = Objective.sums
    calls = iter(range(1_000_000))

    def sums(self: Objective, *batch: object) -> object:
        # 10 calls for the chance loss; then come the 45 batches of the first validation
        if next(calls) == 12:
            send(run.folder, "stop")
        return original(self, *batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Objective, "sums", sums)
    assert run.train() == 0
    assert next(calls) == 13
    assert run.summary.state == "stopped"
    assert not run.of(Epoch)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_run_with_a_checkpoint(make_run: MakeRun, number: signal.Signals) -> None:
    run = make_run(LONG)
    code = "import sys, pathlib; from training.engine.worker import main; code = main(pathlib.Path(sys.argv[1]))"
    # Importing torch's compiler would cost another second at every start.
    code += "; assert not {'torch._dynamo', 'torchvision', 'PIL'} & sys.modules.keys(); sys.exit(code)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code, run.folder.path], env=environment) as process:
        wait_until(lambda: run.folder.events.exists() and run.of(Step), what="the first steps")
        process.send_signal(number)
    assert process.returncode == 0
    end = run.one(End)
    assert (end.state, end.reason) == ("stopped", f"stopped by {number.name}")
    assert run.checkpoint("last")["step"] == end.step


def test_a_checkpoint_that_finds_training_over_ends_the_run(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(LONG)
    original, calls = Objective.loss, iter(range(1_000_000))

    def loss(self: Objective, *batch: object) -> object:
        if next(calls) != 5:
            return original(self, *batch)  # type: ignore[arg-type]
        send(run.folder, "checkpoint")
        return original(self, *batch) * math.nan  # type: ignore[arg-type]

    monkeypatch.setattr(Objective, "loss", loss)
    monkeypatch.setattr("training.engine.control.POLL_SECONDS", 0.0)
    monkeypatch.setattr("training.engine.meter.FETCH_SECONDS", math.inf)
    assert run.train() == 1
    assert run.one(End).reason == "non-finite loss at step 5"
    assert not run.one(Acknowledged).ok


class AtRest:
    """A job that notes what is asked of it, and hears its commands from a script: one batch a poll."""

    epochs_begun = 1
    seconds = 0.0

    def __init__(self, *script: CommandName | None) -> None:
        self.script = list(script)
        self.done: list[str] = []

    def poll(self) -> list[Command]:
        name = self.script.pop(0)
        args = {"factor": 0.5} if name == "set_lr" else {}
        return [Command(id="1", t=0.0, user="me", command=name, args=args)] if name else []

    def pause(self) -> None:
        self.done.append("pause")

    def unpause(self) -> None:
        self.done.append("go on")

    def save_checkpoint(self) -> str:
        self.done.append("checkpoint")
        return "saved"

    def adjust(self, command: str, args: Mapping[str, object]) -> str:
        self.done.append(f"{command} {args}")
        return "done"

    def note_stop(self, epoch: int) -> None:
        self.done.append(f"stop after {epoch}")

    def acknowledge(self, command: Command, ok: bool, message: str) -> None:
        self.done.append(f"{command.command} answered")

    def state(self, state: str, message: str = "") -> None:
        self.done.append(state)


def test_a_run_that_is_paused_in_the_middle_of_a_validation_still_does_what_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.engine.control.PAUSED_POLL_SECONDS", 0.0)
    job = AtRest("pause", None, "checkpoint", "set_lr", None, "resume")
    Control(cast("CommandReader", job), job).breathe(job)
    assert job.done == [
        *("pause answered", "pause", "paused"),
        *("checkpoint", "checkpoint answered", "set_lr {'factor': 0.5}", "set_lr answered"),
        *("resume answered", "go on", "running"),
    ]

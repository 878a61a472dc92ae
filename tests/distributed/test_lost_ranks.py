"""A rank, or all of them, are lost: training goes on from the last checkpoint, and no process is left behind."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.distributed.ranked import Trained, on_ranks, trained
from tests.distributed.supervised import agents, ended, ranks, supervised, variable, wait_for_step
from tests.distributed.test_same_training import made
from tests.engine.conftest import MakeRun, Run
from tests.waiting import wait_until
from training.engine import worker
from training.engine.failure import read_failure, write_failure
from training.engine.place import Place
from training.runs import pids
from training.runs.events import Attempt, Checkpoint, End, Epoch, Log, number
from training.runs.log import standing

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

CONFIG = """
epochs: 20
batch_size: 128
model: {blocks: [{filters: 4, batch_norm: true, dropout: 0.0}], dense_layers: []}
runtime: {checkpoint_every: 12 steps}
"""
LONG = CONFIG.replace("epochs: 20", "epochs: 100000")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same config on one process, never interrupted."""
    run = made(tmp_path_factory.mktemp("unbroken") / "run", "")
    run.folder.config.write_text(CONFIG)
    assert run.train() == 0
    return run


def curve(run: Run) -> list[float]:
    """The validation loss by epoch, of what stands."""
    epochs = [event for event in standing(run.events) if isinstance(event, Epoch)]
    assert [event.epoch for event in epochs] == list(range(21))
    return [number(event.metrics["val_loss"]) for event in epochs]


def test_a_killed_rank_costs_one_restart_from_the_last_checkpoint(make_run: MakeRun, unbroken: Run) -> None:
    run = make_run(CONFIG)
    with supervised(run, 2) as supervisor:
        wait_for_step(run, 14)
        (victim,) = [pid for pid in ranks(run) if variable(pid, "RANK") == "1"]
        os.kill(victim, signal.SIGKILL)
        assert ended(run, supervisor).exit_code == 0
    _, second = run.of(Attempt)
    assert (second.attempt, second.why) == (2, "a training process was lost (restart 1 of 3)")
    assert second.from_step >= 12
    warnings = [event.message for event in run.of(Log) if event.level == "warning"]
    assert warnings == ["A training process was lost (restart 1 of 3): all go on from the last checkpoint."]
    assert run.one(End).state == run.summary.state == "finished"
    assert curve(run) == pytest.approx(curve(unbroken), rel=2e-2)


def test_ranks_without_their_torchrun_stop_and_any_number_of_processes_goes_on(
    make_run: MakeRun, unbroken: Run
) -> None:
    run = make_run(CONFIG)
    with supervised(run, 2) as supervisor:
        wait_for_step(run, 14)
        (agent,) = agents(run)
        os.kill(agent, signal.SIGKILL)
        record = ended(run, supervisor)
    assert record.signal == signal.SIGKILL
    assert (run.summary.state, run.one(End).reason) == ("stopped", "the torchrun of its processes is gone")
    stopped_at = run.one(End).step
    # From here on with one process, in which the next signal is the supervisor's own; then with two again.
    with supervised(run, 1) as supervisor:
        wait_for_step(run, stopped_at + 14)
        os.kill(supervisor.pid, signal.SIGTERM)
        assert ended(run, supervisor).exit_code == 0
    # The last time without a supervisor: what it has started goes on to its end without it.
    with supervised(run, 2) as supervisor:
        wait_until(lambda: len(run.of(Attempt)) == 3 or None, 60, "the third attempt")
        (agent,) = agents(run)
        os.kill(supervisor.pid, signal.SIGKILL)
        wait_until(lambda: not pids.start_mark(agent), 60, "torchrun to be done")
        assert ranks(run) == []
    assert [event.facts.get("processes") for event in run.of(Attempt)] == [2, 1, 2]
    assert run.of(Attempt)[1].from_step == stopped_at
    assert [e.message for e in run.of(Log) if "not to the last bit" in e.message] == [
        "The run goes on, but not to the last bit: processes was 2 and is 1.",
        "The run goes on, but not to the last bit: processes was 1 and is 2.",
    ]
    assert run.summary.state == "finished"
    assert curve(run) == pytest.approx(curve(unbroken), rel=2e-2)


def test_sigterm_to_the_supervisor_stops_all_ranks_with_a_checkpoint(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with supervised(run, 2) as supervisor:
        wait_for_step(run, 14)
        os.kill(supervisor.pid, signal.SIGTERM)
        assert ended(run, supervisor).exit_code == 0
    end = run.one(End)
    assert (end.state, end.reason) == ("stopped", "stopped by SIGTERM")
    assert run.of(Checkpoint)[-1].step == end.step
    assert len(run.of(Attempt)) == 1


def break_second(place: Place, run: Path) -> Trained:
    return trained(run, breaks_at=12 if place.rank == 1 else None)


def test_a_rank_that_fails_ends_the_run_with_its_reason(make_run: MakeRun) -> None:
    run = make_run(CONFIG)
    codes = [rank.code for rank in on_ranks(2, break_second, run.folder.path)]
    assert codes == [1, 1]
    end = run.one(End)
    assert end.state == run.summary.state == "failed"
    assert end.reason.startswith("ValueError: this rank breaks (rank 1, on ")


@pytest.mark.parametrize("rank", [0, 1])
def test_a_failure_that_is_known_is_not_tried_again(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    """torchrun starts all ranks again after any of them has failed; what failed once would fail three times more."""
    run = make_run(CONFIG)
    write_failure(run.folder, Place(1, 2, 1, 2), "no such file")
    for name, value in {
        "TORCHELASTIC_RUN_ID": "x", "TORCHELASTIC_RESTART_COUNT": "1", "TORCHELASTIC_MAX_RESTARTS": "3",
        "RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": "2",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert worker.main(run.folder.path) == 0
    assert run.summary.state == ("failed" if rank == 0 else "starting")
    assert [event.reason for event in run.of(End)] == ([read_failure(run.folder)] if rank == 0 else [])


def of_life(run: Run, life: int) -> list[int]:
    """The ranks that torchrun has started after so many restarts."""
    return [pid for pid in ranks(run) if variable(pid, "TORCHELASTIC_RESTART_COUNT") == str(life)]


def test_a_run_whose_ranks_are_lost_again_and_again_says_so(make_run: MakeRun) -> None:
    run = make_run(LONG)
    with supervised(run, 2) as supervisor:
        for life in range(4):
            # A survivor that waits inside the rendezvous hears no signal: torchrun kills it after 30 s of its own.
            victim = wait_until(lambda: next(iter(of_life(run, life)), None), 90, f"life {life}")  # noqa: B023
            os.kill(victim, signal.SIGKILL)
        record = ended(run, supervisor)
    assert record.exit_code == 1
    assert record.error == "its processes were lost, and starting them again from the last checkpoint did not help"

"""Runs on a real Slurm of two nodes: they wait, train, are cut short, go on, and are lost with a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import QUICK_MODEL, Traindeck
from tests.slurm.cluster import Cluster
from tests.waiting import wait_until
from training.runs.events import Attempt, Epoch, Step
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.log import read_all, standing

CONFIG = ("balanced", "--set", "early_stopping=false", "--set", QUICK_MODEL)
ENDLESS = (*CONFIG, "--set", "epochs=1000000")


@pytest.fixture(autouse=True)
def _quick_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test waits for states that a person would see a few seconds later."""
    monkeypatch.setattr("training.slurm.queue.FRESH_SECONDS", 0.2)
    monkeypatch.setattr("training.slurm.queue.GONE_SECONDS", 0.2)


def submit(user: Traindeck, *words: str) -> RunFolder:
    answer = user.json("train", *words, "--slurm")
    assert answer["slurm_job"].isdecimal()
    return RunFolder(Path(answer["path"]))


def wait_for(user: Traindeck, folder: RunFolder, state: str, seconds: float = 40, epochs: int = 0) -> RunView:
    def reached() -> RunView | None:
        seen = user.view(folder)
        return seen if seen.state == state and seen.summary.epoch >= epochs else None

    return wait_until(reached, seconds, f"{state}, but it is {user.view(folder)}")


def job_of(user: Traindeck, folder: RunFolder) -> str:
    return user.view(folder).summary.slurm_job


def losses(folder: RunFolder) -> list[tuple[int, object]]:
    """Of every epoch that counts, with its number."""
    return [
        (event.epoch, event.metrics.get("train_loss"))
        for event in standing(read_all(folder.events))
        if isinstance(event, Epoch) and event.epoch > 0
    ]


def check_one_history(folder: RunFolder, attempts: int) -> None:
    """Every step once and in order, although the run was started several times."""
    events = list(read_all(folder.events))
    steps = [event.step for event in standing(events) if isinstance(event, Step)]
    assert steps == list(range(len(steps)))
    begun = [event for event in events if isinstance(event, Attempt)]
    assert [event.attempt for event in begun] == list(range(1, attempts + 1))
    assert all(event.from_step > 0 for event in begun[1:])


def test_a_run_waits_for_room_and_then_trains_on_its_node(user: Traindeck, cluster: Cluster) -> None:
    blocker = cluster.ask("sbatch", "--parsable", "--exclusive", "-N2", "--output=/dev/null", "--wrap=sleep 600")
    wait_until(lambda: "R" in cluster.ask("squeue", "-h", "-o", "%t"), 20, "the partition to be full")
    folder = submit(user, *CONFIG, "--set", "epochs=2")
    job = job_of(user, folder)
    seen = wait_until(lambda: run if "Resources" in (run := user.view(folder)).detail else None, 20)
    assert (seen.state, seen.detail) == ("queued", f"Slurm job {job}: PENDING (Resources)")

    given_up = submit(user, *ENDLESS)
    assert user.run("stop", given_up.id).returncode == 0
    assert (user.view(given_up).state, user.view(given_up).detail) == ("stopped", "cancelled while queued")
    assert "CANCELLED" in cluster.ask("squeue", "-h", "--states=all", f"--job={job_of(user, given_up)}", "-o", "%T")

    cluster.ask("scancel", blocker.strip())
    wait_for(user, folder, "finished")
    check_one_history(folder, 1)


def test_a_run_that_is_warned_of_its_time_limit_goes_back_into_the_queue_and_trains_on_as_if_never_interrupted(
    user: Traindeck, cluster: Cluster
) -> None:
    config = (*CONFIG, "--set", "epochs=30")
    folder = submit(user, *config)
    wait_for(user, folder, "running", epochs=2)
    cluster.ask("scancel", "--signal=USR1", "--batch", job_of(user, folder))
    waiting = wait_for(user, folder, "queued")
    wait_until(lambda: "PENDING" in user.view(folder).detail, what="the job to wait again")
    assert waiting.summary.interruption == "Slurm's time limit is near"
    assert 2 <= waiting.summary.epoch < 30
    wait_for(user, folder, "finished")
    check_one_history(folder, 2)
    alone = user.detach(*config, "--here")
    user.wait_for_end(alone)
    assert losses(folder) == losses(alone)


def test_the_time_limit_itself_does_the_same(user: Traindeck, cluster: Cluster) -> None:
    folder = submit(user, *ENDLESS, "--time", "1")
    waiting = wait_for(user, folder, "queued", seconds=80, epochs=1)
    assert waiting.summary.interruption == "Slurm's time limit is near"
    wait_for(user, folder, "running", epochs=waiting.summary.epoch + 1)
    assert user.run("stop", folder.id).returncode == 0
    assert user.view(folder).detail == "traindeck stop"
    check_one_history(folder, 2)


def test_a_run_that_makes_room_for_a_more_urgent_job_goes_on_after_it(user: Traindeck, cluster: Cluster) -> None:
    folder = submit(user, *ENDLESS)
    wait_for(user, folder, "running", epochs=2)
    urgent = ("--partition=high", "--exclusive", "-N2", "--output=/dev/null", "--wrap=sleep 2")
    cluster.ask("sbatch", "--parsable", *urgent)
    waiting = wait_for(user, folder, "queued")
    assert waiting.summary.interruption == "Slurm ends the job"
    wait_for(user, folder, "running", epochs=waiting.summary.epoch + 1)
    user.run("stop", folder.id)
    check_one_history(folder, 2)


def test_a_cancelled_run_is_stopped_with_a_checkpoint_and_can_be_submitted_again(
    user: Traindeck, cluster: Cluster
) -> None:
    folder = submit(user, *ENDLESS)
    wait_for(user, folder, "running", epochs=1)
    job = job_of(user, folder)
    cluster.ask("scancel", job)
    assert wait_for(user, folder, "stopped").detail == f"Slurm job {job} was cancelled"
    wait_until(lambda: not cluster.ask("squeue", "-h").strip(), 20, "the job to leave")
    done = user.run("resume", folder.id)
    assert done.returncode == 0, done.stderr
    assert job_of(user, folder) != job
    wait_for(user, folder, "running", epochs=user.view(folder).summary.epoch + 1)
    user.run("stop", folder.id)
    check_one_history(folder, 2)


def test_a_run_whose_node_is_lost_is_queued_again_and_goes_on_on_the_other_one(
    user: Traindeck, cluster: Cluster
) -> None:
    folder = submit(user, *ENDLESS)
    wait_for(user, folder, "running", epochs=2)
    job = job_of(user, folder)
    node = cluster.ask("squeue", "-h", f"--job={job}", "-o", "%N").strip()
    try:
        cluster.lose_node(node)
        assert f"Slurm job {job}: PENDING" in wait_for(user, folder, "queued").detail
        epoch = user.view(folder).summary.epoch
        wait_for(user, folder, "running", epochs=epoch + 1)
        assert cluster.ask("squeue", "-h", f"--job={job}", "-o", "%N").strip() != node
        user.run("stop", folder.id)
    finally:
        cluster.start_node(node)
    assert user.view(folder).summary.interruption == "Slurm started the job again"
    check_one_history(folder, 2)


def test_a_run_on_both_nodes_goes_back_into_the_queue_and_trains_on_there(user: Traindeck, cluster: Cluster) -> None:
    folder = submit(user, *CONFIG, "--set", "epochs=12", "--nodes", "2")
    assert wait_for(user, folder, "running", epochs=1).summary.processes == 2
    assert cluster.ask("squeue", "-h", "-o", "%N").strip() == "n[1-2]"
    cluster.ask("scancel", "--signal=USR1", "--batch", job_of(user, folder))
    wait_for(user, folder, "queued")
    wait_for(user, folder, "finished", seconds=60)
    check_one_history(folder, 2)


def test_a_partition_that_does_not_exist_leaves_no_run_and_says_what_slurm_said(
    user: Traindeck, cluster: Cluster
) -> None:
    refused = user.run("train", *ENDLESS, "--slurm", "--", "--partition=nowhere")
    assert refused.returncode == 1
    assert "invalid partition specified: nowhere" in refused.stderr
    assert list(user.runs_dir.iterdir()) == []


def test_on_a_login_node_a_run_that_is_not_submitted_is_refused_with_both_ways(
    user: Traindeck, cluster: Cluster
) -> None:
    refused = user.run("train", *ENDLESS)
    assert refused.returncode == 2
    assert "--slurm" in refused.stderr
    assert "--here" in refused.stderr
    assert not user.runs_dir.exists()

"""The supervisor as the batch process of a job: what becomes of the run when Slurm ends it."""

from __future__ import annotations

import json
import signal
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import make_run
from tests.slurm.fakes import FakeSlurm, slurm
from training.runs import supervisor
from training.runs.commands import send
from training.runs.layout import RunFolder

__all__ = ["slurm"]
RUNNING = "JobState=RUNNING Reason=None Restarts=0 NodeList=n1\n"
ENDING = "JobState=COMPLETING Reason=None Restarts=0 PreemptTime=None NodeList=n1\n"
TIMED_OUT = "JobState=COMPLETING Reason=TimeLimit Restarts=0 NodeList=n1\n"
PREEMPTED = "JobState=COMPLETING Reason=None Restarts=0 PreemptTime=2026-01-01T00:00:00 NodeList=n1\n"
PUT_BACK = "JobState=COMPLETING Reason=None Restarts=1 NodeList=n1\n"
STOPPED = """
    import json, os, pathlib, signal
    summary = pathlib.Path({path!r})
    os.kill(os.getppid(), signal.{signal})
    content = json.loads(summary.read_text())
    content.update(state="{state}", message="as asked")
    summary.write_text(json.dumps(content))
"""


@pytest.fixture(autouse=True)
def _in_job(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    numbers = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def end_by(
    monkeypatch: pytest.MonkeyPatch, folder: RunFolder, *, by: str = "SIGUSR1", state: str = "stopped"
) -> dict[str, Any]:
    """Supervise a worker during which Slurm sends that signal; the summary that is left."""
    for name, value in (("SLURM_JOB_ID", "7"), ("TRAINDECK_SLURM", "1"), ("SLURMD_NODENAME", "n1")):
        monkeypatch.setenv(name, value)
    source = textwrap.dedent(STOPPED).format(path=str(folder.summary), signal=by, state=state)
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", source])
    supervisor.main(folder.path)
    summary: dict[str, Any] = json.loads(folder.summary.read_bytes())
    return summary


@pytest.mark.parametrize(
    ("by", "said"),
    [("SIGUSR1", RUNNING), ("SIGTERM", RUNNING), ("SIGTERM", TIMED_OUT), ("SIGTERM", PREEMPTED)],
)
def test_a_run_that_slurm_cuts_short_goes_back_into_the_queue(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch, by: str, said: str
) -> None:
    slurm.answers("scontrol", said, only="--oneliner")
    folder = make_run(tmp_path, "a", state="queued", slurm_job="7")
    left = end_by(monkeypatch, folder, by=by)
    assert (left["state"], left["message"]) == ("queued", "goes on when Slurm starts job 7 again")
    assert "requeue 7" in slurm.calls("scontrol")
    asked = json.loads(folder.commands.read_bytes())
    assert (asked["command"], asked["user"]) == ("stop", "Slurm")
    assert left["interruption"] == asked["args"]["reason"]
    # The next attempt is not to obey what was asked of this one.
    assert left["commands_from"] == folder.commands.stat().st_size


def test_a_job_that_slurm_puts_back_by_itself_is_not_put_back_twice(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm.answers("scontrol", PUT_BACK, only="--oneliner")
    left = end_by(monkeypatch, make_run(tmp_path, "a", slurm_job="7"), by="SIGTERM")
    assert left["state"] == "queued"
    assert "requeue 7" not in slurm.calls("scontrol")


def test_a_cancelled_job_stays_cancelled(tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch) -> None:
    slurm.answers("scontrol", ENDING, only="--oneliner")
    left = end_by(monkeypatch, make_run(tmp_path, "a", slurm_job="7"), by="SIGTERM")
    assert (left["state"], left["message"]) == ("stopped", "Slurm job 7 was cancelled")
    assert "requeue 7" not in slurm.calls("scontrol")


def test_where_slurm_refuses_the_run_is_stopped_and_says_why(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm.answers("scontrol", RUNNING, only="--oneliner")
    slurm.answers("scontrol", error="Requested operation is presently disabled for job 7\n", code=1, only="requeue")
    left = end_by(monkeypatch, make_run(tmp_path, "a", slurm_job="7"))
    assert left["state"] == "stopped"
    assert left["message"].startswith("Slurm's time limit is near; Slurm did not put job 7 back")
    assert "presently disabled" in left["message"]


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_a_run_that_ends_by_itself_meanwhile_is_over(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    assert end_by(monkeypatch, make_run(tmp_path, "a", slurm_job="7"), state=state)["state"] == state
    assert slurm.calls("scontrol") == []


def test_a_run_that_a_person_stopped_first_stays_stopped(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "a", slurm_job="7")
    send(folder, "stop")
    assert end_by(monkeypatch, folder)["state"] == "stopped"
    assert slurm.calls("scontrol") == []


def test_a_start_by_slurm_names_job_and_node_and_says_that_the_last_attempt_was_lost(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "a", state="running", slurm_job="3")
    for name, value in (("SLURM_JOB_ID", "7"), ("TRAINDECK_SLURM", "1"), ("SLURMD_NODENAME", "n1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
    supervisor.main(folder.path)
    begun = json.loads(folder.summary.read_bytes())
    assert (begun["state"], begun["message"]) == ("starting", "Slurm job 7 on n1")
    assert (begun["slurm_job"], begun["interruption"]) == ("7", "Slurm started the job again")


def test_inside_an_allocation_a_supervisor_that_is_no_batch_process_leaves_the_queue_alone(
    tmp_path: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.delenv("TRAINDECK_SLURM", raising=False)
    folder = make_run(tmp_path, "a", state="running")
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
    supervisor.main(folder.path)
    assert json.loads(folder.summary.read_bytes())["state"] == "running"
    assert slurm.calls("scontrol") == []

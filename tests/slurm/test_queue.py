"""What the queue makes of a run: one question for all runs, and never a crash on no word."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.runs.builders import NOBODY, add_process, beat, make_run
from tests.slurm.fakes import FakeSlurm, slurm
from training.devices.gpus import Gpu, Reading
from training.errors import RunFailed
from training.runs import store
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.stop import ask_to_stop
from training.slurm import commands
from training.slurm.commands import JobState
from training.slurm.place import Place, place
from training.slurm.queue import parse

__all__ = ["slurm"]
GPU = Reading((Gpu(0, "GPU-0", "A100", 1, 0),))


def state_of(folder: RunFolder) -> tuple[str, str]:
    seen = view(folder)
    assert seen is not None
    return seen.state, seen.detail


def queued(folder: Path, name: str = "a", **changes: object) -> RunFolder:
    return make_run(folder, name, **{"state": "queued", "message": "Slurm job 7", "slurm_job": "7", **changes})


def lost(folder: Path, **changes: object) -> RunFolder:
    """A run that trained on another host, of which nothing has been heard for minutes."""
    run = make_run(folder, "lost", slurm_job="7", **changes)
    add_process(run, host="n1", worker=NOBODY, supervisor=NOBODY)
    beat(run, 300)
    return run


def test_lines_of_squeue_are_read_and_others_passed_over() -> None:
    jobs = parse("7|PENDING|0:00||Resources\n8|RUNNING|1-02:03:04|n[1-2]|None\nslurm_load_jobs error\n")
    assert jobs == {
        "7": JobState("PENDING", "Resources", "", 0),
        "8": JobState("RUNNING", "", "n[1-2]", 93784),
    }


def test_a_queued_run_names_its_job_and_the_reason(tmp_path: Path, slurm: FakeSlurm) -> None:
    assert state_of(queued(tmp_path)) == ("queued", "Slurm job 7: PENDING (Resources)")


def test_home_asks_once_for_many_runs_and_not_at_all_for_those_that_are_over(tmp_path: Path, slurm: FakeSlurm) -> None:
    make_run(tmp_path, "over", state="finished", slurm_job="6")
    make_run(tmp_path, "local")
    store.list_runs(tmp_path)
    assert slurm.calls("squeue") == []
    for number in range(20):
        queued(tmp_path, f"run{number}")
    store.list_runs(tmp_path)
    store.list_runs(tmp_path)
    assert len(slurm.calls("squeue")) == 1


def test_a_job_that_has_just_begun_is_starting_on_its_node(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.queue("7|RUNNING|0:02|n1|None")
    assert state_of(queued(tmp_path)) == ("starting", "Slurm job 7: RUNNING on n1")


def test_a_job_that_runs_unseen_asks_whether_the_folder_is_shared(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.queue("7|RUNNING|5:00|n1|None")
    state, detail = state_of(queued(tmp_path))
    assert state == "starting"
    assert "shared file system" in detail


def test_a_job_that_ends_unseen_asks_the_same(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.queue("7|FAILED|0:01|n1|NonZeroExitCode")
    state, detail = state_of(queued(tmp_path))
    assert state == "crashed"
    assert detail.startswith("Slurm job 7 is gone: FAILED")
    assert "shared file system" in detail


def test_a_run_whose_node_was_lost_is_queued_again(tmp_path: Path, slurm: FakeSlurm) -> None:
    slurm.queue("7|PENDING|0:00||BeginTime")
    assert state_of(lost(tmp_path)) == ("queued", "Slurm job 7: PENDING (BeginTime)")


@pytest.mark.parametrize(
    ("line", "state", "detail"),
    [
        ("7|NODE_FAIL|1:00|n1|NodeDown", "crashed", "Slurm job 7 is gone: NODE_FAIL"),
        ("7|CANCELLED|1:00|n1|None", "stopped", "Slurm job 7 was cancelled"),
        ("8|RUNNING|1:00|n1|None", "crashed", "Slurm job 7 is gone, and Slurm has forgotten how it ended"),
    ],
)
def test_a_silent_run_whose_job_is_gone_is_over(
    tmp_path: Path, slurm: FakeSlurm, line: str, state: str, detail: str
) -> None:
    slurm.queue(line)
    assert state_of(lost(tmp_path)) == (state, detail)


def test_without_a_word_from_slurm_a_run_elsewhere_is_silent_and_a_queued_one_waits(
    tmp_path: Path, slurm: FakeSlurm
) -> None:
    slurm.answers("squeue", error="slurm_load_jobs error: Unable to contact slurm controller", code=1)
    assert state_of(lost(tmp_path))[0] == "silent"
    assert state_of(queued(tmp_path, created=time.time() - 3600)) == ("queued", "Slurm job 7")


def test_a_worker_that_stopped_is_not_over_before_its_supervisor_has_spoken(tmp_path: Path, slurm: FakeSlurm) -> None:
    run = make_run(tmp_path, "a", slurm_job="7", state="stopped", updated=time.time())
    add_process(run)
    assert state_of(run)[0] == "stopping"
    add_process(run, ended=time.time(), exit_code=0)
    assert state_of(run)[0] == "stopped"


def test_stopping_a_queued_run_cancels_its_job(tmp_path: Path, slurm: FakeSlurm) -> None:
    run = view(queued(tmp_path))
    assert run is not None
    slurm.queue("7|CANCELLED|0:00||None")
    assert ask_to_stop(run) == ""
    assert slurm.calls("scancel") == ["--state=PENDING 7"]
    summary = json.loads(run.folder.summary.read_bytes())
    assert (summary["state"], summary["message"]) == ("stopped", "cancelled while queued")


def test_a_job_that_slurm_starts_at_that_moment_is_asked_as_any_other(tmp_path: Path, slurm: FakeSlurm) -> None:
    run = view(queued(tmp_path))
    assert run is not None
    slurm.queue("7|RUNNING|0:01|n1|None")
    assert ask_to_stop(run, "enough")
    command = json.loads(run.folder.commands.read_bytes())
    assert (command["command"], command["args"]) == ("stop", {"reason": "enough"})


def test_a_refusal_of_slurm_is_one_sentence_in_its_own_words_with_the_way_out(slurm: FakeSlurm, tmp_path: Path) -> None:
    said = "sbatch: error: Batch job submission failed: Invalid partition name specified\n"
    slurm.answers("sbatch", error=said, code=1)
    with pytest.raises(RunFailed) as refused:
        commands.submit(tmp_path / "job.sh")
    assert refused.value.message.endswith("Batch job submission failed: Invalid partition name specified.")
    assert "sinfo" in refused.value.remedy


def test_a_host_with_slurm_and_without_a_gpu_is_a_login_node(slurm: FakeSlurm) -> None:
    path = {"PATH": str(slurm.bin)}
    assert place(path, Reading()) == Place(slurm=True, login_node=True)
    assert place(path, GPU) == Place(slurm=True, login_node=False)
    assert place({**path, "SLURM_JOB_ID": "3"}, Reading()) == Place(slurm=True, login_node=False)
    assert place({"PATH": "/nowhere"}, Reading()) == Place(slurm=False, login_node=False)


def test_slurms_commands_alone_make_no_cluster(slurm: FakeSlurm) -> None:
    slurm.answers("scontrol", error="scontrol: fatal: Could not establish a configuration source", code=1, only="ping")
    assert place({"PATH": str(slurm.bin)}, Reading()) == Place(slurm=False, login_node=False)

"""The state of a run, judged from its small files."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import NOBODY, add_process, beat, make_run
from training.runs import pids
from training.runs.lifecycle import view
from training.runs.process import ProcessMark


def state_of(folder: Any) -> tuple[str, str]:
    seen = view(folder)
    assert seen is not None
    return seen.state, seen.detail


def test_a_run_whose_processes_live_is_what_it_says(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="paused")
    add_process(folder)
    assert state_of(folder)[0] == "paused"


def test_a_worker_killed_by_a_signal_has_crashed_and_the_signal_is_named(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, worker=NOBODY, ended=time.time(), signal=9)
    assert state_of(folder) == ("crashed", "killed by signal 9 (SIGKILL)")


def test_an_out_of_memory_kill_is_told_from_another_kill(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, ended=time.time(), signal=9, out_of_memory=True, peak_memory=3 * 2**30)
    assert state_of(folder) == ("crashed", "out of memory: the kernel killed it, at 3.2 GB")


def test_an_exit_code_without_a_last_word_is_a_crash(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, ended=time.time(), exit_code=3)
    assert state_of(folder) == ("crashed", "ended with exit code 3")


def test_processes_that_vanished_with_their_supervisor_are_a_crash(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, worker=NOBODY, supervisor=NOBODY)
    assert state_of(folder)[0] == "crashed"


def test_a_worker_that_lost_its_supervisor_still_runs(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, supervisor=NOBODY)
    assert state_of(folder)[0] == "running"


def test_a_restarted_host_ends_its_runs(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, boot_id="another boot")
    assert state_of(folder) == ("crashed", f"{pids.host()} was restarted")


@pytest.mark.parametrize(("age", "state"), [(3, "running"), (200, "silent")])
def test_a_run_on_another_host_is_judged_by_its_heartbeat_never_by_a_pid(tmp_path: Path, age: int, state: str) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, host="elsewhere", worker=NOBODY, supervisor=NOBODY)
    beat(folder, age)
    assert state_of(folder) == (state, f"running on elsewhere, last seen {age} s ago")


@pytest.mark.parametrize("host", [pids.host(), "elsewhere"])
def test_the_last_heartbeat_of_the_attempt_before_makes_no_new_attempt_silent(tmp_path: Path, host: str) -> None:
    folder = make_run(tmp_path, "a")
    beat(folder, 200)
    add_process(folder, host=host, started=time.time() - 5)
    assert state_of(folder)[0] == "running"
    add_process(folder, host=host, started=time.time() - 90)
    assert state_of(folder)[0] == "silent"


def test_pids_of_another_container_on_this_host_are_not_judged_either(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, pid_space="pid:[1]", worker=NOBODY, supervisor=NOBODY)
    assert state_of(folder)[0] == "running"


def test_a_last_word_counts_more_than_how_the_process_ended(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="failed", message="out of GPU memory")
    add_process(folder, ended=time.time(), exit_code=1)
    assert state_of(folder) == ("failed", "out of GPU memory")


def test_a_run_without_a_supervisor_is_starting_at_first_and_crashed_later(tmp_path: Path) -> None:
    assert state_of(make_run(tmp_path, "new", state="starting"))[0] == "starting"
    old = make_run(tmp_path, "old", state="starting", created=time.time() - 100)
    assert state_of(old) == ("crashed", "its supervisor never started")


def test_a_folder_without_a_readable_summary_is_no_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    folder.summary.write_text("{")
    assert view(folder) is None


def test_a_zombie_is_dead_and_a_pid_reused_is_another_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = pids.start_mark(child.pid)
    assert pids.is_alive(child.pid, mark)
    assert not pids.is_alive(child.pid, mark + "0")
    assert child.stdin is not None
    child.stdin.close()
    # Wait for the end without reaping it.
    import os

    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not pids.is_alive(child.pid, mark)
    child.wait()


def test_a_mark_of_nothing_is_dead() -> None:
    assert not pids.is_alive(NOBODY.pid, NOBODY.start)
    assert not pids.is_alive(1, ProcessMark(1, "").start)


def test_a_record_that_cannot_be_read_at_the_moment_is_no_crash_while_the_heart_beats(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", created=time.time() - 3600)
    folder.process.write_bytes(b"\xff")
    beat(folder, seconds_ago=1)
    assert state_of(folder)[0] == "running"
    beat(folder, seconds_ago=300)
    assert state_of(folder)[0] == "crashed"


def test_a_machine_with_the_same_name_is_another_machine_while_the_heart_beats(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder, boot_id="another", worker=NOBODY, supervisor=NOBODY)
    beat(folder, seconds_ago=1)
    assert state_of(folder)[0] == "running"
    beat(folder, seconds_ago=300)
    assert state_of(folder) == ("crashed", f"{pids.host()} was restarted")


def test_a_summary_that_is_no_text_is_no_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    folder.summary.write_bytes(b'{"id": "\xff"}')
    assert view(folder) is None


def test_a_summary_that_could_not_be_read_once_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "a", state="finished")

    def stale(path: Path) -> bytes:
        raise OSError(116, "Stale file handle", str(path))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", stale)
        assert view(folder) is None
    assert state_of(folder)[0] == "finished"


@pytest.mark.parametrize(
    ("state", "seconds"), [("running", 105.0), ("paused", 100.0), ("stopping", 100.0), ("finished", 100.0)]
)
def test_the_time_of_a_run_is_its_training_without_its_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, seconds: float
) -> None:
    folder = make_run(
        tmp_path, "a", state=state, created=1000.0, started=1000.0, updated=2000.0, training_seconds=100.0
    )
    add_process(folder)
    beat(folder, seconds_ago=0)
    run = view(folder)
    assert run is not None
    monkeypatch.setattr("training.runs.lifecycle.time.time", lambda: 2005.0)
    assert run.seconds == seconds


def test_a_run_that_reports_no_training_time_shows_what_passed_until_its_pause(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="paused", created=1000.0, started=1000.0, updated=1030.0)
    add_process(folder)
    beat(folder, seconds_ago=0)
    run = view(folder)
    assert run is not None
    assert run.seconds == 30.0

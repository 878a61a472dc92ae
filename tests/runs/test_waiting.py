"""Queued runs that come after one another: in order, whatever becomes of the one before."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runs.builders import add_process, make_run
from tests.waiting import wait_until
from training.runs import pids, supervisor
from training.runs.commands import send
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.process import ProcessMark

ROOT = Path(supervisor.__file__).resolve().parents[2]
WORKER = """
import sys
from pathlib import Path
from training.runs import supervisor
supervisor.POLL_SECONDS = 0.02
supervisor.worker_command = lambda run: [sys.executable, "-c", f"open({str(run / 'trained')!r}, 'w'); {sys.argv[3]}"]
sys.exit(supervisor.main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


class Chain:
    """A source that trains until it is told to end, and runs that are queued behind it one after another."""

    def __init__(self, runs_dir: Path) -> None:
        self.runs_dir = runs_dir
        self.source = make_run(runs_dir, "source")
        self.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        mark = ProcessMark(self.process.pid, pids.start_mark(self.process.pid))
        add_process(self.source, supervisor=mark, worker=mark)
        self.supervisors: dict[str, subprocess.Popen[bytes]] = {}

    def queue(self, name: str, after: str, worker: str = "") -> RunFolder:
        """Start the supervisor of a run, whose worker runs that source."""
        folder = make_run(self.runs_dir, name, state="queued")
        folder.config.write_text("")
        command = [sys.executable, "-c", WORKER, str(folder.path), str(self.runs_dir / after), worker]
        self.supervisors[name] = subprocess.Popen(command, cwd=ROOT)
        wait_until(lambda: len(self.waits_for(folder)) >= len(self.supervisors))
        return folder

    def waits_for(self, folder: RunFolder) -> list[str]:
        try:
            return [Path(path).name for path in json.loads(folder.process.read_bytes())["waits_for"]]
        except (OSError, LookupError):
            return []

    def end_source(self) -> None:
        self.process.communicate(b"\n")

    def close(self) -> None:
        for process in (self.process, *self.supervisors.values()):
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    made = Chain(tmp_path)
    yield made
    made.close()


def stop(chain: Chain, first: RunFolder) -> None:
    send(first, "stop")
    chain.supervisors[first.id].wait(20)


def crash(chain: Chain, first: RunFolder) -> None:
    os.kill(chain.supervisors[first.id].pid, signal.SIGKILL)
    chain.supervisors[first.id].wait(20)


def delete(chain: Chain, first: RunFolder) -> None:
    stop(chain, first)
    shutil.rmtree(first.path)


@pytest.mark.parametrize("happens", [stop, crash, delete])
def test_what_becomes_of_a_queued_run_lets_nobody_past_the_one_that_trains(
    chain: Chain, happens: Callable[[Chain, RunFolder], None]
) -> None:
    first = chain.queue("first", "source")
    second = chain.queue("second", "first")
    third = chain.queue("third", "second")
    happens(chain, first)
    wait_until(lambda: "waiting for source to end" in second.summary.read_text())
    assert chain.waits_for(third) == ["second", "first", "source"]
    assert not any((folder.path / "trained").exists() for folder in (second, third))
    chain.end_source()
    assert [chain.supervisors[name].wait(20) for name in ("second", "third")] == [0, 0]
    trained = [(folder.path / "trained").stat().st_mtime_ns for folder in (second, third)]
    assert trained == sorted(trained)
    if first.path.exists():
        assert not (first.path / "trained").exists()


def test_after_one_that_fails_the_rest_go_on_in_order(chain: Chain) -> None:
    chain.queue("first", "source", "raise SystemExit(3)")
    second = chain.queue("second", "first")
    chain.end_source()
    assert [process.wait(20) for process in chain.supervisors.values()] == [3, 0]
    assert (second.path / "trained").exists()


def test_a_run_that_is_queued_later_waits_for_what_a_stopped_one_waited_for(chain: Chain) -> None:
    first = chain.queue("first", "source")
    second = chain.queue("second", "first")
    delete(chain, first)
    late = make_run(chain.runs_dir, "late", state="queued")
    chain.supervisors["late"] = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(late.path), str(second.path), ""], cwd=ROOT
    )
    wait_until(lambda: chain.waits_for(late) == ["second", "first", "source"])
    stop(chain, second)
    wait_until(lambda: "waiting for source to end" in late.summary.read_text())
    found = view(late)
    assert found is not None
    assert found.state == "queued"

"""The supervisor: real processes, and what it writes down of their ends."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.builders import add_process, make_run
from training import files
from training.runs import pids, supervisor
from training.runs.commands import send
from training.runs.layout import RunFolder
from training.runs.process import ProcessRecord, read_process

ROOT = Path(supervisor.__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def supervise(folder: RunFolder, worker: str, monkeypatch: pytest.MonkeyPatch) -> ProcessRecord:
    """Supervise a worker that runs that Python source."""
    source = textwrap.dedent(worker)
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", source])
    supervisor.main(folder.path)
    record = read_process(folder.process)
    assert record is not None
    return record


def test_an_exit_code_and_peak_memory_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = supervise(make_run(tmp_path, "a"), "block = b'x' * 100_000_000; raise SystemExit(3)", monkeypatch)
    assert (record.exit_code, record.signal) == (3, None)
    assert record.peak_memory is not None
    assert record.peak_memory > 100_000_000
    assert record.ended is not None


def test_a_signal_is_recorded_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = supervise(make_run(tmp_path, "a"), "import os; os.kill(os.getpid(), 9)", monkeypatch)
    assert (record.exit_code, record.signal) == (None, 9)
    assert record.how_it_ended() == "killed by signal 9 (SIGKILL)"


def test_a_worker_that_cannot_be_started_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path, "a")
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [str(tmp_path / "no such python")])
    assert supervisor.main(folder.path) == 1
    record = read_process(folder.process)
    assert record is not None
    assert "could not be started" in record.how_it_ended()


def test_two_supervisors_never_train_one_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    with folder.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert supervisor.main(folder.path) == 1
    assert not folder.process.exists()


def test_it_waits_for_the_run_that_it_comes_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent, child = make_run(tmp_path, "parent"), make_run(tmp_path, "child", state="queued")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = {"pid": process.pid, "start": pids.start_mark(process.pid)}
        add_process(parent, worker=mark, supervisor=mark)
        waits: list[float] = []

        def end_parent(seconds: float) -> None:
            waits.append(seconds)
            process.communicate()

        monkeypatch.setattr("training.runs.supervisor.time.sleep", end_parent)
        monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
        assert supervisor.main(child.path, parent.path) == 0
    assert len(waits) == 1
    assert json.loads(child.summary.read_bytes())["state"] == "starting"


def test_a_queued_run_can_be_stopped_before_it_trains(tmp_path: Path) -> None:
    parent, child = make_run(tmp_path, "parent"), make_run(tmp_path, "child", state="queued")
    add_process(parent)
    send(child, "stop")
    assert supervisor.main(child.path, parent.path) == 0
    summary = json.loads(child.summary.read_bytes())
    assert summary["state"] == "stopped"
    record = read_process(child.process)
    assert record is not None
    assert record.worker is None


def test_a_queued_run_whose_supervisor_is_told_to_end_is_stopped_not_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, child = make_run(tmp_path, "parent"), make_run(tmp_path, "child", state="queued")
    add_process(parent)

    def unheard(number: int, _frame: object) -> None:
        raise AssertionError("the supervisor does not listen")

    signal.signal(signal.SIGTERM, unheard)
    monkeypatch.setattr("training.runs.supervisor.time.sleep", lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert supervisor.main(child.path, parent.path) == 0
    summary = json.loads(child.summary.read_bytes())
    assert (summary["state"], summary["message"]) == (
        "stopped",
        "stopped by SIGTERM while it waited for parent to end",
    )
    record = read_process(child.process)
    assert record is not None
    assert (record.worker, record.ended is None) == (None, False)


def test_a_run_queued_behind_one_that_is_only_just_launched_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, child = make_run(tmp_path, "parent", state="starting"), make_run(tmp_path, "child", state="queued")
    parent.config.write_text("")
    waits: list[float] = []

    def give_up_on_parent(seconds: float) -> None:
        waits.append(seconds)
        os.utime(parent.config, (0, 0))

    monkeypatch.setattr("training.runs.supervisor.time.sleep", give_up_on_parent)
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
    assert supervisor.main(child.path, parent.path) == 0
    assert len(waits) == 1


def test_a_parent_of_an_earlier_boot_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent, child = make_run(tmp_path, "parent"), make_run(tmp_path, "child", state="queued")
    add_process(parent, boot_id="before")
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
    assert supervisor.main(child.path, parent.path) == 0


@pytest.mark.parametrize("record", [b"[]", b"{}", b'{"host": 3}', b"\xff"])
def test_a_parent_whose_record_is_damaged_is_not_waited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: bytes
) -> None:
    parent, child = make_run(tmp_path, "parent"), make_run(tmp_path, "child", state="queued")
    parent.process.write_bytes(record)
    monkeypatch.setattr(supervisor, "worker_command", lambda run: [sys.executable, "-c", ""])
    assert supervisor.main(child.path, parent.path) == 0


def test_a_disk_that_is_full_for_a_moment_does_not_cost_a_worker_its_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "a")
    written: list[dict[str, object]] = []
    whole = files.replace

    def fail_once(path: Path, data: bytes, *, sync: bool = True) -> None:
        written.append(json.loads(data))
        if len(written) == 2:
            raise OSError(28, os.strerror(28))
        whole(path, data, sync=sync)

    monkeypatch.setattr(files, "replace", fail_once)
    record = supervise(folder, "raise SystemExit(5)", monkeypatch)
    assert "worker" in written[1]
    assert (record.exit_code, record.ended is None) == (5, False)


def test_a_run_folder_that_is_gone_gets_a_sentence_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert supervisor.main(tmp_path / "gone") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "gone" in line


def test_a_file_system_without_locks_still_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("training.runs.lock.fcntl.flock", no_locks)
    assert supervise(make_run(tmp_path, "a"), "raise SystemExit(5)", monkeypatch).exit_code == 5
    assert "No locks available" in capsys.readouterr().err


def test_a_request_to_end_reaches_the_worker_and_its_end_is_still_recorded(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    worker = "import signal, sys; signal.signal(15, lambda *_: sys.exit(7)); print('up', flush=True); signal.pause()"
    source = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from training.runs import supervisor\n"
        f"supervisor.worker_command = lambda run: [sys.executable, '-c', {worker!r}]\n"
        f"supervisor.main(Path({str(folder.path)!r}))\n"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        os.kill(process.pid, signal.SIGHUP)
        os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
    record = read_process(folder.process)
    assert record is not None
    assert (record.exit_code, record.signal) == (7, None)


def test_the_supervisor_loads_nothing_beyond_the_standard_library() -> None:
    source = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import training.runs.supervisor\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(names - set(sys.stdlib_module_names) - {'training', '__main__'}))\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_worker_that_is_killed_leaves_no_complaint_of_pythons_own_about_its_semaphores(tmp_path: Path) -> None:
    python, *options = supervisor.worker_command(tmp_path)[: -len([supervisor.ENTRY, "_work", tmp_path])]
    source = "import multiprocessing, os; lock = multiprocessing.get_context('spawn').Lock(); os.kill(os.getpid(), 9)"
    done = subprocess.run([python, *options, "-c", source], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-9, "")

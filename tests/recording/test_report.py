"""Two lines make a script's training a run: whatever becomes of the script, the run says it."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.recording.conftest import LOOP, Scripts, epochs, found
from tests.waiting import wait_until

WAITING = """
import time
report(epoch=1, loss=1.0, val_loss=1.1)
print("reported", flush=True)
time.sleep(600)
"""
DIVERGING = """
import time
report.start(config={"optimizer": "adam", "lr": 0.5}, epochs=30, classes=10, n_train=1000, n_val=200)
for epoch, loss in enumerate([2.3, 1.9, 1.6, 1.4, 30.0, 300.0, 4000.0, 50000.0, 6e5, 7e6], 1):
    report(epoch=epoch, train_loss=loss, val_loss=loss)
print("reported", flush=True)
time.sleep(600)
"""


def test_two_lines_make_a_finished_run_named_after_the_script(scripts: Scripts) -> None:
    assert scripts.run(LOOP) == (0, "", "")
    run = scripts.only
    assert (run.summary.name, run.state, run.summary.epoch) == ("train", "finished", 3)
    assert run.summary.kind == "reported"
    assert [number for number, _ in epochs(run.folder)] == [1, 2, 3]
    assert not run.folder.config.exists()
    command = json.loads(run.folder.environment.read_bytes())["command"]
    assert command == [str(scripts.cwd / "train.py")]


def test_a_running_script_is_a_live_run_with_its_host_and_pid(scripts: Scripts) -> None:
    process = scripts.start(WAITING)
    run = scripts.wait_for_epoch(1)
    assert (run.state, run.live, run.controllable, run.resumable) == ("running", True, False, False)
    assert run.process is not None
    assert run.process.worker is not None
    assert run.process.worker.pid == process.pid
    assert f"pid {process.pid} on " in run.summary.device


def test_findings_come_while_it_trains(scripts: Scripts) -> None:
    scripts.start(DIVERGING)
    run = scripts.wait_for_epoch(10)
    assert ("opened", "divergence") in found(run.folder)
    assert [line.label for line in run.summary.findings][:1] == ["divergence"]
    assert (run.summary.settings["optimizer"], run.summary.settings["learning_rate"]) == ("Adam", 0.5)


@pytest.mark.parametrize(
    ("end", "code", "state", "detail"),
    [
        ("raise ValueError('bad batch')", 1, "failed", "ValueError: bad batch"),
        ("raise KeyboardInterrupt", -signal.SIGINT, "stopped", "Ctrl+C"),
        ("import sys; sys.exit(0)", 0, "finished", "the script ended after epoch 3"),
        ("report.finish()", 0, "finished", "the script ended after epoch 3"),
        ("import os; os._exit(0)", 0, "crashed", "the script is gone without a word"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9, "crashed", "the script is gone without a word"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            -15,
            "crashed",
            "the script is gone without a word",
        ),
    ],
)
def test_the_end_of_the_script_is_the_end_of_the_run(
    scripts: Scripts, end: str, code: int, state: str, detail: str
) -> None:
    assert scripts.run(LOOP + end)[0] == code
    wait_until(lambda: scripts.runs() and not scripts.only.live, 10, "the end to be seen")
    run = scripts.only
    assert (run.state, run.summary.epoch) == (state, 3)
    assert run.detail.startswith(detail)


@pytest.mark.parametrize(
    ("end", "state", "detail"),
    [
        ("raise ValueError('bad batch')", "failed", "ValueError: bad batch"),
        ("raise KeyboardInterrupt", "stopped", "Ctrl+C"),
        ("raise SystemExit(3)", "failed", "exit code 3"),
        ("pass", "finished", "the script ended after epoch 1 of 2"),
    ],
)
def test_a_block_ends_its_run_as_it_ends(scripts: Scripts, end: str, state: str, detail: str) -> None:
    scripts.run(
        f"""
        try:
            with report.start("mine", epochs=2) as run:
                run(epoch=1, loss=1.0)
                {end}
        except BaseException:
            pass
        """
    )
    assert (scripts.only.summary.name, scripts.only.state, scripts.only.detail) == ("mine", state, detail)


def test_an_exception_in_the_thread_that_reports_fails_the_run(scripts: Scripts) -> None:
    scripts.run(
        """
        import threading
        def train():
            report(epoch=1, loss=1.0)
            raise ValueError("in the thread")
        thread = threading.Thread(target=train)
        thread.start(); thread.join()
        """
    )
    assert (scripts.only.state, scripts.only.detail) == ("failed", "ValueError: in the thread")


def test_a_forked_child_reports_nothing_and_does_not_keep_the_run_alive(scripts: Scripts) -> None:
    source = """
        import os, time
        report(epoch=1, loss=1.0)
        if os.fork() == 0:
            report(epoch=2, loss=1.0)
            os.close(1); os.close(2)
            time.sleep(5)
            os._exit(0)
        os.kill(os.getpid(), 9)
        """
    scripts.run(source)
    wait_until(lambda: scripts.runs() and not scripts.only.live, 4, "the crash to be seen")
    assert (scripts.only.state, scripts.only.summary.epoch) == ("crashed", 1)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_multiprocessing_report_nothing_for_a_script_that_reports(scripts: Scripts, method: str) -> None:
    source = f"""
        import multiprocessing
        def work(n):
            report(epoch=100 + n, loss=1.0)
            return n
        if __name__ == "__main__":
            report(epoch=1, loss=1.0)
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                pool.map(work, range(4))
            report(epoch=2, loss=0.5)
        """
    assert scripts.run(source) == (0, "", "")
    assert (scripts.only.state, [number for number, _ in epochs(scripts.only.folder)]) == ("finished", [1, 2])


@pytest.mark.parametrize("failure", ["", "raise ValueError('bad batch')"])
def test_a_training_in_a_process_of_multiprocessing_is_a_run_with_its_end(scripts: Scripts, failure: str) -> None:
    source = f"""
        import multiprocessing
        def train():
            report(epoch=1, loss=1.0)
            {failure}
        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=train)
            process.start(); process.join()
        """
    scripts.run(source)
    assert scripts.only.state == ("failed" if failure else "finished")


@pytest.mark.parametrize("env", [{"RANK": "1"}, {"LOCAL_RANK": "3"}, {"SLURM_PROCID": "2"}])
def test_another_rank_reports_nothing(scripts: Scripts, env: dict[str, str]) -> None:
    assert scripts.run(LOOP, **env) == (0, "", "")
    assert scripts.runs() == []
    assert scripts.run(LOOP, **dict.fromkeys(env, "0"))[0] == 0
    assert scripts.only.state == "finished"


def test_two_scripts_at_once_are_two_runs(scripts: Scripts) -> None:
    first, second = (scripts.start(WAITING) for _ in range(2))
    for process in (first, second):
        assert process.stdout
        assert process.stdout.readline() == "reported\n"
    wait_until(lambda: [run.summary.epoch for run in scripts.runs()] == [1, 1], 10, "both runs")
    assert sorted(run.summary.name for run in scripts.runs()) == ["train", "train-2"]
    assert all(run.live for run in scripts.runs())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_runs_folder_that_cannot_be_written_is_said_once(scripts: Scripts) -> None:
    scripts.runs_dir.mkdir(mode=0o500)
    code, _, err = scripts.run(LOOP + "print('trained')")
    assert (code, err.count("\n")) == (0, 1)


def test_a_runs_folder_that_cannot_be_made_is_said_once_and_the_training_goes_on(scripts: Scripts) -> None:
    scripts.runs_dir.write_text("a file stands in the way")
    code, out, err = scripts.run(LOOP * 3 + "print('trained')")
    assert (code, out) == (0, "trained\n")
    assert err.startswith(f"traindeck: not recorded: {scripts.runs_dir}: cannot create a run here")
    assert err.count("\n") == 1


def test_a_recorder_that_cannot_start_is_said_once_and_the_training_goes_on(scripts: Scripts) -> None:
    code, out, err = scripts.run("import sys; sys.executable = '/nowhere/python'\n" + LOOP + "print('trained')")
    assert (code, out) == (0, "trained\n")
    assert err == (
        "traindeck: /nowhere/python: No such file or directory. The training goes on without being recorded.\n"
    )


def test_a_killed_recorder_is_said_once_and_the_training_goes_on(scripts: Scripts) -> None:
    source = """
        import os, signal, time
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        report(epoch=1, loss=1.0)
        recorder = report._pipe._process
        recorder.kill(); recorder.wait()
        for epoch in range(2, 5):
            report(epoch=epoch, loss=1.0)
        print("trained")
        """
    code, out, err = scripts.run(source)
    assert (code, out, err.count("\n")) == (0, "trained\n", 1)
    assert "goes on without being recorded" in err

"""`traindeck tell` and `stop --after-epoch`: what is asked, what is printed, and the exit code."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.runs.builders import make_run
from tests.tui.fakes import FakeRun
from training.runs import answers
from training.runs.commands import Command, CommandReader
from training.runs.events import Acknowledged

Answer = Callable[[Command], tuple[bool, str] | None]


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(answers, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(answers, "VIEW_SECONDS", 0.01)


class Worker:
    """Answers what the run is asked, as `answer` says; None leaves a command without one."""

    def __init__(self, run: FakeRun, answer: Answer) -> None:
        self.run = run
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self._answer = answer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        reader = CommandReader(self.run.folder.commands)
        while not self._over.wait(0.005):
            for command in reader.poll():
                self.heard.append((command.command, command.args))
                if (said := self._answer(command)) is not None:
                    ok, message = said
                    self.run.write(
                        Acknowledged(id=command.id, command=command.command, ok=ok, message=message, step=7, epoch=1)
                    )

    def __enter__(self) -> Worker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    made = FakeRun(tmp_path / "runs", "a", live=True)
    made.begin()
    return made


def told(*words: str) -> int:
    return traindeck.main(["tell", "a", *words])


def test_what_was_done_is_printed(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    with Worker(run, lambda command: (True, f"{command.command} it is")) as worker:
        assert told("lr=3e-4", "epochs=60", "patience=0", "stop-after-epoch", "stop-after-epoch=off") == 0
    assert worker.heard == [
        ("set_lr", {"rate": 0.0003}), ("set_epochs", {"epochs": 60}), ("set_patience", {"patience": 0}),
        ("stop_after_epoch", {}), ("stop_after_epoch", {"off": True}),
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines()[:2] == ["✓ lr=3e-4: set_lr it is", "✓ epochs=60: set_epochs it is"]


def test_a_rate_far_from_the_one_in_force_needs_a_yes(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run.change_summary(latest={"lr": 0.001})
    with Worker(run, lambda _: (True, "set")) as worker:
        for words in ("lr=1e30", "lr=0.2", "lr=5e-7"):
            assert told(words) == 2
        assert worker.heard == []
        said = capsys.readouterr().err
        assert "lr=1e+30: That is ×1e+33 of 0.001, at which it trains now: a mistyped rate can ruin the run." in said
        assert "Say --yes to go on." in said
        assert told("lr=0.1", "lr=scheduled") == 0
        assert told("lr=0.2", "--yes") == 0
    assert worker.heard == [("set_lr", {"rate": 0.1}), ("set_lr", {"learning_rate": 0.001}), ("set_lr", {"rate": 0.2})]


def test_the_rate_in_a_warm_up_is_measured_without_it(run: FakeRun) -> None:
    run.folder.config.write_text("epochs: 30\noptimization: {warmup_epochs: 10}\n")
    run.change_summary(latest={"lr": 0.00001}, step=9, steps=30 * 45, epochs=30)
    with Worker(run, lambda _: (True, "set")) as worker:
        assert told("lr=0.002") == 0
    assert worker.heard == [("set_lr", {"rate": 0.002})]


def test_what_was_refused_has_exit_code_1_and_its_reason(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    with Worker(run, lambda command: (command.command == "pause", "Epoch 13 has begun.")):
        assert told("pause", "epochs=2") == 1
    assert capsys.readouterr().out.splitlines()[1] == "✗ epochs=2: Epoch 13 has begun."


def test_an_answer_that_does_not_come_in_time_is_said_to_be_missing(
    run: FakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    with Worker(run, lambda _: None):
        assert told("checkpoint", "--wait", "0.05") == 1
    said = capsys.readouterr().out
    assert said == (
        "! a was asked, and has not answered within 0.05 s (it is running); `traindeck watch a` shows when it has.\n"
    )


def test_a_run_that_ends_before_it_answers_is_not_waited_for(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    def end(_: Command) -> None:
        run.finish()

    with Worker(run, end):
        assert told("checkpoint", "--wait", "3600") == 1
    assert capsys.readouterr().out == "! a ended before it answered.\n"


def test_json_tells_of_each_request(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    with Worker(run, lambda command: (True, "done") if command.command == "pause" else None):
        assert told("pause", "checkpoint", "--json", "--wait", "0.05") == 1
    assert json.loads(capsys.readouterr().out) == [
        {"asked": "pause", "answered": True, "ok": True, "message": "done", "step": 7, "epoch": 1},
        {"asked": "checkpoint", "answered": False, "ok": False},
    ]


def test_answers_to_others_and_a_torn_line_are_passed_over(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run.write(Acknowledged(id="other", command="pause", ok=False, message="not this one"))

    def answer(_: Command) -> tuple[bool, str]:
        with run.folder.events.open("ab") as log:
            log.write(b'{"type":"ack","id":tor\n')
        return True, "paused"

    with Worker(run, answer):
        assert told("pause") == 0
    assert capsys.readouterr().out == "✓ pause: paused\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("lr=-1", "learning_rate: -1.0 is out of range. Write a number greater than 0."),
        ("lr=", "learning_rate: "),
        ("lr", "lr is nothing that a run can be told. Say pause,"),
        ("epochs=0", "epochs: 0 is out of range."),
        ("epochs=1.5", "epochs: 1.5 is not a whole number."),
        ("patience=-2", "Patience: "),
        ("stop-after-epoch=0", "'0' is no epoch. Give a number from 1 on, or off."),
        ("stop", "Say `traindeck stop RUN`."),
        ("dance", "dance is nothing that a run can be told."),
    ],
)
def test_what_no_run_could_obey_is_not_even_asked(
    run: FakeRun, capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    assert told("pause", words) == 2
    assert says in capsys.readouterr().err
    assert not run.folder.commands.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "finished"}, "b is finished: only a run that goes on can be told anything."),
        ({"kind": "reported"}, "b is not trained by traindeck"),
    ],
)
def test_a_run_that_does_not_listen_is_not_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], says: str
) -> None:
    folder = make_run(tmp_path / "runs", "b", **changes)
    assert traindeck.main(["tell", "b", "pause"]) == 2
    assert says in capsys.readouterr().err
    assert not folder.commands.exists()


def test_a_stop_after_the_epoch_waits_for_the_answer_alone(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    with Worker(run, lambda _: (True, "stopping after epoch 12")) as worker:
        assert traindeck.main(["stop", "a", "--after-epoch"]) == 0
    assert worker.heard == [("stop_after_epoch", {})]
    assert capsys.readouterr().out == "✓ stop-after-epoch: stopping after epoch 12\n"

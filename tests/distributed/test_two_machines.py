"""Two machines train one run: two network namespaces with a cable between, and the real verbs `train` and `join`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import MakeRun, Run
from tests.waiting import wait_until
from training.errors import InvalidInput, RunFailed
from training.runs import machines, pids, store, torchrun
from training.runs.commands import send
from training.runs.events import Attempt, Epoch, Step
from training.runs.layout import RunFolder
from training.runs.supervisor import ENTRY

CONFIG = """
epochs: 3
batch_size: 128
model: {blocks: [{filters: 4, batch_norm: true, dropout: 0.0}], dense_layers: []}
runtime: {device: cpu}
"""


def missing() -> str:
    """Why there cannot be namespaces here."""
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "no iproute2"
    name = f"td-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network namespaces: {tried.stderr.strip() or 'refused'}"
    subprocess.run(["ip", "netns", "delete", name], check=False)
    return ""


@dataclass(frozen=True)
class Machine:
    """A network namespace with an address of its own."""

    name: str
    address: str

    def start(self, *words: str, cwd: Path, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, sys.executable, str(ENTRY), *words],
                cwd=cwd, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            )  # fmt: skip


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    if reason := missing():
        pytest.skip(reason)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    tag = uuid.uuid4().hex[:6]
    first, second = Machine(f"td{tag}a", "10.97.3.1"), Machine(f"td{tag}b", "10.97.3.2")
    ends = (f"v{tag}a", f"v{tag}b")
    for machine in (first, second):
        _ip("netns", "add", machine.name)
    _ip("link", "add", ends[0], "netns", first.name, "type", "veth", "peer", "name", ends[1], "netns", second.name)
    for machine, end in zip((first, second), ends, strict=True):
        _ip("-n", machine.name, "addr", "add", f"{machine.address}/24", "dev", end)
        _ip("-n", machine.name, "link", "set", end, "up")
        _ip("-n", machine.name, "link", "set", "lo", "up")
    yield first, second
    for machine in (first, second):
        inside = subprocess.run(["ip", "netns", "pids", machine.name], capture_output=True, text=True, check=False)
        for pid in inside.stdout.split():
            os.kill(int(pid), 9)
        _ip("netns", "delete", machine.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def test_two_machines_train_as_one(two: tuple[Machine, Machine], tmp_path: Path, make_run: MakeRun) -> None:
    first, second = two
    alone = make_run(CONFIG, "alone")
    assert alone.train() == 0
    (tmp_path / "config.yaml").write_text(CONFIG)
    runs, logs = tmp_path / "shared", [tmp_path / "first.log", tmp_path / "second.log"]
    launched = first.start(
        "train", "config.yaml", "--nnodes", "2", "--rdzv-endpoint", f"{first.address}:29411", "--yes",
        "--name", "both", "--runs-dir", str(runs), cwd=tmp_path, log=logs[0],
    )  # fmt: skip
    command = wait_until(lambda: _line(logs[0], "traindeck join"), 60, "the command for the other machine")
    folder = command.split()[-1]
    assert "traindeck join" in Run(RunFolder(Path(folder))).summary.message
    joined = second.start("join", folder, "--yes", cwd=tmp_path, log=logs[1])
    assert launched.wait(90) == 0, logs[0].read_text()
    assert joined.wait(30) == 0, logs[1].read_text()
    run = Run(RunFolder(Path(folder)))
    assert run.summary.state == "finished"
    assert run.summary.processes == run.one(Attempt).facts["processes"] == 2
    assert run.metric(Epoch, "val_loss") == pytest.approx(alone.metric(Epoch, "val_loss"), rel=5e-3)
    assert [event.step for event in run.of(Step)] == list(range(36))
    assert pids.working_on(run.folder.path) == []
    assert "Joined both with 1 process" in logs[1].read_text()


def _line(log: Path, words: str) -> str | None:
    return next((line for line in log.read_text().splitlines() if words in line), None) if log.exists() else None


@pytest.fixture
def waiting(make_run: MakeRun, tmp_path: Path) -> RunFolder:
    """A run that was launched on a machine which is not there."""
    run = make_run(CONFIG)
    run.folder.environment.write_text('{"device": {"kind": "cpu"}, "machines": 2}')
    return run.folder


def test_a_first_machine_that_does_not_answer_is_one_error_and_nothing_is_written(
    waiting: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "WAIT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    torchrun.arrange(waiting, torchrun.Wanted(2, 1, f"127.0.0.1:{port}"))
    before = {path: path.read_bytes() for path in waiting.path.iterdir() if path.is_file()}
    heard: list[str] = []
    with pytest.raises(RunFailed, match=f"127.0.0.1:{port} does not answer .Connection refused.") as caught:
        machines.find_meeting(waiting, heard.append)
    assert "--rdzv-endpoint" in caught.value.remedy
    assert heard
    assert {path: path.read_bytes() for path in waiting.path.iterdir() if path.is_file()} == before


def test_a_run_of_one_machine_or_one_that_is_over_cannot_be_joined(waiting: RunFolder, make_run: MakeRun) -> None:
    single = make_run(CONFIG, "single").folder
    single.environment.write_text('{"device": {"kind": "cpu"}, "machines": 1}')
    with pytest.raises(InvalidInput, match="trains on one machine"):
        machines.find_meeting(single, lambda _: None)
    over = make_run(CONFIG, "over", state="finished").folder
    send(over, "pause")
    with pytest.raises(InvalidInput, match="is finished"):
        machines.find_meeting(over, lambda _: None)


def test_a_machine_with_another_kind_of_device_is_refused(waiting: RunFolder) -> None:
    waiting.environment.write_text('{"device": {"kind": "cuda"}, "machines": 2}')
    meeting = torchrun.arrange(waiting, torchrun.Wanted(2, 1, "127.0.0.1:29412"))
    with pytest.raises(InvalidInput, match="trains on cuda, and here there is CPU"):
        machines.plan_joining(waiting, meeting)


def test_the_next_attempt_on_one_machine_leaves_no_place_to_meet(waiting: RunFolder) -> None:
    torchrun.arrange(waiting, torchrun.Wanted(2, 1, "127.0.0.1:29413"))
    assert torchrun.read_meeting(waiting) is not None
    torchrun.arrange(waiting, torchrun.Wanted(1, 2))
    assert torchrun.read_meeting(waiting) is None
    assert store.list_runs(waiting.path.parent)

"""`traindeck resume`: what it refuses, what it says, and what it writes down."""

from __future__ import annotations

import fcntl
import json
import time
from pathlib import Path

import msgspec
import pytest

import traindeck
from tests.conftest import MakeFolder
from tests.runs.builders import add_process, beat, make_run
from tests.runs.sealing import configured, damage, sealed, stopped_on
from training.cli import resume as verb
from training.devices.choice import Choice
from training.runs import resume as resuming
from training.runs.events import Override
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import EventWriter, only
from training.runs.plan import LaunchPlan
from training.runs.resume import Resumption
from training.runs.summary import Summary
from training.runs.survival import survival

CPU = Choice("cpu", "CPU", "no GPU is visible")
SHARED = Choice("cuda", "GPU 0", "the only one", "GPU-a", {}, "GPU 0 is held by ann (python, pid 7). Share it?")


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose supervisors would have been started."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    folders: list[RunFolder] = []
    monkeypatch.setattr(resuming, "start_supervisor", lambda folder, *_: folders.append(folder))
    return folders


def stopped(tmp_path: Path, **changes: object) -> RunFolder:
    """A run that was stopped after its third epoch, with its checkpoint."""
    folder = make_run(tmp_path / "runs", "a", **{"state": "stopped", "message": "Ctrl+C", "epoch": 3, **changes})
    sealed(folder, config=configured(folder), epoch=3, step=120, seq=9)
    return folder


def files_of(folder: RunFolder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.path.rglob("*")) if path.is_file()}


def refused(folder: RunFolder, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What it says when it refuses: one line, exit code 2, and nothing of the run touched."""
    before = files_of(folder)
    assert traindeck.main(["resume", "a", *words]) == 2
    assert files_of(folder) == before
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert err.startswith("traindeck: ")
    return err


def test_a_finished_run_is_refused_with_the_way_to_a_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], started: list[RunFolder]
) -> None:
    said = refused(stopped(tmp_path, state="finished", message="all epochs done"), capsys)
    assert "a is finished: all epochs done." in said
    assert "launch a new run" in said
    assert started == []


def test_a_running_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path, state="running")
    add_process(folder)
    beat(folder, 0.0)
    assert "a is running" in refused(folder, capsys)


def test_a_run_that_has_gone_silent_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path, state="running")
    add_process(folder, host="elsewhere")
    beat(folder, 3600.0)
    assert "a is silent (running on elsewhere, last seen 3600 s ago)" in refused(folder, capsys)


def test_a_run_whose_supervisor_holds_on_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "ENDING_SECONDS", 0.1)
    folder = stopped(tmp_path)
    with folder.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "still supervised" in refused(folder, capsys)


def test_a_run_without_a_whole_checkpoint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    damage(folder.checkpoints / "last.pt")
    said = refused(folder, capsys)
    assert "last.pt is damaged" in said
    assert "There is no other checkpoint to go back to." in said


def test_a_checkpoint_of_a_newer_version_is_refused_though_an_older_one_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path)
    sealed(folder, "step-000000080.pt", epoch=2, step=80, seq=5)
    sealed(folder, traindeck=99, epoch=3, step=120, seq=9)
    said = refused(folder, capsys)
    assert "was written by a newer traindeck" in said
    assert "Update traindeck." in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 0.5}, "learning_rate was changed from 0.001 to 0.5"),
        ({"optimizer": "AdamW"}, "optimizer was changed from Adam to AdamW"),
    ],
)
def test_a_config_that_was_changed_since_is_refused_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    folder = stopped(tmp_path)
    configured(folder, **changes)
    assert said in refused(folder, capsys)


def test_a_config_that_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path)
    folder.config.write_text("epochs: many\n")
    assert "config.yaml:1: epochs" in refused(folder, capsys)


def test_data_that_changed_since_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make_folder: MakeFolder
) -> None:
    images = make_folder(cat=4, dog=4)
    folder = stopped(tmp_path)
    stopped_on(folder, images)
    assert traindeck.main(["resume", "a", "--detach"]) == 0
    folder.summary.write_bytes(msgspec.json.encode(Summary(id="a", name="a", created=0.0, state="stopped")))
    capsys.readouterr()
    next(images.rglob("*.png")).unlink()
    assert "data" in refused(folder, capsys)


def test_a_run_whose_weights_were_cleaned_away_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path, cleaned=time.time())
    (folder.checkpoints / "last.pt").unlink()
    assert "were removed by `traindeck clean`" in refused(folder, capsys)


def test_a_gpu_that_others_use_wants_a_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, started: list[RunFolder]
) -> None:
    monkeypatch.setattr(verb, "plan_next", lambda *_, **__: LaunchPlan((), SHARED, survival()))
    folder = stopped(tmp_path)
    monkeypatch.setattr("sys.stdin", (tmp_path / "empty").open("w+"))
    assert "Share it? Say --yes to go on." in refused(folder, capsys)
    assert started == []
    assert traindeck.main(["resume", "a", "--yes", "--detach"]) == 0
    assert started == [folder]


def test_a_damaged_checkpoint_falls_back_to_the_one_before_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], started: list[RunFolder]
) -> None:
    folder = stopped(tmp_path)
    sealed(folder, "step-000000080.pt", epoch=2, step=80, seq=5)
    damage(folder.checkpoints / "last.pt")
    assert traindeck.main(["resume", "a", "--detach"]) == 0
    said = capsys.readouterr().out
    assert "It goes on from epoch 2, step 80 (checkpoints/step-000000080.pt)." in said
    assert "warning: " in said
    assert "last.pt is damaged: its checksum is not that of what was written; it goes back to step-000000080.pt" in said
    assert started == [folder]


def test_where_the_run_trains_from_now_on_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "plan_next", lambda *_, **__: LaunchPlan((), SHARED, survival()))
    folder = stopped(tmp_path)
    folder.environment.write_text(json.dumps({"device": {"kind": "cuda", "uuid": "GPU-gone"}, "host": "node7"}))
    assert traindeck.main(["resume", "a", "--yes", "--detach"]) == 0
    environment = json.loads(folder.environment.read_bytes())
    assert (environment["host"], environment["device"]["uuid"]) == ("node7", "GPU-a")


@pytest.mark.parametrize(("words", "here"), [((), False), (("--here",), True)])
def test_here_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], here: bool) -> None:
    asked: list[bool] = []

    def plan_next(_wanted: Resumption, *, here: bool, progress: object) -> LaunchPlan:
        asked.append(here)
        return LaunchPlan((), CPU, survival())

    monkeypatch.setattr(verb, "plan_next", plan_next)
    stopped(tmp_path)
    assert traindeck.main(["resume", "a", "--detach", *words]) == 0
    assert asked == [here]


def test_where_it_goes_on_is_told_to_programs_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    assert traindeck.main(["resume", "a", "--detach", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "id": "a",
        "path": str(folder.path),
        "checkpoint": "checkpoints/last.pt",
        "from_epoch": 3,
        "from_step": 120,
        "warnings": [],
        "overrides": [],
        "without_overrides": False,
    }


def test_a_run_that_was_resumed_this_moment_is_starting_however_old_it_is(tmp_path: Path) -> None:
    folder = stopped(tmp_path, created=time.time() - 1e6)
    beat(folder, 1e5)
    assert traindeck.main(["resume", "a", "--detach"]) == 0
    now = view(folder)
    assert now is not None
    assert (now.state, now.summary.interruption) == ("starting", "stopped: Ctrl+C")


def test_show_names_the_attempt_and_what_came_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(tmp_path, attempt=2, from_epoch=3, interruption="crashed: killed by signal 9 (SIGKILL)")
    assert traindeck.main(["show", "a"]) == 0
    shown = capsys.readouterr().out
    assert "  attempt   2, went on from epoch 3 (crashed: killed by signal 9 (SIGKILL))" in shown


def overridden(tmp_path: Path) -> RunFolder:
    """A run that failed after a mistyped rate was set, beyond its checkpoint."""
    folder = stopped(tmp_path, state="failed")
    with EventWriter(folder.events, 1) as writer:
        writer.write(Override(setting="lr_factor", value=1e33, step=130, epoch=4, rate=1e30))
    return folder


def test_what_was_set_by_hand_is_named_and_set_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], started: list[RunFolder]
) -> None:
    folder = overridden(tmp_path)
    assert traindeck.main(["resume", "a", "--detach", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "Set by hand, and again: learning rate 1e+30 (×1e+33) from step 130 on." in said
    assert "`--without-overrides` leaves out" in said
    assert started == [folder]
    assert msgspec.json.decode(folder.summary.read_bytes(), type=Summary).overrides_from == 0


def test_what_was_set_by_hand_can_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = overridden(tmp_path)
    assert traindeck.main(["resume", "a", "--detach", "--yes", "--json", "--without-overrides"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["overrides"] == ["learning rate 1e+30 (×1e+33) from step 130 on"]
    assert told["without_overrides"]
    summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
    (made,) = only(folder.events, Override)
    assert summary.overrides_from == made.seq + 1

"""A runs folder that is watched: what changed shows, and what did not is not read again."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import msgspec
import pytest

from tests.runs.builders import add_process, beat, make_run
from training import files
from training.runs import elsewhere, lifecycle, registry, watching
from training.runs.labels import change_labels
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.pin import pin
from training.runs.summary import Summary
from training.runs.watching import WatchedFolder


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the runs that were read."""
    ids: list[str] = []
    real = lifecycle.view

    def listening(folder: RunFolder) -> RunView | None:
        ids.append(folder.id)
        return real(folder)

    monkeypatch.setattr(watching, "view", listening)
    return ids


def over(runs_dir: Path, run_id: str, created: float) -> RunFolder:
    """A run that ended an hour ago, and whose folder has not changed since."""
    folder = make_run(runs_dir, run_id, state="finished", created=created)
    age(folder.path)
    age(runs_dir)
    return folder


def age(path: Path) -> None:
    os.utime(path, (time.time() - 3600, time.time() - 3600))


def ids(runs: list[RunView]) -> list[str]:
    return [run.folder.id for run in runs]


def test_nothing_is_read_again_while_nothing_changes(tmp_path: Path, read: list[str]) -> None:
    for created in (1.0, 3.0, 2.0):
        over(tmp_path, f"run-{created:.0f}", created)
    clock = Clock()
    folder = WatchedFolder(tmp_path, clock=clock)
    first = folder.look()
    assert ids(first) == ["run-3", "run-2", "run-1"]
    assert folder.complete
    read.clear()
    clock.now += 60
    assert folder.look() is first
    assert folder.look(thorough=True) is first
    assert read == []


@pytest.mark.parametrize("change", ["summary", "pin", "labels", "gone"])
def test_a_change_shows_and_nothing_else_is_read(tmp_path: Path, read: list[str], change: str) -> None:
    changed, _ = over(tmp_path, "a", 2.0), over(tmp_path, "b", 1.0)
    clock = Clock()
    folder = WatchedFolder(tmp_path, clock=clock)
    kept = folder.look()[1]
    read.clear()
    clock.now += 60
    match change:
        case "summary":
            summary = Summary(id="a", name="renamed", created=2.0, state="failed")
            files.replace(changed.summary, msgspec.json.encode(summary))
        case "pin":
            pin(changed)
        case "labels":
            change_labels(changed, add=["t"])
        case "gone":
            changed.summary.unlink()
    runs = folder.look()
    assert read == ["a"]
    assert runs[-1] is kept
    if change == "gone":
        assert ids(runs) == ["b"]
    else:
        run = runs[0]
        assert (run.summary.name == "renamed", run.pinned, run.labels.tags == ("t",)) == (
            change == "summary", change == "pin", change == "labels",
        )  # fmt: skip


def test_a_run_that_comes_and_one_that_goes_show_at_once(tmp_path: Path) -> None:
    first = over(tmp_path, "a", 1.0)
    folder = WatchedFolder(tmp_path, clock=Clock())
    assert ids(folder.look()) == ["a"]
    over(tmp_path, "b", 2.0)
    os.utime(tmp_path, (time.time() - 1800, time.time() - 1800))
    assert ids(folder.look()) == ["b", "a"]
    shutil.rmtree(first.path)
    assert ids(folder.look()) == ["b"]


def test_a_live_run_is_judged_at_every_look(tmp_path: Path) -> None:
    run = make_run(tmp_path, "a", updated=time.time())
    add_process(run)
    beat(run, 0.0)
    folder = WatchedFolder(tmp_path, clock=Clock())
    assert folder.look()[0].state == "running"
    age(run.path)
    add_process(run, ended=time.time(), signal=9)
    age(run.path)
    assert folder.look()[0].state == "crashed"


def test_a_long_list_is_read_in_several_looks_newest_first(tmp_path: Path) -> None:
    for number in range(6):
        made = make_run(tmp_path, f"run-{number}", state="finished", created=float(number))
        os.utime(made.path, (1e9 + number, 1e9 + number))
    age(tmp_path)
    clock = Clock()
    clock.step = 1.0
    folder = WatchedFolder(tmp_path, seconds=5.0, clock=clock)
    first = ids(folder.look())
    assert first == ["run-5", "run-4", "run-3", "run-2"][: len(first)]
    assert 0 < len(first) < 6
    assert not folder.complete
    assert folder.count == 6
    for _ in range(6):
        runs = folder.look()
    assert folder.complete
    assert ids(runs) == [f"run-{number}" for number in (5, 4, 3, 2, 1, 0)]


def test_a_slow_file_system_is_asked_seldom(tmp_path: Path, read: list[str]) -> None:
    run = over(tmp_path, "a", 1.0)
    clock = Clock()
    clock.step = 0.1
    folder = WatchedFolder(tmp_path, clock=clock)
    folder.look()
    read.clear()
    pin(run)
    clock.now += 10
    folder.look()
    assert read == []
    folder.look(thorough=True)
    assert read == ["a"]


def test_a_folder_that_is_not_there_holds_no_runs(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path / "none")
    assert folder.look() == []
    assert folder.complete
    over(tmp_path / "none", "a", 1.0)
    assert ids(folder.look()) == ["a"]


def test_live_runs_of_other_folders_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    here, there = tmp_path / "here", tmp_path / "there"
    for place in (here, there):
        run = make_run(place, f"live-{place.name}")
        add_process(run)
        beat(run, 0.0)
        over(place, "old", 1.0)
        registry.remember(place)
    assert ids(elsewhere.LiveElsewhere(here).look()) == ["live-there"]

"""What runs take on the disk: what is counted, once, and when it is looked at again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.runs.builders import add_process, beat, make_run, weigh
from training.runs.disk import LIVE_SECONDS, DiskUses, freed, measure, weight_files
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view


def seen(folder: RunFolder) -> RunView:
    found = view(folder)
    assert found is not None
    return found


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_weights_are_told_from_the_rest_and_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped")
    record = folder.summary.stat().st_size
    folder.events.write_bytes(b"x" * 50)
    weigh(folder, "last", 1000)
    weigh(folder, "best", 300)
    (folder.checkpoints / "step-000000007.pt").hardlink_to(folder.checkpoints / "last.pt")
    (folder.checkpoints / ".last.pt.k3j_2.tmp").write_bytes(b"x" * 20)
    use = measure(folder)
    assert use.weights == 1320
    assert use.total == 1320 + 50 + record


def test_files_of_others_and_links_are_not_ours(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped")
    before = measure(folder)
    weigh(folder, "final-model", 100)
    (folder.path / "notes.txt").write_text("mine")
    (tmp_path / "archive.pt").write_bytes(b"x" * 10)
    (folder.checkpoints / "best.pt").symlink_to(tmp_path / "archive.pt")
    assert measure(folder) == before
    assert weight_files(folder) == []


def test_nothing_comes_free_of_a_file_that_keeps_another_name(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped")
    weigh(folder, "last", 1000)
    (folder.checkpoints / "best.pt").hardlink_to(folder.checkpoints / "last.pt")
    best, last = weight_files(folder)
    assert freed([last]) == 0
    assert freed([best, last]) == 1000


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert measure(RunFolder(tmp_path / "gone")).total == 0


def test_a_run_that_is_over_is_measured_again_only_when_its_checkpoints_change(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped", updated=1.0)
    weigh(folder, "last", 1000)
    uses = DiskUses()
    first = uses.look([seen(folder)])[folder.path]
    folder.events.write_bytes(b"x" * 50)
    assert uses.look([seen(folder)])[folder.path] == first
    weigh(folder, "best", 500)
    os.utime(folder.checkpoints, (1, 1))  # two changes within one tick of a coarse clock would look like one
    assert uses.look([seen(folder)])[folder.path].total == first.total + 550


def test_a_live_run_is_measured_again_after_a_while(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder)
    beat(folder, 0.0)
    clock = Clock()
    uses = DiskUses(clock=clock)
    first = uses.look([seen(folder)])[folder.path]
    weigh(folder, "last", 1000)
    clock.now += LIVE_SECONDS / 2
    assert uses.look([seen(folder)])[folder.path] == first
    clock.now += LIVE_SECONDS
    assert uses.look([seen(folder)])[folder.path].total == first.total + 1000


@pytest.mark.parametrize("slow", [0.4, 0.9])
def test_a_look_is_bounded_in_time_and_everybody_gets_a_turn(tmp_path: Path, slow: float) -> None:
    runs = [seen(make_run(tmp_path, f"run-{number}", state="finished")) for number in range(5)]
    clock = Clock()
    clock.step = slow
    uses = DiskUses(seconds=1.0, clock=clock)
    looks = [len(uses.look(runs)) for _ in range(5)]
    assert 0 < looks[0] < 5
    assert looks[-1] == 5


def test_a_run_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    runs = [seen(make_run(tmp_path, name, state="finished")) for name in ("a", "b")]
    uses = DiskUses()
    assert len(uses.look(runs)) == 2
    assert list(uses.look(runs[:1])) == [runs[0].folder.path]

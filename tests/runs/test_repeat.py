"""Repeating a run with other seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.runs.builders import make_run
from training.config.files import dump, load
from training.config.patch import apply
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.errors import InvalidInput
from training.runs import launch as launching
from training.runs import repeat as repeating
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.plan import LaunchPlan
from training.runs.repeat import launch_repeat, name_with, plan_repeat
from training.runs.seeds import seed_key
from training.runs.summary import Summary
from training.runs.survival import Survival
from training.slurm.script import Allocation

CPU = Choice("cpu", "CPU", "a test")


def gpu(number: int) -> Choice:
    return Choice("cuda", f"GPU {number} NVIDIA A100", "free", uuid=f"GPU-{number}")


class Host:
    """Where the runs would be launched: its plan, its further free devices, and what was started after what."""

    def __init__(self) -> None:
        self.plan = LaunchPlan((), CPU, Survival(True, "It goes on."))
        self.further: list[Choice] = []
        self.started: list[tuple[str, str, str]] = []

    def start(self, folder: RunFolder, plan: LaunchPlan, after: RunFolder | None) -> None:
        self.started.append((folder.id, plan.device.uuid or plan.device.name, after.id if after else ""))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    made = Host()
    monkeypatch.setattr(launching, "start_supervisor", made.start)
    monkeypatch.setattr(launching, "check_still_free", lambda *_: None)
    monkeypatch.setattr(repeating, "plan", lambda *_, **__: made.plan)
    monkeypatch.setattr(
        repeating,
        "another_device",
        lambda _, taken: next((one for one in made.further if one.uuid not in taken), None),
    )
    return made


def run_of(tmp_path: Path, name: str = "digits", changes: dict[str, Any] | None = None, **summary: Any) -> RunView:
    folder = make_run(tmp_path / "runs", name, **{"state": "finished", **summary})
    folder.config.write_text("# mine\n" + dump(apply(TrainingConfig(epochs=10), changes or {})))
    folder.split.write_text('{"fingerprint": "f", "val": [1]}')
    found = view(folder)
    assert found is not None
    return found


def test_each_repeat_has_a_seed_of_its_own_on_the_same_split(tmp_path: Path, host: Host) -> None:
    source = run_of(tmp_path, changes={"runtime.seed": 3, "learning_rate": 0.01})
    repeat = plan_repeat(source, 3)
    folders = list(launch_repeat(repeat))
    assert [folder.id for folder in folders] == ["digits-seed-4", "digits-seed-5", "digits-seed-6"]
    assert [load(folder.config).runtime.seed for folder in folders] == [4, 5, 6]
    assert {folder.split.read_text() for folder in folders} == {source.folder.split.read_text()}
    assert {load(folder.config).learning_rate for folder in folders} == {0.01}
    assert all(folder.config.read_text().startswith("# mine\n") for folder in folders)
    assert {seed_key(found) for folder in folders if (found := view(folder))} == {seed_key(source)}
    assert all(not found.summary.parent for folder in folders if (found := view(folder)))


def test_they_train_one_after_another_on_one_device(tmp_path: Path, host: Host) -> None:
    list(launch_repeat(plan_repeat(run_of(tmp_path), 3)))
    assert host.started == [
        ("digits-seed-1", "CPU", ""),
        ("digits-seed-2", "CPU", "digits-seed-1"),
        ("digits-seed-3", "CPU", "digits-seed-2"),
    ]


def test_they_wait_for_a_run_that_uses_the_device(tmp_path: Path, host: Host) -> None:
    host.plan = replace(host.plan, shares_device=True)
    repeat = plan_repeat(run_of(tmp_path), 2)
    list(launch_repeat(repeat))
    assert [after for _, _, after in host.started] == ["digits", "digits-seed-1"]
    assert any(note.startswith("One after another once digits has ended") for note in repeat.notes)


def test_each_free_device_has_a_chain_of_its_own(tmp_path: Path, host: Host) -> None:
    host.plan = replace(host.plan, device=gpu(0))
    host.further = [gpu(1)]
    repeat = plan_repeat(run_of(tmp_path), 5)
    list(launch_repeat(repeat))
    assert [(device, after) for _, device, after in host.started] == [
        ("GPU-0", ""),
        ("GPU-1", ""),
        ("GPU-0", "digits-seed-1"),
        ("GPU-1", "digits-seed-2"),
        ("GPU-0", "digits-seed-3"),
    ]
    assert "On 2 devices that are free, on each one after another." in repeat.notes


def test_more_devices_than_repeats_are_left_alone(tmp_path: Path, host: Host) -> None:
    host.plan = replace(host.plan, device=gpu(0))
    host.further = [gpu(1), gpu(2), gpu(3)]
    assert len(plan_repeat(run_of(tmp_path), 2).lanes) == 2


def test_seeds_that_the_folder_knows_of_the_same_config_are_passed_over(tmp_path: Path, host: Host) -> None:
    source = run_of(tmp_path, "digits-seed-1", {"runtime.seed": 1})
    run_of(tmp_path, "digits-seed-2", {"runtime.seed": 2})
    run_of(tmp_path, "another", {"runtime.seed": 3, "learning_rate": 0.5})
    repeat = plan_repeat(source, 2)
    assert repeat.seeds == (3, 4)
    assert repeat.names == ("digits-seed-3", "digits-seed-4")


def test_the_largest_seed_is_followed_by_the_smallest(tmp_path: Path, host: Host) -> None:
    assert plan_repeat(run_of(tmp_path, changes={"runtime.seed": 2**63 - 1}), 2).seeds == (0, 1)


def test_the_repeats_of_a_correction_correct_the_same_run(tmp_path: Path, host: Host) -> None:
    run_of(tmp_path, "parent")
    source = run_of(tmp_path, "parent-fix", parent="parent", reason="Lower the learning rate")
    [folder] = launch_repeat(plan_repeat(source, 1))
    summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
    assert (summary.parent, summary.reason, summary.start_from) == ("parent", "Lower the learning rate", "scratch")


def test_slurm_sees_to_the_order_itself(tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.plan = replace(host.plan, target=Allocation(1, 1, "", ()))
    monkeypatch.setattr(launching, "write_script", lambda *_: None)
    submitted: list[tuple[str, RunFolder | None]] = []
    monkeypatch.setattr(launching, "submit", lambda folder, *rest: submitted.append((folder.id, rest[-1])))
    list(launch_repeat(plan_repeat(run_of(tmp_path), 2)))
    assert submitted == [("digits-seed-1", None), ("digits-seed-2", None)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "reported"}, "is not trained by traindeck"),
        ({"start_from": "fork", "parent": "p"}, "began in the middle of p"),
        ({"start_from": "best", "parent": "p"}, "which are gone"),
    ],
)
def test_what_cannot_be_repeated_says_why(tmp_path: Path, host: Host, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        plan_repeat(run_of(tmp_path, **changes), 1)
    assert host.started == []


def test_a_run_without_a_split_is_not_repeated_on_others(tmp_path: Path, host: Host) -> None:
    source = run_of(tmp_path)
    source.folder.split.unlink()
    with pytest.raises(InvalidInput, match="no split yet"):
        plan_repeat(source, 1)


def test_a_subset_is_drawn_anew_for_each_seed_and_that_is_said(tmp_path: Path, host: Host) -> None:
    source = run_of(tmp_path, changes={"data.subset": 50})
    source.folder.split.unlink()
    repeat = plan_repeat(source, 1)
    assert any("each seed draws images of its own" in note for note in repeat.notes)


@pytest.mark.parametrize("count", [0, 51])
def test_no_more_than_fifty_at_a_time(tmp_path: Path, host: Host, count: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 50"):
        plan_repeat(run_of(tmp_path), count)


def test_what_stops_a_launch_stops_a_repeat(tmp_path: Path, host: Host) -> None:
    host.plan = replace(host.plan, problems=(Problem("No GPU is free.", "runtime.device"),))
    with pytest.raises(InvalidInput, match="No GPU is free"):
        plan_repeat(run_of(tmp_path), 1)


def test_the_time_is_told_from_what_the_run_took(tmp_path: Path, host: Host) -> None:
    source = run_of(tmp_path, device="CPU", epoch=5, training_seconds=50.0)
    assert plan_repeat(source, 3).seconds == 3 * 10 * 10.0
    assert "By past runs about 5:00 in all." in plan_repeat(source, 3).notes


def test_a_name_keeps_what_it_is_a_repeat_of() -> None:
    assert name_with("digits", 7) == "digits-seed-7"
    assert name_with("digits-seed-7", 8) == "digits-seed-8"
    assert len(name_with("x" * 200, 12)) == 80

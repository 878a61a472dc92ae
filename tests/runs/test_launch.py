"""A launch leaves a whole run or none, and takes no GPU that has been taken since it was planned."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.runs.builders import add_process, make_run
from training import files
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.errors import InvalidInput, RunFailed
from training.runs import launch as launching
from training.runs import plan as planning
from training.runs import store
from training.runs.correct import Correction, launch_correction
from training.runs.describe import default_name, slug
from training.runs.layout import RunFolder
from training.runs.muting import read_muted
from training.runs.naming import child_name
from training.runs.plan import LaunchPlan
from training.runs.survival import Survival

CPU = Choice("cpu", "CPU", "a test")
GPU = Choice("cuda", "GPU 0 NVIDIA A100", "free, 1 of 1 visible GPUs are", uuid="GPU-000")
CONFIG = TrainingConfig()


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """Nothing is started here; what would have been is listed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    folders: list[RunFolder] = []
    monkeypatch.setattr(launching, "start_supervisor", lambda folder, plan, after: folders.append(folder))
    return folders


def planned(device: Choice = CPU) -> LaunchPlan:
    return LaunchPlan((), device, Survival(True, "It goes on."))


def launch(runs_dir: Path, device: Choice = CPU, **changes: Any) -> RunFolder:
    return launching.launch(
        "", changes.pop("config", CONFIG), planned(device), runs_dir=runs_dir, base_dir=runs_dir, **changes
    )


@pytest.mark.parametrize("name", ["config.yaml", "environment.json", "summary.json"])
def test_a_disk_that_fills_up_half_way_leaves_no_folder_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = files.replace

    def replace_until(path: Path, data: bytes, *, sync: bool = True) -> None:
        if path.name == name:
            raise OSError(28, os.strerror(28), str(path))
        whole(path, data, sync=sync)

    monkeypatch.setattr(files, "replace", replace_until)
    with pytest.raises(RunFailed, match=f"{name}.*No space left"):
        launch(tmp_path / "runs", name="a")
    assert list((tmp_path / "runs").iterdir()) == []


def test_ctrl_c_half_way_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(launching, "_write_environment", interrupted)
    with pytest.raises(KeyboardInterrupt):
        launch(tmp_path / "runs", name="a")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_data_path_that_no_yaml_can_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    base = tmp_path / os.fsdecode(b"d\xff")
    config = apply(CONFIG, {"data.source": "folder", "data.path": "images"})
    with pytest.raises(InvalidInput, match=r"data\.path"):
        launching.launch("", config, planned(), runs_dir=tmp_path / "runs", base_dir=base, name="a")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_name_that_is_no_text_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="UTF-8"):
        launch(tmp_path / "runs", name="a\udcff")
    assert not (tmp_path / "runs").exists()


def test_a_long_name_of_the_data_folder_still_gives_a_run_its_name(tmp_path: Path) -> None:
    config = apply(CONFIG, {"data.source": "folder", "data.path": str(tmp_path / ("x" * 100))})
    folder = launch(tmp_path / "runs", config=config)
    assert folder.id == "x" * 40 + "-adam-0.001"


def test_a_name_of_wide_letters_fits_into_a_folder_name() -> None:
    assert len(slug("森" * 80).encode()) <= 255
    assert len(default_name(CONFIG)) <= store.NAME_LENGTH


def test_the_correction_of_a_run_with_a_long_name_has_a_name_that_is_allowed() -> None:
    name = "x" * store.NAME_LENGTH
    for _ in range(12):
        name = child_name(name)
        store.check_name(name)
    assert name.endswith("-fix-12")


def test_a_gpu_that_was_taken_since_the_plan_is_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[RunFolder]
) -> None:
    def read(wanted: str, **how: Any) -> Choice:
        return replace(GPU, confirm="GPU 0 is held by a live run of yours. Share it?" if how["taken"] else "")

    monkeypatch.setattr(planning, "choose", read)
    first = launch(tmp_path / "runs", GPU, name="first")
    with pytest.raises(RunFailed, match="no longer free"):
        launch(tmp_path / "runs", GPU, name="second")
    assert started == [first]
    shared = replace(GPU, confirm="Share it?")
    assert launch(tmp_path / "runs", shared, name="third") == started[-1]


def test_a_child_whose_parent_cannot_be_told_to_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    parent = make_run(tmp_path / "runs", "parent")
    add_process(parent)
    parent.commands.mkdir()  # so that it cannot be written
    fix: Any = type("Fix", (), {"title": "LR / 10", "start_from": "scratch"})
    correction = Correction(parent, None, fix, CONFIG, "", [])  # type: ignore[arg-type]
    with pytest.raises(RunFailed, match="cannot ask for stop"):
        launch_correction(correction, "stop", planned())
    child = RunFolder(tmp_path / "runs" / "parent-fix")
    assert json.loads(child.commands.read_bytes())["command"] == "stop"


def test_no_variable_of_the_environment_is_written_down_but_those_that_choose_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "hush-hush")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    folder = launch(tmp_path / "runs", name="a")
    content = msgspec.json.decode(folder.environment.read_bytes())
    assert content["variables"]["CUDA_VISIBLE_DEVICES"] == "3"
    assert b"hush-hush" not in folder.environment.read_bytes()


def test_two_runs_never_show_the_same_name(tmp_path: Path) -> None:
    folders = [launch(tmp_path / "runs", name="My run!") for _ in range(3)]
    names = [run.summary.name for run in reversed(store.list_runs(tmp_path / "runs"))]
    assert [folder.id for folder in folders] == ["My-run", "My-run-2", "My-run-3"]
    assert names == ["My run!", "My run!-2", "My run!-3"]
    assert store.find_run("My run!-2", tmp_path / "runs").folder == folders[1]


def test_a_finding_that_the_config_silences_is_muted_before_the_run_begins(
    tmp_path: Path, started: list[RunFolder]
) -> None:
    folder = launch(tmp_path / "runs", config=apply(CONFIG, {"advice.silenced": ["val_noisy"]}))
    assert started == [folder]
    assert read_muted(folder) == {"val_noisy"}

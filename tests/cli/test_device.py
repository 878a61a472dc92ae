"""Where a verb uses a trained run: a GPU only if it is free."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.cli import device
from training.devices.choice import Choice
from training.errors import InvalidInput
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView
from training.runs.summary import Summary

FREE = Choice("cuda", "GPU 1 H100", "free", uuid="GPU-b", environment={"CUDA_VISIBLE_DEVICES": "GPU-b"})


@pytest.fixture
def run(tmp_path: Path) -> RunView:
    folder = RunFolder(tmp_path)
    folder.config.write_text("runtime: {device: cuda:1}\n")
    return RunView(folder, Summary(id="run", name="run", created=0.0), "finished", "", None)


def chosen(run: RunView, monkeypatch: pytest.MonkeyPatch, choice: Choice) -> dict[str, str]:
    asked: list[str] = []

    def choose(wanted: str) -> Choice:
        asked.append(wanted)
        return choice

    monkeypatch.setattr(device, "choose", choose)
    environment = device.device_environment(run)
    assert asked == ["cuda:1"]
    return environment


def test_a_free_gpu_is_used_by_its_uuid(run: RunView, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = chosen(run, monkeypatch, FREE)
    assert (environment["TRAINDECK_DEVICE"], environment["CUDA_VISIBLE_DEVICES"]) == ("cuda", "GPU-b")


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (
            Choice(
                "cuda", "GPU 1", "the config names it", "GPU-b", {}, "GPU 1 is held by ann (python, pid 7). Share it?"
            ),
            "GPU 1 is held by ann (python, pid 7)",
        ),
        (
            Choice("cpu", "none", "", problem=InvalidInput("runtime.device: cuda:1, but no NVIDIA GPU was found.")),
            "runtime.device: cuda:1, but no NVIDIA GPU was found",
        ),
    ],
)
def test_where_the_gpu_is_occupied_or_not_here_the_cpu_does_it_and_says_why(
    run: RunView, monkeypatch: pytest.MonkeyPatch, choice: Choice, reason: str
) -> None:
    environment = chosen(run, monkeypatch, choice)
    assert (environment["TRAINDECK_DEVICE"], environment["CUDA_VISIBLE_DEVICES"]) == ("cpu", "")
    assert environment["TRAINDECK_DEVICE_REASON"] == reason

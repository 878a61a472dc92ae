"""How much memory the chosen device has."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from training.devices import memory
from training.devices.choice import Choice
from training.devices.gpus import Gpu, Reading
from training.devices.memory import device_memory, host_memory
from training.errors import InvalidInput

GPUS = Reading(tuple(Gpu(index, f"GPU-{index}", "A100", (4 + index) * 10**10, 0) for index in range(3)))


def test_each_process_has_the_memory_of_its_own_gpu() -> None:
    one = Choice("cuda", "GPU 1 A100", "free", "GPU-1")
    assert device_memory(one, GPUS) == 5 * 10**10
    several = Choice("cuda", "GPUs 1, 2 A100", "free", "GPU-2", processes=2, others=("GPU-1",))
    assert device_memory(several, GPUS) == 5 * 10**10  # the smaller one decides


def test_what_nobody_tells_is_not_guessed() -> None:
    assert device_memory(Choice("cuda", "the first GPU of CUDA_VISIBLE_DEVICES", "ambiguous"), GPUS) is None
    assert device_memory(Choice("cpu", "none", "busy", problem=InvalidInput("busy")), GPUS) is None
    shared = Reading((Gpu(0, "GPU-0", "GB10", 0, 0),))
    assert device_memory(Choice("cuda", "GPU 0 GB10", "free", "GPU-0"), shared) is None


def test_processes_on_the_cpu_share_its_memory() -> None:
    assert device_memory(Choice("cpu", "CPU", "", processes=4), Reading()) == host_memory() // 4


def test_a_container_has_no_more_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_LIMITS", (limit,))
    total = psutil.virtual_memory().total
    assert host_memory() == total
    limit.write_text("max\n")
    assert host_memory() == total
    limit.write_text("1048576\n")
    assert host_memory() == 1 << 20

"""Shared servers at their oddest: containers, slices, broken cards, masks that nobody can resolve."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.devices.test_choice import ALICE, CUDA_TORCH, gpu, server
from training.devices.choice import choose
from training.devices.gpus import UNSEEN, Gpu, GpuProcess, Nvml

HIDDEN = GpuProcess(991, UNSEEN, UNSEEN, None)


def pick(wanted: str, *gpus: Gpu, **how: Any) -> Any:
    return choose(wanted, **{"reading": server(*gpus), "torch": CUDA_TORCH, "environ": {}, **how})


def used(one: Gpu, gib: float) -> Gpu:
    return replace(one, memory_used=int(gib * 2**30))


def test_a_gpu_whose_memory_is_used_by_processes_that_a_container_hides_wants_a_yes() -> None:
    choice = pick("auto", used(gpu(0), 40))
    assert (choice.uuid, choice.problem) == ("GPU-000", None)
    assert "42.9 GB" in choice.confirm
    assert pick("auto", used(gpu(0), 40), gpu(1)).uuid == "GPU-111"


def test_what_a_driver_or_a_desktop_takes_of_a_gpu_does_not_make_it_busy() -> None:
    assert pick("auto", used(gpu(0), 0.7)).confirm == ""
    assert pick("auto", replace(used(gpu(0), 4), drawing=True)).confirm == ""


def test_the_gpu_of_the_run_that_is_about_to_stop_is_free_for_its_correction_in_a_container_too() -> None:
    """NVML knows the parent's worker by the host's pid, 991; in the container it is 17."""
    parent = used(gpu(0, HIDDEN), 12)
    assert pick("auto", parent).problem is not None
    choice = pick("auto", parent, leaving={17}, leaving_gpus={"GPU-000"})
    assert (choice.uuid, choice.problem, choice.confirm) == ("GPU-000", None, "")
    other = replace(HIDDEN, pid=992)
    assert pick("auto", used(gpu(0, HIDDEN, other), 12), leaving={17}, leaving_gpus={"GPU-000"}).problem is not None


def test_the_memory_of_the_run_that_is_about_to_stop_counts_as_given_back() -> None:
    choice = pick("auto", used(gpu(0, ALICE), 12), leaving={ALICE.pid}, leaving_gpus={"GPU-000"})
    assert (choice.uuid, choice.confirm) == ("GPU-000", "")


def test_a_slice_of_a_gpu_is_left_to_cuda_as_the_mask_names_it() -> None:
    choice = pick("auto", gpu(0), environ={"CUDA_VISIBLE_DEVICES": "MIG-5c89852c"})
    assert choice.device == "cuda"
    assert "CUDA_VISIBLE_DEVICES" not in choice.environment


def test_a_mask_that_cannot_be_resolved_asks_where_a_gpu_is_occupied_and_takes_no_other_order() -> None:
    gpus = gpu(0, ALICE, name="NVIDIA T4"), gpu(1)
    mask = {"CUDA_VISIBLE_DEVICES": "0,1"}
    assert "alice" in pick("auto", *gpus, environ=mask).confirm
    assert pick("auto", gpu(0, name="NVIDIA T4"), gpu(1), environ=mask).confirm == ""
    for wanted in ("cuda:1", "GPU-111"):
        assert pick(wanted, *gpus, environ=mask).problem is not None


class FakeNvml:
    """pynvml of a host with two cards, the first of which has fallen off the bus."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        """What every call on the lost card raises."""

    def __getattr__(self, name: str) -> Any:
        answers = {
            "nvmlDeviceGetCount": 2,
            "nvmlSystemGetCudaDriverVersion": 13000,
            "nvmlSystemGetDriverVersion": "580.65",
            "nvmlDeviceGetUUID": "GPU-111",
            "nvmlDeviceGetName": "NVIDIA GB10",
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=0),
            "nvmlDeviceGetPowerUsage": 1000,
            "nvmlDeviceGetEnforcedPowerLimit": 140_000,
            "nvmlDeviceGetTemperature": 40,
            "nvmlDeviceGetComputeRunningProcesses": [],
            "nvmlDeviceGetGraphicsRunningProcesses": [],
        }

        def answer(*arguments: Any) -> Any:
            if name == "nvmlDeviceGetHandleByIndex" and arguments == (0,):
                raise self.NVMLError("GPU is lost")
            if name == "nvmlDeviceGetMemoryInfo":
                raise self.NVMLError("Not Supported")
            return answers.get(name, "handle")

        return answer


@pytest.fixture
def broken() -> Nvml:
    return Nvml(FakeNvml())


def test_a_card_that_is_lost_or_shares_the_memory_of_its_host_takes_no_other_with_it(broken: Nvml) -> None:
    reading = broken.read()
    assert [(one.index, one.uuid, one.memory_total) for one in reading.gpus] == [(1, "GPU-111", 0)]
    assert "GPU is lost" in reading.error
    assert choose("auto", reading=reading, torch=CUDA_TORCH, environ={}).uuid == "GPU-111"

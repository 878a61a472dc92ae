"""Which device a run gets, on recorded readings of shared servers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from training.devices.choice import choose, visible_gpus
from training.devices.gpus import Gpu, GpuProcess, Nvml, Reading
from training.devices.torch_build import TorchBuild, torch_build

CUDA_TORCH = TorchBuild("2.14.1+cu130", "13.0")
ALICE = GpuProcess(4711, "alice", "python", 12 * 2**30)


def gpu(index: int, *processes: GpuProcess, name: str = "NVIDIA A100") -> Gpu:
    return Gpu(index, f"GPU-{index}{index}{index}", name, 80 * 2**30, 0, processes=processes)


def server(*gpus: Gpu) -> Reading:
    return Reading(gpus, "580.65", (13, 0))


def test_a_gpu_without_any_process_is_preferred_and_named_by_uuid() -> None:
    choice = choose("auto", reading=server(gpu(0, ALICE), gpu(1)), torch=CUDA_TORCH, environ={})
    assert (choice.device, choice.uuid, choice.problem, choice.confirm) == ("cuda", "GPU-111", None, "")
    assert choice.environment["CUDA_VISIBLE_DEVICES"] == "GPU-111"


def test_a_gpu_that_a_live_run_of_ours_was_given_counts_as_taken() -> None:
    choice = choose("auto", taken={"GPU-000"}, reading=server(gpu(0), gpu(1)), torch=CUDA_TORCH, environ={})
    assert choice.uuid == "GPU-111"


def test_where_every_gpu_is_held_the_launch_stops_and_says_by_whom() -> None:
    choice = choose("auto", taken={"GPU-111"}, reading=server(gpu(0, ALICE), gpu(1)), torch=CUDA_TORCH, environ={})
    assert choice.problem is not None
    assert "alice (python, pid 4711)" in str(choice.problem)
    assert "a live run of yours" in str(choice.problem)
    assert "cuda:N" in choice.problem.remedy


def test_an_occupied_gpu_is_taken_only_by_name_and_after_a_question() -> None:
    choice = choose("cuda:0", reading=server(gpu(0, ALICE), gpu(1)), torch=CUDA_TORCH, environ={})
    assert (choice.uuid, choice.problem) == ("GPU-000", None)
    assert "alice" in choice.confirm
    by_uuid = choose("GPU-000", reading=server(gpu(0, ALICE), gpu(1)), torch=CUDA_TORCH, environ={})
    assert by_uuid.uuid == "GPU-000"


def test_processes_of_a_run_that_is_about_to_stop_count_as_gone() -> None:
    reading = server(gpu(0, ALICE))
    assert choose("auto", reading=reading, torch=CUDA_TORCH, environ={}).problem is not None
    choice = choose("auto", leaving={ALICE.pid}, reading=reading, torch=CUDA_TORCH, environ={})
    assert (choice.uuid, choice.problem) == ("GPU-000", None)


@pytest.mark.parametrize(
    ("mask", "order", "seen"),
    [
        ("1", "PCI_BUS_ID", ["GPU-111"]),
        ("1,0", "PCI_BUS_ID", ["GPU-111", "GPU-000"]),
        ("GPU-11", "", ["GPU-111"]),
        ("0,7,1", "PCI_BUS_ID", ["GPU-000"]),
        ("-1", "PCI_BUS_ID", []),
        ("", "", []),
    ],
)
def test_only_visible_gpus_are_chosen_from(mask: str, order: str, seen: list[str]) -> None:
    reading = server(gpu(0), gpu(1))
    visible = visible_gpus(reading, {"CUDA_VISIBLE_DEVICES": mask, "CUDA_DEVICE_ORDER": order})
    assert [found.uuid for found in visible.gpus] == seen


def test_numbers_among_unlike_gpus_are_left_to_cuda_whose_order_nvml_does_not_know() -> None:
    reading = server(gpu(0, name="NVIDIA T4"), gpu(1))
    choice = choose("auto", reading=reading, torch=CUDA_TORCH, environ={"CUDA_VISIBLE_DEVICES": "0"})
    assert choice.device == "cuda"
    assert "CUDA_VISIBLE_DEVICES" not in choice.environment


def test_numbers_among_gpus_of_one_model_are_the_same_in_both_orders() -> None:
    choice = choose("auto", reading=server(gpu(0), gpu(1)), torch=CUDA_TORCH, environ={"CUDA_VISIBLE_DEVICES": "1"})
    assert choice.uuid == "GPU-111"


def test_without_a_gpu_the_cpu_is_used_and_the_reason_said() -> None:
    choice = choose("auto", reading=Reading(), torch=CUDA_TORCH, environ={})
    assert (choice.device, choice.reason, choice.confirm) == ("cpu", "no NVIDIA GPU was found", "")


def test_the_cpu_beside_a_gpu_wants_a_yes() -> None:
    assert choose("cpu", reading=server(gpu(0)), torch=CUDA_TORCH, environ={}).confirm
    hidden = choose("auto", reading=server(gpu(0)), torch=CUDA_TORCH, environ={"CUDA_VISIBLE_DEVICES": ""})
    assert (hidden.device, hidden.problem) == ("cpu", None)
    assert hidden.confirm


def test_a_gpu_that_torch_cannot_use_stops_the_launch_with_driver_build_and_remedy() -> None:
    for build in (TorchBuild("2.14.1+cpu"), CUDA_TORCH):
        choice = choose("auto", reading=replace(server(gpu(0)), cuda=(12, 4)), torch=build, environ={})
        assert choice.problem is not None
        for word in ("580.65", build.version, "driver"):
            assert word in str(choice.problem)


def test_an_older_driver_of_the_same_cuda_major_is_fine() -> None:
    reading = replace(server(gpu(0)), cuda=(13, 0))
    assert choose("auto", reading=reading, torch=TorchBuild("2.15", "13.2"), environ={}).problem is None


@pytest.mark.parametrize("wanted", ["cuda", "cuda:0", "GPU-000"])
def test_a_gpu_that_is_asked_for_and_not_there_stops_the_launch(wanted: str) -> None:
    assert choose(wanted, reading=Reading(), torch=CUDA_TORCH, environ={}).problem is not None


def test_a_number_beyond_the_visible_gpus_stops_the_launch() -> None:
    assert choose("cuda:2", reading=server(gpu(0), gpu(1)), torch=CUDA_TORCH, environ={}).problem is not None


def test_an_nvml_that_fails_is_named_and_the_cpu_wants_a_yes() -> None:
    choice = choose("auto", reading=Reading(error="Driver/library version mismatch"), torch=CUDA_TORCH, environ={})
    assert "version mismatch" in choice.reason
    assert choice.confirm


def test_the_installed_torch_is_read_without_importing_it() -> None:
    import sys

    loaded = "torch" in sys.modules
    build = torch_build()
    assert build is not None
    assert build.version[0].isdigit()
    assert ("torch" in sys.modules) == loaded


def test_a_host_without_a_driver_reads_as_one_without_gpus_and_without_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pynvml

    def no_driver() -> None:
        raise pynvml.NVMLError_LibraryNotFound

    monkeypatch.setattr(pynvml, "nvmlInit", no_driver)
    assert Nvml().read() == Reading()

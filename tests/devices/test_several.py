"""Which GPUs a run with several processes gets, on recorded readings of shared servers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.devices.test_choice import ALICE, CUDA_TORCH, gpu, server
from training.devices.choice import Choice
from training.devices.gpus import Gpu, Reading
from training.devices.several import choose_many

FOUR = server(gpu(0), gpu(1, ALICE), gpu(2), gpu(3))


def many(
    processes: object, wanted: str = "auto", reading: Reading = FOUR, mask: str | None = None, **more: object
) -> Choice:
    environ = {} if mask is None else {"CUDA_VISIBLE_DEVICES": mask}
    return choose_many(processes, wanted, reading=reading, torch=CUDA_TORCH, environ=environ, **more)  # type: ignore[arg-type]


def test_each_process_gets_a_free_gpu_by_uuid() -> None:
    choice = many(2)
    assert (choice.processes, choice.uuids, choice.problem, choice.confirm) == (2, ("GPU-000", "GPU-222"), None, "")
    assert choice.environment["CUDA_VISIBLE_DEVICES"] == "GPU-000,GPU-222"
    assert choice.name == "GPUs 0, 2 NVIDIA A100"


def test_auto_is_every_gpu_that_is_visible_and_free() -> None:
    assert many("auto").uuids == ("GPU-000", "GPU-222", "GPU-333")
    assert many("auto", taken={"GPU-222"}).uuids == ("GPU-000", "GPU-333")
    seen = many("auto", mask="2,1")
    assert (seen.uuids, seen.processes) == (("GPU-222",), 1)
    assert "auto" in seen.reason


def test_more_processes_than_gpus_stop_the_launch_and_both_numbers_are_named() -> None:
    choice = many(8)
    assert choice.problem is not None
    assert choice.key == "runtime.processes"
    assert str(choice.problem) == (
        "runtime.processes is 8, but 4 GPUs are visible here: each process needs its own. Set it to 4 or to auto."
    )


def test_an_occupied_gpu_is_never_taken_to_make_up_the_number() -> None:
    choice = many(4)
    assert str(choice.problem) == (
        "runtime.processes is 4, but only 3 of the 4 visible GPUs are free. Set it to 3 or to auto, or wait until more "
        "are free."
    )
    unexplained = replace(gpu(0), memory_used=40 * 2**30)
    assert "none of the 1 visible GPUs" not in str(many(1, reading=server(unexplained)).problem)
    assert "none of the 2" in str(many(2, reading=server(unexplained, gpu(1, ALICE))).problem)


def test_where_every_gpu_is_held_it_is_said_by_whom() -> None:
    choice = many("auto", reading=server(gpu(0, ALICE)))
    assert "alice" in str(choice.problem)


def test_gpus_of_a_run_that_is_about_to_stop_are_free_for_its_correction() -> None:
    both: tuple[Gpu, ...] = (gpu(0, ALICE), gpu(1, ALICE))
    choice = many(2, reading=server(*both), leaving={ALICE.pid}, leaving_gpus=("GPU-000", "GPU-111"))
    assert choice.uuids == ("GPU-000", "GPU-111")


def test_a_gpu_that_is_named_is_one_gpu() -> None:
    assert many("auto", "cuda:2").uuids == ("GPU-222",)
    assert "names one GPU" in str(many(2, "cuda:2").problem)


def test_numbers_among_unlike_gpus_are_counted_not_chosen() -> None:
    unlike = server(gpu(0, name="NVIDIA T4"), gpu(1), gpu(2))
    assert many("auto", reading=unlike, mask="0,1").processes == 2
    assert "names 2 GPUs" in str(many(3, reading=unlike, mask="0,1").problem)


@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_on_the_cpu_there_are_as_many_processes_as_asked_for_and_auto_is_one(wanted: str) -> None:
    bare = Reading()
    assert many(3, wanted, bare).processes == 3
    auto = many("auto", wanted, bare)
    assert (auto.processes, auto.uuids) == (1, ())
    assert "auto" in auto.reason

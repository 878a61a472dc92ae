"""The load of the GPUs in the log: sampled beside training, told with the steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.devices.recorded import Readings, busy
from tests.engine.conftest import MakeRun
from training.devices.gpus import Reading
from training.diagnosis.engine import Diagnosis
from training.engine import device_load
from training.engine.device_load import DeviceLoad
from training.engine.place import Place
from training.engine.progress import StepMetrics
from training.engine.reporting import Report
from training.runs.events import Attempt, Step

CUDA = {"TRAINDECK_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": "GPU-111"}


def sampled(readings: Readings, environ: dict[str, str], place: Place | None = None) -> dict[str, float]:
    """What is known once the thread has looked; it ends with the block."""
    load = DeviceLoad(place or Place(), environ, readings)  # type: ignore[arg-type]
    load.over.set()  # so that it looks once
    with load:
        pass
    return load.newest()


def test_the_load_is_that_of_the_gpu_that_the_run_trains_on() -> None:
    readings = Readings([Reading((busy(0, 3), busy(1, 87, 60)))])
    assert sampled(readings, CUDA) == {"gpu_util": 0.87, "gpu_memory": 0.75}
    assert readings.only == [None, [1]]


def test_further_gpus_of_the_run_are_numbered_as_cuda_numbers_them() -> None:
    environ = {**CUDA, "CUDA_VISIBLE_DEVICES": "GPU-222,GPU-000,GPU-111"}
    place = Place(world=4, local_world=2)
    found = sampled(Readings([Reading((busy(0, 10), busy(1, 20), busy(2, 30)))]), environ, place)
    assert found == {"gpu_util": 0.3, "gpu_memory": 0.25, "gpu1_util": 0.1, "gpu1_memory": 0.25}


@pytest.mark.parametrize(
    ("reading", "environ"),
    [
        (Reading(error="the driver does not answer"), CUDA),
        (Reading((busy(0),)), {"TRAINDECK_DEVICE": "cpu"}),
        (Reading((busy(0),)), {}),
        (Reading((busy(0),)), {**CUDA, "CUDA_VISIBLE_DEVICES": "MIG-5c89852c"}),
        (Reading((busy(1, None, memory_total=0),)), CUDA),
    ],
    ids=["no NVML", "on the CPU", "by hand", "a slice", "a GPU without figures"],
)
def test_nothing_is_told_where_there_is_nothing_to_tell(reading: Reading, environ: dict[str, str]) -> None:
    assert sampled(Readings([reading]), environ) == {}


def test_a_gpu_that_does_not_answer_for_a_while_is_left_out_meanwhile() -> None:
    whole, lost = Reading((busy(1),)), Reading(error="GPU 1: Unknown Error")
    assert sampled(Readings([whole, lost]), CUDA) == {}


def test_a_sample_is_told_once() -> None:
    load = DeviceLoad(Place(), CUDA, Readings([Reading((busy(1),))]))  # type: ignore[arg-type]
    load.over.set()
    with load:
        pass
    assert load.newest()
    assert load.newest() == {}


def test_it_goes_on_sampling_until_the_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_load, "SAMPLE_SECONDS", 0.001)
    first = busy(1, 0)
    readings = Readings([Reading((first,)), Reading((first,)), Reading((replace(first, utilisation=100),))])
    seen: dict[str, float] = {}
    with DeviceLoad(Place(), CUDA, readings) as load:  # type: ignore[arg-type]
        while seen.get("gpu_util") != 1.0:
            seen = load.newest() or seen


class Once:
    """A load that has one sample to tell."""

    def __init__(self) -> None:
        self.samples = [{"gpu_util": 0.9, "gpu_memory": 0.5}]

    def newest(self) -> dict[str, float]:
        return self.samples.pop() if self.samples else {}


def test_the_last_of_the_steps_that_are_written_together_carries_the_load(make_run: MakeRun) -> None:
    run = make_run()
    report = Report(run.folder)
    report.load = Once()  # type: ignore[assignment]
    report._diagnosis = Diagnosis(None, {})
    report._open(Attempt(run=report.summary.id, epochs=1, steps_per_epoch=4))
    for first in (0, 2):
        report.steps([StepMetrics(step, {"train_loss": 1.0, "grad_norm": 1.0}) for step in (first, first + 1)], 1.0)
    steps = run.of(Step)
    assert [step.metrics.get("gpu_util") for step in steps] == [None, 0.9, None, None]
    assert steps[1].metrics["gpu_memory"] == 0.5


def test_a_run_on_the_cpu_logs_nothing_of_gpus(make_run: MakeRun) -> None:
    run = make_run()
    assert run.train() == 0
    logged = {name for step in run.of(Step) for name in step.metrics}
    assert logged == {"train_loss", "lr", "grad_norm", "images_per_s"}

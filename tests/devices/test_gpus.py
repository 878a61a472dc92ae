"""What is read of a GPU, and what is left out where NVML refuses."""

from __future__ import annotations

from tests.devices.recorded import Library, card
from training.devices.gpus import Nvml
from training.devices.load import HardwareMonitor


def test_load_memory_power_and_temperature_are_read_of_each_gpu() -> None:
    reading = Nvml(Library([card(0), card(1, Temperature=35)])).read()
    first, second = reading.gpus
    assert (first.utilisation, first.power, first.power_limit, first.temperature) == (87, 412.345, 700.0, 61)
    assert (first.memory_used, first.memory_total) == (12_060_524_544, 85_520_809_984)
    assert second.temperature == 35
    assert (reading.driver, reading.cuda) == ("590.48.01", (13, 1))


def test_what_nvml_refuses_is_unknown_and_no_error() -> None:
    refused = {"PowerUsage": None, "EnforcedPowerLimit": None, "Temperature": None, "UtilizationRates": None}
    reading = Nvml(Library([card(0, **refused)])).read()
    (gpu,) = reading.gpus
    assert (gpu.utilisation, gpu.power, gpu.power_limit, gpu.temperature) == (None, None, None, None)
    assert not reading.error


def test_a_card_that_has_fallen_off_the_bus_does_not_hide_the_others() -> None:
    reading = Nvml(Library([card(0, UUID=None), card(1)])).read()
    assert [gpu.index for gpu in reading.gpus] == [1]
    assert reading.error == "GPU 0: Not Supported"
    assert HardwareMonitor(Nvml(Library([card(0, UUID=None)]))).read().error == "GPU 0: Not Supported"


def test_only_the_gpus_that_are_asked_for_are_disturbed() -> None:
    library = Library([card(0), card(1), card(2)])
    reading = Nvml(library).read(processes=False, only=[1])
    assert [gpu.index for gpu in reading.gpus] == [1]
    assert {index for _, index in library.asked} == {1}
    assert not [name for name, _ in library.asked if name.endswith("Processes")]

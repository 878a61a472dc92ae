"""NVML as recorded on servers: a library that answers what was written down, and refuses the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from training.devices.gpus import Gpu, Reading

NVML_TEMPERATURE_GPU = 0


class Refused(Exception):
    """NVML's error."""


@dataclass
class Library:
    """What `pynvml` would answer for these cards; a figure that is None is refused."""

    cards: Sequence[dict[str, Any]]
    asked: list[tuple[str, int]] = field(default_factory=list)
    NVMLError = Refused
    NVML_TEMPERATURE_GPU = NVML_TEMPERATURE_GPU

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.cards)

    def nvmlSystemGetCudaDriverVersion(self) -> int:  # noqa: N802
        return 13010

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "590.48.01"

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def __getattr__(self, name: str) -> Any:
        """Any other question: the card's answer to what stands behind `nvmlDeviceGet`."""
        if not name.startswith("nvmlDeviceGet"):
            raise AttributeError(name)

        def answer(index: int, *_: object) -> Any:
            self.asked.append((name.removeprefix("nvmlDeviceGet"), index))
            found = self.cards[index].get(name.removeprefix("nvmlDeviceGet"))
            if found is None:
                raise Refused("Not Supported")
            return found

        return answer


def card(index: int, **changes: Any) -> dict[str, Any]:
    """An H100 at work, as its NVML answered."""
    return {
        "UUID": f"GPU-{index}{index}{index}",
        "Name": "NVIDIA H100 80GB HBM3",
        "MemoryInfo": SimpleNamespace(total=85_520_809_984, used=12_060_524_544),
        "UtilizationRates": SimpleNamespace(gpu=87, memory=41),
        "PowerUsage": 412_345,
        "EnforcedPowerLimit": 700_000,
        "Temperature": 61,
        "ComputeRunningProcesses": [],
        "GraphicsRunningProcesses": [],
        **changes,
    }


@dataclass
class Readings:
    """Stands for Nvml: one reading after the other, the last again and again."""

    found: list[Reading]
    only: list[Any] = field(default_factory=list)

    def read(self, *, processes: bool = True, only: Any = None) -> Reading:
        self.only.append(only)
        reading = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        gpus = [gpu for gpu in reading.gpus if only is None or gpu.index in only]
        return Reading(tuple(gpus), reading.driver, reading.cuda, reading.error)


def busy(index: int, utilisation: int | None = 50, used: int = 20, **changes: Any) -> Gpu:
    """A card of 80 units of memory."""
    figures = {"memory_total": 80, "memory_used": used, "utilisation": utilisation, **changes}
    return Gpu(index, f"GPU-{index}{index}{index}", "NVIDIA H100", **figures)

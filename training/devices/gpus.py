"""What NVML knows of the GPUs of this host, behind an interface that tests feed with recorded readings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import psutil

from training.text import one_line

UNSEEN = "?"
"""User and name of a process that NVML knows and this process cannot see."""


@dataclass(frozen=True)
class GpuProcess:
    """A process that holds memory of a GPU."""

    pid: int
    user: str
    name: str
    memory: int | None
    """Bytes; None where the driver does not tell."""


@dataclass(frozen=True)
class Gpu:
    """One GPU at one moment. `index` is NVML's, in PCI bus order, which need not be CUDA's."""

    index: int
    uuid: str
    name: str
    memory_total: int
    memory_used: int
    utilisation: int | None = None
    """Percent."""
    power: float | None = None
    """Watts."""
    power_limit: float | None = None
    """Watts that the driver lets it draw."""
    temperature: int | None = None
    """Degrees Celsius."""
    processes: tuple[GpuProcess, ...] = ()
    """Those that compute."""
    drawing: bool = False
    """Whether a desktop uses it too."""


@dataclass(frozen=True)
class Reading:
    """All GPUs that answer, the driver's version and the newest CUDA it can run; `error` is NVML's, if any."""

    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    cuda: tuple[int, int] | None = None
    error: str = ""


@dataclass
class Nvml:
    """The real NVML, opened on first use. A host without a driver reads as one without GPUs."""

    _library: Any = field(default=None, repr=False)

    def read(self, *, processes: bool = True, only: Collection[int] | None = None) -> Reading:
        """All GPUs, or those of these indices; asking for their processes takes longest."""
        nvml = self._open()
        if isinstance(nvml, str):
            return Reading(error=nvml)
        try:
            count = nvml.nvmlDeviceGetCount()
            cuda = nvml.nvmlSystemGetCudaDriverVersion()
            driver = _text(nvml.nvmlSystemGetDriverVersion())
        except nvml.NVMLError as error:
            return Reading(error=str(error))
        gpus, broken = [], ""
        for index in range(count):
            if only is not None and index not in only:
                continue
            try:
                gpus.append(_read_gpu(nvml, index, processes))
            except nvml.NVMLError as problem:
                # One card that has fallen off the bus does not take the others with it.
                broken = f"GPU {index}: {problem}"
        return Reading(tuple(gpus), driver, (cuda // 1000, cuda % 1000 // 10), broken)

    def _open(self) -> Any:
        """The library, or why there is none; an empty reason where there is simply no NVIDIA driver."""
        if self._library is not None:
            return self._library
        try:
            import pynvml
        except ImportError:
            return "the package nvidia-ml-py is not installed"
        try:
            pynvml.nvmlInit()
        except (pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError_DriverNotLoaded):
            return ""
        except pynvml.NVMLError as error:
            return str(error)
        self._library = pynvml
        return pynvml


def _read_gpu(nvml: Any, index: int, processes: bool) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    # GPUs that share the host's memory have none of their own to tell of.
    memory = _optional(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    return Gpu(
        index=index,
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        name=_text(nvml.nvmlDeviceGetName(handle)),
        memory_total=memory.total if memory else 0,
        memory_used=memory.used if memory else 0,
        utilisation=_optional(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu),
        power=_optional(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000),
        power_limit=_optional(nvml, lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000),
        temperature=_optional(nvml, lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)),
        processes=_read_processes(nvml, handle) if processes else (),
        drawing=bool(processes and _optional(nvml, lambda: nvml.nvmlDeviceGetGraphicsRunningProcesses(handle))),
    )


def _read_processes(nvml: Any, handle: Any) -> tuple[GpuProcess, ...]:
    found = _optional(nvml, lambda: nvml.nvmlDeviceGetComputeRunningProcesses(handle)) or []
    return tuple(_describe(process.pid, process.usedGpuMemory) for process in found)


def _describe(pid: int, memory: int | None) -> GpuProcess:
    """Who it is; a pid outside this container's sight is a number of UNSEEN."""
    try:
        process = psutil.Process(pid)
        return GpuProcess(pid, one_line(process.username()), one_line(process.name()), memory)
    except (psutil.Error, KeyError):
        return GpuProcess(pid, UNSEEN, UNSEEN, memory)


def _optional(nvml: Any, ask: Any) -> Any:
    """A figure that not every GPU has."""
    try:
        return ask()
    except nvml.NVMLError:
        return None


def _text(value: str | bytes) -> str:
    return one_line(value.decode(errors="replace") if isinstance(value, bytes) else value)

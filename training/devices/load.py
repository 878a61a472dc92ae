"""How busy the machine is: the monitor's status line."""

from __future__ import annotations

from dataclasses import dataclass, field

import psutil

from training.devices.gpus import Gpu, Nvml


@dataclass(frozen=True)
class HardwareReading:
    """One moment: CPU in percent of all cores, memory in bytes, and the GPUs, if any."""

    cpu: float
    cores: int
    memory_used: int
    memory_total: int
    gpus: tuple[Gpu, ...] = ()

    def sentence(self, uuid: str = "") -> str:
        """One line; with a UUID, of that GPU only."""
        parts = [
            f"CPU {self.cpu:.0f} % of {self.cores} cores",
            f"RAM {_gib(self.memory_used)}/{_gib(self.memory_total)} GiB",
        ]
        shown = [gpu for gpu in self.gpus if not uuid or gpu.uuid == uuid]
        for gpu in shown:
            busy = "?" if gpu.utilisation is None else gpu.utilisation
            parts.append(f"GPU {gpu.index} {busy} % {_gib(gpu.memory_used)}/{_gib(gpu.memory_total)} GiB")
        return " · ".join(parts) if shown else " · ".join([*parts, "no GPU"])


@dataclass
class HardwareMonitor:
    """Keeps NVML open between readings; CPU use is measured since the last one."""

    _nvml: Nvml = field(default_factory=Nvml)

    def read(self) -> HardwareReading:
        memory = psutil.virtual_memory()
        return HardwareReading(
            cpu=psutil.cpu_percent(None),
            cores=psutil.cpu_count() or 1,
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
            gpus=self._nvml.read(processes=False).gpus,
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"

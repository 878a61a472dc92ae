"""How busy the machine is: the monitor's status line and its panel of devices."""

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
    error: str = ""
    """What NVML complained of, if anything."""

    def sentence(self, uuid: str = "") -> str:
        """One line; with a UUID, of that GPU only."""
        parts = [
            f"CPU {self.cpu:.0f} % of {self.cores} cores",
            f"RAM {_share(self.memory_used, self.memory_total)}",
        ]
        shown = [gpu for gpu in self.gpus if not uuid or gpu.uuid == uuid]
        for gpu in shown:
            busy = "?" if gpu.utilisation is None else gpu.utilisation
            parts.append(f"GPU {gpu.index} {busy} % {_share(gpu.memory_used, gpu.memory_total)}")
        return " · ".join(parts) if shown else " · ".join([*parts, "no GPU"])


@dataclass
class HardwareMonitor:
    """Keeps NVML open between readings; CPU use is measured since the last one."""

    _nvml: Nvml = field(default_factory=Nvml)

    def read(self) -> HardwareReading:
        memory = psutil.virtual_memory()
        seen = self._nvml.read()
        return HardwareReading(
            cpu=psutil.cpu_percent(None),
            cores=psutil.cpu_count() or 1,
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
            gpus=seen.gpus,
            error=seen.error,
        )


def _share(used: int, total: int) -> str:
    """In GB, however little it is: a status line should not jump."""
    return f"{used / 1e9:.1f}/{total / 1e9:.1f} GB"

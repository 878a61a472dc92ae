"""How busy the GPUs of this machine are that the run trains on, sampled beside training and never by it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping

from training.devices.choice import visible_gpus
from training.devices.gpus import Gpu, Nvml
from training.engine.beside import Beside
from training.engine.place import ALONE, Place

SAMPLE_SECONDS = 2.0


class DeviceLoad(Beside):
    """Samples while the block lasts; nothing where there is no GPU, no NVML, or no telling which GPUs they are.

    A thread of its own: an ill driver may keep NVML waiting, and the heartbeat must go on.
    """

    def __init__(self, place: Place = ALONE, environ: Mapping[str, str] = os.environ, nvml: Nvml | None = None) -> None:
        self._place = place
        self._environ = environ
        self._nvml = nvml or Nvml()
        self._samples: deque[dict[str, float]] = deque(maxlen=1)
        super().__init__("device load")

    def run(self) -> None:
        own = self._own()
        while own:
            # After a driver's hiccup a card may be missing from one reading and back in the next.
            seen = {gpu.uuid: gpu for gpu in self._nvml.read(processes=False, only=[gpu.index for gpu in own]).gpus}
            sample: dict[str, float] = {}
            for number, gpu in enumerate(own):
                sample |= _metrics(number, seen.get(gpu.uuid))
            if sample:
                self._samples.append(sample)
            if self.over.wait(SAMPLE_SECONDS):
                return

    def newest(self) -> dict[str, float]:
        """The last sample, once: `gpu_util` and `gpu_memory` from 0 to 1, `gpu1_…` of a second GPU; else empty."""
        try:
            return self._samples.pop()
        except IndexError:
            return {}

    def _own(self) -> tuple[Gpu, ...]:
        """Those of this machine's ranks, in the order in which CUDA numbers them."""
        if self._environ.get("TRAINDECK_DEVICE") != "cuda":
            return ()
        found = visible_gpus(self._nvml.read(processes=False), self._environ)
        return found.gpus[: self._place.local_world]


def _metrics(number: int, gpu: Gpu | None) -> dict[str, float]:
    if gpu is None:
        return {}
    name = f"gpu{number or ''}"
    metrics: dict[str, float] = {}
    if gpu.utilisation is not None:
        metrics[f"{name}_util"] = gpu.utilisation / 100
    if gpu.memory_total:
        metrics[f"{name}_memory"] = gpu.memory_used / gpu.memory_total
    return metrics

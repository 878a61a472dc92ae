"""The device that the launcher chose, as torch knows it, and how many CPU threads to train with."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from training.config.schema import Runtime
from training.devices.cores import available_cores
from training.errors import TraindeckError

MULTIPLY_ADDS_A_THREAD = 100_000_000
"""Forward multiply-adds of one step that make a further CPU thread worth it.

Measured on two cores with the digits (11 million a step): a second thread takes a quarter off a step when the machine
is idle, but where another run trains beside it both spend their time waiting for each other, 7 times slower than with
one thread each.
"""
DEVICE_SHARE = 0.1
"""Of a GPU's free memory, what the images may take to be kept there."""
MPS_BYTES = 1 << 30


@dataclass(frozen=True)
class Device:
    """Where to train; `reason` says why there."""

    torch: torch.device
    name: str
    reason: str


def chosen_device(runtime: Runtime, number: int = 0) -> Device:
    """What TRAINDECK_DEVICE says; without a launcher, what the config says. Of GPUs the one with that number.

    Raises TraindeckError where torch has no such device.
    """
    kind = os.environ.get("TRAINDECK_DEVICE", "")
    name = os.environ.get("TRAINDECK_DEVICE_NAME", "")
    reason = os.environ.get("TRAINDECK_DEVICE_REASON", "")
    if not kind:
        kind, reason = _without_launcher(runtime.device)
    if kind == "cuda":
        _check_cuda(number)
        torch.cuda.set_device(number)
        return Device(torch.device("cuda", number), name or torch.cuda.get_device_name(number), reason)
    if kind == "mps":
        if not torch.backends.mps.is_available():
            raise TraindeckError(
                f"torch {torch.__version__} cannot use this Mac's GPU.",
                "Set `runtime.device: cpu` to train without it.",
            )
        return Device(torch.device("mps"), name or "Apple GPU", reason)
    return Device(torch.device("cpu"), name or "CPU", reason)


def _without_launcher(wanted: str) -> tuple[str, str]:
    if wanted != "auto":
        return ("cuda" if wanted.startswith(("cuda", "GPU")) else wanted), "the config asks for it"
    if torch.cuda.is_available():
        return "cuda", "torch sees a GPU"
    if torch.backends.mps.is_available():
        return "mps", "torch sees this Mac's GPU"
    return "cpu", "torch sees no GPU"


def _check_cuda(number: int) -> None:
    if torch.cuda.is_available():
        if number >= (there := torch.cuda.device_count()):
            raise TraindeckError(
                f"Process {number + 1} on this machine has no GPU: torch sees {there}.",
                f"Set runtime.processes: {there}, or auto.",
            )
        return
    driver = os.environ.get("TRAINDECK_DRIVER", "")
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    raise TraindeckError(
        f"torch {torch.__version__} (built for {built}) cannot use the GPU"
        f"{f' with driver {driver}' if driver else ''}.",
        "Install a torch built for this driver, or set `runtime.device: cpu` to train without the GPU.",
    )


def choose_threads(
    runtime: Runtime, step_multiply_adds: int, device: torch.device, processes: int = 1
) -> tuple[int, str]:
    """CPU threads for torch, and why. The same config on the same machine gets the same number: sums depend on it.

    `processes` train on this machine, each its part of a step, and share its cores.
    """
    cores = max(1, available_cores() // processes)
    if runtime.threads != "auto":
        return runtime.threads, "the config asks for them"
    if device.type != "cpu":
        return max(1, min(cores, 4)), "the GPU does the work"
    worth = step_multiply_adds // MULTIPLY_ADDS_A_THREAD
    if worth <= 1:
        return 1, f"a step of {step_multiply_adds / 1e6:,.0f} million multiply-adds is too small to share"
    of = f"of {cores} cores" if processes == 1 else f"each of {processes} processes has {cores} cores"
    return min(cores, worth), f"{of}, for steps of {step_multiply_adds / 1e6:,.0f} million multiply-adds"


def fits_on_device(size: int, device: torch.device) -> bool:
    """Whether images of `size` bytes may stay on the device for good."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return size <= DEVICE_SHARE * free
    return device.type == "mps" and size <= MPS_BYTES


def seed_generators(seed: int, device: torch.device) -> None:
    """Of the host and of this device. torch.manual_seed seeds every device that there may be, and writes down a stack
    trace for those that are not in use yet.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)

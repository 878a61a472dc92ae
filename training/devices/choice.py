"""Which device a run gets, and why: among the GPUs that this user may see, by UUID, free ones unless told otherwise."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from training.devices.gpus import UNSEEN, Gpu, Nvml, Reading
from training.devices.torch_build import TorchBuild, torch_build
from training.errors import InvalidInput, TraindeckError
from training.figures import storage

Kind = Literal["cuda", "mps", "cpu"]
UNEXPLAINED_BYTES = 2 * 2**30
"""More than a driver keeps of an idle GPU for itself."""


@dataclass(frozen=True)
class Choice:
    """Where to train: `environment` goes to the worker, `confirm` is asked first, `problem` stops the launch."""

    device: Kind
    name: str
    reason: str
    uuid: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    confirm: str = ""
    problem: TraindeckError | None = None
    key: str = "runtime.device"
    """Of the config, that the problem is about."""
    processes: int = 1
    """Training processes on this machine; on GPUs each has one of its own."""
    others: tuple[str, ...] = ()
    """UUIDs of the further processes' GPUs."""

    @property
    def uuids(self) -> tuple[str, ...]:
        """Of all GPUs; empty on the CPU, and where NVML cannot tell which they are."""
        return (self.uuid, *self.others) if self.uuid else ()


@dataclass(frozen=True)
class Visible:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves; `ambiguous` says why NVML cannot tell which they are."""

    gpus: tuple[Gpu, ...]
    ambiguous: str = ""


def choose(
    wanted: str,
    *,
    taken: Collection[str] = (),
    leaving: Collection[int] = (),
    leaving_gpus: Collection[str] = (),
    reading: Reading | None = None,
    torch: TorchBuild | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Choice:
    """The device for `runtime.device`.

    `taken` are the UUIDs that live runs of this user hold, busy or not at this moment; processes in `leaving` count as
    gone already, since the run that they train, on `leaving_gpus`, is about to be stopped.
    """
    reading = Nvml().read() if reading is None else reading
    build = torch or torch_build()
    if build is None:
        return _stop("torch is not installed.", "Install it with `pip install torch`.")
    if wanted == "cpu":
        question = "This host has a GPU. Train on the CPU all the same?" if reading.gpus else ""
        return _cpu("the config asks for it", question)
    if wanted == "mps" or (wanted == "auto" and _has_mps()):
        return _mps(wanted)
    if not reading.gpus:
        return _without_gpus(wanted, reading)
    unusable = _unusable(reading, build)
    if unusable:
        return unusable
    reading = _without(reading, leaving, leaving_gpus)
    visible = visible_gpus(reading, environ)
    if visible.ambiguous:
        return _first_of_mask(wanted, visible, set(taken), reading)
    if not visible.gpus:
        return _cpu(
            f"CUDA_VISIBLE_DEVICES={environ.get('CUDA_VISIBLE_DEVICES', '')!r} hides every GPU",
            "This host has GPUs, but CUDA_VISIBLE_DEVICES hides them. Train on the CPU?",
        )
    return _gpu(wanted, visible.gpus, set(taken), reading)


def visible_gpus(reading: Reading, environ: Mapping[str, str]) -> Visible:
    """What CUDA would see. Numbers are CUDA's, which are NVML's only in PCI bus order or among GPUs of one model."""
    mask = environ.get("CUDA_VISIBLE_DEVICES")
    if mask is None:
        return Visible(reading.gpus)
    chosen: list[Gpu] = []
    for token in (part.strip() for part in mask.split(",")):
        if token.isdigit():
            ordered = environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({gpu.name for gpu in reading.gpus}) == 1
            if not ordered:
                return Visible((), "GPUs differ and CUDA_DEVICE_ORDER is not PCI_BUS_ID")
            found = [gpu for gpu in reading.gpus if gpu.index == int(token)]
        elif token.startswith("MIG-"):
            return Visible((), "it names a slice of a GPU")
        else:
            found = [gpu for gpu in reading.gpus if token and gpu.uuid.startswith(token)]
        if len(found) != 1:
            break  # CUDA too ignores everything from the first token that names no device.
        chosen += found
    return Visible(tuple(chosen))


def _first_of_mask(wanted: str, visible: Visible, taken: set[str], reading: Reading) -> Choice:
    """CUDA's first, which may be any of them: a question where one is occupied, and no choice among them."""
    if wanted not in ("auto", "cuda"):
        return _stop(
            f"runtime.device: {wanted} cannot be told apart within CUDA_VISIBLE_DEVICES: {visible.ambiguous}.",
            "Use `auto`, or name the GPU in CUDA_VISIBLE_DEVICES by its UUID (`nvidia-smi -L`).",
        )
    held = [gpu for gpu in reading.gpus if gpu.processes or gpu.uuid in taken or _unexplained(gpu)]
    holders = "; ".join(_holders(gpu, taken) for gpu in held)
    return Choice(
        "cuda",
        "the first GPU of CUDA_VISIBLE_DEVICES",
        f"{visible.ambiguous}, so CUDA's own numbering is kept as it is",
        environment={"TRAINDECK_DRIVER": reading.driver},
        confirm=f"The GPU that CUDA puts first may be in use: {holders}. Train on it?" if held else "",
    )


def _gpu(wanted: str, gpus: tuple[Gpu, ...], taken: set[str], reading: Reading) -> Choice:
    if wanted in ("auto", "cuda"):
        idle = [gpu for gpu in gpus if not gpu.processes and gpu.uuid not in taken]
        free = [gpu for gpu in idle if not _unexplained(gpu)]
        if free:
            return _chosen(free[0], reading, f"free, {len(free)} of {len(gpus)} visible GPUs are")
        if idle:
            gpu = min(idle, key=lambda one: one.memory_used)
            return _chosen(gpu, reading, "no process of it can be seen", f"{_holders(gpu, taken)}. Share it?")
        holders = "; ".join(_holders(gpu, taken) for gpu in gpus)
        return _stop(
            f"Every visible GPU is in use: {holders}.",
            "Wait, or choose one with `runtime.device: cuda:N`, or train on the CPU with `runtime.device: cpu`.",
        )
    if wanted.startswith("cuda:"):
        number = int(wanted[5:])
        if number >= len(gpus):
            return _stop(f"runtime.device: {wanted} is not among the {len(gpus)} visible GPUs.", "Count from 0.")
        gpu = gpus[number]
    else:
        named = [gpu for gpu in gpus if gpu.uuid.lower().startswith(wanted.lower())]
        if len(named) != 1:
            return _stop(
                f"runtime.device: {wanted} names no visible GPU.", f"Visible: {', '.join(g.uuid for g in gpus)}."
            )
        gpu = named[0]
    if gpu.processes or gpu.uuid in taken or _unexplained(gpu):
        return _chosen(gpu, reading, "the config names it", f"{_holders(gpu, taken)}. Share it?")
    return _chosen(gpu, reading, "the config names it")


def _chosen(gpu: Gpu, reading: Reading, reason: str, confirm: str = "") -> Choice:
    environment = {"CUDA_VISIBLE_DEVICES": gpu.uuid, "TRAINDECK_DRIVER": reading.driver}
    return Choice("cuda", f"GPU {gpu.index} {gpu.name}", reason, gpu.uuid, environment, confirm)


def _without(reading: Reading, leaving: Collection[int], leaving_gpus: Collection[str]) -> Reading:
    """The reading as it will be once the run on those GPUs has ended.

    In a container NVML knows processes by the host's numbers, ours are unknown to it: a process of that GPU that cannot
    be seen from here is then taken for the one that leaves, but no more than one.
    """
    gpus = []
    for gpu in reading.gpus:
        staying = [process for process in gpu.processes if process.pid not in leaving]
        unseen = next((process for process in staying if process.user == UNSEEN), None)
        if gpu.uuid in leaving_gpus and len(staying) == len(gpu.processes) and unseen:
            staying.remove(unseen)
        gone = len(staying) < len(gpu.processes) or gpu.uuid in leaving_gpus
        gpus.append(replace(gpu, processes=tuple(staying), memory_used=0 if gone else gpu.memory_used))
    return replace(reading, gpus=tuple(gpus))


def _unexplained(gpu: Gpu) -> bool:
    """Memory in use without a process that uses it: in a container the processes of others may not show."""
    return not gpu.processes and not gpu.drawing and gpu.memory_used > UNEXPLAINED_BYTES


def _holders(gpu: Gpu, taken: set[str]) -> str:
    who = ", ".join(f"{p.user} ({p.name}, pid {p.pid})" for p in gpu.processes[:3])
    if not who and gpu.uuid in taken:
        who = "a live run of yours"
    if not who and _unexplained(gpu):
        return f"GPU {gpu.index} has {storage(gpu.memory_used)} in use by processes that cannot be seen from here"
    return f"GPU {gpu.index} is held by {who or 'nobody'}"


def _unusable(reading: Reading, build: TorchBuild) -> Choice | None:
    """A GPU that NVML sees and torch cannot use stops the launch: training on the CPU instead would surprise."""
    driver = f"driver {reading.driver}, torch {build.version}"
    remedy = "Install a torch built for this driver, or set `runtime.device: cpu` to train without the GPU."
    if not build.cuda_version:
        return _stop(f"This host has a GPU ({driver}), but this torch is built without CUDA.", remedy)
    if reading.cuda and reading.cuda[0] < build.cuda_version[0]:
        return _stop(
            f"The driver runs CUDA up to {reading.cuda[0]}.{reading.cuda[1]}, torch needs {build.cuda} ({driver}).",
            remedy,
        )
    return None


def _without_gpus(wanted: str, reading: Reading) -> Choice:
    if wanted != "auto":
        return _stop(
            f"runtime.device: {wanted}, but no NVIDIA GPU was found{_because(reading)}.",
            "Use `auto` or `cpu`, or load the driver.",
        )
    return _cpu(
        f"no NVIDIA GPU was found{_because(reading)}", "NVML failed. Train on the CPU?" if reading.error else ""
    )


def _because(reading: Reading) -> str:
    return f" (NVML: {reading.error})" if reading.error else ""


def _has_mps() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"


def _mps(wanted: str) -> Choice:
    if not _has_mps():
        return _stop("runtime.device: mps needs a Mac with Apple silicon.", "Use `auto`.")
    reason = "the config asks for it" if wanted == "mps" else "this Mac has one"
    return Choice("mps", "Apple GPU", reason)


def _cpu(reason: str, confirm: str = "") -> Choice:
    # An empty list hides every GPU from torch, so that nothing of a shared card is touched.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Choice("cpu", f"CPU, {cores} cores", reason, environment={"CUDA_VISIBLE_DEVICES": ""}, confirm=confirm)


def _stop(message: str, remedy: str) -> Choice:
    return Choice("cpu", "none", message, problem=InvalidInput(message, remedy))

"""Which devices a run with several processes gets: a free GPU for each, or the CPU for all of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

from training.devices.choice import Choice, choose, visible_gpus
from training.devices.gpus import Nvml, Reading
from training.devices.torch_build import TorchBuild
from training.errors import InvalidInput

KEY = "runtime.processes"


def choose_many(
    processes: int | Literal["auto"],
    wanted: str,
    *,
    taken: Collection[str] = (),
    leaving: Collection[int] = (),
    leaving_gpus: Collection[str] = (),
    reading: Reading | None = None,
    torch: TorchBuild | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Choice:
    """The devices for `runtime.processes` and `runtime.device`, `wanted`; the rest is as for `choose`.

    `auto` is one process for each GPU that is visible and free, and one on the CPU.
    """
    reading = Nvml().read() if reading is None else reading

    def one(device: str, gone: Collection[str] = ()) -> Choice:
        return choose(
            device,
            taken={*taken, *gone},
            leaving=leaving,
            leaving_gpus=leaving_gpus,
            reading=reading,
            torch=torch,
            environ=environ,
        )

    first = one(wanted)
    if processes == 1:
        return first
    if first.device != "cuda":
        return first if first.problem else _without_gpus(processes, first)
    if wanted not in ("auto", "cuda"):
        return first if processes == "auto" else _named(processes, wanted)
    if not first.uuid:
        return _by_mask(processes, first, environ)
    chosen = [first]
    while not first.confirm and len(chosen) != processes:
        further = one(wanted, [gpu.uuid for gpu in chosen])
        if further.problem or further.confirm:
            break
        chosen.append(further)
    visible = len(visible_gpus(reading, environ).gpus)
    return _together(chosen, visible, automatic=True) if processes == "auto" else _enough(chosen, visible, processes)


def _enough(chosen: list[Choice], visible: int, processes: int) -> Choice:
    if len(chosen) == processes:
        return _together(chosen, visible, automatic=False)
    if visible < processes:
        remedy = f"Set it to {visible} or to auto." if visible > 1 else "Set it to 1."
        return _stop(f"{KEY} is {processes}, but {_gpus(visible)} visible here: each process needs its own.", remedy)
    free = 0 if chosen[0].confirm else len(chosen)
    return _stop(
        f"{KEY} is {processes}, but {f'only {free}' if free else 'none'} of the {visible} visible GPUs "
        f"{'are' if free > 1 else 'is'} free.",
        f"Set it to {max(1, free)} or to auto, or wait until more are free.",
    )


def _together(chosen: list[Choice], visible: int, *, automatic: bool) -> Choice:
    """One choice of several GPUs that are free, or of the one that is left."""
    first = chosen[0]
    if len(chosen) == 1:
        return replace(first, reason=f"{first.reason}; processes: auto is one for each that is free")
    numbers = ", ".join(choice.name.split()[1] for choice in chosen)
    models = {choice.name.split(maxsplit=2)[2] for choice in chosen}
    reason = "all that are visible and free" if automatic else f"free, one for each of {len(chosen)} processes"
    uuids = [choice.uuid for choice in chosen]
    return replace(
        first,
        name=f"GPUs {numbers} {' and '.join(sorted(models))}",
        reason=f"{reason}; {visible} are visible" if automatic else reason,
        environment={**first.environment, "CUDA_VISIBLE_DEVICES": ",".join(uuids)},
        processes=len(chosen),
        others=tuple(uuids[1:]),
    )


def _by_mask(processes: int | Literal["auto"], first: Choice, environ: Mapping[str, str]) -> Choice:
    """CUDA's own numbering within CUDA_VISIBLE_DEVICES, of GPUs that NVML cannot tell apart."""
    named = len([token for token in environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if token.strip()])
    if processes != "auto" and processes > named:
        remedy = f"Set it to {named} or to auto." if named > 1 else "Set it to 1."
        return _stop(f"{KEY} is {processes}, but CUDA_VISIBLE_DEVICES names {_plural(named)}.", remedy)
    count = named if processes == "auto" else processes
    if count == 1:
        return first
    return replace(first, name=f"the first {count} GPUs of CUDA_VISIBLE_DEVICES", processes=count)


def _named(processes: int, wanted: str) -> Choice:
    return _stop(
        f"{KEY} is {processes}, but runtime.device: {wanted} names one GPU: each process needs its own.",
        "Set runtime.device to auto; CUDA_VISIBLE_DEVICES can name those to choose from.",
    )


def _without_gpus(processes: int | Literal["auto"], first: Choice) -> Choice:
    if processes == "auto":
        return replace(first, reason=f"{first.reason}; processes: auto is one there")
    if first.device == "mps":
        return _stop(f"{KEY} is {processes}, but this Mac has one GPU: each process needs its own.", "Set it to 1.")
    return replace(first, name=f"{first.name}, {processes} processes", processes=processes)


def _stop(message: str, remedy: str) -> Choice:
    return Choice("cpu", "none", message, problem=InvalidInput(message, remedy), key=KEY)


def _gpus(count: int) -> str:
    return f"{_plural(count)} {_is(count)}"


def _plural(count: int) -> str:
    return f"{count} GPU{'' if count == 1 else 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"

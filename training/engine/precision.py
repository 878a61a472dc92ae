"""The number format of the forward pass, and the scaling of the loss that the narrowest one needs."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch

from training.errors import InvalidInput

Format = Literal["fp32", "bf16", "fp16"]

_TYPES: dict[Format, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Precision:
    """fp32 everywhere, or torch's autocast to a half format; weights, optimizer and loss stay in fp32."""

    format: Format
    reason: str
    device: torch.device

    def autocast(self) -> AbstractContextManager[Any]:
        """Around each forward pass; the backward pass follows it by itself."""
        if self.format == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=_TYPES[self.format])

    def scaler(self) -> torch.amp.GradScaler | None:
        """fp16 gradients below 6e-8 vanish, so the loss is scaled up and the scale halved at each overflow."""
        return torch.amp.GradScaler(self.device.type) if self.format == "fp16" else None


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """What the config asks for, or the fastest format that is safe on this device. Raises InvalidInput.

    bf16 has the exponent range of fp32 and needs no scaling; GPUs have it from compute capability 8.0 on.
    """
    if wanted == "auto":
        return Precision(*_automatic(device), device)
    if wanted == "fp16" and device.type == "mps":
        raise InvalidInput(
            "runtime.precision: fp16 needs a scaled loss, which torch has for CUDA and the CPU only.", "Use fp32."
        )
    if wanted == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        name = torch.cuda.get_device_name(device)
        raise InvalidInput(f"runtime.precision: {name} has no bf16.", "Use fp16, or auto.")
    formats: dict[str, Format] = {"fp32": "fp32", "bf16": "bf16", "fp16": "fp16"}
    return Precision(formats[wanted], "the config asks for it", device)


def _automatic(device: torch.device) -> tuple[Format, str]:
    if device.type != "cuda":
        return "fp32", "half formats pay off on NVIDIA GPUs only"
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16", "this GPU has it, and it needs no loss scaling"
    if torch.cuda.get_device_capability(device) >= (7, 0):
        return "fp16", "this GPU has no bf16, but tensor cores for fp16"
    return "fp32", "this GPU has no tensor cores"


def choose_memory_format(wanted: str, precision: Precision) -> tuple[torch.memory_format, str]:
    """The order of an image's values in memory, and why."""
    if wanted == "channels_last":
        return torch.channels_last, "the config asks for it"
    if wanted == "contiguous":
        return torch.contiguous_format, "the config asks for it"
    if precision.device.type == "cuda" and precision.format != "fp32":
        return torch.channels_last, "tensor cores read half formats in this order"
    return torch.contiguous_format, "channels_last pays off with half formats on GPUs"

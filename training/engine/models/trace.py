"""One black image sent through a model, with what each module computed on the way.

Multiply-adds are counted where torch runs its kernels, not by the kind of module: attention, and the linear layers
whose weights a module uses without calling them (Swin, MultiheadAttention), count like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.hooks import RemovableHandle

Shape = tuple[int, int, int]
"""Channels, height, width."""


@dataclass
class Call:
    """A module that the image went through."""

    name: str
    module: nn.Module
    output: tuple[int, ...] = ()
    """Without the batch; empty for what is no tensor."""
    multiply_adds: int = 0
    """Of its own, without those of the modules that it called."""


def trace(model: nn.Module, shape: Shape) -> list[Call]:
    """Every module that was called, in that order, once; the model is unchanged afterwards."""
    counter = _Counter(model)
    fast = torch.backends.mha.get_fastpath_enabled()
    # The fast path of MultiheadAttention is one kernel that says nothing of its parts.
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with counter:
            look_through(model, shape, counter.hooks)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return list(counter.calls.values())


def look_through(model: nn.Module, shape: Shape, hooks: Iterable[RemovableHandle]) -> None:
    """Send one black image through, for the hooks to see, and take them off again."""
    was_training = model.training
    device = next((parameter.device for parameter in model.parameters()), None)
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, *shape, device=device))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Hands the multiply-adds of each kernel to the module that runs it."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: torch would otherwise import its compiler (1.2 s, 150 MB) to keep it off the method below."""
        return False

    def __init__(self, model: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: dict[str, Call] = {}
        self.hooks: list[RemovableHandle] = []
        self._open: list[Call] = []
        for name, module in model.named_modules():
            self.hooks.append(module.register_forward_pre_hook(self._enter(name)))
            self.hooks.append(module.register_forward_hook(self._leave))

    def _enter(self, name: str) -> Any:
        def enter(module: nn.Module, _inputs: Any) -> None:
            self._open.append(self.calls.setdefault(name, Call(name, module)))

        return enter

    def _leave(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        call = self._open.pop()
        if isinstance(output, tuple) and output:  # MultiheadAttention returns its weights too
            output = output[0]
        call.output = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._open:
            self._open[-1].multiply_adds += _multiply_adds(func.overloadpacket.__name__, args, result)
        return result


def _multiply_adds(kernel: str, args: Any, result: Any) -> int:
    match kernel:
        case "mm" | "bmm":  # [.., m, k] × [.., k, n]
            return int(args[0].numel() * args[1].shape[-1])
        case "addmm" | "baddbmm":
            return int(args[1].numel() * args[2].shape[-1])
        case "convolution":
            transposed = args[6]
            return int((args[0] if transposed else result).numel() * args[1][0].numel())
    if kernel.startswith("_scaled_dot_product"):
        query, key, value = args[:3]  # [N, heads, L, width]
        return int(query.numel() * key.shape[-2] + query[..., 0].numel() * value.shape[-2] * value.shape[-1])
    return 0

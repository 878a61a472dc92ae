"""One optimizer step that a non-finite loss or gradient never reaches, decided on the device.

The host must not wait for the device at every step, so it cannot look at the loss before the update. Instead a latch on
the device turns from 0 to 1 at the first loss or gradient norm that is not finite and stays there; while it is 1, no
step changes a weight or the optimizer's state. The host learns of it when it next fetches the metrics.

Fused kernels (Adam, AdamW, SGD on CUDA and the CPU) read the latch themselves as `found_inf`, the way torch's
GradScaler tells them of an overflow: they then write nothing, and torch takes the step count back. For the others
(RMSprop; and MPS, whose kernels are not documented to look at `found_inf`) what the step wrote is taken back on the
device. It is not enough to zero the gradients there: weight decay, momentum and the moving averages would go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer, RMSprop

from training.config.schema import TrainingConfig
from training.optimizers import optimizer_arguments


def make_optimizer(model: nn.Module, config: TrainingConfig, device: torch.device) -> Optimizer:
    """The config's optimizer, fused where its kernel reads the latch: faster too, one kernel for all parameters."""
    kind, arguments = optimizer_arguments(config)
    if kind is not RMSprop and device.type in ("cpu", "cuda"):
        arguments["fused"] = True
    optimizer = _uncompiled(kind)([p for p in model.parameters() if p.requires_grad], **arguments)
    if isinstance(optimizer, SGD):
        # torch makes the momentum at the first step, before the kernel reads the latch. From zeros it comes out equal.
        for parameter in optimizer.param_groups[0]["params"]:
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def _uncompiled(kind: type[Optimizer]) -> type[Optimizer]:
    """The optimizer without torch's guards against being compiled.

    They do nothing for us but import the compiler at the first step: 1.2 s and 150 MB (measured on torch 2.14). What
    they guard is kept by `functools.wraps` as `__wrapped__`; where a torch has no guard, its own function stays.
    """
    plain: dict[str, Any] = {"step": torch.no_grad()(_innermost(kind.step))}
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        plain[name] = _innermost(getattr(kind, name))
    return type(kind.__name__, (kind,), plain)


def _innermost(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


class Update:
    """Backward pass, gradient norm, clipping and the gated step."""

    def __init__(self, optimizer: Optimizer, clip: float | None, device: torch.device) -> None:
        self.optimizer = optimizer
        self.refused = torch.zeros((), device=device)
        """The latch: 0, or 1 from the first step that was refused on."""
        self._parameters: list[nn.Parameter] = [p for group in optimizer.param_groups for p in group["params"]]
        self._clip = clip
        self._fused = bool(optimizer.param_groups[0].get("fused"))
        self._foreach = device.type in ("cpu", "cuda")  # elsewhere torch has no kernels for lists of tensors
        if self._fused:
            optimizer.found_inf = self.refused  # type: ignore[attr-defined]

    def __call__(self, loss: Tensor) -> Tensor:
        """Step on the mean loss of a batch; returns the global gradient norm before clipping, on the device."""
        for parameter in self._parameters:
            parameter.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        norm = nn.utils.get_total_norm(gradients, foreach=self._foreach)
        if self._clip is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self._clip, norm, foreach=self._foreach)
        # A sum of two finite numbers that overflows is refused too: no update of use could come of it.
        self.refused.masked_fill_(~torch.isfinite(loss.detach() + norm), 1.0)
        if self._fused:
            self.optimizer.step()
        else:
            self._step_and_take_back()
        return norm

    def _step_and_take_back(self) -> None:
        """What the step makes anew starts from zeros, as in all of torch's optimizers.

        Step counts that lie on the host run on while the device refuses; RMSprop's update does not depend on them, and
        nothing is saved once the latch is set.
        """
        kept = {name: tensor.clone() for name, tensor in self._written()}
        self.optimizer.step()
        refused = self.refused != 0
        for name, tensor in self._written():
            before = kept[name] if name in kept else torch.zeros_like(tensor)
            tensor.copy_(torch.where(refused, before, tensor))

    def _written(self) -> Iterator[tuple[tuple[int, str], Tensor]]:
        """The tensors on the device that a step changes, by parameter and name."""
        for number, parameter in enumerate(self._parameters):
            yield (number, "weights"), parameter.detach()
            for name, value in self.optimizer.state[parameter].items():
                if isinstance(value, Tensor) and value.device == self.refused.device:
                    yield (number, name), value

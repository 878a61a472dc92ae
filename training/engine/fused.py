"""torch's fused optimizers without what `Optimizer.step` gathers anew at each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd


@dataclass
class _Group:
    options: dict[str, Any]
    """The optimizer's own, so that a new learning rate is seen."""
    parameters: list[Tensor]
    states: dict[str, list[Tensor]]
    """Each by its name in the optimizer's state, one a parameter."""


class FusedStep:
    """Steps of an Adam, AdamW or SGD that was made with `fused`, refused where `refused` is 1 on the device.

    `Optimizer.step` walks over groups, parameters and states to fill lists for the function that does the work, which
    torch.optim has by itself as well. Here those lists are kept. The weights come out equal to the last bit.
    """

    def __init__(self, optimizer: Optimizer, refused: Tensor) -> None:
        self._optimizer = optimizer
        self._refused = refused
        self._groups: list[_Group] = []
        self._gathered_from: Any = None
        optimizer.found_inf = refused  # type: ignore[attr-defined]

    def __call__(self) -> None:
        optimizer = self._optimizer
        gradients = [[parameter.grad for parameter in group["params"]] for group in optimizer.param_groups]
        # torch makes the states at the first step, and a checkpoint that is loaded replaces them.
        if self._gathered_from is not optimizer.state or any(g is None for group in gradients for g in group):
            optimizer.step()
            self._gather()
            return
        with torch.no_grad():
            for group, of_group in zip(self._groups, gradients, strict=True):
                self._step(group, of_group)

    def _gather(self) -> None:
        state = self._optimizer.state
        groups = [(group, group["params"]) for group in self._optimizer.param_groups]
        if any(not state.get(parameter) for _, parameters in groups for parameter in parameters):
            return
        self._groups = [
            _Group(group, parameters, {name: [state[p][name] for p in parameters] for name in state[parameters[0]]})
            for group, parameters in groups
        ]
        self._gathered_from = state

    def _step(self, group: _Group, gradients: list[Any]) -> None:
        options, states = group.options, group.states
        common: dict[str, Any] = {
            "fused": True,
            "found_inf": self._refused,
            "maximize": False,
            "lr": options["lr"],
            "weight_decay": options["weight_decay"],
        }
        if isinstance(self._optimizer, SGD):
            momenta: list[Tensor | None] = list(states["momentum_buffer"])
            sgd(
                group.parameters,
                gradients,
                momenta,
                **common,
                momentum=options["momentum"],
                dampening=0.0,
                nesterov=False,
            )
            return
        beta1, beta2 = options["betas"]
        adams = adamw if isinstance(self._optimizer, AdamW) else adam
        adams(
            group.parameters,
            gradients,
            states["exp_avg"],
            states["exp_avg_sq"],
            [],
            states["step"],
            **common,
            amsgrad=False,
            beta1=beta1,
            beta2=beta2,
            eps=options["eps"],
        )

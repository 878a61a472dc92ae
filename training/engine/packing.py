"""Many small weights stepped on as one: what an update costs on a CPU is the number of tensors, not their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

MEAN_VALUES = 8192
"""Weights with fewer values each, on average, are packed on the CPU.

With the 12 weights of the digits' CNN, 4,400 values each, a step takes 1.02 times as long as in a bare loop; with 0
here it takes 1.06 times as long (tests/bench/bench_overhead.py, case A). What packing saves does not grow with the
values, and the copy that it needs does.
"""


class Pack:
    """Parameters that the optimizer steps on as `whole`. Their own tensors are views of it; the model does not notice.

    Every optimizer of ours works value by value, so the weights come out as they would one by one.
    """

    def __init__(self, members: Sequence[nn.Parameter], whole: nn.Parameter | None = None) -> None:
        self.members = list(members)
        self.whole = self.members[0] if whole is None else whole
        self._packed = whole is not None

    @classmethod
    def of(cls, parameters: Sequence[nn.Parameter]) -> Pack:
        """One pack of them all. They must be contiguous and of one type and device."""
        whole = nn.Parameter(torch.cat([parameter.detach().view(-1) for parameter in parameters]))
        begin = 0
        for parameter in parameters:
            end = begin + parameter.numel()
            parameter.data = whole.data[begin:end].view(parameter.shape)
            begin = end
        return cls(parameters, whole)

    def collect(self) -> None:
        """Give the whole the gradients of its members; zeros for one that took no part in the loss."""
        if self._packed:
            self.whole.grad = torch.cat([self._gradient(member) for member in self.members])

    def drop_gradients(self) -> None:
        for parameter in self.members:
            parameter.grad = None
        self.whole.grad = None

    def gradient_of(self, member: nn.Parameter) -> Tensor | None:
        """Its part of the collected gradient, flat; None where it has none."""
        if not self._packed:
            return member.grad
        begin = 0
        for other in self.members:
            if other is member:
                break
            begin += other.numel()
        return None if self.whole.grad is None else self.whole.grad[begin : begin + member.numel()]

    def split(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The optimizer's state of the whole as one of each member; what counts for all, such as steps, each has."""
        if not self._packed:
            return [dict(state)]
        sizes = [member.numel() for member in self.members]
        parts: list[dict[str, Any]] = [{} for _ in sizes]
        for name, value in state.items():
            whole = isinstance(value, Tensor) and value.numel() == self.whole.numel()
            values = value.split(sizes) if whole else [value] * len(sizes)
            for part, member, own in zip(parts, self.members, values, strict=True):
                part[name] = own.view(member.shape) if whole else own
        return parts

    def join(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The state of the whole from those of the members: what `split` gave, put together again."""
        if not self._packed:
            return dict(parts[0])
        joined: dict[str, Any] = {}
        for name, value in parts[0].items():
            values = [part[name] for part in parts]
            by_member = name != "step" and isinstance(value, Tensor)
            joined[name] = torch.cat([own.reshape(-1) for own in values]) if by_member else value
        return joined

    @staticmethod
    def _gradient(member: nn.Parameter) -> Tensor:
        gradient = torch.zeros_like(member) if member.grad is None else member.grad
        return gradient.reshape(-1)


def packed(parameters: Sequence[nn.Parameter], device: torch.device) -> list[Pack]:
    """The parameters of one group of an optimizer, in one pack where that is faster, else one each."""
    sizes = [parameter.numel() for parameter in parameters]
    alike = len({parameter.dtype for parameter in parameters}) == 1 and all(p.is_contiguous() for p in parameters)
    if device.type == "cpu" and len(sizes) > 1 and alike and sum(sizes) < MEAN_VALUES * len(sizes):
        return [Pack.of(parameters)]
    return [Pack([parameter]) for parameter in parameters]

"""Batch norm over the whole batch where several processes have a part of it each.

A norm over a rank's own images would train another network than one process does: with other statistics, on fewer
images. torch's SyncBatchNorm gathers them, but on GPUs only; here is the same for the CPU. The modules change their
class where they are, so that the names of the model's state, and with them its checkpoints, stay those of one process.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm


def synchronise_norms(model: nn.Module, device: torch.device) -> int:
    """Let every batch norm that trains take its statistics over all ranks; returns how many there are.

    Those in evaluation mode, such as of a frozen backbone, use the ones they have and stay as they are.
    """
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.training and m.track_running_stats]
    for norm in norms:
        if device.type == "cuda":
            norm.__class__ = nn.SyncBatchNorm
            norm.__dict__["process_group"] = None  # of all ranks
        else:
            norm.__class__ = _synchronised(type(norm))
    return len(norms)


def _synchronised(kind: type[_BatchNorm]) -> type[_BatchNorm]:
    return type(f"Synchronised{kind.__name__}", (_SynchronisedNorm, kind), {})


class _SynchronisedNorm(_BatchNorm):
    """In training mode with the mean and the variance of all ranks' images; else as it was."""

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self._check_input_dim(input)  # type: ignore[no-untyped-call]
        self.num_batches_tracked.add_(1)
        output, mean, variance, count = _Normalised.apply(input, self.weight, self.bias, self.eps)
        momentum = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        with torch.no_grad():
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), momentum)
        return output  # type: ignore[no-any-return]


class _Normalised(torch.autograd.Function):
    """[N, C, …] normalised per channel over the batches of all ranks, and that mean, biased variance and value count.

    Forward joins the ranks' means and variances (Chan et al. 1979), which keeps the digits that a sum of squares loses.
    Backward is that of batch norm (Ioffe & Szegedy 2015) with its two sums over all ranks.
    """

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, float]:
        mean, variance, count = _statistics(images)
        scale = (variance + eps).rsqrt()
        ctx.save_for_backward(images, weight, mean, scale)
        ctx.count = count
        ctx.mark_non_differentiable(mean, variance)
        output = torch.nn.functional.batch_norm(images, mean, variance, weight, bias, training=False, eps=eps)
        return output, mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> tuple[Tensor, Tensor | None, Tensor | None, None]:
        images, weight, mean, scale = ctx.saved_tensors
        over, kept_type = _all_but_channels(images), images.dtype
        images, gradient = images.to(mean.dtype), gradient.to(mean.dtype)
        normalised = (images - _per_channel(mean, images)) * _per_channel(scale, images)
        of_bias, of_weight = gradient.sum(over), (gradient * normalised).sum(over)
        both = torch.stack((of_bias, of_weight))
        dist.all_reduce(both)
        shift, slope = (_per_channel(total / ctx.count, images) for total in both)
        factor = scale if weight is None else scale * weight
        of_images = (gradient - shift - normalised * slope) * _per_channel(factor, images)
        # The optimizer's gradients are summed over the ranks later, with all others.
        return of_images.to(kept_type), None if weight is None else of_weight, None if weight is None else of_bias, None


def _statistics(images: Tensor) -> tuple[Tensor, Tensor, float]:
    """Mean and biased variance [C] over all ranks' images, and how many values each channel has."""
    wide = images.to(torch.promote_types(images.dtype, torch.float32))  # autocast hands over bf16
    variance, mean = torch.var_mean(wide, _all_but_channels(images), correction=0)
    count = images.numel() // images.shape[1]
    own = torch.cat((mean, variance, mean.new_tensor([count]))).double()
    gathered = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(gathered, own)
    every = torch.stack(gathered)
    channels = len(mean)
    means, variances, counts = every[:, :channels], every[:, channels : 2 * channels], every[:, -1:]
    total = counts.sum()
    whole_mean = (means * counts).sum(0) / total
    whole_variance = ((variances + (means - whole_mean) ** 2) * counts).sum(0) / total
    return whole_mean.to(mean.dtype), whole_variance.to(mean.dtype), float(total)


def _all_but_channels(images: Tensor) -> list[int]:
    return [0, *range(2, images.dim())]


def _per_channel(values: Tensor, images: Tensor) -> Tensor:
    """[C] in the shape that goes with [N, C, …]."""
    return values.view(1, -1, *[1] * (images.dim() - 2))

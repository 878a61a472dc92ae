"""Optimizer, schedule and loss of a config, with the guide's semantics (guide, sections 2, 4 and 6).

Every function takes a TrainingConfig or a plain mapping with the guide's keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LRScheduler, ReduceLROnPlateau, StepLR

from training.config.fields import GUIDE_KEYS
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.config.validate import convert
from training.errors import InvalidInput
from training.guide import schedules
from training.guide.optimizers import SGD_MOMENTUM

Config = TrainingConfig | Mapping[str, Any]


def create_optimizer(model: nn.Module, config: Config) -> Optimizer:
    """The config's optimizer over the parameters of `model` that want gradients."""
    kind, arguments = optimizer_arguments(config)
    return kind([p for p in model.parameters() if p.requires_grad], **arguments)


def optimizer_arguments(config: Config) -> tuple[type[Optimizer], dict[str, Any]]:
    """The class and the arguments that the guide's table gives it; all else is torch's default."""
    config = _typed(config)
    arguments: dict[str, Any] = {"lr": config.learning_rate, "weight_decay": config.effective_decay}
    match config.optimizer:
        case "Adam":
            return Adam, arguments
        case "AdamW":
            return AdamW, arguments
        case "SGD with Momentum":
            return SGD, {**arguments, "momentum": SGD_MOMENTUM}
        case "RMSprop":
            return RMSprop, arguments


def create_scheduler(optimizer: Optimizer, config: Config, steps_per_epoch: int) -> LRScheduler | None:  # noqa: ARG001
    """The config's schedule, or None for a constant learning rate. It is stepped once an epoch, after validation.

    ReduceLROnPlateau is stepped with the validation loss, every other one without an argument. `steps_per_epoch` is
    what a schedule within the epoch would need; the guide's five do not, and the warm-up multiplies them
    (engine/schedule.py).
    """
    config = _typed(config)
    match config.lr_strategy:
        case "Constant":
            return None
        case "ReduceLROnPlateau":
            return ReduceLROnPlateau(
                optimizer,
                mode="min",
                factor=schedules.PLATEAU_FACTOR,
                patience=schedules.PLATEAU_PATIENCE,
                min_lr=schedules.PLATEAU_FLOOR,
            )
        case "Cosine Annealing":
            return CosineAnnealingLR(optimizer, T_max=config.epochs, eta_min=schedules.COSINE_FLOOR)
        case "Step Decay":
            return StepLR(optimizer, step_size=schedules.step_epochs(config.epochs), gamma=schedules.STEP_FACTOR)
        case "Exponential Decay":
            return ExponentialLR(optimizer, gamma=schedules.EXPONENTIAL_FACTOR)


def create_criterion(
    config: Config,
    class_weights: Tensor | Sequence[float] | None = None,
    device: torch.device | str | None = None,
) -> nn.CrossEntropyLoss | FocalLoss:
    """The config's loss, a mean over the batch. `class_weights` has one weight a class (`inverse_frequency`).

    The weighted cross-entropy is torch's: the sum of w·CE over the sum of w in the batch, so that a batch of one class
    weighs no more than another. The focal loss is divided by the number of samples. Raises InvalidInput where `Auto
    Class Weights` comes without weights.
    """
    config = _typed(config)
    weights = None if class_weights is None else torch.as_tensor(class_weights, dtype=torch.float32, device=device)
    smoothing = config.optimization.label_smoothing
    match config.class_weights:
        case "None":
            return nn.CrossEntropyLoss(label_smoothing=smoothing)
        case "Auto Class Weights":
            if weights is None:
                raise InvalidInput("class_weights: Auto Class Weights needs one weight a class.", "Pass class_weights.")
            return nn.CrossEntropyLoss(weight=weights, label_smoothing=smoothing)
        case "Focal Loss":
            return FocalLoss(weights, config.optimization.focal_gamma, label_smoothing=smoothing)


def inverse_frequency(counts: Sequence[int]) -> Tensor:
    """w_c = n / (K · n_c) for the sample counts n_c of K classes in the training split: shape [K], mean 1 over samples.

    Raises InvalidInput for a class without samples.
    """
    if not counts or min(counts) < 1:
        raise InvalidInput("Class weights need at least one sample of every class.")
    total = sum(counts)
    return torch.tensor([total / (len(counts) * count) for count in counts], dtype=torch.float32)


class FocalLoss(nn.Module):
    """alpha_y · (1 − p)^gamma · CE (Lin et al. 2017), where p is the softmax probability of the true class.

    p comes from the unweighted cross-entropy. Deriving it from the weighted one, as exp(−alpha·CE), is a known mistake:
    the focus would then depend on the class weights. `alpha` has one weight a class, or is None; `gamma` ≥ 0. Label
    smoothing goes into the CE alone: p stays the probability of the true class.
    """

    alpha: Tensor | None

    def __init__(
        self,
        alpha: Tensor | Sequence[float] | None = None,
        gamma: float = 2.0,
        reduction: Literal["mean", "sum", "none"] = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise InvalidInput(f"reduction: {reduction!r} is not known.", "Use mean, sum or none.")
        if not gamma >= 0:
            raise InvalidInput(f"gamma: {gamma} is not a number of 0 or more.")
        weights = None if alpha is None else torch.as_tensor(alpha)
        self.register_buffer("alpha", weights if weights is None or weights.is_floating_point() else weights.float())
        self.gamma = gamma
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Loss of `logits` [N, K] for class indices `targets` [N]: a scalar, or [N] without reduction."""
        loss = self.of_each(logits, targets)
        if self.reduction == "mean":
            return loss.mean()
        return loss.sum() if self.reduction == "sum" else loss

    def of_each(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss of each sample, [N]."""
        cross_entropy = functional.cross_entropy(logits, targets, reduction="none")
        # expm1 keeps the digits of 1 − p where p is close to 1; the clamp keeps the power's gradient finite at 0.
        missing = (-torch.expm1(-cross_entropy)).clamp_min(torch.finfo(cross_entropy.dtype).tiny)
        if self.label_smoothing:
            cross_entropy = functional.cross_entropy(
                logits, targets, reduction="none", label_smoothing=self.label_smoothing
            )
        loss = missing**self.gamma * cross_entropy
        return loss if self.alpha is None else self.alpha.to(loss).gather(0, targets) * loss


def _typed(config: Config) -> TrainingConfig:
    """Of a mapping, the guide's keys and `optimization`; what else it holds is none of ours. Raises ConfigError."""
    if isinstance(config, TrainingConfig):
        return config
    known = {key: config[key] for key in (*GUIDE_KEYS, "optimization") if key in config}
    checked = convert(known)
    if checked.config is None:
        raise ConfigError(checked.problems)
    return checked.config

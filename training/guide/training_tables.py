"""The guide's tables on optimizer, learning rate, schedule, decay and loss (guide, sections 2 to 6).

Their numbers are those that the hints judge by.
"""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

from training.config.model import Model
from training.config.schema import ADAMW_DEFAULT_DECAY, Optimizer, Strategy, TrainingConfig
from training.guide.decay import SMALL_DATA_HIGH, decay_range
from training.guide.hint import Facts, span
from training.guide.lr import ADAPTIVE_CAP, DEFAULTS, REFERENCE_BATCH, unscaled_range
from training.guide.optimizers import CHARACTERS, SGD_MOMENTUM
from training.guide.regime import TITLES, Regime, is_transformer, regime
from training.guide.rules.loss import fitting_losses, loss_name
from training.guide.rules.optimizer import SGD_IMAGES_PER_CLASS
from training.guide.rules.schedule import ENOUGH_PATIENCE, LONG_RUN
from training.guide.schedules import (
    BAD_EPOCHS_TO_DROP,
    COSINE_FLOOR,
    EXPONENTIAL_FACTOR,
    PLATEAU_FACTOR,
    PLATEAU_FLOOR,
    STEP_FACTOR,
    STEPS_A_RUN,
)
from training.guide.table import Table

OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
REGIMES: tuple[Regime, ...] = get_args(Regime)

EXAMPLES: dict[Regime, Model] = {
    "cnn_scratch": Model(),
    "frozen": Model(kind="transfer", mode="frozen"),
    "fine_tuning": Model(kind="transfer", mode="full"),
    "transformer_scratch": Model(kind="vit"),
    "transformer_fine_tuning": Model(kind="transfer", mode="full", backbone="vit_b_16"),
}
"""A model that falls under each row of the tables by model and mode."""

OPTIMIZER_TABLE = Table(
    "optimizers",
    "Optimizers compared",
    "2",
    ("optimizer",),
    ("optimizer", "use", "but", "speed", "accuracy", "LR", "decay"),
    tuple(
        (name, who.use, who.but, who.speed, who.accuracy, f"{DEFAULTS[name]:g}", span(*decay_range(name)))
        for name, who in ((name, CHARACTERS[name]) for name in OPTIMIZERS)
    ),
    lambda config, _facts, _key: OPTIMIZERS.index(config.optimizer),
    (
        f"Without a decay in the config AdamW runs at {ADAMW_DEFAULT_DECAY:g}. SGD has a momentum of {SGD_MOMENTUM:g}, "
        f"and pays off from {SGD_IMAGES_PER_CLASS} images a class on.",
    ),
)


def _rate(row: Regime, optimizer: Optimizer) -> str:
    config = TrainingConfig(optimizer=optimizer, model=EXAMPLES[row])
    if optimizer == "SGD with Momentum" and is_transformer(config):
        return "not recommended"
    return span(*unscaled_range(config))


LEARNING_RATES = Table(
    "learning_rates",
    "Learning rates by model and mode",
    "3",
    ("learning_rate", "model.mode", "model.backbone_lr"),
    ("what is trained", "Adam(W)", "SGD"),
    tuple((TITLES[row], _rate(row, "Adam"), _rate(row, "SGD with Momentum")) for row in REGIMES),
    lambda config, _facts, _key: REGIMES.index(regime(config)),
    (
        f"RMSprop: as Adam; on {TITLES['cnn_scratch']} {_rate('cnn_scratch', 'RMSprop')}.",
        f"For batches of {REFERENCE_BATCH}: twice the batch takes twice the LR (Adam: "
        + ", ".join(f"{DEFAULTS['Adam'] * times:g} at {REFERENCE_BATCH * times}" for times in (1, 2, 4))
        + f"), at most {ADAPTIVE_CAP:g} for all but SGD.",
        "Fine-tuning takes a tenth of the LR of training from scratch.",
    ),
)

READING = Table(
    "loss_curves",
    "What the training loss says of the LR",
    "3",
    ("learning_rate",),
    ("training loss", "the LR is", "try"),
    (
        ("falls steadily", "fine", "keep it"),
        ("stays flat", "too low", "×10"),
        ("explodes", "too high", "÷10"),
        ("swings wildly", "too high", "÷10"),
    ),
    notes=("Where a tenth is still above the range: the optimizer's usual LR.",),
)

_SCHEDULES: dict[Strategy, tuple[str, str]] = {
    "Constant": (
        "The same LR throughout.",
        f"Runs under {LONG_RUN} epochs, a frozen backbone, an LR that is good already.",
    ),
    "ReduceLROnPlateau": (
        f"×{PLATEAU_FACTOR:g} at the {BAD_EPOCHS_TO_DROP}th epoch without a better validation loss, down to "
        f"{PLATEAU_FLOOR:g}.",
        "When the right schedule is not known: the first to try.",
    ),
    "Cosine Annealing": (
        f"Half a cosine over the run, down to {COSINE_FLOOR:g}.",
        "From scratch with a fixed number of epochs, SGD, modern recipes.",
    ),
    "Step Decay": (
        f"×{STEP_FACTOR:g} each 1/{STEPS_A_RUN} of the epochs, rounded down.",
        "Classic CNN recipes, reproducing papers.",
    ),
    "Exponential Decay": (
        f"×{EXPONENTIAL_FACTOR:g} each epoch.",
        "Rarely: very smooth, but too fast or too slow for most runs.",
    ),
}
SCHEDULES = Table(
    "schedules",
    "Schedules and what they are for",
    "4",
    ("lr_strategy",),
    ("schedule", "what it does", "use"),
    tuple((name, *_SCHEDULES[name]) for name in STRATEGIES),
    lambda config, _facts, _key: STRATEGIES.index(config.lr_strategy),
    (
        f"With early stopping, ReduceLROnPlateau needs a patience of {ENOUGH_PATIENCE} or more to train at the lower "
        "LR for long.",
    ),
)

DECAYS = Table(
    "decays",
    "Weight decay by optimizer",
    "5",
    ("l2_decay", "l2_lambda"),
    ("optimizer", "usual"),
    tuple((name, span(*decay_range(name))) for name in OPTIMIZERS),
    lambda config, _facts, _key: OPTIMIZERS.index(config.optimizer),
    (
        f"Small data may take {SMALL_DATA_HIGH:g} with Adam or RMSprop.",
        f"AdamW's decay is decoupled from the gradient, so it is larger; switched off, it is {ADAMW_DEFAULT_DECAY:g}.",
    ),
)

_MOST_RATIO = 100
_LIMITS = tuple(ratio for ratio in range(1, _MOST_RATIO) if fitting_losses(ratio) != fitting_losses(ratio + 0.5))
"""The class ratios up to which one loss fits, and after which another does."""


def _loss_rows() -> tuple[tuple[str, ...], ...]:
    names = [f"up to 1:{_LIMITS[0]}"]
    names += [f"1:{low} to 1:{high}" for low, high in pairwise(_LIMITS)]
    names.append(f"beyond 1:{_LIMITS[-1]}")
    ratios = (*_LIMITS, _MOST_RATIO)
    return tuple(
        (name, ", or ".join(f"{loss_name(loss)} ({loss})" for loss in fitting_losses(ratio)))
        for name, ratio in zip(names, ratios, strict=True)
    )


def _loss_row(_config: TrainingConfig, facts: Facts, _key: str) -> int | None:
    """That of the data's class ratio, where it is known."""
    if facts.class_ratio is None:
        return None
    return sum(facts.class_ratio > limit for limit in _LIMITS)


LOSSES = Table(
    "losses",
    "Loss by class ratio",
    "6",
    ("class_weights", "data.sampler", "optimization.focal_gamma"),
    ("smallest : largest class", "loss that fits"),
    _loss_rows(),
    _loss_row,
    ("Weighted and focal losses are on another scale than the cross-entropy: compare runs by validation accuracy.",),
)

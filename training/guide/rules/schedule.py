"""The LR schedule against the length of the run and against early stopping (guide, section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule
from training.guide.regime import regime
from training.guide.schedules import (
    BAD_EPOCHS_TO_DROP,
    EXPONENTIAL_FACTOR,
    first_lowered,
    learning_rate_at,
    step_epochs,
)

# torch drops the LR at the sixth bad epoch; early stopping with this patience stops right there.
NEVER_LOWER = BAD_EPOCHS_TO_DROP
# Below this patience the lower LR gets few epochs to prove itself.
ENOUGH_PATIENCE = 10
# Constant is for runs shorter than this.
LONG_RUN = 30
# Ours: with a step of under three epochs the LR is gone before the network has learned.
SHORT_STEP = 3
# Ours: a warm-up takes a tenth of a run at most.
WARMUP_SHARE = 10


def plateau_patience_never(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Early stopping ends the run before ReduceLROnPlateau has trained one epoch at a lower LR."""
    if _stops_on_plateau(config) and config.es_patience <= NEVER_LOWER:
        yield Hint(
            "plateau_patience_never",
            "es_patience",
            "warning",
            "Early stopping ends the run before it trains one epoch at a lower LR.",
            f"ReduceLROnPlateau lowers the LR at the {NEVER_LOWER}th bad epoch; a patience of {config.es_patience} "
            "stops there or earlier.",
            "4",
            ENOUGH_PATIENCE,
            f"{ENOUGH_PATIENCE} or more",
        )


def plateau_patience_few(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Early stopping leaves the lower LR of ReduceLROnPlateau only a few epochs, though the run has more."""
    if _stops_on_plateau(config) and NEVER_LOWER < config.es_patience < ENOUGH_PATIENCE < config.epochs:
        epochs = config.es_patience - NEVER_LOWER
        yield Hint(
            "plateau_patience_few",
            "es_patience",
            "info",
            f"Each lower LR gets only {epochs} {'epoch' if epochs == 1 else 'epochs'} before early stopping.",
            f"ReduceLROnPlateau lowers the LR at the {NEVER_LOWER}th bad epoch.",
            "4",
            ENOUGH_PATIENCE,
            f"{ENOUGH_PATIENCE} or more",
        )


def plateau_short_run(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """The run is over before ReduceLROnPlateau can act."""
    first = first_lowered(config)
    if config.lr_strategy == "ReduceLROnPlateau" and config.epochs < first:
        yield Hint(
            "plateau_short_run",
            "lr_strategy",
            "info",
            f"In {config.epochs} {'epoch' if config.epochs == 1 else 'epochs'} ReduceLROnPlateau never lowers the LR.",
            f"It waits for {NEVER_LOWER} epochs without a better validation loss; epoch {first} is the first that can "
            "run at a lower LR.",
            "4",
            "Constant",
        )


def constant_long(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A constant LR in a long run; a frozen backbone does well with one."""
    if config.lr_strategy == "Constant" and config.epochs >= LONG_RUN and regime(config) != "frozen":
        yield Hint(
            "constant_long",
            "lr_strategy",
            "info",
            f"A constant LR is for runs under {LONG_RUN} epochs; this one has {config.epochs}.",
            "Late in a run smaller steps get further; ReduceLROnPlateau is the first schedule to try.",
            "4",
            "ReduceLROnPlateau",
        )


def step_decay_short(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Step Decay in a run of few epochs: the LR falls tenfold every epoch or two."""
    step = step_epochs(config.epochs)
    if config.lr_strategy == "Step Decay" and step < SHORT_STEP:
        yield Hint(
            "step_decay_short",
            "lr_strategy",
            "warning",
            f"With {config.epochs} epochs the LR falls tenfold every {'epoch' if step == 1 else f'{step} epochs'}.",
            "Step Decay drops three times in a run, and here the LR is gone before the network has learned.",
            "4",
            "Constant",
        )


def exponential_decay(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Exponential Decay is rarely the best schedule."""
    if config.lr_strategy == "Exponential Decay":
        last = learning_rate_at(config, config.epochs)
        yield Hint(
            "exponential_decay",
            "lr_strategy",
            "info",
            f"The last epoch runs at an LR of {last:.2g}, {last / config.learning_rate:.2g} of the first.",
            f"A factor of {EXPONENTIAL_FACTOR:g} an epoch fits few run lengths; Cosine Annealing fits any.",
            "4",
            "Cosine Annealing",
        )


def warmup_beyond_run(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A warm-up that is not over before the run is."""
    warmup = config.optimization.warmup_epochs
    if warmup >= config.epochs:
        yield Hint(
            "warmup_beyond_run",
            "optimization.warmup_epochs",
            "warning",
            f"The LR rises for {warmup} {'epoch' if warmup == 1 else 'epochs'}, and the run has {config.epochs}.",
            "The LR should reach its value early in a run; a tenth of the epochs is plenty for that.",
            "4",
            config.epochs // WARMUP_SHARE,
            f"up to {config.epochs // WARMUP_SHARE}",
        )


def _stops_on_plateau(config: TrainingConfig) -> bool:
    return config.early_stopping and config.lr_strategy == "ReduceLROnPlateau"


RULES: tuple[Rule, ...] = (
    constant_long,
    step_decay_short,
    exponential_decay,
    plateau_short_run,
    plateau_patience_never,
    plateau_patience_few,
    warmup_beyond_run,
)

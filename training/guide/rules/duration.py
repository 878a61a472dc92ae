"""How long to train, and when to stop early (guide, sections 5, 7 and 10)."""

from __future__ import annotations

from collections.abc import Iterator

from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, span
from training.guide.regime import TITLES, Regime, regime

EPOCHS: dict[Regime, tuple[int, int]] = {
    "cnn_scratch": (50, 100),
    "frozen": (20, 30),
    "fine_tuning": (30, 50),
    "transformer_scratch": (100, 200),
    "transformer_fine_tuning": (30, 50),
}
_PATIENCE = {"small": (5, 10), "large": (10, 20), "transfer": (10, 15)}
# The one patience that lies in all three ranges.
_PATIENCE_FOR_ALL = 10
# Ours: a CNN of at most the guide's four steps of filters (32, 64, 128, 256) is small.
SMALL_BLOCKS = 4
# Ours: from here on a run is long enough to be worth stopping early (the guide's lower end for a CNN from scratch).
LONG_RUN = 50


def epochs_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Fewer epochs than the model usually needs."""
    low, high = EPOCHS[regime(config)]
    if config.epochs < low:
        yield Hint(
            "epochs_low",
            "epochs",
            "info",
            f"{_model(config)} usually takes {low} to {high} epochs.",
            "Fewer do for a baseline, but the loss has rarely settled by then.",
            "7",
            low,
            span(low, high),
        )


def epochs_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """More epochs than the model usually needs, and nothing that would stop the run."""
    low, high = EPOCHS[regime(config)]
    if config.epochs > high and not config.early_stopping:
        yield Hint(
            "epochs_high",
            "epochs",
            "info",
            f"{_model(config)} is usually done after {low} to {high} epochs.",
            "Without early stopping, the rest only fits the training images more closely.",
            "7",
            high,
            span(low, high),
        )


def early_stopping_off(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """A long run without early stopping."""
    if not config.early_stopping and config.epochs >= LONG_RUN:
        yield Hint(
            "early_stopping_off",
            "early_stopping",
            "info",
            f"Nothing ends this run before {config.epochs} epochs.",
            "Early stopping with a patience of 10 to 15 is more reliable than a fixed number of epochs.",
            "7",
            True,
        )


def patience_low(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Less patience than a model of this size needs, in a run that is long enough for more."""
    low, high = patience_range(config)
    if config.early_stopping and config.es_patience < low < config.epochs:
        yield Hint(
            "patience_low",
            "es_patience",
            "info",
            f"A patience of {config.es_patience} is short; {low} to {high} is usual for this model.",
            "The validation loss swings from epoch to epoch, and a few bad ones would end the run.",
            "5",
            _PATIENCE_FOR_ALL if config.epochs > _PATIENCE_FOR_ALL else low,
            span(low, high),
        )


def patience_high(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """More patience than a model of this size needs."""
    low, high = patience_range(config)
    if config.early_stopping and config.es_patience > high:
        yield Hint(
            "patience_high",
            "es_patience",
            "info",
            f"A patience of {config.es_patience} is long; {low} to {high} is usual for this model.",
            "The run goes on for that many epochs after its best one.",
            "5",
            high,
            span(low, high),
        )


def patience_beyond_run(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Early stopping that cannot stop anything; a run of so few epochs that none could does without."""
    if config.early_stopping and config.es_patience >= config.epochs:
        long_enough = config.epochs > _PATIENCE_FOR_ALL
        yield Hint(
            "patience_beyond_run",
            "es_patience" if long_enough else "early_stopping",
            "info",
            f"With a patience of {config.es_patience} nothing stops a run of {config.epochs} "
            f"{'epoch' if config.epochs == 1 else 'epochs'} early.",
            "Early stopping counts epochs without a better validation loss, and there are not as many.",
            "5",
            _PATIENCE_FOR_ALL if long_enough else False,
        )


def _model(config: TrainingConfig) -> str:
    title = TITLES[regime(config)]
    return title[0].upper() + title[1:]


def patience_range(config: TrainingConfig) -> tuple[int, int]:
    """Usual patience by the size and kind of the model."""
    if regime(config) in ("frozen", "fine_tuning", "transformer_fine_tuning"):
        return _PATIENCE["transfer"]
    small = config.model.kind == "custom_cnn" and len(config.model.blocks) <= SMALL_BLOCKS
    return _PATIENCE["small" if small else "large"]


RULES: tuple[Rule, ...] = (
    epochs_low,
    epochs_high,
    early_stopping_off,
    patience_low,
    patience_high,
    patience_beyond_run,
)

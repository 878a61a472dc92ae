"""The guide's tables on batches, length, models and their layers, presets (guide, sections 5 and 7 to 11)."""

from __future__ import annotations

from typing import get_args

from training.config.data import Augmentation
from training.config.fields import GUIDE_KEYS
from training.config.fields import value as value_of
from training.config.model import Model, ModelKind
from training.config.presets import PRESETS
from training.config.schema import TrainingConfig
from training.guide.augmentation import LEVELS, NEVER_MIRRORED, Level
from training.guide.hint import Facts, span
from training.guide.lr import REFERENCE_BATCH
from training.guide.regime import TITLES, regime
from training.guide.rules.architecture import CONV_DROPOUT, DENSE_DROPOUT, TRANSFORMER_DROPOUT
from training.guide.rules.batch import LARGE, SMALL
from training.guide.rules.duration import EPOCHS, SMALL_BLOCKS, patience_range
from training.guide.rules.schedule import ENOUGH_PATIENCE, NEVER_LOWER
from training.guide.table import Table
from training.guide.training_tables import EXAMPLES, REGIMES

_BATCH_STARTS = (0, REFERENCE_BATCH, 2 * REFERENCE_BATCH, LARGE)


def _batch_row(config: TrainingConfig, _facts: Facts, _key: str) -> int:
    """By the images of a step: the row that begins at as many or fewer."""
    return sum(config.images_per_step >= start for start in _BATCH_STARTS) - 1


BATCH_SIZES = Table(
    "batch_sizes",
    "Batch sizes",
    "7",
    ("batch_size", "optimization.accumulate"),
    ("images a step", "memory", "speed", "generalises", "for"),
    (
        (f"{SMALL} to {REFERENCE_BATCH // 2}", "little", "slow", "better", "a small GPU or a large model"),
        (f"{REFERENCE_BATCH}", "medium", "medium", "well", "most: the default"),
        (f"{2 * REFERENCE_BATCH} to {LARGE // 2}", "much", "fast", "decently", "a large GPU or a small model"),
        (f"{LARGE} and more", "very much", "very fast", "worse", "distributed training"),
    ),
    _batch_row,
    ("A larger batch takes a larger LR: twice the batch, twice the LR.",),
)

EPOCH_TABLE = Table(
    "epochs",
    "Epochs by model and mode",
    "7",
    ("epochs", "model.mode"),
    ("what is trained", "epochs"),
    tuple((TITLES[row], span(*EPOCHS[row])) for row in REGIMES),
    lambda config, _facts, _key: REGIMES.index(regime(config)),
    ("Early stopping is more reliable than a fixed number.",),
)

_PATIENCES = tuple(
    patience_range(TrainingConfig(model=model)) for model in (Model(), Model(kind="vit"), EXAMPLES["fine_tuning"])
)


def _patience_row(config: TrainingConfig, _facts: Facts, _key: str) -> int:
    return _PATIENCES.index(patience_range(config))


PATIENCE = Table(
    "patience",
    "Patience by model",
    "5",
    ("early_stopping", "es_patience"),
    ("model", "epochs"),
    tuple(
        (name, span(*epochs))
        for name, epochs in zip(
            (f"small: a CNN of up to {SMALL_BLOCKS} blocks", "larger, or a transformer", "pretrained"),
            _PATIENCES,
            strict=True,
        )
    ),
    _patience_row,
    (
        f"With ReduceLROnPlateau {ENOUGH_PATIENCE} or more: it lowers the LR at the {NEVER_LOWER}th bad epoch.",
        "It counts the epochs since the best validation loss.",
    ),
)


def _dropout_row(config: TrainingConfig, _facts: Facts, key: str) -> int | None:
    """By the layer that the key is of; of a whole model there is only one row where it is a transformer."""
    if key.startswith("model.blocks"):
        return 0
    if key.startswith("model.dense_layers"):
        return 1
    return 2 if key == "model.dropout" or config.model.kind == "vit" else None


DROPOUTS = Table(
    "dropouts",
    "Dropout by layer",
    "5",
    (
        "model.dropout",
        "model.blocks.*",
        "model.blocks.*.dropout",
        "model.dense_layers.*",
        "model.dense_layers.*.dropout",
    ),
    ("layer", "dropout"),
    (
        ("convolution block", span(*CONV_DROPOUT)),
        ("dense layer", span(*DENSE_DROPOUT)),
        ("transformer", span(*TRANSFORMER_DROPOUT)),
    ),
    _dropout_row,
    ("None at all is a choice of its own. More against overfitting, less against underfitting.",),
)

KINDS: tuple[ModelKind, ...] = get_args(ModelKind)
_KINDS: dict[ModelKind, tuple[str, str]] = {
    "custom_cnn": ("convolution blocks and dense layers, described here", "small images; data unlike photographs"),
    "transfer": ("a backbone pretrained on ImageNet", "little data; photographs and the like; the quickest start"),
    "vit": ("a small vision transformer from scratch", "much data and many epochs; AdamW"),
}
KIND_TABLE = Table(
    "models",
    "Models",
    "8",
    ("model.kind", "section:model"),
    ("model", "what it is", "use"),
    tuple((kind, *_KINDS[kind]) for kind in KINDS),
    lambda config, _facts, _key: KINDS.index(config.model.kind),
)

MODES = ("frozen", "partial", "full")
MODE_TABLE = Table(
    "modes",
    "How much of a backbone is trained",
    "8",
    ("model.mode", "model.unfrozen_stages"),
    ("mode", "trained", "use"),
    (
        ("frozen", "the head alone", "little data, or a quick first result"),
        ("partial", "the head and the last stages", "some data, unlike ImageNet"),
        ("full", "everything", "much data; the best result, at a tenth of the LR"),
    ),
    lambda config, _facts, _key: MODES.index(config.model.mode) if config.model.kind == "transfer" else None,
)

LEVEL_NAMES: tuple[Augmentation, ...] = get_args(Augmentation)
_FOR: dict[Augmentation, str] = {
    "none": "a first baseline",
    "light": "anything, text and X-rays too",
    "medium": "photographs",
    "strong": "small data that are overfitted",
}


def _changes(level: Level) -> str:
    """Such as `shifted by up to 10%, brightness and contrast by up to 10%`."""
    parts = ["mirrored"] if level.flip else []
    parts += [f"shifted by up to {100 * level.shift:g}%"] if level.shift else []
    parts += [f"turned by up to {level.degrees:g}°"] if level.degrees else []
    parts += [f"zoomed by up to {level.zoom:g}×"] if level.zoom > 1 else []
    parts += [f"brightness and contrast by up to {100 * level.tone:g}%"] if level.tone else []
    parts += [f"a part erased in {100 * level.erase:g}%"] if level.erase else []
    return ", ".join(parts) or "as they are"


AUGMENTATION = Table(
    "augmentation",
    "Levels of augmentation",
    "11",
    ("data.augmentation",),
    ("level", "training images", "for"),
    tuple((name, _changes(LEVELS[name]), _FOR[name]) for name in LEVEL_NAMES),
    lambda config, _facts, _key: LEVEL_NAMES.index(config.data.augmentation),
    (f"Never mirrored: {' and '.join(NEVER_MIRRORED)}.",),
)


def _preset_row(config: TrainingConfig, _facts: Facts, _key: str) -> int | None:
    """The preset of which the config has all of the guide's keys and the model."""
    keys = (*GUIDE_KEYS, "model")
    same = (all(value_of(config, key) == value_of(preset.config, key) for key in keys) for preset in PRESETS)
    return next((index for index, found in enumerate(same) if found), None)


PRESET_TABLE = Table(
    "presets",
    "Presets",
    "9",
    ("section:",),
    ("preset", "for"),
    tuple((preset.id, preset.description) for preset in PRESETS),
    _preset_row,
)

TUNING = Table(
    "tuning",
    "How to tune",
    "10",
    ("section:",),
    ("step", "what to do"),
    (
        ("1", "Start from the defaults, or from a preset."),
        (
            "2",
            "Train a baseline of 20 to 30 epochs. Does the loss fall? Does it overfit (training far above validation) "
            "or underfit (both low)?",
        ),
        ("3", "Learning rate: flat loss ×10, exploding loss ÷10."),
        ("4", "Overfitting: more dropout, weight decay on or larger, more augmentation."),
        ("5", "A constant LR: try ReduceLROnPlateau."),
        ("6", "Classes of different size: weighted cross-entropy or focal loss."),
    ),
)

"""Other spellings: the aliases that a file may use for values, and the key that a wrong name most likely meant."""

from __future__ import annotations

from collections.abc import Iterable

from training.config.problems import listed, nearest
from training.config.table import FIELDS

# Spellings that people use for the guide's values (guide, section 1); matched without regard to case.
ALIASES: dict[str, dict[str, str]] = {
    "optimizer": {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD with Momentum", "rmsprop": "RMSprop"},
    "lr_strategy": {
        "constant": "Constant",
        "plateau": "ReduceLROnPlateau",
        "cosine": "Cosine Annealing",
        "step": "Step Decay",
        "exponential": "Exponential Decay",
    },
    "class_weights": {"none": "None", "auto": "Auto Class Weights", "focal": "Focal Loss"},
}

# Keys for which null stands for one of the choices.
NULL_CHOICES = {"class_weights": "None"}

# What other tools call our keys: only ever used to name the right key in a message.
_ELSEWHERE = {
    "lr": "learning_rate",
    "weight_decay": "l2_lambda",
    "wd": "l2_lambda",
    "l2": "l2_decay",
    "scheduler": "lr_strategy",
    "lr_scheduler": "lr_strategy",
    "loss": "class_weights",
    "bs": "batch_size",
    "batch": "batch_size",
    "num_epochs": "epochs",
    "patience": "es_patience",
    "amp": "runtime.precision",
    "gradient_clipping": "optimization.grad_clip",
}

_TOP_LEVEL = tuple(dict.fromkeys(entry.key.partition(".")[0] for entry in FIELDS))
_KEY_BY_NAME = {entry.name: entry.key.replace("*", "0") for field in FIELDS for entry in (*field.items, field)}


def meant(key: str, names: Iterable[str] = _TOP_LEVEL) -> str:
    """A sentence that says what an unknown key may have meant.

    `key` is dotted, `names` are the names that are valid in its place.
    """
    names = tuple(names)
    name = key.rpartition(".")[2]
    guess = _ELSEWHERE.get(name.casefold()) or nearest(name, names) or _KEY_BY_NAME.get(name)
    if not guess and (near := nearest(name, list(_KEY_BY_NAME))):
        guess = _KEY_BY_NAME[near]
    return f"Did you mean {guess}?" if guess else f"The keys here are {listed(names, 'and')}."

"""Other spellings: the aliases that a file may use for values, and the key that a wrong name most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from training.config.problems import listed, nearest
from training.config.table import FIELDS, Field

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
_BY_KEY = {field.key: field for field in FIELDS}
KIND = "model.kind"


def kinds_of(field: Field) -> tuple[str, ...]:
    """The kinds of model that a key is for; () where it is for all."""
    while field.when:
        key, *kinds = field.when
        if key == KIND:
            return tuple(kinds)
        field = _BY_KEY[key]
    return ()


def is_for(field: Field, kind: str) -> bool:
    """Whether a key counts for that kind of model; any does where the kind is not known ("")."""
    kinds = kinds_of(field)
    return not kind or not kinds or kind in kinds


def meant(key: str, names: Iterable[str] = _TOP_LEVEL, kind: str = "") -> str:
    """A sentence that says what an unknown key may have meant.

    `key` is dotted, `names` are the names that are valid in its place, `kind` is the config's kind of model.
    """
    names = tuple(names)
    name = key.rpartition(".")[2]
    elsewhere = _keys_by_name(kind)
    guess = _ELSEWHERE.get(name.casefold()) or nearest(name, names) or elsewhere.get(name)
    if not guess and (near := nearest(name, list(elsewhere))):
        guess = elsewhere[near]
    return f"Did you mean {guess}?" if guess else f"The keys here are {listed(names, 'and')}."


@cache
def _keys_by_name(kind: str) -> dict[str, str]:
    """By the last part of a key, the keys that end in it, in words."""
    found: dict[str, list[str]] = {}
    for field in FIELDS:
        if is_for(field, kind):
            for entry in (*field.items, field):
                found.setdefault(entry.name, []).append(entry.key.replace("*", "0"))
    return {name: listed(keys) for name, keys in found.items()}

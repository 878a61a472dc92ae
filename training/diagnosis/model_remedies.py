"""Changes to the model, whatever its kind; in words for a log that does not tell it (guide, sections 5 and 8)."""

from __future__ import annotations

from collections.abc import Mapping

from training.config.model import ModelKind
from training.diagnosis import cnn_remedies, transfer_remedies, vit_remedies
from training.diagnosis.case import Case, Remedy
from training.diagnosis.findings import Fix

MORE_ROOM = "The model can tell more patterns apart; train and validation loss both fall further."
LESS_ROOM = "A smaller model has less room to learn the training images by heart."

_LARGER: Mapping[ModelKind, Remedy] = {
    "custom_cnn": cnn_remedies.larger,
    "vit": vit_remedies.larger,
    "transfer": transfer_remedies.larger,
}
_SMALLER: Mapping[ModelKind, Remedy] = {
    "custom_cnn": cnn_remedies.smaller,
    "vit": vit_remedies.smaller,
    "transfer": transfer_remedies.smaller,
}
_MORE_DROPOUT: Mapping[ModelKind, Remedy] = {
    "custom_cnn": cnn_remedies.more_dropout,
    "vit": vit_remedies.more_dropout,
}
_LESS_DROPOUT: Mapping[ModelKind, Remedy] = {
    "custom_cnn": cnn_remedies.less_dropout,
    "vit": vit_remedies.less_dropout,
}


def larger(case: Case) -> Fix | None:
    return _by_kind(case, _LARGER, Fix(title="Use a larger model", effect=MORE_ROOM))


def smaller(case: Case) -> Fix | None:
    return _by_kind(case, _SMALLER, Fix(title="Use a smaller model", effect=LESS_ROOM))


def train_more(case: Case) -> Fix | None:
    """More of a pretrained backbone."""
    return _by_kind(case, {"transfer": transfer_remedies.train_more}, None)


def train_less(case: Case) -> Fix | None:
    """Less of a pretrained backbone."""
    return _by_kind(case, {"transfer": transfer_remedies.train_less}, None)


def more_dropout(case: Case) -> Fix | None:
    words = Fix(title="Raise dropout: 0.5 to 0.7 on dense layers", effect=cnn_remedies.DROPPED, start_from="best")
    return _by_kind(case, _MORE_DROPOUT, words)


def less_dropout(case: Case) -> Fix | None:
    return _by_kind(case, _LESS_DROPOUT, None)


def open_the_gradient(case: Case) -> Fix | None:
    words = Fix(title="Add normalisation layers, and use ReLU", effect=cnn_remedies.OPENED)
    return _by_kind(case, {"custom_cnn": cnn_remedies.open_the_gradient}, words)


def leaky(case: Case) -> Fix | None:
    return _by_kind(case, {"custom_cnn": cnn_remedies.leaky}, None)


def another_start(_: Case) -> Fix:
    return Fix(
        title="Try another seed, and fewer layers",
        effect="An unlucky initialisation leaves units dead; a short way back keeps the gradient alive.",
    )


def _by_kind(case: Case, remedies: Mapping[ModelKind, Remedy], words: Fix | None) -> Fix | None:
    if not case.whole:
        return words
    remedy = remedies.get(case.config.model.kind)
    return remedy(case) if remedy else None

"""Changes to the vision transformer: its depth, its width and its dropout (guide, sections 5 and 8)."""

from __future__ import annotations

from training.diagnosis.case import Case, spelled
from training.diagnosis.cnn_remedies import DROPPED, UNDROPPED, halved
from training.diagnosis.findings import Fix

DEEPEST = 12
WIDEST = 384
"""Depth and width of a small ViT (Touvron et al. 2021); more takes more images than a small training has."""
SHALLOWEST = 2
NARROWEST = 32
WIDEST_HEAD = 64
DROPOUT = (0.1, 0.2)


def larger(case: Case) -> Fix | None:
    """Twice the blocks; then twice the width, with heads of at most WIDEST_HEAD."""
    effect = "The model can tell more patterns apart; train and validation loss both fall further."
    model = case.config.model
    if model.depth < DEEPEST:
        depth = min(2 * model.depth, DEEPEST)
        return Fix(
            title=f"Raise depth from {model.depth} to {depth} blocks", effect=effect, patch={"model.depth": depth}
        )
    width = 2 * model.width
    if width > WIDEST:
        return None
    patch = {"model.width": width}
    if width // model.heads > WIDEST_HEAD:
        patch["model.heads"] = 2 * model.heads
    return Fix(title=f"Raise width from {model.width} to {width}", effect=effect, patch=patch)


def smaller(case: Case) -> Fix | None:
    """Half the width, where the heads divide it; then half the blocks."""
    effect = "A smaller model has less room to learn the training images by heart."
    model = case.config.model
    width = model.width // 2
    for heads in (model.heads, model.heads // 2):
        if width >= NARROWEST and heads and width % heads == 0:
            patch = {"model.width": width} | ({"model.heads": heads} if heads != model.heads else {})
            return Fix(title=f"Lower width from {model.width} to {width}", effect=effect, patch=patch)
    depth = model.depth // 2
    if depth < SHALLOWEST:
        return None
    return Fix(title=f"Lower depth from {model.depth} to {depth} blocks", effect=effect, patch={"model.depth": depth})


def more_dropout(case: Case) -> Fix | None:
    """To 0.1, then 0.2."""
    now = case.config.model.dropout
    to = next((rung for rung in DROPOUT if rung > now), None)
    if to is None:
        return None
    title = f"Raise dropout of the transformer from {spelled(now)} to {spelled(to)}"
    return Fix(title=title, effect=DROPPED, patch={"model.dropout": to}, start_from="best")


def less_dropout(case: Case) -> Fix | None:
    """Half of it; off where it is below 0.1."""
    now = case.config.model.dropout
    if now == 0:
        return None
    to = halved(now)
    title = f"Lower dropout of the transformer from {spelled(now)} to {spelled(to)}"
    return Fix(title=title, effect=UNDROPPED, patch={"model.dropout": to})

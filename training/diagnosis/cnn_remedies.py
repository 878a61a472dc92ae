"""Changes to the custom CNN: its size, its dropout, and what lets the gradient through (guide, sections 5 and 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from training.config.model import Block, DenseLayer, Pooling
from training.diagnosis.case import Case, spelled
from training.diagnosis.findings import Fix

MOST_FILTERS = 256
MOST_BLOCKS = 4
MOST_UNITS = 512
FEWEST_FILTERS = 8
FEWEST_UNITS = 32
DENSE_DROPOUT = (0.5, 0.7)
CONV_DROPOUT = (0.25, 0.3)
DROPPED = "The net cannot lean on single units; validation loss rises later or not at all."
UNDROPPED = "More units work together in training; the train loss falls further."
OPENED = "The gradient reaches the first layers, and they begin to learn."
_POOLINGS: tuple[Pooling, ...] = ("max", "none")


def larger(case: Case) -> Fix | None:
    """One more block of twice the filters, without its pooling where the image is too small; then wider layers."""
    patch: dict[str, Any]
    effect = "The model can tell more patterns apart; train and validation loss both fall further."
    blocks, dense = case.config.model.blocks, case.config.model.dense_layers
    if len(blocks) < MOST_BLOCKS:
        for pooling in _POOLINGS:
            new = _next_block(blocks[-1], pooling)
            patch = {"model.blocks": _plain((*blocks, new))}
            if case.takes(patch):
                return Fix(title=f"Add a block of {new.filters} filters", effect=effect, patch=patch)
    wider = [_twice(block.filters, MOST_FILTERS) for block in blocks]
    if wider != [block.filters for block in blocks]:
        patch = {f"model.blocks.{i}.filters": n for i, n in enumerate(wider) if n != blocks[i].filters}
        return Fix(title=f"Double the filters, to {_listed(wider)}", effect=effect, patch=patch)
    units = [_twice(layer.units, MOST_UNITS) for layer in dense]
    if units != [layer.units for layer in dense]:
        patch = {f"model.dense_layers.{i}.units": n for i, n in enumerate(units) if n != dense[i].units}
        return Fix(title=f"Double the dense units, to {_listed(units)}", effect=effect, patch=patch)
    return None


def _next_block(last: Block, pooling: Pooling) -> Block:
    dropout = min(last.dropout, CONV_DROPOUT[-1])
    return msgspec.structs.replace(last, filters=_twice(last.filters, MOST_FILTERS), pooling=pooling, dropout=dropout)


def smaller(case: Case) -> Fix | None:
    """Half the filters and half the dense units, down to a floor."""
    effect = "A smaller model has less room to learn the training images by heart."
    blocks, dense = case.config.model.blocks, case.config.model.dense_layers
    filters = [_half(block.filters, FEWEST_FILTERS) for block in blocks]
    units = [_half(layer.units, FEWEST_UNITS) for layer in dense]
    patch: dict[str, Any] = {f"model.blocks.{i}.filters": n for i, n in enumerate(filters) if n != blocks[i].filters}
    patch |= {f"model.dense_layers.{i}.units": n for i, n in enumerate(units) if n != dense[i].units}
    if not patch:
        return None
    title = f"Halve the model: filters {_listed(filters)}" + (f", dense units {_listed(units)}" if units else "")
    return Fix(title=title, effect=effect, patch=patch)


def more_dropout(case: Case) -> Fix | None:
    """Dense layers to 0.5, then 0.7; without any, blocks to 0.25, then 0.3."""
    model = case.config.model
    if model.dense_layers:
        now = {f"model.dense_layers.{i}.dropout": layer.dropout for i, layer in enumerate(model.dense_layers)}
        return _dropout(now, DENSE_DROPOUT, "of the dense layers")
    now = {f"model.blocks.{i}.dropout": block.dropout for i, block in enumerate(model.blocks)}
    return _dropout(now, CONV_DROPOUT, "of the blocks")


def _dropout(now: dict[str, float], rungs: Sequence[float], where: str) -> Fix | None:
    """To the first rung above the lowest of the rates; rates above that stay."""
    lowest = min(now.values())
    to = next((rung for rung in rungs if rung > lowest), None)
    if to is None:
        return None
    patch = {key: to for key, rate in now.items() if rate < to}
    title = f"Raise dropout {where} from {spelled(lowest)} to {spelled(to)}"
    return Fix(title=title, effect=DROPPED, patch=patch, start_from="best")


def less_dropout(case: Case) -> Fix | None:
    """Half of every rate; off where it is below 0.1."""
    model = case.config.model
    rates = {f"model.blocks.{i}.dropout": block.dropout for i, block in enumerate(model.blocks)}
    rates |= {f"model.dense_layers.{i}.dropout": layer.dropout for i, layer in enumerate(model.dense_layers)}
    patch = {key: halved(rate) for key, rate in rates.items() if rate > 0}
    if not patch:
        return None
    return Fix(
        title=f"Halve dropout, at most {spelled(max(rates.values()))} now",
        effect=UNDROPPED,
        patch=patch,
    )


def halved(rate: float) -> float:
    """Half a dropout rate; 0 for one below 0.1."""
    return round(rate / 2, 3) if rate >= 0.1 else 0.0


def open_the_gradient(case: Case) -> Fix | None:
    """Batch norm in every block and ReLU for tanh: what lets a gradient reach the first layers."""
    patch: dict[str, Any] = {}
    for i, block in enumerate(case.config.model.blocks):
        if not block.batch_norm:
            patch[f"model.blocks.{i}.batch_norm"] = True
        if block.activation == "tanh":
            patch[f"model.blocks.{i}.activation"] = "relu"
    norm = any(key.endswith("batch_norm") for key in patch)
    relu = any(key.endswith("activation") for key in patch)
    if not patch:
        return None
    title = " and ".join(["switch batch norm on"] * norm + ["use ReLU for tanh"] * relu)
    return Fix(title=title[0].upper() + title[1:] + " in the blocks", effect=OPENED, patch=patch)


def leaky(case: Case) -> Fix | None:
    """Leaky ReLU for ReLU in the blocks."""
    blocks = case.config.model.blocks
    patch = {f"model.blocks.{i}.activation": "leaky_relu" for i, b in enumerate(blocks) if b.activation == "relu"}
    if not patch:
        return None
    effect = "A unit that is off still passes a hundredth of the gradient, and can come back."
    return Fix(title="Use leaky ReLU for ReLU in the blocks", effect=effect, patch=patch)


def _plain(items: Sequence[Block | DenseLayer]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(item) for item in items]


def _twice(number: int, most: int) -> int:
    return max(number, min(2 * number, most))


def _half(number: int, fewest: int) -> int:
    return min(number, max(number // 2, fewest))


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)

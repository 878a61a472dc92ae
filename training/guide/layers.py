"""The layers of a model as the guide's rules look at them, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, compress, count
from operator import is_not
from typing import Any, Literal, NamedTuple

from training.config.model import Block, Model
from training.guide.hint import Hint

Kind = Literal["block", "dense", "transformer"]
LISTS = ("model.blocks.", "model.dense_layers.")
"""What the keys of layers that stand in a list begin with."""


class Layer(NamedTuple):
    """All that a rule may know of a layer: what it is, and what stands before it."""

    key: str
    """Dotted, of the layer; a rule's hint is on one of its fields."""
    kind: Kind
    dropout: float
    filters: int = 0
    widest_before: int = 0
    """Most filters of the blocks before it; 0 for the first."""


LayerRule = Callable[[Layer], Iterator[Hint]]


def layers(model: Model) -> list[Layer]:
    """The layers that count, in the order of the file."""
    return [*_anew(model, None)]


def layers_anew(model: Model, before: Model) -> list[Layer]:
    """Those that a rule may judge differently than it did in `before`; the hints on all others are as they were.

    It is asked once a hint, so the work for a layer that stays is as small as it can be.
    """
    alike = model.kind == before.kind and [*map(len, _lists(model))] == [*map(len, _lists(before))]
    return [*_anew(model, before if alike else None)]


def _lists(model: Model) -> tuple[tuple[Any, ...], ...]:
    return model.blocks, model.dense_layers


def _anew(model: Model, before: Model | None) -> Iterator[Layer]:
    """All layers, or those that differ from the ones in their places `before`."""
    if model.kind == "vit" and model is not before:
        yield Layer("model", "transformer", model.dropout)
    if model.kind != "custom_cnn":
        return
    for index, most in _blocks_anew(model, before):
        block = model.blocks[index]
        yield Layer(f"model.blocks.{index}", "block", block.dropout, block.filters, most)
    for index, layer in enumerate(model.dense_layers):
        if before is None or layer is not before.dense_layers[index]:
            yield Layer(f"model.dense_layers.{index}", "dense", layer.dropout)


def _blocks_anew(model: Model, before: Model | None) -> Iterator[tuple[int, int]]:
    """Places of the blocks that differ, with the most filters before each."""
    if before is None:
        yield from enumerate(_widest_before(model.blocks))
        return
    others = [*compress(count(), map(is_not, model.blocks, before.blocks))]
    if all(model.blocks[at].filters == before.blocks[at].filters for at in others):
        for at in others:
            yield at, max((block.filters for block in model.blocks[:at]), default=0)
        return
    widest, was = _widest_before(model.blocks), _widest_before(before.blocks)
    for at, most in enumerate(widest):
        if most != was[at] or at in others:
            yield at, most


def _widest_before(blocks: Sequence[Block]) -> list[int]:
    return [*accumulate([block.filters for block in blocks[:-1]], max, initial=0)]

"""Random numbers that belong to a sample of an epoch, not to the order in which they are asked for.

A generator with a state gives other numbers when the batch size, the step that is resumed from or the number of
processes changes. These are hashes of (seed, epoch, sample, times drawn, number), computed on the CPU, so that every
device gets the same.
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.seeds import derive

_BITS = 0xFFFFFFFF
_SPREAD = 0x9E3779B9
"""2**32 over the golden ratio: neighbouring numbers end up far apart."""


def uniforms(seed: int, epoch: int, rows: Tensor, times: Tensor, *, first: int, count: int) -> Tensor:
    """[N, count], float32, evenly spread over [0, 1): the numbers `first`, `first + 1`, … of each sample.

    `rows` [N] tells samples apart; `times` [N] is how often this epoch had the sample before.
    """
    key = derive(seed, "draws", epoch)
    mixed = _scrambled((rows + (key & _BITS)) & _BITS)
    mixed = _scrambled((mixed + times * _SPREAD + (key >> 32)) & _BITS)
    numbers = torch.arange(first, first + count, dtype=torch.int64) * _SPREAD
    # A float32 has 24 bits: with these each number is exact, and 1 is never reached.
    return (_scrambled((mixed[:, None] + numbers) & _BITS) >> 8).float() * 2.0**-24


def _scrambled(x: Tensor) -> Tensor:
    """lowbias32 (C. Wellons, "Prospecting for hash functions", 2018) of 32-bit numbers in an int64 tensor.

    The products overflow 63 bits; what is kept of them, the low 32, is right all the same.
    """
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _BITS
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _BITS
    return x ^ (x >> 16)

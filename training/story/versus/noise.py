"""How far the figure of one run may lie from another's for no reason: what a difference has to exceed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

SMOOTHED = 5
"""Epochs, the last ones, whose median stands for a run at an epoch."""
WINDOW = 10
"""Steps from one epoch to the next that the spread is taken from."""
MEDIAN_STEP = 0.954
"""The median size of a step between two independent values, in standard deviations of one: 0.6745 · √2."""
FEW = 4
"""Steps below which their median says too little: the largest counts."""
SHARED = 0.7
"""Of the error of a loss, what is left where half of the images that one run takes wrongly are the other's too: √½."""
T_95 = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""Student's t, two-sided 95 %, for 1 to 15 degrees of freedom."""
NORMAL_95 = 1.96


def of_epochs(values: Sequence[float]) -> float:
    """The standard deviation of one epoch's value, from the steps between the last WINDOW + 1 of them.

    The median size of the steps, so that one epoch out of line counts for little. A trend makes it larger, as it
    should: while curves still move, a run that is ahead at this epoch need not be better. nan and inf are left out.
    """
    finite = [value for value in values if math.isfinite(value)][-WINDOW - 1 :]
    steps = [abs(b - a) for a, b in pairwise(finite)]
    if not steps:
        return 0.0
    return max(steps) / math.sqrt(2) if len(steps) < FEW else median(steps) / MEDIAN_STEP


def of_share(share: float, n: int) -> float:
    """The binomial standard error of a share of n images: how much other n images of the same kind would change it.

    √(p (1 − p) / n), with one hit and one miss added (Laplace): 100 % of ten images is not without error.
    """
    if n < 1 or not math.isfinite(share):
        return 0.0
    p = (min(1.0, max(0.0, share)) * n + 1) / (n + 2)
    return math.sqrt(p * (1 - p) / n)


def of_loss(loss: float, share: float, n: int, *, same_images: bool) -> float:
    """The like for a loss: most of it is that of the images taken for another class, so its relative error is that of
    their number, 1/√((1 − p) n), less what two runs on the same images have in common (SHARED).

    Without it, the spread between epochs would call seeds a difference: at the end of a cosine schedule it is a fifth
    of the spread between seeds. `tests/bench/bench_verdict.py` measures both.
    """
    if n < 1 or not math.isfinite(loss) or not math.isfinite(share):
        return 0.0
    wrong = max(1.0, (1 - min(1.0, max(0.0, share))) * n)
    return (SHARED if same_images else 1.0) * abs(loss) / math.sqrt(wrong)


def t_95(freedom: float) -> float:
    """Student's t, two-sided 95 %; between whole degrees of freedom the next lower one's, which claims less."""
    whole = max(1, math.floor(freedom))
    if whole <= len(T_95):
        return T_95[whole - 1]
    # Beyond the table the first term of Cornish and Fisher's expansion errs by less than 0.01.
    return NORMAL_95 + (NORMAL_95**3 + NORMAL_95) / (4 * whole)

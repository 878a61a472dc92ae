"""What the guide knows of each optimizer beside its LR and its decay (guide, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from training.config.schema import Optimizer

SGD_MOMENTUM = 0.9


@dataclass(frozen=True)
class Character:
    """An optimizer in words."""

    use: str
    but: str
    """What speaks against it."""
    speed: str
    accuracy: str
    """The final one, against the others'."""


CHARACTERS: dict[Optimizer, Character] = {
    "Adam": Character(
        "The first choice in general: transfer learning, complex nets.",
        "May overfit small data, and generalise worse than SGD.",
        "fast",
        "good",
    ),
    "AdamW": Character(
        "Transformers and large models; wherever regularisation matters.",
        "Converges a little more slowly, and the decay needs tuning.",
        "fast",
        "better",
    ),
    "SGD with Momentum": Character(
        "CNNs from scratch on much data, with time to tune the LR; the standard for ResNets.",
        "Slow, and sensitive to the LR.",
        "slower",
        "best",
    ),
    "RMSprop": Character(
        "Special cases: recurrent nets, some CNNs, where Adam fails.",
        "Rarely better than Adam.",
        "medium",
        "good",
    ),
}

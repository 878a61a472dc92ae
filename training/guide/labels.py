"""What a finding of the diagnosis can be called: `advice.silenced` takes these names beside the ids of hints.

The rules themselves stand in a layer above this one; a test holds the two together.
"""

from __future__ import annotations

LABELS = (
    "lr_too_low",
    "lr_too_high_flat",
    "divergence",
    "nan",
    "oscillation",
    "overfitting",
    "underfitting",
    "plateau",
    "unnormalised_inputs",
    "shuffled_labels",
    "imbalance_collapse",
    "vanishing_gradients",
    "val_noisy",
    "es_too_early",
    "not_learning",
)

"""Which story explains which: a primary cause is told once, its symptoms are not told beside it."""

from __future__ import annotations

from collections.abc import Mapping

_STALLED = frozenset(
    {"lr_too_low", "not_learning", "underfitting", "plateau", "oscillation", "overfitting", "val_noisy"}
)

EXPLAINS: dict[str, frozenset[str]] = {
    "nan": _STALLED | {"divergence", "lr_too_high_flat", "vanishing_gradients"},
    "divergence": _STALLED | {"lr_too_high_flat", "vanishing_gradients"},
    "unnormalised_inputs": frozenset(
        {"lr_too_high_flat", "vanishing_gradients", "shuffled_labels", "lr_too_low", "not_learning", "underfitting"}
    ),
    "vanishing_gradients": _STALLED | {"shuffled_labels", "lr_too_high_flat"},
    "lr_too_high_flat": _STALLED | {"shuffled_labels"},
    "shuffled_labels": frozenset({"lr_too_low", "not_learning", "underfitting", "plateau", "oscillation"}),
    "imbalance_collapse": frozenset({"shuffled_labels", "lr_too_low", "not_learning", "underfitting", "plateau"}),
    "lr_too_low": frozenset({"not_learning", "underfitting", "plateau", "oscillation"}),
    "underfitting": frozenset({"not_learning", "plateau"}),
    "not_learning": frozenset({"plateau", "oscillation"}),
    "val_noisy": frozenset({"overfitting"}),
    "overfitting": frozenset({"plateau"}),
}
"""In order of precedence. Not-a-number after a divergence is one story; so is an explosion that ends at chance."""

BORNE = "borne"
"""The variant of a finding that a run seems to bear: worth knowing, and no explanation of anything."""


def explained_by(told: Mapping[str, str]) -> dict[str, str]:
    """For each label that another story explains, that story's label. `told` maps the labels at hand to their
    variants.

    A net that exploded before it had learned anything and now sits at chance is `lr_too_high_flat` and no longer a
    divergence; one that had learned is a divergence, whatever it does afterwards. A net that its own weight decay
    holds at zero is told as that.
    """
    explained: dict[str, str] = {}
    told = {label: variant for label, variant in told.items() if variant != BORNE}
    order = list(EXPLAINS)
    if told.get("divergence") == "start" and "lr_too_high_flat" in told:
        explained["divergence"] = "unnormalised_inputs" if "unnormalised_inputs" in told else "lr_too_high_flat"
    if told.get("underfitting") == "decay":
        explained |= dict.fromkeys(
            ("vanishing_gradients", "lr_too_high_flat", "lr_too_low", "not_learning"), "underfitting"
        )
    for label in order:
        if label in told and label not in explained:
            for symptom in EXPLAINS[label]:
                explained.setdefault(symptom, label)
    return explained

"""Changes to how long a run trains and when it stops early (guide, sections 4, 5 and 7)."""

from __future__ import annotations

from training.diagnosis.case import Case
from training.diagnosis.findings import Fix

PATIENCE = 10
LONG_PATIENCE = 15
LONGEST = 1000
SMALLEST_MARGIN = 2
"""Epochs that a shortened run goes on after its best one."""


def patience(case: Case) -> Fix | None:
    """Early stopping that waits for ten epochs at least."""
    return _raised(case, (PATIENCE,), "Early stopping waits until a lower learning rate has had its chance.")


def more_patience(case: Case) -> Fix | None:
    """Ten epochs, then fifteen: what the guide calls more reliable than a fixed number of epochs."""
    effect = "The run goes on through the ups and downs of its validation loss, and stops when that no longer falls."
    return _raised(case, (PATIENCE, LONG_PATIENCE), effect)


def _raised(case: Case, rungs: tuple[int, ...], effect: str) -> Fix | None:
    """To the next rung; in words for a log that does not tell its patience."""
    if not case.knows("early_stopping", "es_patience"):
        words = Fix(title=f"Give early stopping a patience of {PATIENCE} to {LONG_PATIENCE} epochs", effect=effect)
        return words if len(rungs) > 1 else None
    now = case.config.es_patience
    to = next((rung for rung in rungs if rung > now), None)
    if not case.config.early_stopping or to is None:
        return None
    title = f"Raise es_patience from {now} to {to}"
    return Fix(title=title, effect=effect, patch={"es_patience": to}, start_from="last")


def early_stopping(case: Case) -> Fix | None:
    effect = "Training ends soon after the validation loss was lowest, and that epoch's weights are kept."
    if not case.knows("early_stopping"):
        return Fix(title="Use early stopping", effect=effect)
    if case.config.early_stopping:
        return None
    return Fix(
        title=f"Switch early stopping on, with a patience of {PATIENCE}",
        effect=effect,
        patch={"early_stopping": True, "es_patience": PATIENCE},
    )


def fewer_epochs(case: Case) -> Fix | None:
    """As many as it took to the minimum of the validation loss, and a few more."""
    if not case.knows("epochs"):
        return None
    enough = case.since + max(SMALLEST_MARGIN, case.since // 5)
    if enough >= case.config.epochs:
        return None
    return Fix(
        title=f"Lower epochs from {case.config.epochs} to {enough}",
        effect=f"Training ends near its best epoch, {case.since}.",
        patch={"epochs": enough},
    )


def more_epochs(case: Case) -> Fix | None:
    if not case.knows("epochs") or case.config.epochs >= LONGEST:
        return None
    more = min(LONGEST, 2 * case.config.epochs)
    return Fix(
        title=f"Raise epochs from {case.config.epochs} to {more}",
        effect="A slow run gets further; one that has settled will not.",
        patch={"epochs": more},
        start_from="last",
    )

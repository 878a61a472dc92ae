"""The list of what can be asked of the running job, and the question that belongs to each."""

from __future__ import annotations

from tui.monitor.knobs import Knobs
from tui.screens.pick import Choice, PickScreen
from tui.screens.prompt import PromptScreen

RATE, EPOCHS, PATIENCE = "rate", "epochs", "patience"
CHECKPOINT, AFTER, WITHDRAW, PAUSE, RESUME, STOP = "checkpoint", "after", "withdraw", "pause", "resume", "stop"


def menu(knobs: Knobs) -> PickScreen:
    """Each line says how it stands now."""
    return PickScreen("Change the running job", choices(knobs), search=False)


def choices(knobs: Knobs) -> list[Choice]:
    run = knobs.run
    stops = knobs.stops_after
    settings = [
        Choice(RATE, "Learning rate …", f"{knobs.rate:.3g} now" if knobs.rate else ""),
        Choice(EPOCHS, "Epochs …", f"{run.epochs} in all, {run.curves.epoch} done" if run.epochs else ""),
        Choice(PATIENCE, "Early stopping patience …", _patience(knobs)),
        Choice(CHECKPOINT, "Checkpoint now", "last.pt, where training is"),
    ]
    after = (
        Choice(WITHDRAW, "Train on", f"and do not stop after epoch {stops}")
        if stops
        else Choice(AFTER, "Stop after this epoch …", f"epoch {knobs.epoch}, validated, with a checkpoint")
    )
    pause = (
        Choice(RESUME, "Go on", "it is paused")
        if run.state == "paused"
        else Choice(PAUSE, "Pause", "after the current step")
    )
    return [*settings, after, pause, Choice(STOP, "Stop now …", "after the current step, with a checkpoint")]


def _patience(knobs: Knobs) -> str:
    if not knobs.patience:
        return "no early stopping"
    return f"{knobs.patience} epochs, {knobs.waited} waited"


def rate_prompt(knobs: Knobs) -> PromptScreen:
    value = f"{knobs.rate:.3g}" if knobs.rate else ""
    detail = "From the next step on; warm-up and schedule go on from it."
    return PromptScreen("Learning rate", value, detail=detail, judge=knobs.judge_rate)


def epochs_prompt(knobs: Knobs) -> PromptScreen:
    detail = "In all, those that are done included."
    return PromptScreen("Epochs", str(knobs.run.epochs or ""), detail=detail, judge=knobs.judge_epochs)


def patience_prompt(knobs: Knobs) -> PromptScreen:
    detail = "Epochs without a better validation loss; 0 for none."
    return PromptScreen("Early stopping patience", str(knobs.patience), detail=detail, judge=knobs.judge_patience)

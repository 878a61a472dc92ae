"""Settings of a job that were changed beyond the checkpoint from which it goes on: they are to be changed again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.runs.commands import Command
from training.runs.events import Attempt, End, Event, Override, number
from training.runs.log import only
from training.runs.override_names import LASTING, LR_FACTOR, PATIENCE, STOP_AFTER_EPOCH

if TYPE_CHECKING:
    from training.diagnosis.engine import Diagnosis


def overrides_ahead(path: Path, from_seq: int, dropped_before: int = 0) -> list[Override]:
    """What an attempt that goes on from the event `from_seq` has to do again, at the step of each, in their order.

    An attempt that died before it came to an override hands it on to the next; one that a person made anew takes the
    place of all of its setting that were still to come. What an attempt was told to leave out is gone for good; the
    one that is about to begin leaves out what was logged before the event `dropped_before`.
    """
    made: list[Override] = []
    ahead: list[Override] = []
    events: list[Event] = list(only(path, Attempt, Override))
    for event in events:
        if isinstance(event, Attempt) and event.attempt > 1:
            made, ahead = _cut(made, ahead, event.from_seq, event.overrides_from)
        elif isinstance(event, Override) and event.setting in LASTING:
            again = bool(ahead) and _same(ahead[0], event)
            ahead = ahead[1:] if again else [one for one in ahead if one.setting != event.setting]
            made.append(event)
    return _cut(made, ahead, from_seq, dropped_before)[1]


def _cut(made: list[Override], ahead: list[Override], seq: int, dropped: int) -> tuple[list[Override], list[Override]]:
    beyond = [one for one in made if one.seq >= seq] + ahead
    return [one for one in made if one.seq < seq], [one for one in beyond if one.seq >= dropped]


def _same(one: Override, other: Override) -> bool:
    return (one.setting, one.step, one.value) == (other.setting, other.step, other.value)


def in_words(one: Override) -> str:
    """Such as `learning rate 5 (×5000) from step 1234 on`."""
    value = number(one.value)
    if one.setting == LR_FACTOR:
        words = f"learning rate {one.rate:.3g} (×{value:.3g})" if one.rate else f"learning rate ×{value:.3g}"
        words = "learning rate as scheduled" if value == 1 else words
    elif one.setting == PATIENCE:
        words = f"early stopping patience {value:g}" if value else "no early stopping"
    else:
        words = f"{one.setting.replace('_', ' ')} {value:g}"
    return f"{words} from step {one.step} on"


def pass_on(one: Override, diagnosis: Diagnosis) -> None:
    """Tell the diagnosis of a learning rate that was set."""
    if one.setting == LR_FACTOR:
        diagnosis.rate_set(one.step, one.epoch, number(one.value), one.rate)


def stop_ahead(path: Path) -> int:
    """The epoch after which the last attempt was to stop, where it came to no end of its own; else 0."""
    epoch = 0
    events: list[Event] = list(only(path, Override, End))
    for event in events:
        if isinstance(event, Override) and event.setting == STOP_AFTER_EPOCH:
            epoch = int(number(event.value))
        elif isinstance(event, End):
            epoch = 0
    return epoch


def stop_after(epoch: int) -> Command:
    """The request for that, which nobody waits for an answer to."""
    return Command(id="", t=0.0, user="", command="stop_after_epoch", args={"epoch": epoch})

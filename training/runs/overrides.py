"""Settings of a job that were changed beyond the checkpoint from which it goes on: they are to be changed again."""

from __future__ import annotations

from pathlib import Path

from training.runs.events import Attempt, Event, Override
from training.runs.log import only


def overrides_ahead(path: Path, from_seq: int) -> list[Override]:
    """What an attempt that goes on from the event `from_seq` has to do again, at the step of each, in their order.

    An attempt that died before it came to an override hands it on to the next; one that a person made anew takes the
    place of all that were still to come.
    """
    made: list[Override] = []
    ahead: list[Override] = []
    events: list[Event] = list(only(path, Attempt, Override))
    for event in events:
        if isinstance(event, Attempt) and event.attempt > 1:
            made, ahead = _cut(made, ahead, event.from_seq)
        elif isinstance(event, Override):
            again = ahead and (ahead[0].step, ahead[0].value) == (event.step, event.value)
            ahead = ahead[1:] if again else []
            made.append(event)
    return _cut(made, ahead, from_seq)[1]


def _cut(made: list[Override], ahead: list[Override], seq: int) -> tuple[list[Override], list[Override]]:
    return [one for one in made if one.seq < seq], [one for one in made if one.seq >= seq] + ahead

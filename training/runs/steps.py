"""Steps in a row as columns, and back: a million of them are a few arrays instead of as many objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, groupby
from typing import cast

from training.runs.events import AnyEvent, Event, Metrics, Step, Steps, number, spell


def in_columns(events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
    """The same events, with the steps of an epoch in a row as one `Steps`, as far as their metrics are numbers."""
    for kind, group in groupby(events, type):
        if kind is not Step:
            yield from group
            continue
        steps = cast("list[Step]", list(group))
        if _are_alike(steps):
            yield from _in_columns(steps)
        else:
            for _, alike in groupby(enumerate(steps), lambda one: (one[1].attempt, one[1].epoch, one[1].seq - one[0])):
                yield from _in_columns([step for _, step in alike])


def _are_alike(steps: list[Step]) -> bool:
    """Whether they are of one epoch of one attempt, without a gap between their numbers in the log."""
    first = steps[0]
    if [step.seq for step in steps] != list(range(first.seq, first.seq + len(steps))):
        return False
    attempts, epochs = [step.attempt for step in steps], [step.epoch for step in steps]
    return attempts.count(first.attempt) == epochs.count(first.epoch) == len(steps)


def _in_columns(steps: list[Step]) -> Sequence[Step | Steps]:
    """Of one attempt and one epoch."""
    if len(steps) == 1:
        return steps
    first, last = steps[0], steps[-1]
    numbers = [step.step for step in steps]
    times = [step.t for step in steps]
    try:
        metrics, places = _columns([step.metrics for step in steps])
        begin, by, irregular = spelled(numbers)
        block = Steps(
            epoch=first.epoch,
            count=len(steps),
            first=begin,
            by=by,
            steps=irregular,
            times=array("d", times).tobytes() if any(times) else b"",
            metrics=metrics,
            places=places,
            seq=first.seq,
            attempt=first.attempt,
            t=last.t,
        )
    except (ValueError, OverflowError):  # some value is no number, or none that fits
        return steps
    return (block,)


def spelled(numbers: Sequence[int]) -> tuple[int, int, bytes]:
    """Step numbers as `first`, `by` and `steps` of a `Steps`. Raises OverflowError."""
    first, by = numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 1
    if by > 0 and numbers[-1] - first == by * (len(numbers) - 1) and _are_regular(numbers, first, by):
        return first, by, b""
    return 0, 1, array("q", numbers).tobytes()


def _are_regular(numbers: Sequence[int], first: int, by: int) -> bool:
    return list(numbers) == list(range(first, first + by * len(numbers), by))


def _columns(rows: list[Metrics]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Values, and the places of those that not every row has; in the order in which the names turn up.

    Raises ValueError where some value is no number.
    """
    sizes = list(map(len, rows))
    try:
        every = {name: [row[name] for row in rows] for name in rows[sizes.index(min(sizes))]}
    except KeyError:
        every = {}
    rich: Sequence[int] = ()
    if sum(sizes) > len(rows) * len(every):
        rich = list(compress(range(len(rows)), map(len(every).__lt__, sizes)))
    metrics, places = {}, {}
    for name in dict.fromkeys(chain(rows[0], *(rows[place] for place in rich))):
        if name in every:
            metrics[name] = _floats(every[name])
        else:
            at = [place for place in rich if name in rows[place]]
            metrics[name] = _floats([rows[place][name] for place in at])
            places[name] = array("q", at).tobytes()
    return metrics, places


def _floats(values: list[float | str]) -> bytes:
    try:
        return array("d", cast("list[float]", values)).tobytes()
    except TypeError:  # some are spelled
        return array("d", map(number, values)).tobytes()


def numbers_of(block: Steps) -> Sequence[float]:
    """Its steps, a range where they are regular."""
    if block.steps:
        return array("d", array("q", block.steps))
    return range(block.first, block.first + block.by * block.count, block.by)


def times_of(block: Steps) -> Sequence[float]:
    """Wall times; zeros where unknown."""
    return array("d", block.times) if block.times else array("d", bytes(8 * block.count))


def curves_of(block: Steps) -> Iterator[tuple[str, Sequence[float], array[float]]]:
    """Name, steps and values of each metric."""
    numbers = numbers_of(block)
    for name, values in block.metrics.items():
        yield name, _those(numbers, block.places.get(name)), array("d", values)


def _those(numbers: Sequence[float], places: bytes | None) -> Sequence[float]:
    if places is None:
        return numbers
    found = [numbers[place] for place in array("q", places)]
    by = found[1] - found[0] if len(found) > 1 else 1
    if isinstance(numbers, range) and found and by > 0:
        regular = range(int(found[0]), int(found[-1]) + 1, int(by))
        if len(regular) == len(found) and list(regular) == found:
            return regular
    return array("d", found)


def each(block: Steps) -> Iterator[Step]:
    """One by one."""
    rows: list[Metrics] = [{} for _ in range(block.count)]
    for name, values in block.metrics.items():
        places: Iterable[int] = array("q", block.places[name]) if name in block.places else range(block.count)
        for place, value in zip(places, array("d", values), strict=True):
            rows[place][name] = spell(value)
    for place, (step, t, row) in enumerate(zip(numbers_of(block), times_of(block), rows, strict=True)):
        yield Step(step=int(step), epoch=block.epoch, metrics=row, seq=block.seq + place, attempt=block.attempt, t=t)


def without(block: Steps, count: int) -> AnyEvent:
    """What is left of it without its first so many, fewer than all."""
    return next(iter(in_columns(list(each(block))[count:])))


def last_of(block: Steps) -> Step:
    """The last of them."""
    values = {name: array("d", told[-8:])[0] for name, told in block.metrics.items() if name not in block.places}
    row: Metrics = {name: spell(value) for name, value in values.items()}
    for name, places in block.places.items():
        if array("q", places)[-1:] == array("q", (block.count - 1,)):
            row[name] = spell(array("d", block.metrics[name][-8:])[0])
    step = int(numbers_of(block)[-1])
    seq = block.seq + block.count - 1
    return Step(step=step, epoch=block.epoch, metrics=row, seq=seq, attempt=block.attempt, t=block.t)


def one_by_one(events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
    """The events with every step as one of its own."""
    for event in events:
        if isinstance(event, Steps):
            yield from each(event)
        else:
            yield event


def count_of(event: Event) -> int:
    """How many events it stands for, each with a number of its own."""
    return event.count if isinstance(event, Steps) else 1

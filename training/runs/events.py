"""The events of a run: the lines of events.jsonl, and how numbers that JSON cannot spell are written.

Envelope: `seq` (from 0, grows by one a line), `attempt` (from 1), `t` (wall clock, seconds), `type`, and step (from 0)
and epoch (from 1) where they apply. The first line of a log is an `attempt` event and carries the schema version.
Metrics are an open mapping; well-known names mean something to the diagnosis, all others are still plotted.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from training.diagnosis.findings import Finding

SCHEMA_VERSION = 1
LARGEST = 1 << 53
"""Beyond it a float does not count any more."""

Number = float | str  # a float, or "nan", "inf", "-inf"
Metrics = dict[str, Number]


class Event(msgspec.Struct, kw_only=True, tag_field="type"):
    """What every line has; the log writer fills it in."""

    seq: int = -1
    attempt: int = 0
    t: float = 0.0


class Attempt(Event, tag="attempt"):
    """Training starts, or goes on from a checkpoint: what older attempts logged from `from_seq` on is superseded.

    `from_step` and `from_epoch` are the steps and the whole epochs that the checkpoint had behind it.
    """

    schema: int = SCHEMA_VERSION
    run: str = ""
    epochs: int = 0
    steps_per_epoch: int = 0
    from_step: int = 0
    from_epoch: int = 0
    from_seq: int = 0
    overrides_from: int = 0
    """Overrides before that number which lie beyond the checkpoint are not made again: someone decided so."""
    why: str = ""
    """What came between this attempt and the one before, in words; empty for the first."""
    facts: dict[str, Any] = {}
    """What is known before training: n_train, n_val, classes, class_counts, parameters, chance_loss, device, ..."""


class Step(Event, tag="step", gc=False):
    """One optimizer step, measured before the update. It cannot be part of a cycle, so none of a million is tracked."""

    step: int
    epoch: int
    metrics: Metrics = {}


class Steps(Event, tag="steps", gc=False):
    """What `count` steps of one epoch in a row say, a column a metric (`training.runs.steps` makes and reads them).

    The worker writes a `Step` each; a long log is held, and that of another tool kept, in columns. It takes as many
    numbers as it has steps, from `seq` on, and `t` is the time of the last.
    """

    epoch: int
    count: int
    first: int = 0
    by: int = 1
    """The steps are `first`, `first + by`, ..."""
    steps: bytes = b""
    """Where they are not: each, int64."""
    times: bytes = b""
    """Wall time of each step, float64; empty where unknown."""
    metrics: dict[str, bytes] = {}
    """float64 each."""
    places: dict[str, bytes] = {}
    """Of a metric that not every step has: the places from 0 of those that do, int64."""

    def __post_init__(self) -> None:
        """Raises ValueError, as a line that is damaged does, where the columns are not of one length."""
        whole = 8 * self.count
        if self.count < 1 or self.by < 1 or self.seq + self.count > LARGEST or abs(self.first) > LARGEST:
            raise ValueError("steps that cannot be")
        if len(self.steps) not in (0, whole) or len(self.times) not in (0, whole):
            raise ValueError("steps or times that are not as many as it says")
        for name, values in self.metrics.items():
            places = array("q", self.places.get(name, b""))
            if len(values) != (8 * len(places) if name in self.places else whole):
                raise ValueError(f"{name}: values that are not as many as its steps")
            if places and not 0 <= min(places) <= max(places) < self.count:
                raise ValueError(f"{name}: values of steps that are not there")


class Epoch(Event, tag="epoch"):
    """The end of an epoch, after validation. `step` counts the steps done; epoch 0 is the state before training."""

    epoch: int
    step: int
    metrics: Metrics = {}


class Classes(Event, tag="classes"):
    """How each class fared in an evaluation, in the order of the attempt's `facts.classes`."""

    epoch: int
    step: int
    side: Literal["val", "test"] = "val"
    precision: list[float] = []
    recall: list[float] = []
    f1: list[float] = []
    support: list[int] = []
    """Samples of each class."""
    confusion: list[tuple[int, int, int]] = []
    """(true class, class it was taken for, samples), right ones too, where there are any; of very many the most
    frequent."""


class FinalTest(Event, tag="test"):
    """The test split, evaluated once at the end, on the best checkpoint's weights."""

    epoch: int
    """That the weights are from."""
    step: int
    metrics: Metrics = {}


class State(Event, tag="state"):
    """The run changed state; `message` says why."""

    state: str
    message: str = ""
    step: int | None = None
    epoch: int | None = None


class Log(Event, tag="log"):
    """A line for a person: choices explained, warnings, errors."""

    message: str
    level: Literal["info", "warning", "error"] = "info"
    step: int | None = None
    epoch: int | None = None


class Acknowledged(Event, tag="ack"):
    """The answer to the command with that id."""

    id: str
    command: str
    ok: bool
    message: str = ""
    step: int | None = None
    epoch: int | None = None


class Override(Event, tag="override"):
    """A setting of the running job was changed from this step on; part of the checkpoint state."""

    setting: str
    value: Number
    step: int
    epoch: int
    rate: float = 0.0
    """The learning rate that it led to, where it is about that."""


class Checkpoint(Event, tag="checkpoint"):
    """A checkpoint was written; `path` is relative to the run folder."""

    kind: Literal["best", "last"]
    path: str
    epoch: int
    step: int
    metrics: Metrics = {}


class FindingChanged(Event, tag="finding"):
    """The diagnosis opened, changed or resolved a finding."""

    change: Literal["opened", "changed", "resolved"]
    finding: Finding
    rules: int
    epoch: int
    step: int | None = None


class End(Event, tag="end"):
    """The attempt is over by its own decision; a crash leaves none."""

    state: Literal["finished", "stopped", "failed"]
    reason: str
    epoch: int
    step: int


AnyEvent = (
    Attempt
    | Step
    | Steps
    | Epoch
    | Classes
    | FinalTest
    | State
    | Log
    | Acknowledged
    | Override
    | Checkpoint
    | FindingChanged
    | End
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyEvent)


def spell(value: float) -> Number:
    """A number as strict JSON can carry it; msgspec would write null for a value that is not finite."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def spell_all(metrics: Mapping[str, float]) -> Metrics:
    return {name: spell(value) for name, value in metrics.items()}


def number(value: Number) -> float:
    """The float behind a metric; raises ValueError for any other string."""
    return float(value)


def numbers(metrics: Metrics) -> dict[str, float]:
    """What `spell_all` spelled."""
    return {name: number(value) for name, value in metrics.items()}


def encode(event: Event) -> bytes:
    """One line, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of a line; raises msgspec.DecodeError (a ValidationError too) for a line that is none."""
    try:
        event: AnyEvent = _decoder.decode(line)
    except (UnicodeDecodeError, RecursionError) as error:  # msgspec lets these two through as they are
        raise msgspec.DecodeError(str(error)) from error
    return event


def decode_lines(data: bytes) -> list[AnyEvent]:
    """The events of whole lines, faster still; raises msgspec.DecodeError where any is none, or two stand on one."""
    try:
        events: list[AnyEvent] = _decoder.decode_lines(data)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error
    if len(events) != data.count(b"\n"):
        raise msgspec.DecodeError("not one event a line")
    return events


def decode_all(lines: list[bytes]) -> list[AnyEvent]:
    """The events of many lines, faster than one by one; raises msgspec.DecodeError where any is none."""
    try:
        return [_decoder.decode(line) for line in lines]
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error

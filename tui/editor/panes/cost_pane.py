"""The cost pane: steps, parameters, memory and time of this config, and where each number is from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.dataset.preview import side_sizes
from training.figures import duration, storage
from training.guide.hint import Facts
from training.guide.rules.batch import ROOM
from training.guide.schedules import earliest_stop
from training.guide.steps import steps_an_epoch
from training.runs.past_times import PastTimes
from training.text import one_line
from tui.editor.known import Known
from tui.widgets.rows import Row, wrap
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.editor.draft import Draft

LARGEST_BATCH = 1 << 10
"""Larger ones are not worth telling."""
LEFT_OUT = "In fp32, without the work space of convolutions and what the allocator keeps; half precision needs less."
PASSES = "What passes through frozen layers is not counted: it is kept for a moment only."

_PARTS = {
    "weights": ("weights", "█", "series2"),
    "gradients": ("gradients", "▓", "series4"),
    "optimizer": ("optimizer", "▒", "series3"),
    "average": ("average", "▚", "series1"),
    "activations": ("activations", "▞", "accent"),
}
"""Name, glyph and style; the glyphs alone tell the parts apart."""
_FREE = "·"


class CostPane(SpanView, can_focus=False):
    """What the gatherer knows of the cost; give it the gatherer's `known` once."""

    TITLE: ClassVar[str] = "Cost"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(self._lines, id=id, classes=classes)
        self.known = Known()
        self._config = TrainingConfig()

    def show(self, draft: Draft, key: str) -> None:  # noqa: ARG002
        """The cost of this draft."""
        self._config = draft.config
        self.update_rows()

    def _lines(self, width: int, height: int) -> list[Row]:
        return cost_rows(self.known, self._config, width, height)


def cost_rows(known: Known, config: TrainingConfig, width: int, height: int) -> list[Row]:
    """At most `height` rows of at most `width` cells."""
    parts = [_steps(known, config, width), _time(known, config, width), _model(known, config, width)]
    rows = [row for part in parts for row in part]
    spaced = [row for part in parts for row in ([], *part)][1:]
    return (spaced if len(spaced) <= height else rows)[:height]


def _images(known: Known, config: TrainingConfig) -> int | None:
    return side_sizes(known.data.preview, config.data)["train"] if known.data.preview else None


def _steps(known: Known, config: TrainingConfig, width: int) -> list[Row]:
    images, stop = _images(known, config), earliest_stop(config)
    if images is None:
        why = "could not be listed" if known.data.error else "are not known yet"
        return wrap(f"Steps: not known, since the data {why}.", width, "muted")
    steps = steps_an_epoch(config, images)
    epochs = f"{config.epochs:,} epoch{'' if config.epochs == 1 else 's'}"
    rows = wrap(f"{steps * config.epochs:,} steps", width, "strong")
    batch = f"{config.images_per_step:,} a step"
    if config.batch_size == "auto":
        batch += ", as auto counts here"
    rows += wrap(f"{steps:,} an epoch ({images:,} images, {batch}) × {epochs}", width)
    if stop:
        rows += wrap(f"{steps * stop:,} at the earliest stop, after epoch {stop:,}", width)
    return rows


# Time


def _time(known: Known, config: TrainingConfig, width: int) -> list[Row]:
    cost = known.cost
    if cost.past is None:
        if cost.device is not None and not cost.device.name:
            return wrap(f"Time: not known; {_sentence(cost.device.why)}", width, "muted")
        return _still("Looking for past runs.", width)
    images = _images(known, config)
    seconds = cost.past.epoch_seconds(images)
    if seconds is None:
        where = f" ({one_line(cost.device.name)})" if cost.device else ""
        return wrap(f"Time: not known; no past run of this model and data on this host{where}.", width, "muted")
    rows = wrap(f"About {_duration(seconds * config.epochs)}", width, "strong")
    stop = earliest_stop(config)
    each = f"{_duration(seconds)} an epoch"
    if stop:
        each += f"; {_duration(seconds * stop)} at the earliest stop"
    return [*rows, *wrap(each, width), *wrap(_source(cost.past, images), width, "muted")]


def _source(past: PastTimes, images: int | None) -> str:
    newest = past.runs[0]
    name = f"{one_line(newest.run)} ({time.strftime('%Y-%m-%d %H:%M', time.localtime(newest.at))})"
    says = f"From {name}" if len(past.runs) == 1 else f"Median of {len(past.runs)} past runs, the last one {name}"
    if past.scaled(images):
        says += f"; scaled by the number of images ({newest.images:,} then)" if newest.images else ""
    if not past.same_step and newest.images_per_step:
        says += f"; they took {newest.images_per_step:,} images a step"
    return f"{says}."


def _duration(seconds: float) -> str:
    return duration(seconds) if seconds >= 10 else f"{seconds:.2g} s"


# Model and memory


def _model(known: Known, config: TrainingConfig, width: int) -> list[Row]:
    cost = known.cost
    estimate = known.estimate(config)
    if estimate is None:
        if cost.error is not None and _about(known, config):
            rows = wrap(one_line(cost.error.message), width, "error", first=[("✗ ", "error")], indent=2)
            return rows + (wrap(one_line(cost.error.remedy), width) if cost.error.remedy else [])
        return _still("Building the model to measure it.", width)
    if estimate.trained == estimate.parameters:
        parameters = f"{estimate.parameters:,} parameters"
    else:
        parameters = f"{estimate.parameters:,} parameters, {estimate.trained:,} of them trained"
    rows = wrap(parameters, width, "strong")
    channels, height, across = estimate.input
    size = f"for images of {channels}×{height}×{across} and {known.shape(config)[0]:,} classes"
    if known.data.preview is None:
        size += " (a guess, without the data)"
    return [*rows, *wrap(size, width, "muted"), *_memory(known, config, width)]


def _about(known: Known, config: TrainingConfig) -> bool:
    return known.cost.about is not None and known.cost.about.model == known.model_question(config)


def _memory(known: Known, config: TrainingConfig, width: int) -> list[Row]:
    estimate, facts = known.estimate(config), known.facts(config)
    needed = facts.bytes_for(config)
    if estimate is None or needed is None:
        return []
    bytes_of = {**estimate.parts(config), "activations": needed - estimate.fixed(config)}
    device = known.cost.device
    head = f"{storage(needed)} of memory for a step"
    if facts.device_bytes:
        head += f", of {storage(facts.device_bytes)}: {_share(needed / facts.device_bytes)}"
    fits = not facts.device_bytes or needed <= facts.device_bytes
    rows = wrap(head, width, "strong") if fits else wrap(head, width, "error", first=[("✗ ", "error")], indent=2)
    rows.append(_bar(bytes_of, max(needed, facts.device_bytes or needed), width))
    legend = " · ".join(
        f"{_PARTS[name][1]} {_PARTS[name][0]} {storage(size)}" for name, size in bytes_of.items() if size
    )
    rows += wrap(legend, width)
    if estimate.trained < estimate.parameters:
        # That moment decides how large a batch may be, and nothing measures it beforehand.
        rows += wrap(PASSES, width, "muted")
    elif facts.device_bytes:
        rows += _batch_that_fits(facts, config, width)
    if device is not None and device.name:
        rows += wrap(f"On {one_line(device.name)}: {_sentence(device.why)}", width, "muted")
    elif device is not None:
        rows += wrap(f"Device: {_sentence(device.why)}", width, "muted")
    return rows + wrap(LEFT_OUT, width, "muted")


def _share(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _bar(bytes_of: dict[str, int], whole: int, width: int) -> Row:
    """The parts of `whole`, to scale; what is there at all takes a cell."""
    row: Row = []
    used = 0
    for name, size in bytes_of.items():
        cells = min(max(1, round(size / whole * width)) if size else 0, width - used)
        if cells > 0:
            row.append((_PARTS[name][1] * cells, _PARTS[name][2]))
        used += cells
    return [*row, (_FREE * (width - used), "track")]


def _batch_that_fits(facts: Facts, config: TrainingConfig, width: int) -> list[Row]:
    """The largest power of two that leaves the room that the guide's hint wants left."""
    assert facts.device_bytes is not None
    room = ROOM * facts.device_bytes
    size = LARGEST_BATCH
    while size and (facts.bytes_for(replaced(config, "batch_size", size)) or 0) > room:
        size //= 2
    if not size:
        return wrap("No batch fits, not even of one image.", width, "error", first=[("✗ ", "error")], indent=2)
    which = f"{size:,} and more" if size == LARGEST_BATCH else f"up to {size:,}"
    return wrap(f"Batches of {which} fit.", width)


def _still(doing: str, width: int) -> list[Row]:
    return wrap(doing, width, "text", first=[("… ", "accent")], indent=2)


def _sentence(text: str) -> str:
    text = one_line(text)
    return text if text.endswith(".") else f"{text}."

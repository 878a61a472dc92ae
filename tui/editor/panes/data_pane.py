"""The data pane: how many images on which side, the loss that the classes ask for, image sizes, classes as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size

from training.config.fields import format_value
from training.config.schema import TrainingConfig
from training.config.validate import input_side
from training.dataset.preview import ClassCount, Extent, Looked, Preview, side_sizes
from training.errors import TraindeckError
from training.guide.rules.loss import loss_name
from training.text import one_line
from tui.editor.known import DataKnowledge, Known, data_question
from tui.widgets.rows import Row, wrap
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.editor.draft import Draft

NAMED = 3
"""Files that cannot be read and are named."""
_NAME_CELLS = 24
_FEWEST_BARS = 3
_MODES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with alpha",
    "P": "palette",
    "PA": "palette with alpha",
    "RGBA": "RGB with alpha",
    "RGB;16": "RGB of 16 bits",
    "RGBA;16": "16 bits with alpha",
    "I;16": "grey of 16 bits",
    "I;16B": "grey of 16 bits",
    "bytes": "binaries, drawn as grey images",
}


class DataPane(SpanView, can_focus=False):
    """What the gatherer knows of the data; give it the gatherer's `known` once."""

    TITLE: ClassVar[str] = "Data"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(self._lines, id=id, classes=classes)
        self.known = Known()
        self._config = TrainingConfig()
        self._current = DataKnowledge()

    def show(self, draft: Draft, key: str) -> None:  # noqa: ARG002
        """The data of this draft; an answer about others counts as none."""
        about = data_question(draft.config, draft.base_dir)
        found = self.known.data
        self._config = draft.config
        self._current = found if found.about == about else DataKnowledge(about)
        self.update_rows()

    def _lines(self, width: int, height: int) -> list[Row]:
        return data_rows(self._current, self._config, width, height)


def data_rows(found: DataKnowledge, config: TrainingConfig, width: int, height: int) -> list[Row]:
    """At most `height` rows of at most `width` cells."""
    if found.about is None:
        rows = _no_path(config, width)
    elif found.error is not None:
        rows = _failed(found.error, width)
    elif found.preview is None:
        rows = wrap("Listing the files.", width, "text", first=[("… ", "accent")], indent=2)
    else:
        head = _head(found.preview, config, width) + _looked(found, config, width)
        room = height - len(head) - 1
        # On a low screen bars give way to what is said; a few always stay where there is room for anything.
        bars = _bars(found.preview, width, room if room >= _FEWEST_BARS else 0)
        rows = [*head, [], *bars] if bars else head
    return rows[:height]


def _no_path(config: TrainingConfig, width: int) -> list[Row]:
    what = "a CSV manifest" if config.data.source == "manifest" else "a folder with one subfolder a class"
    return [
        [("No data yet", "strong")],
        *wrap(f"Set data.path to {what}; what it holds is then shown here.", width, "muted"),
    ]


def _failed(error: TraindeckError, width: int) -> list[Row]:
    rows = wrap(one_line(error.message), width, "error", first=[("✗ ", "error")], indent=2)
    return rows + (
        wrap(one_line(error.remedy), width, "text", first=[("  ", "text")], indent=2) if error.remedy else []
    )


def _head(preview: Preview, config: TrainingConfig, width: int) -> list[Row]:
    """How many images of what, on which sides, and the loss that fits them."""
    data = config.data
    sizes = side_sizes(preview, data)
    images = f"{preview.images:,} {'image' if preview.images == 1 else 'images'} of {len(preview.classes):,} classes"
    if preview.groups is not None:
        images += f", in {preview.groups:,} groups"
    if data.subset < 100:
        images += f" ({data.subset:g} % of each class)"
    sides = [f"training {sizes['train']:,}", f"validation {sizes['val']:,}"]
    if sizes["test"]:
        sides.append(f"test {sizes['test']:,}")
    how = "ready-made split" if preview.ready else ""
    if preview.ready and "val" not in preview.ready:
        how = "ready-made, validation held out of the training images"
    if preview.groups is not None and not preview.ready:
        how = "about, since groups stay whole"
    split = " · ".join(sides) + (f" ({how})" if how else "")
    return [*wrap(images, width, "strong"), *wrap(split, width), *_ratio(preview, config, width)]


def _ratio(preview: Preview, config: TrainingConfig, width: int) -> list[Row]:
    if preview.ratio is None:
        return wrap("A class has no image to train on.", width, "warning", first=[("! ", "warning")], indent=2)
    sizes = (
        f"Largest class {preview.ratio:.3g} × the smallest"
        if preview.ratio >= 1.005
        else "All classes are equally large"
    )
    best = preview.losses[0]
    fits = config.class_weights in preview.losses
    mark, style = ("✓ ", "success") if fits else ("! ", "warning")
    if fits and config.class_weights == best:
        says = f"{sizes}: {loss_name(best)} fits, and the config has it."
    elif fits:
        says = f"{sizes}: {loss_name(best)} fits best; the config has {loss_name(config.class_weights)}, which will do."
    else:
        says = (
            f"{sizes}: {loss_name(best)} fits (class_weights: {format_value(best)}); "
            f"the config has {loss_name(config.class_weights)}."
        )
    return wrap(says, width, "text", first=[(mark, style)], indent=2)


def _looked(found: DataKnowledge, config: TrainingConfig, width: int) -> list[Row]:
    """What images there are, as far as they have been looked at; and what is passed over."""
    preview = found.preview
    assert preview is not None
    notes = [row for note in preview.notes for row in _warned(note, width)]
    looked = preview.looked
    if looked is None:
        return [_progress(found.done, found.total, width), *notes]
    rows = _sizes(looked, preview, config, width)
    if looked.unread:
        named = "; ".join(f"{file.path} ({file.why})" for file in looked.unread[:NAMED])
        more = f"; and {len(looked.unread) - NAMED} more" if len(looked.unread) > NAMED else ""
        are = "cannot be read and is" if len(looked.unread) == 1 else "cannot be read and are"
        notes += _warned(f"{len(looked.unread):,} of these {are} left out: {named}{more}", width)
    return rows + notes


def _progress(done: int, total: int, width: int) -> Row:
    if not total:
        return [("… ", "accent"), ("Looking at the images.", "text")]
    says = f" {done:,} of {total:,} looked at"
    cells = max(4, min(20, width - 2 - len(says)))
    filled = done * cells // total
    return [("… ", "accent"), ("█" * filled, "bar"), ("░" * (cells - filled), "track"), (says, "text")]


def _sizes(looked: Looked, preview: Preview, config: TrainingConfig, width: int) -> list[Row]:
    rows: list[Row] = []
    if looked.width and looked.height:
        if looked.distinct == 1:
            size = f"Every image is {looked.width.least}×{looked.height.least}"
        else:
            size = f"Width {_span(looked.width)}, height {_span(looked.height)}, {looked.distinct:,} sizes"
        named = [(_MODES.get(mode, mode), count) for mode, count in looked.modes.items()]
        one = f", {named[0][0]}" if len(named) == 1 else ""
        rows += wrap(f"{size}{one}{_resized(looked, config)}.", width)
        if len(named) > 1:
            rows += wrap(f"Pixels: {', '.join(f'{name} {count:,}' for name, count in named)}.", width)
    if looked.images < preview.images:
        rows += wrap(f"Looked at {looked.images:,} of the {preview.images:,} images.", width, "muted")
    return rows


def _resized(looked: Looked, config: TrainingConfig) -> str:
    if config.data.image_size == "auto" and config.model.kind == "transfer":
        return ", resized to what the backbone's weights were trained at"
    side = input_side(config.data)
    same = looked.distinct == 1 and looked.width == looked.height and looked.width and looked.width.least == side
    return "" if same else f", resized to {side}×{side}"


def _span(extent: Extent) -> str:
    if extent.least == extent.most:
        return str(extent.least)
    return f"{extent.least} to {extent.most} (median {extent.median:g})"


def _warned(note: str, width: int) -> list[Row]:
    return wrap(f"{one_line(note)}.", width, "text", first=[("! ", "warning")], indent=2)


def _bars(preview: Preview, width: int, room: int) -> list[Row]:
    """The largest classes first; where not all fit, one line stands for those between the largest and the smallest."""
    if room < 1:
        return []
    counts = preview.to_train
    order = sorted(range(len(counts)), key=lambda place: (-counts[place], place))
    most = max(counts, default=0) or 1
    names = min(_NAME_CELLS, max(1, width // 3), max(cell_len(entry.name) for entry in preview.classes))
    digits = len(f"{most:,}")
    cells = width - names - digits - 2

    def bar(place: int) -> Row:
        return _bar(preview.classes[place], counts[place], counts[place] / most, names, digits, cells)

    if len(order) <= room:
        return [bar(place) for place in order]
    largest = max(0, room - 2)
    hidden = order[largest : len(order) - (1 if room > 1 else 0)]
    low, high = counts[hidden[-1]], counts[hidden[0]]
    of = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    folded: Row = [(f"… {len(hidden):,} more, {of} images each", "muted")]
    return [*map(bar, order[:largest]), folded, *map(bar, order[len(order) - (1 if room > 1 else 0) :])]


def _bar(entry: ClassCount, count: int, share: float, names: int, digits: int, cells: int) -> Row:
    name = entry.name if cell_len(entry.name) <= names else set_cell_size(entry.name, names - 1) + "…"
    row: Row = [(set_cell_size(name, names), "text"), (" ", "text"), (f"{count:>{digits},}", "strong")]
    if cells > 0 and count:
        row += [(" ", "text"), ("█" * max(1, round(share * cells)), "bar")]
    return row

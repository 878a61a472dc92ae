"""`traindeck model CONFIG`: how large its model is, what it computes and what memory training it takes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import msgspec

from training.cli.configs import GivenConfig, read_config
from training.cli.output import say, say_json, table
from training.config.validate import input_side
from training.dataset.source import list_source
from training.errors import EXIT_OK, TraindeckError
from training.figures import storage
from training.runs.ask import ask
from training.runs.backbone import with_whole_paths
from training.runs.describe import model_label
from training.runs.plan import data_folder

DIGITS = 10
SILENT_SECONDS = 600.0
"""A transformer of a gigabyte takes its time on a busy host."""
_MEMORY = {
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "optimizer state",
    "average": "weight average",
    "activations": "activations",
}
LEFT_OUT = "Not in it: the images, work space of the convolutions, what the allocator keeps, a CUDA context."


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for a config that no model can be built from."""
    sized = [] if arguments.image_size is None else [f"data.image_size={arguments.image_size}"]
    given = read_config(arguments.config, [*arguments.set, *sized])
    classes, notes = (arguments.classes, []) if arguments.classes else _classes(given)
    channels, channel_notes = _channels(given)
    config = with_whole_paths(given.config, given.base_dir)
    found = ask(
        "model",
        {
            "config": msgspec.to_builtins(config),
            "classes": classes,
            "channels": channels,
            "side": input_side(config.data),
        },
        timeout=SILENT_SECONDS,
    )
    if config.model.kind != "transfer":  # which takes three channels whatever the images have
        notes = [*notes, *channel_notes]
    if arguments.json:
        say_json({**found, "model": model_label(config), "notes": notes})
        return EXIT_OK
    for line in _lines(model_label(config), found, notes):
        say(line)
    return EXIT_OK


def _classes(given: GivenConfig) -> tuple[int, list[str]]:
    """How many classes the config's data have, with what to know about that number."""
    data = given.config.data
    if data.source == "digits":
        return DIGITS, []
    if data.classes:
        return len(data.classes), []
    try:
        folder = data_folder(given.config, given.base_dir)
        assert folder is not None
        return len(list_source(data, folder, given.config.runtime.seed).classes), []
    except TraindeckError as error:
        return 2, [f"Counted with 2 classes, since the data cannot be listed ({error.message}) Say --classes N."]


def _channels(given: GivenConfig) -> tuple[int, list[str]]:
    data = given.config.data
    if data.source in ("digits", "byteplot") or data.color == "grey":
        return 1, []
    if data.color == "rgb":
        return 3, []
    return 3, ["Counted with colour images; say --set data.color=grey where they are grey."]


def _lines(label: str, found: Mapping[str, Any], notes: list[str]) -> list[str]:
    memory = found["memory"]
    parts = ", ".join(f"{name} {storage(memory[part])}" for part, name in _MEMORY.items() if memory[part])
    rows = [
        (
            layer["name"],
            layer["kind"],
            _size(layer["output"]),
            f"{layer['parameters']:,}",
            f"{layer['trainable']:,}",
            f"{layer['multiply_adds']:,}",
        )
        for layer in found["layers"]
    ]
    return [
        f"{label}: images of {_size(found['input'])}, {found['classes']} classes.",
        f"Parameters: {found['parameters']:,}, of which {found['trainable']:,} are trained.",
        f"Multiply-adds: {found['multiply_adds']:,} for one image, forward.",
        f"Memory for training with batches of {memory['batch_size']}, in fp32: {storage(memory['total'])} ({parts}).",
        LEFT_OUT,
        *notes,
        "",
        *table(("layer", "kind", "output", "parameters", "trained", "multiply-adds"), rows),
    ]


def _size(numbers: list[int]) -> str:
    return "×".join(map(str, numbers))

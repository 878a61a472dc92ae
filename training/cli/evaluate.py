"""`traindeck evaluate RUN`: how well its checkpoint does, class by class."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from training.cli.device import device_environment
from training.cli.output import say, say_json, table
from training.cli.progress import overwrite, warn
from training.errors import EXIT_OK
from training.figures import loss, percent
from training.runs import store
from training.runs.ask import ask
from training.text import one_line

MISTAKES = 5
"""Pairs of classes that are printed; --json has all."""


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for classes that the run does not know, TraindeckError for a run that cannot be used."""
    found = store.find_run(arguments.run, arguments.runs_dir)
    judged = ask(
        "evaluate",
        {
            "run": str(found.folder.path),
            "checkpoint": arguments.checkpoint,
            "data": None if arguments.data is None else str(Path(arguments.data).expanduser().absolute()),
            "environment": device_environment(found),
        },
        progress=_tell,
    )
    overwrite()
    for side in judged["sides"]:
        for file in side["unreadable"]:
            warn(f"traindeck: not read: {one_line(file)}")
    if arguments.json:
        say_json(judged)
        return EXIT_OK
    checkpoint = f"{judged['checkpoint']} checkpoint, epoch {judged['epoch']}"
    say(f"{one_line(found.summary.name)}: {checkpoint}, on {judged['device']} ({one_line(judged['reason'])})")
    for side in judged["sides"]:
        for line in _lines(side):
            say(line)
    return EXIT_OK


def _tell(news: Any) -> None:
    overwrite(f"{news['side']}: {news['done']} of {news['total']} images")


def _lines(side: Mapping[str, Any]) -> Iterator[str]:
    plain = "" if side["loss"] == side["cross_entropy"] else f", cross-entropy {loss(side['cross_entropy'])}"
    yield (
        f"{side['side']}: {side['images']} images, loss {loss(side['loss'])}{plain}, "
        f"accuracy {percent(side['accuracy'])}, macro-F1 {percent(side['macro_f1'])}"
    )
    rows = (
        [one_line(entry["class"]), str(entry["images"]), *_scores(entry)]
        for entry in side["classes"]
        if entry["images"] or entry["precision"]
    )
    for line in table(["class", "images", "precision", "recall", "F1"], rows):
        yield f"  {line}"
    mistakes = [
        f"{one_line(entry['class'])} for {one_line(entry['taken_for'])} ({entry['images']})"
        for entry in side["mistakes"][:MISTAKES]
    ]
    if mistakes:
        yield f"  most often taken: {', '.join(mistakes)}"


def _scores(entry: Mapping[str, Any]) -> list[str]:
    """A class without images has no recall, and so no F1."""
    there = entry["images"] > 0
    return [percent(entry["precision"]), *(percent(entry[name]) if there else "" for name in ("recall", "f1"))]

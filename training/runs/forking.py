"""Putting into the folder of a fork what it goes on from: the checkpoint, the log up to there, and the best so far."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from training.config.schema import TrainingConfig
from training.errors import RunFailed, TraindeckError
from training.runs.checkpoints import check, copy_labelled, path_of, read_label
from training.runs.fork import Fork, Source
from training.runs.layout import RunFolder
from training.runs.summary import FORKED, Summary
from training.text import one_line

_SEQ = re.compile(rb'"seq":(\d+)')


def lay_out(fork: Fork, config: TrainingConfig, folder: RunFolder, summary: Summary) -> None:
    """Write what the worker of the new run finds, and say in its summary where it comes from.

    The worker goes on from what it finds, as that of a resumed run does. The checkpoint is copied, since the parent may
    replace its own at any moment. Raises InvalidInput where nothing would be left to train, TraindeckError where the
    checkpoint is damaged or gone, and OSError.
    """
    fork.check(config)
    summary.reason = fork.reason
    source = fork.source
    if source is None:
        return
    summary.start_from = "fork"
    folder.checkpoints.mkdir(exist_ok=True)
    _check_there(source)
    if fork.goes_on(config):
        _go_on(fork, source, config, folder, summary)
    else:
        summary.reason = f"{fork.reason}, weights alone"
        _link(source.path, folder.start)
        check(folder.start)


def _go_on(fork: Fork, source: Source, config: TrainingConfig, folder: RunFolder, summary: Summary) -> None:
    parent, label = fork.parent.folder, source.label
    ours = msgspec.structs.replace(label, config=msgspec.to_builtins(config), epochs=0)
    copy_labelled(source.path, path_of(folder, "last"), ours)
    _copy_log(parent.events, folder.events, label.seq)
    if parent.split.exists():
        shutil.copyfile(parent.split, folder.split)
    _take_best(parent, folder, label.step)
    summary.interruption = f"{FORKED}{one_line(fork.parent.summary.name)} at {source.where}"
    summary.inherited_attempts = label.attempt
    summary.epoch, summary.step = label.epoch, label.step


def hold(fork: Fork) -> Fork:
    """The fork with its checkpoint under a name of its own, so that it is still there when the config is edited,
    whatever the parent writes meanwhile; as it is where there are no hard links. `release` takes the name away.

    Raises RunFailed where the checkpoint was replaced already.
    """
    source = fork.source
    if source is None:
        return fork
    held = fork.parent.folder.checkpoints / f"held-{source.label.step:09}-{uuid.uuid4().hex[:6]}.pt"
    try:
        os.link(source.path, held)
    except OSError:
        return fork
    taken = replace(fork, source=replace(source, path=held))
    try:
        _check_there(replace(source, path=held))
    except RunFailed:
        release(taken)
        raise
    return taken


def release(fork: Fork) -> None:
    """The checkpoint that was held is wanted no more."""
    if fork.source is not None and fork.source.path.name.startswith("held-"):
        with suppress(OSError):
            fork.source.path.unlink(missing_ok=True)


def _check_there(source: Source) -> None:
    """Raises RunFailed where the parent has replaced it since it was chosen."""
    try:
        now = read_label(source.path)
    except TraindeckError as error:
        raise RunFailed(
            f"{error.message} The run may have written newer ones.", "Choose another checkpoint."
        ) from error
    if now.step != source.label.step:
        raise RunFailed(
            f"{source.path} is of step {now.step} by now; step {source.label.step} was chosen.",
            "Choose again: the run goes on writing checkpoints.",
        )


def _copy_log(log: Path, to: Path, seq: int) -> None:
    """The events before that one, line by line: whoever wrote them has numbered them in order."""
    with log.open("rb") as lines, to.open("wb") as copy:
        for line in lines:
            number = _SEQ.search(line)
            if number and int(number[1]) >= seq:
                break
            copy.write(line)


def _take_best(parent: RunFolder, folder: RunFolder, step: int) -> None:
    """The best so far, where it is none of what came after the checkpoint."""
    best = path_of(parent, "best")
    try:
        if read_label(best).step <= step:
            _link(best, path_of(folder, "best"))
    except TraindeckError:
        return


def _link(path: Path, to: Path) -> None:
    """Another name for the file: checkpoints are replaced, never changed. A copy where there are no hard links."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)

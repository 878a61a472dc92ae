"""Reading a log that traindeck did not write: which format it is shows in its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from training.config.problems import shown as cut
from training.errors import InvalidInput
from training.foreign import event_files, event_pair, folder, labelled, offline_run, records, table, trainer_state
from training.foreign.beside import settings_beside
from training.foreign.columns import check_metric, check_names, meaning
from training.foreign.event_files import EventFiles
from training.foreign.file import LogFile
from training.foreign.log import QUOTED, ForeignLog, NotThisFormat, record_of
from training.foreign.source import Source
from training.foreign.tail import Lines, Tail, Whole, opened
from training.runs.events import Epoch, Step
from training.text import one_line

PROBE = 1 << 20
"""Bytes of a log that are looked at to tell what it is."""
BINARY_PROBE = 4096
MOST_LISTED = 10


@dataclass(frozen=True)
class Start:
    """The beginning of a file; `lines` are those that hold something, none for a binary file."""

    path: Path
    data: bytes
    lines: list[str]
    names: Mapping[str, str]

    @property
    def shown(self) -> str:
        return one_line(str(self.path))


def open_source(path: Path, names: Mapping[str, str] | None = None) -> Source:
    """The log in a file, or the only log in a folder, recognised by content, to be polled while it grows.

    `names` maps our metrics to columns of the log. Raises InvalidInput that says what was tried where no reader takes
    it, where a name is no metric of ours or no column of the log, and where a folder holds no log or several.
    """
    names = names or {}
    for ours in names:
        check_metric(ours)
    try:
        return _only_log(path, names) if path.is_dir() else _recognised(_start(path, names))
    except OSError as error:
        raise InvalidInput(f"{one_line(str(path))} cannot be read: {error.strerror}.") from error


def read(path: Path, names: Mapping[str, str] | None = None) -> ForeignLog:
    """The log in a file as it is now. Raises as `open_source` does."""
    source = open_source(path, names)
    try:
        events = source.finish()
    except OSError as error:
        raise InvalidInput(f"{one_line(str(path))} cannot be read: {error.strerror}.") from error
    if not events:
        raise InvalidInput(f"{one_line(str(path))} is not whole.", "Try again when its writer is done with it.")
    if source.skipped and not any(isinstance(event, Epoch | Step) for event in events):
        rows = "The only row" if source.skipped == 1 else f"{source.skipped} of {source.skipped} rows"
        raise InvalidInput(f"{one_line(str(path))}: {rows} could not be read.", "Its numbers are in no known form.")
    return ForeignLog(source.format, events, source.config, source.skipped)


def _only_log(path: Path, names: Mapping[str, str]) -> Source:
    shown = one_line(str(path))
    found: dict[Path, Source] = {}
    reasons = []
    candidates = folder.candidates(path)
    for candidate in candidates:
        if len(found) > MOST_LISTED:
            break
        try:
            found[candidate] = _in_folder(candidate, names)
        except InvalidInput as reason:
            reasons.append(reason.message)
        except OSError as error:
            reasons.append(f"{one_line(str(candidate))} cannot be read: {error.strerror}.")
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise InvalidInput(f"{shown} holds several logs: {one_line(folder.listed(found, path))}.", "Name one of them.")
    told = f" {reasons[0]}" if reasons else " Looked for CSV, JSONL, trainer_state.json, .wandb and event files."
    raise InvalidInput(f"{shown} holds no log that traindeck can read.{told}", "Name the file.")


def _in_folder(path: Path, names: Mapping[str, str]) -> Source:
    if not path.is_dir():
        return _recognised(_start(path, names))
    state = trainer_state.newest(path)
    if state is not None:
        start = _start(state, names)
        return _trainer_state(Start(path, start.data, start.lines, names))
    own = sorted(path.glob(event_files.PATTERN))
    pair = event_pair.pair_in(path)
    if pair is not None and not own:
        return _event_pair(path, pair, names)
    first = own[0]
    return _event_files(Start(path, _start(first, names).data, [], names))


def _start(path: Path, names: Mapping[str, str]) -> Start:
    with opened(path) as file:
        data = file.read(PROBE)
    if _is_binary(data):
        return Start(path, data, [], names)
    lines = Lines()
    found = [line for line in (*lines.feed(data), lines.last()) if not table.is_passed_over(line)]
    return Start(path, data, found, names)


def _is_binary(data: bytes) -> bool:
    """A text may end in zeros: room that its writer has taken for what is to come."""
    text = data.rstrip(b"\0")
    return b"\0" in text[:BINARY_PROBE] if text else bool(data)


def _recognised(start: Start) -> Source:
    tried = []
    binary = _is_binary(start.data)
    for name, recognise in BINARY_READERS if binary else READERS:
        try:
            return recognise(start)
        except NotThisFormat as reason:
            tried.append(f"\n- {name}: {reason}")
    if binary:
        raise InvalidInput(
            f"{start.shown} is a binary file that traindeck cannot read. Tried:{''.join(tried)}\n",
            "Give a log in text: a CSV with a header, or JSON Lines.",
        )
    raise InvalidInput(
        f"{start.shown} is no log that traindeck can read. Tried:{''.join(tried)}\n",
        "Name the columns epoch, train_loss, val_loss, train_acc, val_acc, lr, or say which they are with "
        "--map val_loss=COLUMN.",
    )


def _event_files(start: Start) -> Source:
    if not event_files.is_event_file(start.data):
        raise NotThisFormat("its first record names no version of events")
    _check(start, event_files.tags(start.data))
    make = partial(event_files.Scalars, names=start.names)
    beside = start.path / "any" if start.path.is_dir() else start.path
    return LogFile(event_files.FORMAT, EventFiles(start.path), make, settings_beside(beside))


def _event_pair(path: Path, pair: tuple[Path, Path], names: Mapping[str, str]) -> Source:
    train, validation = (_start(min(side.glob(event_files.PATTERN)), names).data for side in pair)
    _check(Start(path, b"", [], names), event_pair.logged_names(train, validation))
    make = partial(event_pair.Pair, names=names)
    return LogFile(event_files.FORMAT, event_pair.PairFiles(pair), make, settings_beside(path / "any"))


def _offline_run(start: Start) -> Source:
    if not start.data.startswith(offline_run.MAGIC):
        raise NotThisFormat("it does not begin with :W&B")
    _check(start, offline_run.logged_names(start.data))
    return LogFile(offline_run.FORMAT, Tail(start.path), partial(offline_run.OfflineRun, names=start.names))


def _trainer_state(start: Start) -> Source:
    if not trainer_state.is_trainer_state(start.data):
        raise NotThisFormat("it is no JSON object with a log_history")
    _check(start, trainer_state.logged_names(start.data))
    content = trainer_state.Checkpoints(start.path) if start.path.is_dir() else Whole(start.path)
    return LogFile(trainer_state.FORMAT, content, partial(trainer_state.TrainerState, names=start.names))


def _labelled(start: Start) -> Source:
    if not start.lines or not labelled.is_labelled(record_of(start.lines[0])):
        raise NotThisFormat('line 1 is no JSON object with "type": "meta", "step" or "epoch"')
    if start.names:
        raise InvalidInput(f"{start.shown} is in the format of labelled curves, whose names are fixed.", "Omit --map.")
    return LogFile(labelled.FORMAT, Tail(start.path), labelled.Labelled)


def _records(start: Start) -> Source:
    """Of the lines that are there; one may be torn."""
    if not start.lines or record_of(start.lines[0]) is None:
        raise NotThisFormat("line 1 is no JSON object")
    columns = dict.fromkeys(name for line in start.lines for name, _ in records.flat(record_of(line) or {}))
    _check(start, columns)
    if not start.names and not any(map(meaning, columns)):
        raise NotThisFormat(f"its objects name no metric, but {cut(', '.join(columns), QUOTED) or 'nothing'}")
    make = partial(records.Records, names=start.names)
    return LogFile(records.FORMAT, Tail(start.path), make, settings_beside(start.path))


def _table(start: Start) -> Source:
    if not start.lines:
        raise NotThisFormat("it is empty")
    header = start.lines[0]
    if header.lstrip().startswith(("{", "[")):
        raise NotThisFormat("line 1 is JSON, no header")
    _check(start, table.split(header, table.delimiter_of(header)))
    name = table.recognise(header, start.names)
    make = partial(table.Table, names=start.names)
    return LogFile(name, Tail(start.path), make, settings_beside(start.path))


def _check(start: Start, columns: Iterable[str]) -> None:
    if start.names:
        check_names(start.names, dict.fromkeys(columns), start.shown)


BINARY_READERS: tuple[tuple[str, Callable[[Start], Source]], ...] = (
    (event_files.FORMAT, _event_files),
    (offline_run.FORMAT, _offline_run),
)
READERS: tuple[tuple[str, Callable[[Start], Source]], ...] = (
    *BINARY_READERS,
    (trainer_state.FORMAT, _trainer_state),
    (labelled.FORMAT, _labelled),
    (records.FORMAT, _records),
    (table.GENERIC, _table),
)

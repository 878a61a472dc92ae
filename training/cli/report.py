"""`traindeck diagnose … --report FILE`: the diagnosis as a Markdown file, or on standard output for `-`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from training import files
from training.cli.output import say
from training.config import files as config_files
from training.config.fields import format_value
from training.curves import Curves
from training.errors import InvalidInput
from training.figures import duration
from training.foreign.log import ForeignLog
from training.replay import Diagnosed
from training.runs.events import AnyEvent
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import read_all
from training.story.report import MARK, Report, markdown
from training.story.telling import Moment
from training.text import one_line

STANDARD_OUTPUT = "-"


def check_target(target: str, *, force: bool) -> None:
    """Raises InvalidInput where the report would replace what is no report of ours, unless that is wanted."""
    if target == STANDARD_OUTPUT:
        return
    path = Path(target)
    if not target or os.path.isdir(target):  # noqa: PTH112  pathlib's raises where a folder above is closed
        raise InvalidInput(f"{one_line(target) or 'The report'} is no file.", "Name a file, such as report.md.")
    if not force and os.path.isfile(target) and not _is_report(path):  # noqa: PTH113  nothing is lost in a pipe
        raise InvalidInput(
            f"{one_line(target)} is there already, and no report of traindeck.", "Name another file, or give --force."
        )


def write_report(target: str, reports: Iterable[Report]) -> None:
    """Write, or print, the reports; what is no file, such as a pipe, is written to as it is. Raises OSError."""
    text = markdown(reports)
    if target == STANDARD_OUTPUT:
        for line in text.splitlines():
            say(line)
    elif os.path.exists(target) and not os.path.isfile(target):  # noqa: PTH110, PTH113
        Path(target).write_bytes(text.encode())
    else:
        files.replace(Path(target).resolve(), text.encode())


def of_run(folder: RunFolder, diagnosed: Diagnosed) -> Report:
    """The report on a run of ours."""
    run = view(folder)
    config = config_files.read(folder.config).config
    if run is None:
        return _report(folder.id, {}, diagnosed, read_all(folder.events), config)
    summary = run.summary
    header = {
        "State": f"{run.state}, {run.detail}" if run.detail else run.state,
        "Progress": f"epoch {summary.epoch} of {summary.epochs or '?'}, {duration(run.seconds)}",
        "Model": summary.model,
        "Data": summary.data,
        "Settings": _settings(summary.settings),
        "Device": summary.device,
        "Corrects": f"{summary.parent}: {summary.reason}" if summary.parent else "",
        "Folder": str(folder.path),
    }
    return _report(summary.name or folder.id, header, diagnosed, read_all(folder.events), config, run.muted)


def of_log(path: Path, log: ForeignLog, diagnosed: Diagnosed) -> Report:
    """The report on a log that another tool wrote."""
    header = {"Log": log.format, "Settings": _settings(log.config), "File": str(path), "Not read": rows(log.skipped)}
    return _report(path.name, header, diagnosed, log.events, log.config)


def rows(count: int) -> str:
    """So many rows in words; empty for none."""
    return "" if not count else "1 row" if count == 1 else f"{count} rows"


def _report(
    name: str,
    header: Mapping[str, str],
    diagnosed: Diagnosed,
    events: Iterable[AnyEvent],
    config: Any,
    muted: frozenset[str] = frozenset(),
) -> Report:
    curves = Curves()
    curves.extend(events)
    moments = [Moment(told.epoch, told.change.change, told.change.finding) for told in diagnosed.told]
    return Report(name, header, diagnosed.verdict, curves, diagnosed.shown, diagnosed.open, moments, config, muted)


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={format_value(value)}" for key, value in settings.items())


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:
        return False

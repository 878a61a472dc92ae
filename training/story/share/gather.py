"""Reading all that a report for others holds from a run's folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from training.config.patch import diff
from training.config.schema import TrainingConfig
from training.curves import Curves
from training.figures import duration, loss, percent
from training.replay import diagnose_run
from training.runs.events import Classes, Log, Override, number
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.log import EventReader
from training.story.changes import change_lines
from training.story.report import Report
from training.story.share.content import Against, ClassRow, ClassTable, Shared, written_at
from training.story.telling import Moment
from training.story.versus.comparison import read_measured
from training.story.versus.of_run import config_of, measured, name_of
from training.story.versus.verdict import judge

BATCH = 20_000
MOST_CLASSES = 100
MOST_CONFUSED = 10
MOST_WARNINGS = 20
PRIVATE = ("Folder", "Host", "User", "Device ids", "Command", "Directory", "Slurm job")
"""Labels of what a redacted report leaves out as a whole."""


def gather(run: RunView) -> Shared:
    """The run as it is now. Raises OSError where its log cannot be read; takes as long as reading the whole log."""
    curves = Curves()
    reader = EventReader(run.folder.events)
    while not reader.at_end:
        curves.extend(reader.read(BATCH, 1.0))
    diagnosed = diagnose_run(run.folder)
    config = config_of(run)
    return Shared(
        state=run.state,
        report=Report(
            name=run.summary.name or run.folder.id,
            header=dict(_header(run, curves)),
            verdict=diagnosed.verdict,
            curves=curves,
            shown=diagnosed.shown,
            open=diagnosed.open,
            moments=[Moment(told.epoch, told.change.change, told.change.finding) for told in diagnosed.told],
            config=config or run.summary.settings or None,
            muted=run.muted,
        ),
        changes=None if config is None else tuple(change_lines(diff(TrainingConfig(), config))),
        against=_against(run, curves, config),
        classes=tuple(_class_table(report, _class_names(curves)) for report in curves.classes.values()),
        happenings=tuple(_happenings(curves)),
        environment=tuple(_environment(run)),
        written=time.time(),
    )


def environment_of(folder: RunFolder) -> Mapping[str, Any]:
    """environment.json; empty where there is none that can be read."""
    try:
        content = json.loads(folder.environment.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def meeting_of(folder: RunFolder) -> str:
    """The host at which the machines of a run meet; empty for a run of one."""
    try:
        return str(json.loads(folder.rendezvous.read_bytes())["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def parent_of(run: RunView) -> RunView | None:
    """The run that it corrects, where that still lies beside it."""
    return view(RunFolder(run.folder.path.parent / run.summary.parent)) if run.summary.parent else None


def _header(run: RunView, curves: Curves) -> Iterator[tuple[str, str]]:
    summary = run.summary
    yield "State", f"{run.state}, {run.detail}" if run.detail else run.state
    yield "Progress", f"epoch {summary.epoch} of {summary.epochs or '?'}, {duration(run.seconds)}"
    if summary.best_val_loss is not None:
        yield "Best validation loss", f"{loss(summary.best_val_loss)} in epoch {summary.best_epoch}"
    if summary.best_val_acc is not None:
        yield "Best validation accuracy", percent(summary.best_val_acc)
    if curves.test is not None:
        metrics = curves.test.metrics
        told = (percent(metrics.get("test_acc")), f"loss {loss(metrics.get('test_loss'))}")
        yield "Test split", f"{', '.join(told)}, weights of epoch {curves.test.epoch}"
    yield "Model", summary.model
    yield "Data", summary.data
    yield "Device", summary.device
    yield "Started", written_at(summary.started or summary.created)
    yield "Folder", str(run.folder.path)


def _against(run: RunView, curves: Curves, config: TrainingConfig | None) -> Against | None:
    parent = parent_of(run)
    if parent is None:
        return None
    theirs = config_of(parent)
    changes = change_lines(diff(theirs, config)) if theirs is not None and config is not None else []
    try:
        verdict = judge([measured(run, curves)], [read_measured(parent)]).sentence
    except OSError:  # its log is gone
        verdict = ""
    return Against(name_of(parent), run.summary.reason, tuple(changes), verdict)


def _class_names(curves: Curves) -> list[str]:
    return [str(name) for name in curves.attempt.facts.get("classes", ())] if curves.attempt else []


def _class_table(report: Classes, names: list[str]) -> ClassTable:
    def named(index: int) -> str:
        return names[index] if 0 <= index < len(names) else str(index)

    columns = zip(report.precision, report.recall, report.f1, report.support, strict=False)
    rows = [ClassRow(named(index), *values) for index, values in enumerate(columns)]
    kept = rows if len(rows) <= MOST_CLASSES else sorted(rows, key=lambda row: row.f1)[:MOST_CLASSES]
    wrong = sorted((cell for cell in report.confusion if cell[0] != cell[1]), key=lambda cell: -cell[2])
    confused = tuple((named(true), named(said), count) for true, said, count in wrong[:MOST_CONFUSED])
    return ClassTable(report.side, report.epoch, tuple(kept), len(rows) - len(kept), confused)


def _happenings(curves: Curves) -> Iterator[str]:
    for seam in curves.interruptions:
        why = f": {seam.why}" if seam.why else ""
        yield f"went on from epoch {seam.epoch}, step {seam.step} (attempt {seam.attempt}{why})"
    for override in curves.overrides:
        yield f"epoch {override.epoch}: {override.setting} set to {_set_to(override)} in the running job"
    warnings = [event for event in curves.log if isinstance(event, Log) and event.level != "info"]
    for event in warnings[-MOST_WARNINGS:]:
        yield f"{event.level}: {event.message}"


def _set_to(override: Override) -> str:
    """The value; as it stands where it is no number, in a log of somebody else's making."""
    try:
        return f"{number(override.value):g}"
    except ValueError:
        return str(override.value)


def _environment(run: RunView) -> Iterator[tuple[str, str]]:
    known = environment_of(run.folder)
    packages, device, git = (known.get(name) or {} for name in ("packages", "device", "git"))
    if isinstance(packages, Mapping) and packages:
        yield "Packages", ", ".join(f"{name} {version}" for name, version in packages.items())
    for label, key in (("Python", "python"), ("Platform", "platform"), ("Cores", "cores"), ("Host", "host"),
                       ("User", "user"), ("Seed", "seed"), ("Driver", "driver")):  # fmt: skip
        if known.get(key) not in (None, ""):
            yield label, str(known[key])
    if isinstance(device, Mapping):
        if device.get("name"):
            yield "Device", f"{device['name']} ({device.get('reason') or device.get('kind', '')})"
        if uuids := device.get("uuids") or device.get("uuid"):
            yield "Device ids", str(uuids) if isinstance(uuids, str) else ", ".join(map(str, uuids))
    if isinstance(git, Mapping) and git.get("commit"):
        changed = sum(line.startswith(("+", "-")) for line in str(git.get("diff") or "").splitlines())
        yield "Commit", f"{git['commit']}{f', and {changed} changed lines beyond it' if changed else ''}"
    if isinstance(command := known.get("command"), list) and command:
        yield "Command", " ".join(map(str, command))
    if known.get("directory"):
        yield "Directory", str(known["directory"])
    if run.summary.slurm_job:
        yield "Slurm job", run.summary.slurm_job

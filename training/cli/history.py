"""What `load_run` (training/recording/script/history.py) asks: a run as one line of JSON, then its columns in binary.

A million steps are read in the time that their lines take; as JSON they would cost as much again.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from training.cli.mapping import is_log, run_of
from training.config import files as config_files
from training.curves import Curves
from training.errors import EXIT_INVALID, EXIT_OK, TraindeckError
from training.foreign.reading import read
from training.replay import replay
from training.runs.events import FindingChanged, number, numbers
from training.runs.lifecycle import RunView
from training.runs.log import EventReader
from training.runs.store import runs_dir_for
from training.story.columns import columns_of

BATCH = 20_000


def main(wanted: str, runs_dir: str | None = None) -> int:
    """Write the run that a person means by `wanted` to standard output; exit code 2 with the reason where there is
    none.
    """
    try:
        folder = runs_dir_for(runs_dir)
        content, curves = _of_log(Path(wanted)) if is_log(wanted, folder) else _of_run(run_of(wanted, folder, {}))
    except (TraindeckError, OSError) as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return EXIT_INVALID
    tables = {"epochs": columns_of(curves.epochs, "epoch"), "steps": columns_of(curves.steps, "step")}
    packed = {
        table: {name: array("d" if index else "q", values) for index, (name, values) in enumerate(columns.items())}
        for table, columns in tables.items()
    }
    header = {
        **content,
        "classes": _classes(curves),
        "test": numbers(curves.test.metrics) if curves.test else {},
        "columns": {
            table: [(name, column.typecode, len(column)) for name, column in columns.items()]
            for table, columns in packed.items()
        },
    }
    out = sys.stdout.buffer
    out.write(json.dumps(header).encode() + b"\n")
    for columns in packed.values():
        for column in columns.values():
            column.tofile(out)
    out.flush()
    return EXIT_OK


def _of_run(run: RunView) -> tuple[dict[str, Any], Curves]:
    curves, folder, summary = Curves(), run.folder, run.summary
    reader = EventReader(folder.events)
    while not reader.at_end:
        curves.extend(reader.read(BATCH, 1.0))
    config = config_files.read(folder.config).config
    content = {
        "id": folder.id,
        "name": summary.name,
        "path": str(folder.path),
        "state": run.state,
        "message": run.detail,
        "config": msgspec.to_builtins(config) if config is not None else dict(summary.settings),
        "summary": _summary(msgspec.to_builtins(summary)),
        "findings": [{**finding, "muted": finding["label"] in run.muted} for finding in _findings(curves)],
        "checkpoints": [
            {
                "kind": event.kind,
                "path": str(folder.path / event.path),
                "epoch": event.epoch,
                "step": event.step,
                "metrics": numbers(event.metrics),
            }
            for event in curves.checkpoints.values()
            if (folder.path / event.path).exists()
        ],
        "environment": _environment(folder.environment),
    }
    return content, curves


def _of_log(path: Path) -> tuple[dict[str, Any], Curves]:
    """Raises InvalidInput for a log that cannot be read."""
    log = read(path)
    curves = Curves()
    curves.extend(log.events)
    diagnosed = replay(log.events, log.config)
    content = {
        "id": path.name,
        "name": path.name,
        "path": str(path.absolute()),
        "state": "silent" if curves.end is None else curves.end.state,
        "message": f"a log of another tool ({log.format})",
        "config": log.config,
        "summary": {"epoch": curves.epoch, "epochs": curves.attempt.epochs if curves.attempt else 0},
        "findings": [
            {**msgspec.to_builtins(finding), "open": finding in diagnosed.open, "muted": False}
            for finding in diagnosed.shown
        ],
        "checkpoints": [],
        "environment": {},
    }
    return content, curves


def _findings(curves: Curves) -> list[dict[str, Any]]:
    """Each label in its last version, in the order in which they first came."""
    last: dict[str, FindingChanged] = {}
    for event in curves.finding_history:
        last[event.finding.label] = event
    return [
        {**msgspec.to_builtins(event.finding), "open": event.finding.label in curves.findings}
        for event in last.values()
    ]


def _summary(summary: dict[str, Any]) -> dict[str, Any]:
    """With floats where JSON cannot spell them."""
    for name in ("latest", "test"):
        summary[name] = numbers(summary[name])
    for name in ("best_val_loss", "best_val_acc"):
        if summary[name] is not None:
            summary[name] = number(summary[name])
    return summary


def _classes(curves: Curves) -> dict[str, Any]:
    names = list(curves.attempt.facts.get("classes", ())) if curves.attempt else []
    return {
        side: {
            "classes": names,
            "epoch": report.epoch,
            "precision": report.precision,
            "recall": report.recall,
            "f1": report.f1,
            "support": report.support,
            "confusion": report.confusion,
        }
        for side, report in curves.classes.items()
    }


def _environment(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}

"""Curves for the tests: recorded ones, and ones drawn by hand where a test needs one thing to vary."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.config.schema import TrainingConfig
from training.diagnosis.engine import Change, Diagnosis
from training.diagnosis.findings import Finding
from training.replay import Diagnosed, diagnose_file

CURVES = Path(__file__).parents[1] / "data" / "curves" / "dev"
RUNS = sorted(path.name for path in CURVES.glob("*.jsonl"))
with (CURVES / "labels.csv").open(newline="") as _file:
    TRUTH = {row["file"]: row for row in csv.DictReader(_file)}
HEALTHY = frozenset(name for name, row in TRUTH.items() if row["primary_label"] == "healthy")
TEN_CLASSES = {"classes": [str(digit) for digit in range(10)]}


def recorded(number: int) -> Diagnosed:
    """The diagnosis of a recorded run."""
    return diagnose_file(CURVES / f"run_{number:03}.jsonl")


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CURVES / name).read_text().splitlines()]


def shown_labels(diagnosed: Diagnosed, *, informative: bool = False) -> set[str]:
    return {finding.label for finding in diagnosed.shown if informative or finding.severity != "info"}


def run_epochs(
    columns: Mapping[str, Sequence[float]],
    config: TrainingConfig | Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> tuple[Diagnosis, list[tuple[int, Change]]]:
    """Feed columns of equal length, one value an epoch, without steps; the changes with their epochs."""
    diagnosis = Diagnosis(config, TEN_CLASSES if facts is None else facts)
    told = []
    for epoch, values in enumerate(zip(*columns.values(), strict=True), 1):
        metrics = dict(zip(columns, values, strict=True))
        told += [(epoch, change) for change in diagnosis.epoch(epoch, metrics)]
    return diagnosis, told


def labels(findings: Sequence[Finding]) -> list[str]:
    return [finding.label for finding in findings]

"""Findings against the truth, by the scorer that comes with the curves, and the tables of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tests.bench.diagnosis_naive import Findings
from tests.bench.diagnosis_runs import CURVES, LabelledRun

MAP: dict[str, str | None] = {"not_learning": None}
"""Labels of ours that the curves have no name for; `None`: not counted."""

WINDOW = 8
MACRO_F1, FALSE_ALARMS, PREMATURE, DELAY = 0.90, 0.03, 0.02, 1.0
"""The bars."""


def _scorer() -> Any:
    spec = importlib.util.spec_from_file_location("curves_score", CURVES / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCORER = _scorer()


@dataclass(frozen=True)
class Score:
    """What the scorer says of one contender; `premature` is the share of all counted findings, TP + FP."""

    rows: Sequence[Mapping[str, Any]]
    macro_f1: float
    false_alarms: int
    healthy: int
    premature: float
    delay: float | None
    any_acceptable: float
    unmapped: Sequence[str]

    @property
    def false_alarm_rate(self) -> float:
        return self.false_alarms / max(1, self.healthy)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "false_alarm_rate": self.false_alarm_rate}


def score(runs: Sequence[LabelledRun], findings: Mapping[str, Findings]) -> Score:
    """`findings` by file name; a run without an entry has none."""
    told = SCORER.score([run.truth for run in runs], findings, WINDOW, SCORER.SEV["warning"], _map(runs, findings))
    rows = told["rows"]
    counted = sum(row["tp"] + row["fp"] for row in rows)
    labels = {row["label"] for row in rows if row["support"]}
    return Score(
        rows=rows,
        macro_f1=told["macro_f1"],
        false_alarms=told["false_alarms"],
        healthy=told["healthy_runs"],
        premature=sum(row["premature"] for row in rows) / max(1, counted),
        delay=told["median_delay"],
        any_acceptable=told["any_acceptable"],
        unmapped=sorted({row["label"] for row in rows} - labels),
    )


def _map(runs: Sequence[LabelledRun], findings: Mapping[str, Findings]) -> dict[str, str | None]:
    labels = {finding["label"] for run in runs for finding in findings.get(run.name, [])}
    return {label: label for label in labels} | MAP


def table(name: str, result: Score) -> str:
    """Per label, as the scorer prints it."""
    lines = [f"{name:24}{'runs':>5}{'TP':>5}{'FP':>5}{'FN':>5}{'prec':>7}{'rec':>7}{'F1':>7}{'early':>7}{'late':>6}"]
    lines[0] += f"{'healthy':>9}{'delay':>7}"
    for row in result.rows:
        delay = "-" if row["median_delay"] is None else f"{row['median_delay']:g}"
        lines.append(
            f"{row['label']:24}{row['support']:5}{row['tp']:5}{row['fp']:5}{row['fn']:5}{row['precision']:7.2f}"
            f"{row['recall']:7.2f}{row['f1']:7.2f}{row['premature']:7}{row['late']:6}{row['fp_on_healthy']:9}{delay:>7}"
        )
    return "\n".join(lines)


def summary(scores: Mapping[str, Score], against: str = "") -> str:
    """One line a contender; with `against`, how many times that contender's macro-F1 each one has."""
    width = max(24, *(len(name) for name in scores)) + 2
    head = f"{'':{width}}{'macro-F1':>9}{'false alarms':>20}{'premature':>11}{'delay':>7}{'acceptable':>12}"
    lines = [head + (f"{'F1 / ' + against:>12}" if against else "")]
    for name, result in scores.items():
        alarms = f"{result.false_alarms}/{result.healthy} = {100 * result.false_alarm_rate:.1f} %"
        delay = "-" if result.delay is None else f"{result.delay:g}"
        line = f"{name:{width}}{result.macro_f1:9.3f}{alarms:>20}{100 * result.premature:9.1f} %{delay:>7}"
        line += f"{result.any_acceptable:12.3f}"
        if against:
            line += f"{result.macro_f1 / max(scores[against].macro_f1, 1e-9):11.2f}×"
        lines.append(line)
    return "\n".join(lines)


def verdicts(result: Score) -> str:
    """Each bar, met or missed."""
    delay = result.delay
    bars = (
        ("macro-F1", result.macro_f1, "at least", MACRO_F1, result.macro_f1 >= MACRO_F1),
        ("false alarms", result.false_alarm_rate, "at most", FALSE_ALARMS, result.false_alarm_rate <= FALSE_ALARMS),
        ("premature", result.premature, "at most", PREMATURE, result.premature <= PREMATURE),
        ("median delay", delay, "at most", DELAY, delay is not None and delay <= DELAY),
    )
    return "\n".join(
        f"{what} {'-' if value is None else f'{value:.3g}'}, bar: {side} {bar:g}: {'met' if met else 'MISSED'}"
        for what, value, side, bar, met in bars
    )


def wrong(run: LabelledRun, findings: Findings) -> str:
    """What is wrong with the findings of a run, with truth and times; empty where nothing is."""
    said = [f for f in findings if f["severity"] != "info" and MAP.get(f["label"], f["label"]) is not None]
    truth = run.truth
    onsets, earliest = SCORER.pairs(truth["onsets"]), SCORER.pairs(truth["earliest"])
    true = set(truth["all_labels"].split(";")) - {"healthy"}
    tolerated = set(truth["also_ok"].split(";")) if true else set()
    faults = [f"{label} false" for label in dict.fromkeys(f["label"] for f in said) if label not in true | tolerated]
    for label in sorted(true):
        times = sorted(f["epoch"] for f in said if f["label"] == label)
        if times and times[0] < earliest[label]:
            faults.append(f"{label} premature")
        if not any(earliest[label] <= epoch <= onsets[label] + WINDOW for epoch in times):
            faults.append(f"{label} {'late' if times and times[-1] > onsets[label] else 'missed'}")
    if not faults:
        return ""
    times_of = "; ".join(f"{label} onset {onsets[label]} earliest {earliest[label]}" for label in sorted(true))
    shown = ", ".join(f"{f['label']}@{f['epoch']}{' (info)' if f['severity'] == 'info' else ''}" for f in findings)
    return (
        f"{run.name} [{run.base}] {', '.join(faults)}\n"
        f"    truth: {truth['primary_label']} ({times_of or 'none'}); also ok: {truth['also_ok'] or 'none'}\n"
        f"    fault: {truth['fault_parameter']}; {truth['notes']}\n"
        f"    said:  {shown or 'nothing'}"
    )


def labels_at_fault(run: LabelledRun, findings: Findings) -> set[str]:
    """The labels that a wrong run is about: those that are true of it and those that were said."""
    return set(run.truth["all_labels"].split(";")) | {finding["label"] for finding in findings}


def middle(values: Sequence[float]) -> float:
    return median(values) if values else 0.0

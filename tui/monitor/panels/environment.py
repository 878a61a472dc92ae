"""Where a run was trained, and with what: host, devices, versions, command, the state of the code."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from training.figures import storage
from training.runs.describe import attempt_label
from training.text import one_line
from tui.monitor.model import Monitored
from tui.monitor.panels.papers import Papers
from tui.monitor.panels.window import Scroll, windowed
from tui.widgets.rows import Row, wrap

LABEL = 10
COMMIT = 12


def environment_rows(run: Monitored, papers: Papers | None, width: int, height: int, scroll: Scroll) -> list[Row]:
    """A line for each thing that is known."""
    if papers is None:
        return windowed("Environment", "", [[("Reading …", "muted")]], width, height, scroll)
    lines: list[Row] = []
    for label, value in facts(run, papers):
        if value:
            first: Row = [(f"{label:<{LABEL}}", "muted")]
            lines += wrap(one_line(value), width, "text", first=first, indent=LABEL)
    return windowed("Environment", "", lines or [[("nothing is known", "muted")]], width, height, scroll)


def facts(run: Monitored, papers: Papers) -> Iterator[tuple[str, str]]:
    """What is known in words, by its label; empty where it is not."""
    told = papers.environment
    summary = run.view.summary if run.view else None
    attempt = run.curves.attempt
    log = attempt.facts if attempt else {}
    yield "run", f"{run.folder.path}"
    if summary is not None:
        yield "kind", {"engine": "", "foreign": "log of another tool"}.get(summary.kind, summary.kind)
        yield "created", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(summary.created)) if summary.created else ""
        yield "attempt", attempt_label(summary).removeprefix("attempt ")
    yield "host", _host(told)
    yield from _device(papers, log)
    yield "driver", _text(told, "driver")
    yield "torch", _torch(told, log)
    yield "python", _text(told, "python")
    yield "packages", _packages(told)
    yield "platform", _text(told, "platform")
    yield "command", _command(told)
    yield "directory", _text(told, "directory")
    yield "git", _git(told)
    yield "seed", _text(told, "seed")
    yield "threads", f"{log.get('threads', '')}" or _text(told, "threads")
    yield "processes", _processes(told)
    yield "slurm", _slurm(told, summary.slurm_job if summary else "")
    yield "precision", _text(log, "precision")
    yield "variables", _variables(told)
    yield "logout", _text(told, "survives_logout")


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return "" if value is None else str(value)


def _host(told: Mapping[str, Any]) -> str:
    host = _text(told, "host")
    user = f" as {told['user']}" if host and told.get("user") else ""
    cores = f", {told['cores']} cores" if host and told.get("cores") else ""
    return f"{host}{user}{cores}"


def _device(papers: Papers, log: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The device and why it was chosen, and the UUID of each GPU."""
    name = str(papers.device.get("name") or log.get("device") or "")
    reason = str(papers.device.get("reason") or log.get("device_reason") or "")
    yield "device", f"{name} ({reason})" if name and reason else name
    for uuid in sorted(papers.uuids):
        yield "", uuid


def _torch(told: Mapping[str, Any], log: Mapping[str, Any]) -> str:
    """The version, and the CUDA that it was built for, which its number says."""
    packages = told.get("packages")
    version = str(log.get("torch") or (packages.get("torch", "") if isinstance(packages, Mapping) else ""))
    build = version.partition("+")[2]
    cuda = build.removeprefix("cu") if build.startswith("cu") and build[2:].isdigit() else ""
    if cuda:
        return f"{version} (CUDA {cuda[:-1]}.{cuda[-1]})"
    return f"{version} (without CUDA)" if build == "cpu" else version


def _packages(told: Mapping[str, Any]) -> str:
    packages = told.get("packages")
    if not isinstance(packages, Mapping):
        return ""
    return ", ".join(f"{name} {version}" for name, version in packages.items() if name != "torch")


def _command(told: Mapping[str, Any]) -> str:
    command = told.get("command")
    return " ".join(map(str, command)) if isinstance(command, list) else _text(told, "command")


def _git(told: Mapping[str, Any]) -> str:
    git = told.get("git")
    if not isinstance(git, Mapping) or not git.get("commit"):
        return ""
    diff = str(git.get("diff") or "")
    size = storage(len(diff.encode("utf-8", "replace")))
    cut = ", cut" if git.get("diff_cut") else ""
    return f"{str(git['commit'])[:COMMIT]}, {f'with changes: a diff of {size}{cut}' if diff else 'clean'}"


def _processes(told: Mapping[str, Any]) -> str:
    processes, machines = told.get("processes"), told.get("machines")
    if not isinstance(processes, int) or not isinstance(machines, int) or (processes, machines) == (1, 1):
        return ""
    return f"{processes} on each of {machines} machines" if machines > 1 else str(processes)


def _slurm(told: Mapping[str, Any], job: str) -> str:
    asked = told.get("slurm")
    given = asked if isinstance(asked, Mapping) else {}
    wants = ", ".join(
        f"{key} {' '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in given.items()
        if value
    )
    return f"job {job}{f' ({wants})' if wants else ''}" if job else wants


def _variables(told: Mapping[str, Any]) -> str:
    found = told.get("variables")
    return ", ".join(f"{name}={value}" for name, value in found.items()) if isinstance(found, Mapping) else ""

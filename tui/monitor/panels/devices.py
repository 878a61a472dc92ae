"""The devices panel: what the run's GPUs do, who else is on this machine's, and what was logged of their load."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from training.devices.gpus import UNSEEN, Gpu, GpuProcess
from training.devices.load import HardwareReading
from training.figures import storage
from training.text import one_line
from tui.monitor.model import Monitored
from tui.monitor.panels.window import Scroll, meter, spark, windowed
from tui.widgets.rows import Row, between, fit, wrap

if TYPE_CHECKING:
    from tui.monitor.panels.papers import Papers

LABEL = 9
FIGURE = 17
MOST_BAR = 30
MOST_PROCESSES = 3
LOOKED_AT = 1800
"""Samples of the log, one every two seconds, that its mean is taken over: the last hour."""


def device_rows(
    run: Monitored, papers: Papers | None, loads: Sequence[HardwareReading], width: int, height: int, scroll: Scroll
) -> list[Row]:
    """The GPUs of the run in full, the others on a line each, then processor and memory; `loads` are recent readings.

    Where the run is trained elsewhere, or is over, what it logged.
    """
    lines = _away(run, papers, width)
    if lines is not None:
        return windowed("Devices", "", [*lines, *_logged(run, width)], width, height, scroll)
    if not loads:
        return windowed("Devices", "", [[("Measuring …", "muted")]], width, height, scroll)
    now, own = loads[-1], papers.uuids if papers else frozenset()
    lines = []
    if now.error:
        lines += wrap(f"NVML: {one_line(now.error)}", width, "warning", first=[("! ", "warning")], indent=2)
    on_gpu = _on_gpu(run, papers)
    if said := _said(run, papers, now):
        lines += wrap(said, width, "muted" if on_gpu else "text")
    for gpu in now.gpus:
        if on_gpu and (not own or gpu.uuid in own):
            lines += _whole(run, gpu, [_of(load, gpu.uuid) for load in loads], width)
    for gpu in now.gpus:
        if not on_gpu or (own and gpu.uuid not in own):
            lines.append(_in_short(gpu, width))
    lines += _machine(loads, width)
    return windowed("Devices", socket.gethostname(), lines, width, height, scroll)


def _away(run: Monitored, papers: Papers | None, width: int) -> list[Row] | None:
    """Why this machine's load says nothing of the run; None where it does."""
    if run.foreign:
        return wrap("The log of another tool: nobody knows on which machine it is being written.", width, "muted")
    name = _device_name(run, papers)
    if not run.live:
        where = "" if _on_gpu(run, papers) else "no GPU: "
        return wrap(f"The run is over; {where}it was trained on {name or 'this machine'}.", width, "text")
    if run.elsewhere:
        told = f" on {name}" if name else ""
        return wrap(f"Trained on {one_line(run.elsewhere)}{told}: not this machine.", width, "text")
    return None


def _device_name(run: Monitored, papers: Papers | None) -> str:
    told = papers.device.get("name") if papers else None
    return one_line(str(told or (run.view.summary.device if run.view else "")))


def _on_gpu(run: Monitored, papers: Papers | None) -> bool:
    """Whether it trains on GPUs, as far as is known: a script's run may do what it likes."""
    kind = papers.device.get("kind") if papers else None
    if kind is not None:
        return str(kind) != "cpu"
    if run.gpu_metrics:
        return True
    return not (run.controllable and _device_name(run, papers).startswith("CPU"))


def _said(run: Monitored, papers: Papers | None, now: HardwareReading) -> str:
    """What is to be said before the readings; empty where they speak for themselves."""
    if not _on_gpu(run, papers):
        return f"no GPU: trained on the CPU{_because(run, papers)}"
    if papers is not None and papers.device.get("kind") == "mps":
        return f"{_device_name(run, papers)}: its load cannot be read."
    if not now.gpus:
        return "" if now.error else "no GPU on this machine"
    return "" if papers is not None and papers.uuids else "Which of these GPUs the run is on cannot be told."


def _because(run: Monitored, papers: Papers | None) -> str:
    attempt = run.curves.attempt
    reason = (attempt.facts.get("device_reason") if attempt else None) or (
        papers.device.get("reason") if papers else None
    )
    return f" ({one_line(str(reason))})" if reason else ""


def _of(load: HardwareReading, uuid: str) -> Gpu | None:
    return next((gpu for gpu in load.gpus if gpu.uuid == uuid), None)


def _whole(run: Monitored, gpu: Gpu, seen: Sequence[Gpu | None], width: int) -> list[Row]:
    """Everything about a GPU of the run."""
    heat: Row = [] if gpu.temperature is None else [(f"{gpu.temperature} °C", "text")]
    rows = [between([("▸ ", "key"), (f"GPU {gpu.index}", "strong"), (f"  {gpu.name}", "muted")], heat, width)]
    load = "?" if gpu.utilisation is None else f"{gpu.utilisation} %"
    rows.append(_gauge("load", gpu.utilisation, 100, load, width))
    if gpu.memory_total:
        used = f"{gpu.memory_used / 1e9:.1f}/{gpu.memory_total / 1e9:.1f} GB"
        rows.append(_gauge("memory", gpu.memory_used, gpu.memory_total, used, width))
    if gpu.power is not None:
        limit = f"/{gpu.power_limit:.0f}" if gpu.power_limit else ""
        rows.append(_gauge("power", gpu.power, gpu.power_limit, f"{gpu.power:.0f}{limit} W", width))
    rows += [_process(process, run, width) for process in gpu.processes[:MOST_PROCESSES]]
    if len(gpu.processes) > MOST_PROCESSES:
        rows.append([(f"  and {len(gpu.processes) - MOST_PROCESSES} more processes", "muted")])
    loads = [one.utilisation / 100 for one in seen if one is not None and one.utilisation is not None]
    return [*rows, *_history("last", loads, width)]


def _gauge(label: str, value: float | None, most: float | None, figure: str, width: int) -> Row:
    """A labelled bar with its figure; without what it is a part of, the figure alone."""
    room = max(0, min(MOST_BAR, width - LABEL - FIGURE - 1))
    bar = meter(value / most, room) if value is not None and most else [(" " * room, "text")]
    return [(f"  {label:<{LABEL - 2}}", "muted"), *bar, (f" {figure:>{FIGURE - 1}}", "text")]


def _process(process: GpuProcess, run: Monitored, width: int) -> Row:
    """Whose it is; a process that cannot be seen from here, as in a container, has its number only."""
    record = run.view.process if run.view else None
    own = record is not None and record.here and record.worker is not None and record.worker.pid == process.pid
    who = "not to be seen from here" if process.user == UNSEEN else f"{process.user} {process.name}"
    held = "" if process.memory is None else f"  {storage(process.memory)}"
    mine: Row = [("this run: ", "accent")] if own else []
    return fit([("  ", "text"), *mine, (f"{who}, pid {process.pid}", "text"), (held, "muted")], width)


def _history(label: str, shares: Sequence[float], width: int) -> list[Row]:
    """What was seen of a load while this was being watched."""
    if len(shares) < 2:
        return []
    line = spark(shares, max(0, width - LABEL))
    return [[(f"  {label:<{LABEL - 2}}", "muted"), (line, "accent")]]


def _in_short(gpu: Gpu, width: int) -> Row:
    """A GPU that the run is not on."""
    figures = ["?" if gpu.utilisation is None else f"{gpu.utilisation} %"]
    if gpu.memory_total:
        figures.append(f"{gpu.memory_used / 1e9:.1f}/{gpu.memory_total / 1e9:.1f} GB")
    if gpu.temperature is not None:
        figures.append(f"{gpu.temperature} °C")
    users = dict.fromkeys(process.user for process in gpu.processes)
    who = ", ".join("somebody" if user == UNSEEN else user for user in users) or "free"
    return fit([(f"  GPU {gpu.index}  {' · '.join([*figures, who])}  {gpu.name}", "muted")], width)


def _machine(loads: Sequence[HardwareReading], width: int) -> list[Row]:
    now = loads[-1]
    used = f"{now.memory_used / 1e9:.1f}/{now.memory_total / 1e9:.1f} GB"
    rows = [
        _gauge("CPU", now.cpu, 100, f"{now.cpu:.0f} % of {now.cores}", width),
        _gauge("RAM", now.memory_used, now.memory_total, used, width),
    ]
    return [*rows, *([] if now.gpus else _history("last", [load.cpu / 100 for load in loads], width))]


def _logged(run: Monitored, width: int) -> list[Row]:
    """The load as the worker logged it: the last value, the mean, the largest, and how it went."""
    rows: list[Row] = []
    for name in run.gpu_metrics:
        points = run.curves.steps[name]
        values = [value for value in points.y[max(0, len(points) - LOOKED_AT) :] if value == value]
        if not values:
            continue
        device, _, what = name.removeprefix("gpu").partition("_")
        label = f"GPU{f' {device}' if device else ''} {'load' if what == 'util' else what}"
        mean, most = sum(values) / len(values), max(values)
        figures = f"last {100 * values[-1]:.0f} % · mean {100 * mean:.0f} % · most {100 * most:.0f} %"
        rows.append(fit([(label, "text"), (f"  {figures}", "muted")], width))
        rows.append([("  ", "text"), (spark(_thinned(values, width - 2), width - 2), "accent")])
    if not rows and run.curves.step:
        rows = wrap("Nothing was logged of the load of GPUs.", width, "muted")
    return rows


def _thinned(values: Sequence[float], width: int) -> list[float]:
    """As many means as there are cells."""
    if width <= 0 or len(values) <= width:
        return list(values)
    edges = [round(at * len(values) / width) for at in range(width + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]

"""The devices panel, on recorded readings: this run's GPUs, those of others, none, and those of another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import add_process, beat
from tests.tui.fakes import FakeRun, StillMachine
from tests.tui.panel_runs import Server, animals, h100, with_papers, worker_of
from tests.tui.panels import text, words
from tests.tui.test_monitor_model import monitored
from training.devices.gpus import UNSEEN, GpuProcess
from training.devices.load import HardwareReading
from tui.monitor import tail
from tui.monitor.model import Monitored, News
from tui.monitor.panels.devices import device_rows
from tui.monitor.panels.papers import read_papers
from tui.monitor.panels.window import Scroll
from tui.widgets.rows import width_of

CPU = {"kind": "cpu", "name": "CPU, 8 cores", "uuid": "", "uuids": [], "reason": "no NVIDIA GPU was found"}


def watched(run: FakeRun, machine: Server | StillMachine | None, readings: int = 12) -> Monitored:
    """The run after that many readings of the machine."""
    found = monitored(run)
    for _ in range(readings if machine else 0):
        found.take(News(hardware=machine.read()))  # type: ignore[union-attr]
    return found


def shown(run: Monitored, width: int = 60, height: int = 30) -> str:
    assert run.view is not None
    return text(device_rows(run, read_papers(run.view, {}), run.loads, width, height, Scroll()))


def test_the_gpu_of_the_run_stands_first_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    run = with_papers(animals(tmp_path, live=True))
    worker = GpuProcess(worker_of(run), "alice", "python", 12 * 10**9)
    lines = shown(watched(run, Server(worker))).splitlines()
    assert lines[1].startswith("▸ GPU 1  NVIDIA H100")
    assert lines[1].endswith("61 °C")
    assert lines[2].split()[0] == "load"
    assert lines[2].endswith(" 3 %")  # the twelfth of its readings
    assert lines[3].endswith("12.1/85.5 GB")
    assert lines[4].endswith("412/700 W")
    assert lines[5].split() == ["this", "run:", "alice", "python,", "pid", str(worker.pid), "12.0", "GB"]
    assert lines[6].split()[1] == "▁▃▆▁▄▇▂▅█▃▆▁"


def test_other_gpus_stand_on_a_line_each_with_whose_they_are(tmp_path: Path) -> None:
    lines = shown(watched(with_papers(animals(tmp_path, live=True)), Server())).splitlines()
    others = [line for line in lines if line.startswith("  GPU ")]
    assert [line.split("  ")[2] for line in others] == [
        "3 % · 0.5/85.5 GB · 61 °C · free",
        "99 % · 40.0/85.5 GB · 61 °C · bob",
    ]
    assert "CPU" in lines[-2]
    assert "105.0/540.0 GB" in lines[-1]


def test_several_gpus_of_one_run_are_all_shown_in_full(tmp_path: Path) -> None:
    device = {"kind": "cuda", "name": "2 GPUs", "uuid": "GPU-222", "uuids": ["GPU-222", "GPU-000"], "reason": "free"}
    lines = shown(watched(with_papers(animals(tmp_path, live=True), device=device), Server())).splitlines()
    assert [line[:7] for line in lines if line.startswith("▸")] == ["▸ GPU 0", "▸ GPU 2"]
    assert [line for line in lines if line.startswith("  GPU 1")]


def test_what_nvml_does_not_tell_is_left_out(tmp_path: Path) -> None:
    gpu = h100(1, None, 12.1, GpuProcess(7, UNSEEN, UNSEEN, None), power=None, power_limit=None, temperature=None)
    run = monitored(with_papers(animals(tmp_path, live=True)))
    run.take(News(hardware=HardwareReading(1.0, 1, 1, 2, (gpu,))))
    said = shown(run)
    assert "°C" not in said
    assert "W" not in said
    assert [line.split() for line in said.splitlines() if line.startswith("  load")] == [["load", "?"]]
    assert "not to be seen from here, pid 7" in said


def test_a_run_on_the_cpu_says_so_and_shows_the_machine(tmp_path: Path) -> None:
    run = watched(with_papers(animals(tmp_path, live=True), device=CPU), StillMachine())
    said = words(device_rows(run, read_papers(run.view, {}), run.loads, 60, 30, Scroll()))  # type: ignore[arg-type]
    assert "no GPU: trained on the CPU (no NVIDIA GPU was found)" in said
    assert "87 % of 8" in said
    assert "5.4/34.4 GB" in said
    assert "last ▇▇▇" in said


def test_a_run_on_the_cpu_of_a_server_lists_its_gpus_as_those_of_others(tmp_path: Path) -> None:
    said = shown(watched(with_papers(animals(tmp_path, live=True), device=CPU), Server()))
    assert "▸" not in said
    assert "  GPU 2  99 %" in said


def test_a_driver_that_fails_is_named(tmp_path: Path) -> None:
    said = shown(watched(with_papers(animals(tmp_path, live=True)), Server(gpus=0, error="Driver/library mismatch")))
    assert "! NVML: Driver/library mismatch" in said


def test_gpus_that_cannot_be_told_apart_are_all_shown_and_it_says_so(tmp_path: Path) -> None:
    device = {"kind": "cuda", "name": "the first GPU", "uuid": "", "uuids": []}
    said = shown(watched(with_papers(animals(tmp_path, live=True), device=device), Server()))
    assert "Which of these GPUs the run is on cannot be told." in said
    assert said.count("▸ GPU") == 3


def test_a_run_on_another_machine_shows_what_it_logged_and_nothing_of_this_one(tmp_path: Path) -> None:
    run = with_papers(animals(tmp_path, state="running"))
    add_process(run.folder, host="node17")
    beat(run.folder, 1.0)
    for step in range(50):
        run.train_step(train_loss=1.0, gpu_util=0.8 + 0.004 * step, gpu_memory=0.5, gpu1_util=0.1)
    found = watched(run, Server())
    assert found.elsewhere == "node17"
    said = shown(found)
    assert "Trained on node17 on GPU 1 NVIDIA H100: not this machine." in " ".join(said.split())
    assert "GPU load  last 100 % · mean 90 % · most 100 %" in said
    assert "GPU memory  last 50 %" in said
    assert "GPU 1 load  last 10 %" in said
    assert "CPU " not in said


def test_a_run_that_is_over_shows_what_it_logged(tmp_path: Path) -> None:
    run = with_papers(animals(tmp_path))
    run.train_step(train_loss=1.0, gpu_util=0.8)
    run.finish()
    said = shown(watched(run, None))
    assert "The run is over; it was trained on GPU 1 NVIDIA H100." in said
    assert "GPU load  last 80 %" in said
    assert monitored(run).gpu_metrics == ["gpu_util"]


def test_a_run_on_the_cpu_that_is_over_has_no_gpu_to_show(tmp_path: Path) -> None:
    run = with_papers(animals(tmp_path), device=CPU)
    run.finish()
    said = words(device_rows(monitored(run), None, [], 60, 30, Scroll()))
    assert "it was trained on CPU" in said
    assert "Nothing was logged of the load of GPUs." in said
    assert monitored(run).gpu_metrics == []


def test_of_another_tools_log_nobody_knows_the_machine(tmp_path: Path) -> None:
    assert "nobody knows on which machine" in words(
        device_rows(monitored(FakeRun(tmp_path, kind="foreign", live=True)), None, [], 60, 30, Scroll())
    )


def test_the_load_of_this_machine_is_not_read_for_a_run_on_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "FIRST_SECONDS", 0.0)
    run = animals(tmp_path, state="running")
    add_process(run.folder, host="node17")
    beat(run.folder, 1.0)
    machine = Server()
    files = tail.SmallFiles(run.folder, machine)
    assert [files.look([]).hardware for _ in range(3)] == [None, None, None]
    assert machine.reads == 0


def test_a_script_on_a_machine_without_a_gpu_shows_the_machine(tmp_path: Path) -> None:
    said = shown(watched(FakeRun(tmp_path, live=True, kind="reported", device=""), StillMachine()))
    assert "no GPU on this machine" in said
    assert "87 % of 8" in said


def test_the_load_of_a_mac_s_gpu_cannot_be_read(tmp_path: Path) -> None:
    device = {"kind": "mps", "name": "Apple GPU", "uuid": "", "uuids": []}
    assert "Apple GPU: its load cannot be read." in shown(
        watched(with_papers(animals(tmp_path, live=True), device=device), StillMachine())
    )


def test_the_first_reading_is_waited_for(tmp_path: Path) -> None:
    assert "Measuring …" in shown(watched(with_papers(animals(tmp_path, live=True)), None))


@pytest.mark.parametrize(("width", "height"), [(46, 22), (43, 16), (38, 8), (20, 4)])
def test_it_fits_its_room(tmp_path: Path, width: int, height: int) -> None:
    run = with_papers(animals(tmp_path, live=True))
    found = watched(run, Server(*(GpuProcess(pid, "alice", "python", 10**9) for pid in range(5))))
    rows = device_rows(found, read_papers(found.view, {}), found.loads, width, height, Scroll())  # type: ignore[arg-type]
    assert len(rows) <= height
    if width >= 38:
        assert all(width_of(row) <= width for row in rows)

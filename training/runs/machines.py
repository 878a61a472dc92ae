"""A run that several machines train together: where they meet, and how a further one joins.

The first machine launches the run and its torchrun hosts the meeting; the others read all they need from the run folder
on the file system that they share.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable

from training.config import files as config_files
from training.config.patch import apply
from training.config.problems import ConfigError
from training.errors import InvalidInput, RunFailed
from training.runs import torchrun
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.plan import LaunchPlan, aim
from training.runs.process import read_heartbeat
from training.runs.supervisor import worker_command
from training.runs.torchrun import WORLD, Meeting
from training.text import one_line

WAIT_SECONDS = 30.0
"""For the first machine: its torchrun takes some seconds to start."""
POLL_SECONDS = 0.3
CONNECT_SECONDS = 3.0
STILL_SECONDS = 10.0


def meeting_place(endpoint: str = "") -> str:
    """HOST:PORT of this machine where the others can meet it: the one that is given, or one that is free.

    Raises InvalidInput where it is not of this machine, is taken, or cannot be found.
    """
    host, colon, port = endpoint.rpartition(":")
    if endpoint and (not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536):
        raise InvalidInput(f"{one_line(endpoint)!r} is no HOST:PORT.", "Write it like 10.0.0.1:29400.")
    host = host or torchrun.address_towards(WORLD)
    if not host:
        raise InvalidInput(
            "This machine has no network that leads to others.", "Name its address and a port with --rdzv-endpoint."
        )
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port or 0)))
            return f"{host}:{probe.getsockname()[1]}"
    except OSError as error:
        raise _unusable(host, port, error) from error


def _unusable(host: str, port: str, error: OSError) -> InvalidInput:
    if error.errno == errno.EADDRINUSE:
        return InvalidInput(f"Port {port} of {one_line(host)} is taken.", "Name another one with --rdzv-endpoint.")
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return InvalidInput(
            f"{one_line(host)} is no address of this machine, which is where the others are to meet it.",
            "Name one of its own with --rdzv-endpoint, or leave it out.",
        )
    return InvalidInput(f"{one_line(host)}:{port} cannot be used: {error.strerror}.", "Name another endpoint.")


def join_command(folder: RunFolder) -> str:
    """What to say on each of the other machines."""
    return shlex.join(["traindeck", "join", str(folder.path)])


def find_meeting(folder: RunFolder, waiting: Callable[[str], None]) -> Meeting:
    """Where the run's machines meet, once it answers; `waiting` hears what it waits for.

    Raises InvalidInput for a run that needs no further machine or is over, and RunFailed where the first machine cannot
    be reached.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    problem = "it has not said yet where its machines meet"
    while True:
        run = _live(folder)
        meeting = torchrun.read_meeting(folder)
        if run.summary.state == "running" and _beats(folder):
            raise InvalidInput(f"{one_line(run.summary.name)} has all its machines already.", "Watch it instead.")
        if meeting is not None:
            try:
                socket.create_connection((meeting.host, meeting.port), timeout=CONNECT_SECONDS).close()
                return meeting
            except OSError as error:
                problem = f"{meeting.endpoint} does not answer ({_why(error)})"
        elif _of_one_machine(folder):
            raise InvalidInput(f"{one_line(run.summary.name)} trains on one machine.", "Launch it with --nnodes 2.")
        if time.monotonic() > deadline:
            raise RunFailed(
                f"{one_line(run.summary.name)} cannot be joined from here: {problem}.",
                "See that its first machine is up and that no firewall lies between, or launch it with another "
                "--rdzv-endpoint.",
            )
        waiting(problem)
        time.sleep(POLL_SECONDS)


def _live(folder: RunFolder) -> RunView:
    run = view(folder)
    if run is None:
        raise InvalidInput(f"{folder.path} is no run folder.")
    if not run.live:
        name, detail = one_line(run.summary.name), f" ({one_line(run.detail)})" if run.detail else ""
        raise InvalidInput(f"{name} is {run.state}{detail}: there is nothing to join.", "Launch or resume it first.")
    return run


def _beats(folder: RunFolder) -> bool:
    """Whether its ranks train; while torchrun waits for a machine that was lost, none does."""
    beat = read_heartbeat(folder.heartbeat)
    return beat is not None and time.time() - beat.t < STILL_SECONDS


def _of_one_machine(folder: RunFolder) -> bool:
    try:
        return int(json.loads(folder.environment.read_bytes()).get("machines", 1)) == 1
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def _why(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def plan_joining(folder: RunFolder, meeting: Meeting) -> LaunchPlan:
    """The devices that this machine adds. Raises ConfigError where it has too few, InvalidInput for another kind."""
    config = apply(config_files.load(folder.config), {"runtime.processes": meeting.processes})
    planned = aim(config, None, machines=meeting.nodes)
    if planned.problems:
        raise ConfigError(planned.problems)
    theirs = _kind_of_first(folder)
    if theirs and planned.device.device != theirs:
        raise InvalidInput(
            f"The first machine trains on {theirs}, and here there is {planned.device.name} ({planned.device.device}).",
            "All machines of a run need the same kind of device.",
        )
    return planned


def _kind_of_first(folder: RunFolder) -> str:
    try:
        return str(json.loads(folder.environment.read_bytes())["device"]["kind"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def start_agent(folder: RunFolder, meeting: Meeting, planned: LaunchPlan) -> subprocess.Popen[bytes]:
    """This machine's torchrun, in a session of its own, printing into the run's console. Raises OSError."""
    device = planned.device
    environment = {
        **os.environ,
        **device.environment,
        "TRAINDECK_DEVICE": device.device,
        "TRAINDECK_DEVICE_NAME": device.name,
        "TRAINDECK_DEVICE_REASON": device.reason,
        "PYTHONUNBUFFERED": "1",
    }
    with folder.console.open("ab") as console:
        return subprocess.Popen(
            torchrun.command(meeting, worker_command(folder.path), first=False),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env=torchrun.environment(environment),
            cwd=folder.path,
            start_new_session=True,
        )

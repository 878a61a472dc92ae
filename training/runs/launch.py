"""Starting a run: its folder is written first, then a supervisor that nothing of the caller's can take down."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec

from training import files
from training.config import files as config_files
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.diagnosis.findings import StartFrom
from training.errors import RunFailed
from training.runs.backbone import with_whole_paths
from training.runs.describe import data_label, default_name, model_label, sections, settings, slug
from training.runs.environment import describe_environment
from training.runs.fork import Fork
from training.runs.forking import lay_out
from training.runs.layout import RunFolder
from training.runs.muting import mute_silenced
from training.runs.plan import LaunchPlan, check_still_free
from training.runs.registry import one_launch_at_a_time
from training.runs.store import discard, make_folder
from training.runs.submit import submit, write_script
from training.runs.summary import Summary
from training.runs.supervisor import ENTRY

# Supervisors of this process, kept so that Python reaps them when they end.
_started: list[subprocess.Popen[bytes]] = []


def launch(
    text: str,
    config: TrainingConfig,
    plan: LaunchPlan,
    *,
    runs_dir: Path,
    base_dir: Path,
    name: str = "",
    parent: RunFolder | None = None,
    split_of: RunFolder | None = None,
    reason: str = "",
    start_from: StartFrom = "scratch",
    after: RunFolder | None = None,
    fork: Fork | None = None,
) -> RunFolder:
    """Create the run's folder and start it, detached or by Slurm. Raises ConfigError while the plan has problems.

    A launch that fails, or is interrupted, half way leaves no folder behind; raises RunFailed where the disk or Slurm
    refuses. The run trains on the split of the run `split_of`, else of its parent, where the data and the share that
    validates are the same. With `after` it stays queued until that run ends. A `fork` starts with what it takes of its
    parent's checkpoint.
    """
    if plan.problems:
        raise ConfigError(plan.problems)
    if fork is not None:
        parent = fork.parent.folder
    with one_launch_at_a_time() if plan.device.uuids else nullcontext():
        check_still_free(plan, runs_dir)
        folder = make_folder(runs_dir, name.strip() or default_name(config))
        with _whole_or_not_at_all(folder):
            _write_config(folder, text, config, base_dir)
            mute_silenced(folder, config)
            if (older := split_of or parent) is not None:
                _inherit_split(folder, older)
            _write_environment(folder, config, plan, base_dir)
            summary = _first_summary(folder, config, plan, name=name, parent=parent, after=after)
            summary.reason, summary.start_from = reason, start_from
            if fork is not None:
                lay_out(fork, config, folder, summary)
            if plan.target is not None:
                write_script(folder, config, plan.target, after)
            files.replace(folder.summary, msgspec.json.encode(summary))
            if plan.target is not None:
                submit(folder, summary, plan.target, after)
            else:
                start_supervisor(folder, plan, after)
    return folder


@contextmanager
def _whole_or_not_at_all(folder: RunFolder) -> Iterator[None]:
    """Takes the folder away again where the block fails or is interrupted. Raises RunFailed where the disk refuses."""
    try:
        yield
    except BaseException as error:
        with suppress(OSError):  # what refused to be written may refuse to be removed too
            discard(folder)
        if isinstance(error, OSError):
            place = error.filename or folder.path
            raise RunFailed(f"{place}: the run could not be set up: {error.strerror}.") from error
        raise


def _first_summary(
    folder: RunFolder,
    config: TrainingConfig,
    plan: LaunchPlan,
    *,
    name: str,
    parent: RunFolder | None,
    after: RunFolder | None,
) -> Summary:
    """The run before its worker has a say."""
    now = time.time()
    return Summary(
        id=folder.id,
        name=_own_name(name, folder),
        created=now,
        updated=now,
        parent=parent.id if parent else "",
        state="queued" if after or plan.target else "starting",
        message=_waits_for(folder, plan, after),
        model=model_label(config),
        data=data_label(config),
        settings=settings(config),
        sections=sections(config),
        device=plan.device.name,
        processes=plan.processes,
        epochs=config.epochs,
    )


def _waits_for(folder: RunFolder, plan: LaunchPlan, after: RunFolder | None) -> str:
    if after is not None:
        return f"waiting for {after.id} to end"
    if plan.machines > 1 and plan.target is None:
        return f"on each of the other machines ({plan.machines - 1}): traindeck join {shlex.quote(str(folder.path))}"
    return ""


def _own_name(name: str, folder: RunFolder) -> str:
    """The name as it was given, with the number that its folder got where the name was taken."""
    return name + folder.id.removeprefix(slug(name)) if name.strip() else folder.id


def _write_config(folder: RunFolder, text: str, config: TrainingConfig, base_dir: Path) -> None:
    """The config as the user wrote it, with its paths made absolute: the copy lies in another folder."""
    whole = with_whole_paths(config, base_dir)
    if whole != config:
        text = config_files.edit(text, whole)
    files.replace(folder.config, text.encode())


def _inherit_split(folder: RunFolder, older: RunFolder) -> None:
    if not older.split.exists():
        return
    theirs, ours = (_samples_of(config_files.load(run.config)) for run in (older, folder))
    if theirs == ours:
        shutil.copyfile(older.split, folder.split)


def _samples_of(config: TrainingConfig) -> tuple[Any, ...]:
    """What decides which samples there are, which belong together, and how many validate."""
    data = config.data
    drawn = (data.subset, config.runtime.seed) if data.subset < 100 else ()
    return data.source, data.path, data.classes, data.groups, data.val_fraction, data.test_fraction > 0, *drawn


def _write_environment(folder: RunFolder, config: TrainingConfig, plan: LaunchPlan, base_dir: Path) -> None:
    content = {
        **describe_environment(base_dir),
        **_place(plan),
        "seed": config.runtime.seed,
        "threads": config.runtime.threads,
        **({"slurm": msgspec.to_builtins(plan.target)} if plan.target else {}),
    }
    files.replace(folder.environment, json.dumps(content, indent=1).encode())


def _place(plan: LaunchPlan) -> dict[str, Any]:
    """Where the run is to train, for environment.json."""
    device = plan.device
    return {
        "device": {
            "kind": device.device,
            "name": device.name,
            "uuid": device.uuid,
            "uuids": device.uuids,
            "reason": device.reason,
        },
        "processes": plan.processes,
        "machines": plan.machines,
        "driver": device.environment.get("TRAINDECK_DRIVER", ""),
        "survives_logout": plan.survival.sentence,
    }


def note_place(folder: RunFolder, plan: LaunchPlan) -> None:
    """Write down where another attempt of the run is to train: its GPUs then count as taken. Raises OSError."""
    try:
        before = dict(json.loads(folder.environment.read_bytes()))
    except (ValueError, TypeError, FileNotFoundError):
        before = {}
    files.replace(folder.environment, json.dumps({**before, **_place(plan)}, indent=1).encode())


def start_supervisor(folder: RunFolder, plan: LaunchPlan, after: RunFolder | None = None) -> None:
    """A new session and no terminal: neither a closed window nor a lost connection reaches it."""
    command = [sys.executable, str(ENTRY), "_supervise", str(folder.path), *([str(after.path)] if after else [])]
    environment = {
        **os.environ,
        **plan.device.environment,
        "TRAINDECK_DEVICE": plan.device.device,
        "TRAINDECK_DEVICE_NAME": plan.device.name,
        "TRAINDECK_DEVICE_REASON": plan.device.reason,
        "TRAINDECK_PROCESSES": str(plan.device.processes),
        "TRAINDECK_NODES": str(plan.machines),
        "TRAINDECK_ENDPOINT": plan.endpoint,
        "PYTHONUNBUFFERED": "1",
    }
    with folder.console.open("ab") as console:
        _started.append(
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=environment,
                cwd=folder.path,
                start_new_session=True,
            )
        )
    _started[:] = [process for process in _started if process.poll() is None]

"""The job script: what it asks of Slurm, that odd names survive it, and what it refuses to hold."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from training.errors import InvalidInput
from training.slurm.script import Allocation, script, split_options

RUN = Path("/shared/runs/a")
PLAIN = Allocation()


def text(allocation: Allocation = PLAIN, run: Path = RUN, processes: int = 1) -> str:
    return script(run, allocation, processes, python="/env/bin/python", entry=Path("/traindeck.py"))


def options(script_text: str) -> list[str]:
    lines = [line for line in script_text.splitlines() if line.startswith("#SBATCH ")]
    return [word for line in lines for word in shlex.split(line.removeprefix("#SBATCH "))]


def test_the_options_of_the_user_come_last_so_that_they_win() -> None:
    asked = Allocation(2, 4, "1-00:00:00", ("-p", "gpu", "--comment=a b", "--signal=B:TERM@300"))
    found = options(text(asked, processes=4))
    assert found[-4:] == ["-p", "gpu", "--comment=a b", "--signal=B:TERM@300"]
    assert {"--nodes=2", "--gpus-per-node=4", "--time=1-00:00:00", "--requeue", "--ntasks-per-node=1"} <= {*found}
    assert found.index("--signal=B:USR1@60") < found.index("--signal=B:TERM@300")


def test_processes_without_gpus_get_a_core_each_and_what_is_not_asked_for_is_left_to_the_cluster() -> None:
    assert "--cpus-per-task=3" in options(text(processes=3))
    said = " ".join(options(text()))
    assert "--time" not in said
    assert "--gpus" not in said
    assert "--cpus" not in said


def test_the_supervisor_is_the_batch_process_itself_and_knows_that_it_is() -> None:
    lines = text(Allocation(2, 4), processes=4).splitlines()
    assert lines[0] == "#!/bin/bash"
    assert lines[-1] == "exec /env/bin/python /traindeck.py _supervise /shared/runs/a"
    assert "export TRAINDECK_SLURM=1 PYTHONUNBUFFERED=1" in lines
    assert "export TRAINDECK_NODES=2 TRAINDECK_PROCESSES=4" in lines
    assert not any(line.startswith("export TRAINDECK_DEVICE") for line in lines)


def test_a_folder_with_blanks_quotes_and_percent_signs_reaches_both_readers_whole() -> None:
    run = Path("/shared/it's a %j run; rm -rf $HOME")
    written = text(run=run)
    assert f"--output={str(run).replace('%', '%%')}/console.log" in options(written)
    echoed = written.replace("exec /env/bin/python", "printf '%s\\n'")
    done = subprocess.run(["bash"], input=echoed, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(run)


@pytest.mark.parametrize("allocation", [Allocation(options=("--comment=a\nrm -rf /",)), Allocation(time="1\nx")])
def test_an_option_with_a_line_break_would_be_a_command_and_is_refused(allocation: Allocation) -> None:
    with pytest.raises(InvalidInput, match="control characters"):
        text(allocation)


def test_a_folder_with_a_line_break_is_refused() -> None:
    with pytest.raises(InvalidInput, match="control characters"):
        text(run=Path("/shared/a\n#SBATCH --nodes=9"))


@pytest.mark.parametrize(
    ("option", "name"), [("--array=0-3", "--array"), ("-a0-3", "--array"), ("-W", "--wait"), ("-Mother", "--clusters")]
)
def test_an_option_that_makes_many_jobs_or_none_of_a_run_is_refused_with_the_reason(option: str, name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        text(Allocation(options=(option,)))


def test_options_typed_on_one_line_are_split_as_a_shell_does() -> None:
    assert split_options("--comment='a b' -p gpu") == ["--comment=a b", "-p", "gpu"]
    with pytest.raises(InvalidInput, match="No closing quotation"):
        split_options("--comment='a")

"""`traindeck join RUN`: add this machine to a run that was launched on another one with --nnodes."""

from __future__ import annotations

import argparse
import signal
import subprocess

from training.cli.confirm import confirm
from training.cli.follow import GOOD_ENDS
from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.cli.runs import as_json
from training.errors import EXIT_FAILED, EXIT_OK
from training.runs import commands, store
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.machines import find_meeting, plan_joining, start_agent
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 for a run that then finished, or was stopped on purpose; 1 where it cannot be reached or went wrong.

    The run's folder is on a file system that both machines share; until this machine has joined, nothing is written.
    """
    found = store.find_run(arguments.run, arguments.runs_dir)
    folder = found.folder
    meeting = find_meeting(folder, lambda problem: overwrite(f"Waiting for the first machine: {problem} …"))
    overwrite()
    planned = plan_joining(folder, meeting)
    if not arguments.json:
        say(planned.notes[0])
    confirm(planned, arguments.yes, refused="This machine did not join.")
    agent = start_agent(folder, meeting, planned)
    if not arguments.json:
        count = f"{meeting.processes} process{'' if meeting.processes == 1 else 'es'}"
        say(f"Joined {folder.id} with {count}; Ctrl+C stops the run with a checkpoint, on all machines.")
    code = _wait(folder, agent)
    ended = view(folder)
    state = ended.state if ended else "gone"
    if arguments.json and ended:
        say_json(as_json(ended))
    elif not arguments.json:
        say(f"{one_line(found.summary.name)}: {state}.")
    return EXIT_OK if code == 0 and state in (*GOOD_ENDS, "running", "stopping") else EXIT_FAILED


def _wait(folder: RunFolder, agent: subprocess.Popen[bytes]) -> int:
    """Until the ranks of this machine have ended; Ctrl+C asks for a stop, a second one ends them at once."""
    asked = False
    while True:
        try:
            return agent.wait()
        except KeyboardInterrupt:
            if asked:
                agent.send_signal(signal.SIGTERM)
            else:
                asked = True
                commands.send(folder, "stop", reason="Ctrl+C")
                say("Stopping the run with a checkpoint; Ctrl+C again ends the processes of this machine.")

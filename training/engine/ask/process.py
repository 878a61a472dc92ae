"""The child's side of training/runs/ask.py: one question, answered on standard output."""

from __future__ import annotations

import json
import os
import sys
import threading
import warnings
from typing import Any, BinaryIO

from training.config.problems import ConfigError
from training.engine.ask.questions import find_answer
from training.engine.process import let_threads_sleep
from training.errors import EXIT_FAILED, EXIT_OK, TraindeckError
from training.text import one_line


def main(question: str) -> int:
    """Read the arguments, answer, and return the exit code that goes with the answer."""
    channel = _own_stdout()
    arguments = json.loads(sys.stdin.buffer.readline() or b"{}")
    threading.Thread(target=_end_with_the_asker, daemon=True).start()
    let_threads_sleep()
    warnings.simplefilter("ignore")  # they would reach nobody

    def send(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message).encode() + b"\n")

    try:
        result = find_answer(question)(arguments, lambda progress: send({"progress": progress}))
    except TraindeckError as error:
        send(_described(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the outermost boundary: the asker must hear of it
        send(_described(TraindeckError(one_line(f"{type(error).__name__}: {error}")[:500])))
        sys.excepthook(type(error), error, error.__traceback__)
        return EXIT_FAILED
    send({"result": result})
    return EXIT_OK


def _own_stdout() -> BinaryIO:
    """The asker's pipe; whatever else prints in this process goes to standard error instead."""
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return channel


def _end_with_the_asker() -> None:
    sys.stdin.buffer.read()
    os._exit(EXIT_FAILED)


def _described(error: TraindeckError) -> dict[str, Any]:
    problems = [
        {"message": problem.message, "key": problem.key, "remedy": problem.remedy}
        for problem in (error.problems if isinstance(error, ConfigError) else [])
    ]
    return {
        "error": error.message,
        "remedy": error.remedy,
        "key": error.key,
        "exit_code": error.exit_code,
        "problems": problems,
    }

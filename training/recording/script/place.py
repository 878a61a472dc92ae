"""Which process this is, of the several that a training may have, and how it comes to its end."""

from __future__ import annotations

import builtins
import functools
import os
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

REPORTING = "TRAINDECK_REPORTING"
"""Environment variable with the pid of a process that reports: what it spawns by multiprocessing does not."""
RANKS = ("RANK", "SLURM_PROCID", "LOCAL_RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
REASON_LENGTH = 500
_CODE: Any = vars(SystemExit)["code"]


def is_another_rank() -> bool:
    """Whether the environment, or torch where it is loaded, says that this is not the first of several processes."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() != 0)
    told = [os.environ.get(name, "").strip() for name in RANKS]
    first = next((rank for rank in told if rank), "0")
    return first != "0" or os.environ.get("LOCAL_RANK", "").strip() not in ("", "0")


def is_spawned() -> bool:
    """Whether multiprocessing started this process for one that reports, to load its data for instance."""
    parent = _parent()
    return parent is not None and os.environ.get(REPORTING) == str(parent.pid)


def is_of_multiprocessing() -> bool:
    """Whether this process ends without what `atexit` calls."""
    return _parent() is not None


def _parent() -> Any:
    module = sys.modules.get("multiprocessing.process")
    return module.parent_process() if module is not None else None


def name() -> str:
    """What the script is called; the name of its package for a `python -m package`."""
    path = Path(sys.argv[0] if sys.argv and sys.argv[0] else "python")
    if path.stem == "__main__":
        return path.parent.name
    return "notebook" if path.stem == "ipykernel_launcher" else path.stem.strip("-") or "python"


class Exit(SystemExit):
    """A `SystemExit` that notices when the interpreter itself asks for its code, which then is that of the process.

    Nothing else tells it to what runs at the exit: this exception is gone by then.
    """

    last: ClassVar[SystemExit | None] = None

    @property
    def code(self) -> Any:
        try:
            sys._getframe(1)
        except ValueError:  # no code of Python's has asked
            Exit.last = self
        return _CODE.__get__(self)

    @code.setter
    def code(self, code: Any) -> None:
        _CODE.__set__(self, code)

    def __reduce__(self) -> tuple[Any, ...]:
        return SystemExit, self.args


Exit.__name__ = Exit.__qualname__ = "SystemExit"


def note_exits() -> None:
    """Have `sys.exit`, `exit` and `quit` tell of the exit code; a script's own `raise SystemExit` does not."""
    sys.exit = _noting(sys.exit)
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__name__ == "Quitter":
        quitter.__call__ = _noting(quitter.__call__)  # type: ignore[method-assign]


def _noting(leave: Any) -> Any:
    @functools.wraps(leave)
    def noting(*arguments: Any) -> Any:
        try:
            return leave(*arguments)
        except SystemExit as error:
            if threading.current_thread() is not threading.main_thread():
                raise  # it ends no more than the thread
            ending = Exit(*error.args)
        raise ending

    return noting


def uncaught() -> BaseException | None:
    """The exception that this process ends with: the one under way, or the last that the interpreter printed."""
    if hasattr(sys, "ps1") or sys.flags.interactive:
        return None  # at a prompt an exception ends nothing
    return Exit.last or sys.exc_info()[1] or getattr(sys, "last_value", None)


def ending(error: BaseException | None) -> tuple[str, str]:
    """State and reason of a run that ends with that exception, or without one."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "finished", ""
    if isinstance(error, KeyboardInterrupt):
        return "stopped", "Ctrl+C"
    if isinstance(error, SystemExit):
        before = error.__context__
        if isinstance(before, Exception):
            return "failed", words(before)
        said = isinstance(error.code, str) and error.code[:REASON_LENGTH]
        return "failed", said or f"exit code {error.code}"
    return "failed", words(error)


def words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")[:REASON_LENGTH]

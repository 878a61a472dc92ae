"""The way in: `traindeck` opens the app, `traindeck VERB` works without a screen.

And what a user's own script or notebook imports: `from traindeck import report, load_run`.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from training.config.schema import TrainingConfig
    from training.recording.script.history import load_run
    from training.recording.script.report import report
    from training.runs.fork import Fork

__all__ = ["load_run", "main", "report"]

ROOT = Path(__file__).resolve().parent
SWITCH_SECONDS = 0.0005
"""So long a key may wait, at each of several turns, for a thread that reads a log; Python's own is ten times it."""
SCRIPT = "traindeck_script"
"""What training.recording.script is called in a user's script."""
OFFERED = {"report": "report", "load_run": "history"}
"""What a user's script imports, and the module there that has it."""


def main(words: list[str] | None = None) -> int:
    """Run one command line and return its exit code: 0 fine, 1 failed, 2 invalid input."""
    # `training` and `tui` are common folder names in users' own repositories, and PYTHONPATH may name one: in a process
    # of ours, ours come first.
    if sys.path[:1] != [str(ROOT)]:
        sys.path.insert(0, str(ROOT))
    words = sys.argv[1:] if words is None else words
    match words:
        case ["_supervise", run, *after]:
            from training.runs.supervisor import main as supervise

            return supervise(Path(run), Path(after[0]) if after else None)
        case ["_work", run]:
            from training.engine.worker import main as work

            _leave(work(Path(run)))
        case ["_join", run]:
            from training.runs.supervisor import join

            return join(Path(run))
        case ["_hook", run]:
            from training.runs.hook_process import main as tell_hook

            return tell_hook(Path(run))
        case ["_record"]:
            from training.recording.process import main as record

            return record()
        case ["_history", run, *runs_dir]:
            from training.cli.history import main as hand_over

            return hand_over(run, *runs_dir)
        case ["_tail", log, run, names]:
            from training.recording.tailing import main as tail

            return tail(Path(log), Path(run), names)
        case ["_ask", question]:
            from training.engine.ask.process import main as answer

            _leave(answer(question))
    from training.cli.main import run_verb

    return run_verb(words, open_app=_open_app)


def __getattr__(name: str) -> Any:
    """`report` and `load_run`, loaded by their place and under a name of their own: in a user's process `training` is
    the user's.
    """
    if name not in OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if SCRIPT not in sys.modules:
        folder = ROOT / "training/recording/script"
        spec = spec_from_file_location(SCRIPT, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec
        sys.modules[SCRIPT] = module_from_spec(spec)
    return getattr(import_module(f"{SCRIPT}.{OFFERED[name]}"), name)


def _leave(code: int) -> NoReturn:
    """End the process here and now: taking torch apart takes 0.6 s, and a run that is queued behind waits for it.

    Nothing is lost: the worker has closed its files and joined its threads, and the kernel frees the device.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _open_app(
    runs_dir: Path, watch: Path | None, edit: str | None = None, fork: tuple[Fork, TrainingConfig, str] | None = None
) -> int:
    """The screens, on the monitor of `watch`, the editor of `edit` or that of a fork if there is one; returns when the
    user quits.
    """
    gc.disable()  # until the first screen is there (tui.app): nothing of a start is garbage yet
    sys.setswitchinterval(SWITCH_SECONDS)
    from training.runs.layout import RunFolder
    from tui.app import TraindeckApp
    from tui.screens.kept_drafts import keep_on_hangup

    app = TraindeckApp(runs_dir, watch=RunFolder(watch) if watch else None, edit=edit, fork=fork)
    keep_on_hangup(app)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())

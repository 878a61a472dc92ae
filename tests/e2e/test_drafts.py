"""Changes survive a kill, a closed terminal and a dropped connection; and the user's own editor gets the terminal."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Traindeck
from tests.e2e.terminals import SSHD, Terminal, open_sshd, open_terminal, pick_small_data
from tests.waiting import wait_until
from training.config import files
from training.runs import pids

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


def kept(traindeck: Traindeck) -> list[Path]:
    return sorted((traindeck.home / "state/traindeck/drafts").glob("*.json"))


def change_the_learning_rate(terminal: Terminal) -> None:
    """From Home: the small-data preset, its learning rate changed, nothing saved."""
    pick_small_data(terminal)
    terminal.wait_for("New config", "Optimizer")
    terminal.keys("Down")
    terminal.wait_for("Initial step size of the optimizer")
    terminal.type("0.00523")
    terminal.wait_for("0.00523")


def take_it_up_and_save(traindeck: Traindeck) -> None:
    """A new app offers the draft; saved, it is the config that was typed, and nothing is left to offer."""
    (draft,) = kept(traindeck)
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("never saved", "New config: Small data", "1 key differs", "▸ Look later")
        terminal.keys("Up", "Enter")
        terminal.wait_for("Optimizer", "0.00523")
        assert kept(traindeck) == [draft]
        terminal.keys("s")
        terminal.wait_for("Save as")
        terminal.keys("Enter")
        terminal.wait_for("Saved as")
        config = files.load(traindeck.cwd / "config.yaml")
        assert (config.learning_rate, config.epochs) == (0.00523, 50)
        assert kept(traindeck) == []
        terminal.keys("Escape")
        terminal.wait_for("No runs yet")
        pid = terminal.pid
        terminal.keys("q")
        wait_until(lambda: not pids.start_mark(pid), 10, "the app to end")


def test_a_killed_app_leaves_its_draft_to_the_next_one(traindeck: Traindeck) -> None:
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        # No signal can be heard, so the draft is the one of the last pause of the keys.
        wait_until(lambda: any("0.00523" in path.read_text() for path in kept(traindeck)), 10, "the draft")
        os.kill(terminal.pid, signal.SIGKILL)
        wait_until(lambda: not pids.start_mark(terminal.pid), 10, "the kill")
    take_it_up_and_save(traindeck)


def close_the_terminal(terminal: Terminal) -> None:
    terminal.tmux("kill-server")


def terminate(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)


@pytest.mark.parametrize("end", [close_the_terminal, terminate])
def test_a_closed_terminal_leaves_what_was_typed_last(traindeck: Traindeck, end: Callable[[Terminal], None]) -> None:
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        pid = terminal.pid
        mark = pids.start_mark(pid)
        terminal.type("7")
        terminal.wait_for("0.005237")
        end(terminal)
        wait_until(lambda: not pids.is_alive(pid, mark), 10, "the app to end")
    (draft,) = kept(traindeck)
    assert "0.005237" in draft.read_text()


@pytest.mark.skipif(SSHD is None, reason="sshd is not installed")
def test_a_dropped_connection_leaves_the_draft_to_the_next_login(traindeck: Traindeck, tmp_path: Path) -> None:
    folder = tmp_path / "ssh"
    folder.mkdir()
    settings = " ".join(f"{key}={shlex.quote(traindeck.env()[key])}" for key in ("HOME", "XDG_STATE_HOME"))
    remote = f"cd {shlex.quote(str(traindeck.cwd))} && exec env {settings} {shlex.join(traindeck.command)}"
    with open_sshd(folder) as ssh, open_terminal([*ssh, remote], traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        os.kill(terminal.pid, signal.SIGKILL)
        wait_until(lambda: kept(traindeck), 20, "the draft")
        # Offered once the app at the other end has heard of it and is gone.
        wait_until(lambda: not _holder_lives(kept(traindeck)[0]), 20, "the app to end")
    take_it_up_and_save(traindeck)


def _holder_lives(draft: Path) -> bool:
    holder = json.loads(draft.read_text())["holder"]
    return pids.is_alive(holder["pid"], holder["start"])


def open_the_editor(terminal: Terminal) -> None:
    """End the typing first: until then, letters are text."""
    terminal.keys("Enter")
    terminal.wait_for("Launch")
    terminal.keys("e")


VI = """\
#!/bin/sh
# As vi does: takes the terminal, waits for keys, gives it back.
saved=$(stty -g); stty raw -echo
printf '\\033[?1049h\\033[2J\\033[HA VI OF OUR OWN'
key=$(dd bs=1 count=1 2>/dev/null)
stty "$saved"; printf '\\033[?1049l'
[ "$key" = x ] && printf '# by hand\\nepochs: 12\\n' > "$1"
exit 0
"""


@pytest.fixture
def _our_vi(traindeck: Traindeck, tmp_path: Path) -> None:
    """The user's $VISUAL is that script."""
    script = tmp_path / "our-vi"
    script.write_text(VI)
    script.chmod(0o755)
    traindeck.environment["VISUAL"] = str(script)


@pytest.mark.usefixtures("_our_vi")
def test_the_users_editor_gets_the_terminal_and_its_text_comes_back(traindeck: Traindeck) -> None:
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        open_the_editor(terminal)
        terminal.wait_for("A VI OF OUR OWN")
        terminal.keys("n")
        terminal.wait_for("Nothing was changed", "0.00523")
        terminal.keys("e")
        terminal.wait_for("A VI OF OUR OWN")
        terminal.keys("x")
        terminal.wait_for("Taken over from our-vi")
        # The keys are the form's again.
        terminal.keys("u")
        terminal.wait_for("0.00523")


@pytest.mark.skipif(shutil.which("vi") is None, reason="vi is not installed")
def test_a_real_vi_gets_the_keys_ctrl_c_too_and_its_text_comes_back(traindeck: Traindeck) -> None:
    traindeck.environment |= {"EDITOR": "vi", "VISUAL": ""}
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        open_the_editor(terminal)
        terminal.wait_for("learning_rate: 0.00523", "~")
        terminal.keys("C-c")
        terminal.type(":%s/0.00523/0.0077/")
        terminal.keys("Enter")
        terminal.type(":wq")
        terminal.keys("Enter")
        terminal.wait_for("Taken over from vi", "0.0077")


@pytest.mark.usefixtures("_our_vi")
def test_an_app_that_is_cut_off_inside_the_editor_leaves_its_draft(traindeck: Traindeck) -> None:
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        change_the_learning_rate(terminal)
        open_the_editor(terminal)
        terminal.wait_for("A VI OF OUR OWN")
        pid = terminal.pid
        mark = pids.start_mark(pid)
        close_the_terminal(terminal)
        wait_until(lambda: not pids.is_alive(pid, mark), 10, "the app to end")
    take_it_up_and_save(traindeck)

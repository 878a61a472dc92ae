"""Real terminals: tmux to type into and read from, and an sshd on loopback to connect through."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import wait_until

SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if Path("/usr/sbin/sshd").exists() else None)


@dataclass
class Terminal:
    """One tmux window of a fixed size, on a server of its own."""

    server: str

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-L", self.server, *words], capture_output=True, text=True, check=False)
        return done.stdout

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "0")

    def keys(self, *keys: str) -> None:
        """Named keys such as Enter, Escape, Down, or single characters."""
        self.tmux("send-keys", "-t", "0", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-t", "0", "-l", text)

    def wait_for(self, *texts: str, seconds: float = 30) -> str:
        """The screen once it shows all of that."""
        try:
            return wait_until(lambda: shown if all(text in (shown := self.screen) for text in texts) else None, seconds)
        except AssertionError as error:
            raise AssertionError(f"{texts} not on screen:\n{self.screen}") from error

    @property
    def pid(self) -> int:
        """The process that runs in the window."""
        return int(self.tmux("list-panes", "-F", "#{pane_pid}").split()[0])


@contextmanager
def open_terminal(
    command: Sequence[str], cwd: Path, env: dict[str, str], columns: int = 80, rows: int = 24
) -> Iterator[Terminal]:
    """A window that runs the command; it stays open when the command ends."""
    terminal = Terminal(f"traindeck-test-{uuid.uuid4().hex[:8]}")
    settings = [f"-e{key}={value}" for key, value in env.items() if key.startswith(("XDG", "HOME", "TRAINDECK", "OMP"))]
    window = ["new-session", "-d", *settings, "-x", str(columns), "-y", str(rows), "-c", str(cwd), *command]
    subprocess.run(
        ["tmux", "-L", terminal.server, "-f", os.devnull, *window, ";", "set", "remain-on-exit", "on"],
        check=True,
        env={**env, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
    )
    try:
        yield terminal
    finally:
        terminal.tmux("kill-server")


def pick_small_data(terminal: Terminal) -> None:
    """From a Home without runs to an editor on the small-data preset."""
    terminal.wait_for("No runs yet")
    terminal.keys("n")
    terminal.wait_for("Start from a preset")
    terminal.keys("Down", "Down", "Enter")


@contextmanager
def open_sshd(folder: Path) -> Iterator[list[str]]:
    """An sshd on loopback that lets this user in by key; yields the ssh command line up to the remote command."""
    assert SSHD is not None
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    authorized = folder / "authorized_keys"
    authorized.write_text((folder / "user_key.pub").read_text())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile none\n"
        f"AuthorizedKeysFile {authorized}\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    daemon = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(port), 10, "sshd to listen")
        yield [
            "ssh", "-tt", "-p", str(port), "-i", str(folder / "user_key"), "-o", "StrictHostKeyChecking=no",
            "-o", f"UserKnownHostsFile={os.devnull}", "-o", "LogLevel=ERROR", f"{getpass.getuser()}@127.0.0.1",
        ]  # fmt: skip
    finally:
        daemon.terminate()
        daemon.wait()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0

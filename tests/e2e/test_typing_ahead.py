"""Over a slow line keys come in one packet: they do what they would have done one by one, and destroy nothing."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.conftest import Traindeck
from tests.e2e.terminals import open_terminal
from tests.runs.builders import make_run

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


def test_keys_in_one_packet_go_where_the_keys_before_them_lead(traindeck: Traindeck) -> None:
    for name in ("alpha", "beta", "gamma"):
        make_run(traindeck.runs_dir, name, state="finished")
    with open_terminal(traindeck.command, traindeck.cwd, traindeck.env()) as terminal:
        terminal.wait_for("alpha", "beta", "gamma", "Delete")
        terminal.keys("/", "d", "y")
        terminal.wait_for("Search: dy")
        terminal.keys("Escape")
        terminal.wait_for("alpha", "beta", "gamma")
        terminal.keys("d", "y")
        terminal.wait_for("Delete gamma?", "Keep (n)")
        terminal.keys("n", "/", "a", "l", "x", "BSpace", "p", "Enter", "N", "s", "e", "e", "n", "Enter")
        terminal.wait_for("the note is kept", "1 of 3 runs", "seen")
    assert len(list(traindeck.runs_dir.iterdir())) == 3

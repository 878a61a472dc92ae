"""What a real terminal is told beside the cells: its title, what to copy, whose the mouse is; and all of it undone."""

from __future__ import annotations

import base64
import re
import sys
from typing import Any

import pexpect

from tests.e2e.conftest import ROOT, Traindeck
from tests.tui.fakes import learning_run

TITLE = re.compile(rb"\x1b\[22;2t\x1b\]2;([^\x07]*)\x07")


def test_title_clipboard_and_mouse_are_the_terminals_own_again_when_the_app_ends(traindeck: Traindeck) -> None:
    run = learning_run(traindeck.runs_dir)
    run.finish()
    env = {**traindeck.env(), "TERM": "xterm-256color"}
    app: Any = pexpect.spawn(
        sys.executable, [str(ROOT / "traindeck.py"), "watch", str(run.folder.path)],
        cwd=str(traindeck.cwd), env=env, dimensions=(24, 80), timeout=30,
    )  # fmt: skip
    try:
        app.expect(TITLE)
        assert app.match[1].decode() == "✓ finished digits-adam-0.001 – traindeck"
        app.send("Y")
        app.expect_exact("Path of the run")
        app.send("\r")
        copied = base64.b64encode(str(run.folder.path).encode())
        app.expect_exact(b"\x1b]52;c;" + copied + b"\x07")
        app.expect_exact(b"\x1b[?1000l")
        app.send("q")
        app.expect_exact(b"\x1b[?1000h")
        app.send("q")
        app.expect_exact("traindeck")
        app.send("q")
        app.expect(pexpect.EOF)
    finally:
        app.close(force=True)
    end = app.before
    assert end.rindex(b"\x1b]2;\x07\x1b[23;2t") > end.rfind(b"\x1b[22;2t")
    assert end.rindex(b"\x1b[?1000l") > end.rfind(b"\x1b[?1000h")

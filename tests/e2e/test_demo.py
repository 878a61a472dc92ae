"""`traindeck demo` without a terminal: the whole main job in plain lines."""

from __future__ import annotations

import re

from tests.e2e.conftest import Traindeck


def test_the_demo_finds_the_fault_applies_the_fix_and_the_child_learns(traindeck: Traindeck) -> None:
    done = traindeck.run("demo", timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    epochs = re.findall(r"^epoch +(\d+)/10 ", done.stdout, re.MULTILINE)
    assert epochs == [str(epoch) for epoch in range(1, 11)] * 2
    assert "learning_rate: 1.0 → 0.001" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("best val accuracy"))
    parent, child = (float(value) for value in re.findall(r"([\d.]+) %", row))
    assert parent < 40
    assert child > 95

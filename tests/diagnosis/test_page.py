"""docs/diagnosis.md says of the rules what the rules do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from training.diagnosis.rules import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "diagnosis.md").read_text()


def test_the_page_is_what_its_script_writes() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "rules.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_rule_has_definition_threshold_and_source() -> None:
    for rule in RULES:
        section = PAGE.split(f"### `{rule.label}`")[1].split("\n### ")[0]
        for part in ("**Statistic**", "**Needs**", "**Source**", "**Thresholds**"):
            assert part in section, (rule.label, part)
        assert rule.why
        assert rule.curves

"""Write the rules' part of docs/diagnosis.md from the rules: `.venv/bin/python docs/rules.py`; `--check` only compares.

What stands between the two marks is made of the docstrings, thresholds, causes and remedies in the source, so that it
cannot say something else than the engine does.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from training.diagnosis.rules import RULES  # noqa: E402
from training.diagnosis.rules.rule import Rule  # noqa: E402
from training.diagnosis.rules.stories import EXPLAINS  # noqa: E402

PAGE = ROOT / "docs" / "diagnosis.md"
BEGIN, END = "<!-- rules: written by docs/rules.py -->\n", "<!-- end of rules -->\n"


def page(text: str) -> str:
    """The page with today's rules in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + "\n".join(_section(rule) for rule in RULES) + "\n" + END + after


def _section(rule: Rule) -> str:
    module = sys.modules[rule.check.__module__]
    told = [f"### `{rule.label}`", "", f"*{rule.title}.* Guide: issue `{rule.issue}`, section {rule.guide}.", ""]
    told += [*_definition(rule), "", _thresholds(module), "", _timing(rule), ""]
    causes = getattr(module, "CAUSES", ())
    told += ["Causes it ranks: " + "; ".join(causes) + ".", ""]
    return "\n".join(told)


def _definition(rule: Rule) -> list[str]:
    """The docstring, with a bold word before what it states."""
    text = re.sub(r"\s+", " ", (rule.check.__doc__ or "").strip())
    return [re.sub(r"\b(Statistic|Needs|Source):", r"**\1**:", text)]


def _thresholds(module: ModuleType) -> str:
    numbers = {
        name: value
        for name, value in vars(module).items()
        if name.isupper()
        and isinstance(value, int | float)
        and re.search(rf"^{name} = ", _source(module), re.MULTILINE)
    }
    return "**Thresholds**: " + (", ".join(f"`{name}` {value:g}" for name, value in numbers.items()) or "none") + "."


def _source(module: ModuleType) -> str:
    assert module.__file__ is not None
    return Path(module.__file__).read_text(encoding="utf-8")


def _timing(rule: Rule) -> str:
    opens = "at once" if rule.after == 1 else f"after {rule.after} epochs of evidence in a row"
    silenced = sorted(label for label, symptoms in EXPLAINS.items() if rule.label in symptoms)
    told = f"Opens {opens}, resolves after {rule.until} without."
    return told + (
        f" Silent while one of these explains it: {', '.join(f'`{label}`' for label in silenced)}." if silenced else ""
    )


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    fresh = page(now)
    if "--check" in sys.argv:
        sys.exit(0 if fresh == now else "docs/diagnosis.md is not what docs/rules.py writes: run it")
    PAGE.write_text(fresh, encoding="utf-8")

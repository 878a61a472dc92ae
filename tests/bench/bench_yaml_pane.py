"""What the YAML view costs a key: for a config of 60 lines and for one of 2,000.

    python -m tests.bench.bench_yaml_pane

A file of more than LARGE characters is edited anew only after a pause in typing; a key then costs what a move does.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.measure import spread
from tests.bench.table import Row, one, show
from training.config.files import dump
from training.config.presets import PRESETS
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft
from tui.editor.panes.yaml_pane import LARGE
from tui.editor.yaml_lines import entries, yaml_rows
from tui.editor.yaml_text import yaml_text

WIDTH, HEIGHT = 50, 40


def long_config(lines: int) -> str:
    """A config with so many blocks, each with a comment, that it has about as many lines."""
    text = dump(TrainingConfig())
    blocks = range((lines - text.count("\n")) // 4)
    items = [f"    # block {at}\n    - filters: {8 + at}\n      pooling: none\n      dropout: 0.25\n" for at in blocks]
    return text.replace("  kind: custom_cnn\n", "  kind: custom_cnn\n  blocks:\n" + "".join(items))


def short_config() -> str:
    """A preset with every key written out: some 60 lines."""
    return dump(PRESETS[0].config, only_changed=False)


def measure(text: str, repeats: int, folder: Path) -> list[Row]:
    """Milliseconds of a changed value and of a move."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    draft = Draft.open(path)
    lines = text.count("\n")

    def draw(key: str) -> None:
        yaml_rows(entries(shown[0], draft.config, draft.notes, draft.typed, key, WIDTH), shown[0], 0, WIDTH, HEIGHT)

    shown = [yaml_text(draft.yaml(), draft.text)]

    def change(at: int) -> None:
        draft.set("batch_size", 8 + at)
        draft.notes  # noqa: B018  the form asks for them anyway: not counted
        started = time.perf_counter()
        shown[0] = yaml_text(draft.yaml(), draft.text)
        draw("batch_size")
        took.append(time.perf_counter() - started)

    took: list[float] = []
    for at in range(repeats):
        change(at)
    moves = [_seconds(lambda: draw("data.source")) for _ in range(repeats)]
    return [
        Row(f"{lines} lines: a changed value", spread([1e3 * seconds for seconds in took]), "ms"),
        Row(f"{lines} lines: a move", spread([1e3 * seconds for seconds in moves]), "ms", bar=5, most=True),
        Row(f"{lines} lines: size", one(len(text)), "characters"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rows(repeats: int) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            *measure(short_config(), repeats, Path(folder)),
            *measure(long_config(2000), max(5, repeats // 10), Path(folder)),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=200, help="changes of the short config (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    notes = [f"A file of more than {LARGE} characters is edited anew after a pause: until then a key costs a move."]
    print(show("the YAML view", rows(arguments.repeats), notes, as_json=arguments.json))


if __name__ == "__main__":
    main()

"""What the engine adds to a training step: process CPU time a step against a bare loop of the same model and data path.

python -m tests.bench.bench_overhead [--dir FOLDER] [--case A|B] [--blocks N] [--json]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tests.bench.arguments import parser, report
from tests.bench.cases import make_case
from tests.bench.measure import ratios, spread, take_turns
from tests.bench.table import Row

BARS = {"A": 1.03, "B": 1.01}
STEPS = {"A": 45, "B": 2}
"""A block: an epoch of the digits; few of the long steps, since blocks tell more than steps do."""
BLOCKS = {"A": 80, "B": 40}


def overhead(name: str, workspace: Path, *, blocks: int, steps: int, images: int) -> list[Row]:
    """Blocks of `steps` steps by turns, after one of each that does not count."""
    from training.engine.process import keep_freed_memory, let_threads_sleep

    let_threads_sleep()
    keep_freed_memory()
    from tests.bench.driven import BareSteps, EngineSteps, ready

    job = ready(make_case(name, workspace, images=images), workspace)
    engine, bare = EngineSteps(job), BareSteps(job)
    take_turns(1, lambda: engine.run(steps), lambda: bare.run(steps))
    ours, theirs = take_turns(blocks, lambda: engine.run(steps), lambda: bare.run(steps))
    added = spread([(one - other) / steps * 1e6 for one, other in zip(ours, theirs, strict=True)])
    return [
        Row(f"{name}: a step of the bare loop", spread([block / steps * 1e3 for block in theirs]), "ms"),
        Row(f"{name}: added by the engine", added, "µs"),
        Row(f"{name}: engine / bare loop", ratios(ours, theirs), "×", BARS[name], most=True),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--case", choices=("A", "B"), help="one case only")
    arguments.add_argument("--blocks", type=int, help="blocks of each loop, instead of 80 for A and 40 for B")
    options: argparse.Namespace = arguments.parse_args(argv)

    def rows() -> list[Row]:
        return [
            row
            for name in options.case or "AB"
            for row in overhead(
                name,
                options.dir,
                blocks=options.blocks or BLOCKS[name],
                steps=STEPS[name],
                images=options.images,
            )
        ]

    report("bench_overhead: process CPU time", rows, options.json)


if __name__ == "__main__":
    main()

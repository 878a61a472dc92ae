"""Config files after accidents: 10,000 mutated files, each of which has to load or be refused with a line number.

    python -m tests.bench.bench_config_files --count 10000 --seed 1

Files that break a promise are kept in the folder, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.config.mutations import examine, mutations

SLOWEST = 1.0
"""Seconds of one core that reading, opening or editing a file may take."""


@dataclass
class Found:
    """What became of the files."""

    kinds: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_number: int = 0
    broken: list[str] = field(default_factory=list)
    """One line a file: where it is kept, and what went wrong."""


def run(folder: Path, count: int, seed: int) -> Found:
    """Examine that many files."""
    found = Found()
    path = folder / "mutated.yaml"
    for number, content in enumerate(mutations(seed, count)):
        path.write_bytes(content)
        try:
            outcome = examine(path)
        except Exception as error:  # noqa: BLE001  any would have been a traceback on the screen
            found.kinds["broken"] += 1
            kept = folder / f"broken-{seed}-{number}.yaml"
            kept.write_bytes(content)
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = " ".join(f"{type(error).__name__} {error}".split())[:200]
            found.broken.append(f"{kept}: {Path(place.filename).name}:{place.lineno}: {reason}")
            continue
        found.kinds[outcome.kind] += 1
        if outcome.seconds > found.slowest:
            found.slowest, found.slowest_number = outcome.seconds, number
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=10_000, help="files (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations (default: %(default)s)")
    parser.add_argument("--dir", type=Path, help="where broken files are kept (default: a new folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    folder = arguments.dir or Path(tempfile.mkdtemp(prefix="traindeck-mutated-"))
    folder.mkdir(parents=True, exist_ok=True)
    found = run(folder, arguments.count, arguments.seed)
    if arguments.json:
        print(json.dumps({"bench": "mutated config files", **asdict(found)}, indent=1))
    else:
        print(f"{arguments.count} mutated config files, seed {arguments.seed}")
        for kind, count in found.kinds.most_common():
            print(f"  {kind:12} {count:6}")
        verdict = "met" if found.slowest < SLOWEST else "MISSED"
        print(
            f"  slowest      {found.slowest:6.3f} s   at most {SLOWEST:g} s: {verdict} (number {found.slowest_number})"
        )
        print(*found.broken, sep="\n")
    sys.exit(1 if found.broken else 0)


if __name__ == "__main__":
    main()

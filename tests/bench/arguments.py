"""What all benches take on their command lines, and how they end."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.cases import IMAGES
from tests.bench.table import Row, show
from tests.bench.turns import CouldNotRun

EXTRAS = "pip install lightning scikit-learn"


def parser(doc: str | None) -> argparse.ArgumentParser:
    """With the folder, the number of images and the form of the answer."""
    made = argparse.ArgumentParser(description=(doc or "").split("\n", 1)[0])
    made.add_argument(
        "--dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / "traindeck-bench",
        help="where images, caches and runs are kept (default: %(default)s)",
    )
    made.add_argument("--images", type=int, default=IMAGES, help="of case B (default: %(default)s)")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def report(title: str, measure: Callable[[], Sequence[Row]], as_json: bool, notes: Sequence[str] = ()) -> None:
    """Measure and print. Exits with 1 only where the bench could not run; a bar that is missed is said in the table."""
    try:
        rows = measure()
    except CouldNotRun as error:
        print(f"{title}: could not run: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    print(show(title, rows, notes, as_json=as_json))

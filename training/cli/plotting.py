"""The options of `traindeck plot`: which charts, on which axes, in which file."""

from __future__ import annotations

import argparse
import re

from training.cli.mapping import add_map

SIZE_HELP = "WIDTHxHEIGHT of a picture in pixels (default: 1200x700), or of a text chart in characters"


def add_plot_options(verb: argparse.ArgumentParser) -> None:
    """All but the run."""
    verb.add_argument("--chart", metavar="NAME", action="append", help="such as loss or loss,lr; repeatable")
    verb.add_argument("--out", metavar="FILE", help="a picture (.svg, .png) or the logged values as a table (.csv)")
    verb.add_argument("--x", choices=("epoch", "step", "time"), help="unit of the x axis (default: epoch)")
    verb.add_argument("--log", action="store_true", help="logarithmic y axis")
    verb.add_argument("--smooth", metavar="WEIGHT", type=_weight, help="moving average, as 0.9; raw values behind it")
    verb.add_argument("--size", metavar="SIZE", type=_size, help=SIZE_HELP)
    verb.add_argument("--force", action="store_true", help="replace a file that is there")
    add_map(verb)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to below 1, such as 0.9")
    return weight


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
    if not found or not all(int(side) > 0 for side in found.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no WIDTHxHEIGHT, such as 1200x700")
    return int(found[1]), int(found[2])

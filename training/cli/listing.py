"""The options of the verbs that list runs and label them, and the words of theirs that begin with a minus."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

FILTER_HELP = (
    "words that a run has to hold, and terms such as 'lr>=1e-3' model:vit state:failed 'started:<30d' -tag:old"
)
TERMS = (
    "A term asks one thing of a run: state, model, data, tag, note, name, finding, device, parent, archived; acc and "
    "loss (the best of the validation); epoch, time, size; created, started and ended, by an age (30s 20m 12h 7d 4w) "
    "or a date (2026-11-01, 2026-11, today); any key of the config, dotted or not, such as lr, batch_size or "
    "grad_clip; any metric by its latest value. A colon looks for a part of a text, = != < <= > >= compare (quote them "
    "from the shell), a minus before a term turns it round, `none` is no value. --sort, --columns and --group take the "
    "same keys"
)
MINUS_VERBS = ("runs", "tag")
"""A word such as -tag:old is no option to them."""
WITH_VALUE = ("--runs-dir", "--theme")


def add_listing(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """`runs`, and the verbs that change what it says of a run."""
    runs = add("runs", "list the runs, newest first")
    runs.epilog = f"{TERMS}; {runs.epilog}"
    runs.add_argument("filter", metavar="FILTER", nargs="*", help=FILTER_HELP)
    runs.add_argument("--all", action="store_true", help="those of every known runs folder")
    runs.add_argument("--sort", metavar="KEY", help="by this column, what matters most first")
    runs.add_argument("--reverse", action="store_true", help="the other way round")
    runs.add_argument("--columns", metavar="KEY,KEY", help="show these columns, such as lr,batch_size,val_loss,tag")
    runs.add_argument("--group", metavar="KEY", help="group by a column, or by `seeds`: mean ± std (n) of each group")
    runs.add_argument("--archived", action="store_true", help="those that are archived, too")
    tag = add("tag", "give a run tags, or take them away: -TAG")
    tag.add_argument("run", metavar="RUN")
    tag.add_argument("tags", metavar="TAG", nargs="*", help="without any, say which tags the run has")
    note = add("note", "keep a note to a run, or print it")
    note.add_argument("run", metavar="RUN")
    note.add_argument("text", metavar="TEXT", nargs="*", help="without any, print the note")
    note.add_argument("--clear", action="store_true", help="remove the note")
    archive = add("archive", "leave runs out of lists; nothing of them is removed")
    archive.add_argument("runs", metavar="RUN", nargs="+")
    archive.add_argument("--off", action="store_true", help="bring them back into the lists")


def minus_apart(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of a command line without those that begin with a minus and are no options, and these."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in WITH_VALUE else 1
    if at >= len(words) or words[at] not in MINUS_VERBS:
        return list(words), []
    is_minus = [index > at and _is_minus(word) for index, word in enumerate(words)]
    kept = [word for word, minus in zip(words, is_minus, strict=True) if not minus]
    return kept, [word for word, minus in zip(words, is_minus, strict=True) if minus]


def _is_minus(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word not in ("-", "-h")

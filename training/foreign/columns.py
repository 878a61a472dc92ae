"""What the columns of other tools' logs mean: their names in ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from training.errors import InvalidInput
from training.text import one_line

_ACCURACIES = (
    "acc",
    "accuracy",
    "top1",
    "acc1",
    "top 1",
    "acc top1",
    "accuracy top1",
    "top1 acc",
    "top1 accuracy",
    "categorical accuracy",
    "sparse categorical accuracy",
    "binary accuracy",
    "multiclass accuracy",
    "multiclassaccuracy",
)
_ERRORS = ("error", "err", "error rate", "top1 error", "top1 err", "err1")
_TRAIN = ("train {} epoch", "train epoch {}", "train {}", "training {}", "{} train", "epoch {}", "{}")
_STEP = ("train {} step", "train batch {}", "batch {}", "step {}", "{} step", "{} batch")
_VAL = (
    "val {} epoch",
    "val epoch {}",
    "val {}",
    "validation {}",
    "valid {}",
    "eval {}",
    "dev {}",
    "{} val",
    "{} validation",
    "{} valid",
    "{} eval",
    "metrics {}",
    "test {} epoch",
    "test {}",
    "{} test",
)


def _forms(forms: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return tuple(form.format(word) for form in forms for word in words)


COLUMNS: dict[str, tuple[str, ...]] = {
    "epoch": ("epoch", "epochs", "train epoch", "trainer epoch"),
    "step": ("global step", "trainer global step", "train global step", "step", "iteration", "iter", "steps"),
    "train_loss": _forms(_TRAIN, ("loss",)),
    "step_loss": _forms(_STEP, ("loss",)),
    "val_loss": _forms(_VAL, ("loss",)),
    "train_acc": _forms(_TRAIN, _ACCURACIES),
    "val_acc": _forms(_VAL, _ACCURACIES),
    "train_error": _forms(_TRAIN, _ERRORS),
    "val_error": _forms(_VAL, _ERRORS),
    "lr": ("lr", "learning rate", "train lr", "train learning rate", "lr pg0", "epoch learning rate"),
    "grad_norm": ("grad norm", "train grad norm", "gradient norm", "grad 2 0 norm total"),
    "grad_norm_max": ("grad norm max",),
    "grad_norm_first": ("grad norm first",),
    "grad_norm_last": ("grad norm last",),
    "dead_relu": ("dead relu",),
    "macro_f1": _forms(("{}", "val {}", "eval {}"), ("macro f1", "f1 macro")),
    "val_recall_min": ("val recall min",),
}
"""Our name → the names that people use, best first, in lower case with every run of other characters as one space.
Of these `step_loss` is the loss of one step in a log that has the epoch's besides, and an error rate becomes 1 - x."""

_PLACES = {name: (ours, rank) for ours, names in COLUMNS.items() for rank, name in reversed([*enumerate(names)])}
_RATE = re.compile(r"lr (adam|adamw|sgd|rmsprop)( pg0)?")
_PLAIN = re.compile(r"[^a-z0-9]+")


def meaning(column: str) -> tuple[str, int] | None:
    """Our name of a column and how good a name it has, 0 being best; None for one that means nothing to us."""
    plain = _PLAIN.sub(" ", column.casefold()).strip()
    if plain in _PLACES:
        return _PLACES[plain]
    return ("lr", len(COLUMNS["lr"])) if _RATE.fullmatch(plain) else None


class Columns:
    """Our names of the columns of one log, in which a name may turn up at any time.

    Of several that mean the same, the one with the best name is taken; the others keep their own. A name that is
    given, our metric → the log's column, goes before all.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._given = {column.strip(): ours for ours, column in (names or {}).items()}
        self._owner: dict[str, tuple[int, str]] = {ours: (-1, column) for column, ours in self._given.items()}
        self._known: dict[str, str] = {}

    def ours(self, column: str) -> str:
        """Our name of a column; its own, made safe to show, where it means nothing to us."""
        name = self._known.get(column)
        return name if name is not None else self._learn(column)

    def all_of(self, columns: Iterable[str]) -> list[str]:
        """Our names of the columns of a header, in its order."""
        columns = list(columns)
        for column in sorted(columns, key=_rank):
            self.ours(column)
        return [self.ours(column) for column in columns]

    def _learn(self, column: str) -> str:
        name = self._given.get(column.strip())
        found = meaning(column)
        if name is None and found is not None:
            ours, rank = found
            owner = self._owner.get(ours)
            if owner is None or rank < owner[0]:
                self._owner[ours] = (rank, column)
                name = ours
                if owner is not None:
                    self._known[owner[1]] = _own(owner[1])
        self._known[column] = name = name or _own(column)
        return name


def _own(column: str) -> str:
    """A column's own name, which is not to look like one of ours."""
    name = one_line(column.strip())
    return f"{name} (log)" if name in COLUMNS else name


def _rank(column: str) -> int:
    found = meaning(column)
    return found[1] if found else len(_PLACES)


def check_names(names: Mapping[str, str], found: Iterable[str], shown: str) -> None:
    """Raises InvalidInput where a name is no metric of ours, its column is not in the log `shown`, or means two."""
    columns = [column.strip() for column in found]
    first: dict[str, str] = {}
    for ours, column in names.items():
        check_metric(ours)
        if first.setdefault(column.strip(), ours) != ours:
            raise InvalidInput(
                f"{one_line(column)!r} is mapped to {first[column.strip()]} and to {ours}.", "A column is one metric."
            )
        if column.strip() not in columns:
            listed = ", ".join(one_line(name) for name in columns[:30]) or "none"
            raise InvalidInput(f"{shown} has no column {one_line(column)!r} for {ours}.", f"Its columns are: {listed}.")


def check_metric(ours: str) -> None:
    """Raises InvalidInput for a name that is no metric of ours."""
    if ours not in COLUMNS:
        near = get_close_matches(ours, COLUMNS, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise InvalidInput(
            f"{one_line(ours)!r} is no metric that traindeck knows.", f"{hint}It knows {', '.join(COLUMNS)}."
        )

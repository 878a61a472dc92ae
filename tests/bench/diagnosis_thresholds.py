"""The diagnosis' numeric thresholds, found in its source, and how to change them while it runs.

A threshold is a number that a module or a class of training.diagnosis gives a name in capitals, or the `after` of a
rule. Modules that import one by name hold a copy, which is changed with it.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import training.diagnosis
from training.diagnosis.rules import RULES
from training.diagnosis.rules.rule import Rule

Values = dict[str, float]

NO_THRESHOLD = {
    "LOOKBACK": "caps how far back a stretch is followed, for the time it takes",
    "KEPT": "caps how many points a series keeps, for the memory it takes",
    "NOTABLE": "when a finding that is open is said again",
    "STALE": "when a finding that is open is said again",
    "STALE_EPOCHS": "when a finding that is open is said again",
    "RULES_VERSION": "a version",
}
"""Constants that decide on no finding, and why."""

NO_RULES = ("causes", "fixes", "remedies", "verdict", "writing")
"""Ends of the names of modules that order causes, make fixes or write sentences of findings that stand."""

FORMULAS = {"trends": "statistics' own constants"}
"""Modules whose nameless numbers are no thresholds either, and why."""

PLAIN = frozenset({0, 0.5, 1, 2, 100})
"""Numbers in a function that need no name: ends, counts, halves, percent; True and False equal two of them."""

NEAR_ONE = (0.8, 1.25)
"""Ratios that vary by their distance from 1."""


@dataclass(frozen=True)
class Threshold:
    """`places` are the modules, classes or rules that hold the number, with its name there."""

    name: str
    module: str
    """Full name of the module that defines it."""
    value: float
    places: tuple[tuple[Any, str], ...]

    @property
    def of_check(self) -> bool:
        """Whether it is a number of a check, and not one of the rule around it."""
        return not isinstance(self.places[0][0], Rule)

    @property
    def whole(self) -> bool:
        return isinstance(self.value, int)

    def set(self, value: float) -> None:
        for owner, name in self.places:
            object.__setattr__(owner, name, value) if not isinstance(owner, type) else setattr(owner, name, value)

    def scaled(self, value: float, factor: float) -> float:
        """A value times a factor, in the way in which it can vary.

        A whole number moves to another, but not below 2, or 1 where the source has 1. Of a ratio that the source has
        near 1 what counts is its distance from 1, and that varies by the factor's square: a fifth off 1.04 would be
        below 1, and mean another thing.
        """
        if self.whole:
            moved = round(value * factor)
            if factor != 1 and moved == value:
                moved += 1 if factor > 1 else -1
            return max(min(2, int(self.value)), moved)
        low, high = NEAR_ONE
        if low <= self.value <= high and self.value != 1:
            return float(1 + (value - 1) * factor**2)
        return float(value * factor)


class Source:
    """A module of the diagnosis and its syntax tree."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.name = module.__name__.removeprefix(f"{training.diagnosis.__name__}.")
        self.tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))

    @property
    def short(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    def constants(self) -> Iterator[tuple[Any, str]]:
        """(owner, name) of every number with a name in capitals."""
        for owner, body in [(self.module, self.tree.body), *self._classes()]:
            for statement in body:
                for name in _assigned(statement):
                    value = vars(owner).get(name)
                    if name.lstrip("_").isupper() and isinstance(value, int | float) and not isinstance(value, bool):
                        yield owner, name

    def imported(self) -> Iterator[tuple[str, str, str]]:
        """(module, name there, name here) of what it imports by name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    yield node.module, alias.name, alias.asname or alias.name

    def imports(self, known: Collection[str]) -> set[str]:
        """Those of the known modules that it imports, or imports from."""
        found = {f"{module}.{name}" for module, name, _ in self.imported()} & set(known)
        found |= {m for m, name, _ in self.imported() if f"{m}.{name}" not in found}
        found |= {a.name for node in ast.walk(self.tree) if isinstance(node, ast.Import) for a in node.names}
        return found & set(known)

    def bound_early(self) -> set[str]:
        """Names in capitals that are read while the module is imported, where a later change does not reach."""
        nodes: list[ast.AST] = []
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                nodes.append(statement.value)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                nodes += [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
        return {
            name.id for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name) and name.id.isupper()
        }

    def nameless(self) -> list[tuple[int, float]]:
        """(line, number) of the numbers within functions, but for the plain ones and those of a confidence."""
        functions = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]
        inside = [node for function in functions for node in ast.walk(function)]
        of_confidence = {
            id(part)
            for node in inside
            if isinstance(node, ast.keyword) and node.arg == "confidence"
            for part in ast.walk(node)
        }
        numbers = [
            (node.lineno, float(node.value))
            for node in inside
            if isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and node.value not in PLAIN
            and id(node) not in of_confidence
        ]
        return sorted(set(numbers))

    def _classes(self) -> list[tuple[type, list[ast.stmt]]]:
        return [(vars(self.module)[node.name], node.body) for node in self.tree.body if isinstance(node, ast.ClassDef)]


def _assigned(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign):
        targets = [
            t for target in statement.targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])
        ]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def sources() -> list[Source]:
    """Every module of the diagnosis that has a say in what is found."""
    found = []
    for info in pkgutil.walk_packages(training.diagnosis.__path__, f"{training.diagnosis.__name__}."):
        if not info.name.endswith(NO_RULES):
            found.append(Source(importlib.import_module(info.name)))
    return found


def thresholds(modules: Sequence[Source]) -> list[Threshold]:
    """All of them, named MODULE.CONSTANT or MODULE.CLASS.CONSTANT, in the order of the source."""
    copies: dict[tuple[str, str], list[tuple[Any, str]]] = {}
    for source in modules:
        for module, name, here in source.imported():
            copies.setdefault((module, name), []).append((source.module, here))
    found = []
    for source in modules:
        full = source.module.__name__
        for owner, name in source.constants():
            if name in NO_THRESHOLD:
                continue
            within = f"{owner.__name__}." if isinstance(owner, type) else ""
            places = ((owner, name), *copies.get((full, name), ()))
            found.append(Threshold(f"{source.short}.{within}{name}", full, getattr(owner, name), places))
        rule = getattr(source.module, "RULE", None)
        if rule in RULES and rule.after > 1:
            found.append(Threshold(f"{source.short}.after", full, rule.after, ((rule, "after"),)))
    return found


def unreachable(modules: Sequence[Source]) -> list[str]:
    """What no refit can move: thresholds that are read while a module is imported, and numbers without a name."""
    names = {threshold.name.rsplit(".", 1)[-1] for threshold in thresholds(modules)}
    early = [f"{source.short}.{name}, read at import" for source in modules for name in source.bound_early() & names]
    within = [(source, source.nameless()) for source in modules if source.short not in FORMULAS]
    return sorted(early) + [
        f"{source.short}.py {', '.join(f'{number:g} (line {line})' for line, number in found)}"
        for source, found in within
        if found
    ]


def put(known: Sequence[Threshold], values: Mapping[str, float]) -> None:
    """Set these, and all others to what they were in the source."""
    for threshold in known:
        threshold.set(values.get(threshold.name, threshold.value))


def closure(modules: Sequence[Source]) -> dict[str, set[str]]:
    """For each module's full name, the modules of the diagnosis that its functions can reach, itself included."""
    names = {source.module.__name__ for source in modules}
    reach = {source.module.__name__: {source.module.__name__, *source.imports(names)} for source in modules}
    while True:
        wider = {name: set().union(*(reach[other] for other in others)) for name, others in reach.items()}
        if wider == reach:
            return reach
        reach = wider

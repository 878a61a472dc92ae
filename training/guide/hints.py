"""The guide's advice on a config (guide, sections 2 to 9): every hint, with a value that is safe to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from training.config.fields import FIELDS
from training.config.patch import replaced
from training.config.problems import listed, nearest, shown
from training.config.schema import TrainingConfig
from training.guide.hint import Facts, Hint, Rule, Severity
from training.guide.labels import LABELS
from training.guide.layers import LISTS, Layer, layers, layers_anew
from training.guide.rules import architecture, batch, duration, learning_rate, loss, optimizer, schedule, weight_decay

__all__ = ["IDS", "RULES", "Facts", "Hint", "Severity", "hints"]


def unknown_silenced(config: TrainingConfig, _: Facts) -> Iterator[Hint]:
    """Names in `advice.silenced` that no hint and no finding has: they silence nothing. The nearest take their place,
    or none."""
    silenced, names = config.advice.silenced, (*IDS, *LABELS)
    near = {rule: nearest(rule, names) for rule in silenced if rule not in names}
    if not near:
        return
    better = tuple(dict.fromkeys(near.get(rule, rule) or "" for rule in silenced if near.get(rule, rule)))
    meant = listed((rule for rule in near.values() if rule), "and")
    guess = f"Did you mean {meant}?" if meant else "The panel beside a hint names the id of its rule."
    message = f"No hint and no finding is called {listed(shown(rule, 40) for rule in near)}."
    yield Hint("unknown_silenced", "advice.silenced", "info", message, guess, "1", better)


RULES: tuple[Rule, ...] = (
    *optimizer.RULES,
    *learning_rate.RULES,
    *weight_decay.RULES,
    *schedule.RULES,
    *loss.RULES,
    *batch.RULES,
    *duration.RULES,
    *architecture.RULES,
    unknown_silenced,
)
"""Rules of the config as a whole: of lists of layers they know the length, but never look into a layer."""
LAYER_RULES = architecture.LAYER_RULES
IDS: tuple[str, ...] = tuple(rule.__name__ for rule in (*RULES, *LAYER_RULES))
"""What `advice.silenced` may name: a rule's id is the name of its function."""

_RANK: dict[Severity, int] = {"info": 0, "warning": 1}
_ORDER = {field.key: index for index, field in enumerate(FIELDS)}
# Keys that may have to change together; more would be another config, not advice.
_MOST_CHANGES = 5


def hints(config: TrainingConfig, facts: Facts | None = None, include_silenced: bool = False) -> list[Hint]:
    """What the guide advises on this config, warnings first, then in the order of the file.

    Setting a hint's `recommended` value, or its whole `patch`, ends it and raises no new hint of its severity or above;
    so taking hints one after the other comes to an end.
    """
    known = facts or Facts()
    found = _raw(config, known)
    present = {(hint.rule, hint.key): _RANK[hint.severity] for hint in found}
    silenced = () if include_silenced else config.advice.silenced
    return sorted(
        (_made_safe(hint, config, known, present) for hint in found if hint.rule not in silenced),
        key=lambda hint: (-_RANK[hint.severity], _ORDER.get(hint.key, _ORDER.get(hint.key.rsplit(".", 2)[0], 0))),
    )


def _raw(config: TrainingConfig, facts: Facts) -> list[Hint]:
    return _of_config(config, facts) + _of_layers(layers(config.model))


def _of_config(config: TrainingConfig, facts: Facts) -> list[Hint]:
    return [hint for rule in RULES for hint in rule(config, facts)]


def _of_layers(seen: Sequence[Layer]) -> list[Hint]:
    return [hint for rule in LAYER_RULES for layer in seen for hint in rule(layer)]


def _anew(patch: Mapping[str, Any], config: TrainingConfig, facts: Facts) -> list[Hint]:
    """The hints on the patched config, but for those that cannot have changed: a list may have hundreds of layers."""
    changed = config
    for key, value in patch.items():
        changed = replaced(changed, key, value)
    found = _of_layers(layers_anew(changed.model, config.model))
    return found if all(key.startswith(LISTS) for key in patch) else found + _of_config(changed, facts)


def _made_safe(hint: Hint, config: TrainingConfig, facts: Facts, present: Mapping[tuple[str, str], int]) -> Hint:
    """The hint with the patch that follows it without stirring up others of its severity or above.

    Where its value alone would (AdamW at the LR of SGD), the values that those would recommend go into the patch.
    Where that leads nowhere there is nothing to take.
    """
    if hint.recommended is None:
        return replace(hint, patch={})
    patch: dict[str, Any] = {hint.key: hint.recommended, **hint.patch}
    while len(patch) <= _MOST_CHANGES:
        after = _anew(patch, config, facts)
        if any((new.rule, new.key) == (hint.rule, hint.key) for new in after):
            break
        raised = [
            new
            for new in after
            if _RANK[new.severity] >= _RANK[hint.severity]
            and present.get((new.rule, new.key), -1) < _RANK[new.severity]
        ]
        if not raised:
            return replace(hint, recommended=hint.recommended if len(patch) == 1 else None, patch=patch)
        answers: dict[str, Any] = {}
        for new in raised:
            if new.recommended is not None and new.key not in patch:
                answers |= {new.key: new.recommended, **new.patch}
        if not answers:
            break
        patch |= {key: value for key, value in answers.items() if key not in patch}
    return replace(hint, recommended=None, patch={})

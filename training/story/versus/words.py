"""A verdict in one sentence, with its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from training.figures import loss, percent
from training.runs.seeds import Spread
from training.story.versus.measured import in_percent
from training.story.versus.noise import SMOOTHED

if TYPE_CHECKING:
    from training.story.versus.verdict import Verdict

WORDS = {
    "better": "better",
    "worse": "worse",
    "differs": "differs",
    "same": "no measurable difference",
    "unclear": "cannot be told",
    "early": "too early to tell",
    "incomparable": "not comparable",
}
SIGNS = {"better": "↑", "worse": "↓", "differs": "↕", "same": "≈", "unclear": "?", "early": "…", "incomparable": "≠"}


def sentence(verdict: Verdict) -> str:
    """The word, the figures, the noise, since when, and what limits it; nothing of it twice."""
    word = WORDS[verdict.kind]
    if verdict.kind in ("early", "incomparable"):
        return f"{word}: {verdict.why}" if verdict.why else word
    parts = [f"{word}: {against(verdict)}"]
    if verdict.why:
        parts.append(f"by {verdict.metric} since {verdict.why}")
    accuracy = verdict.accuracy
    if accuracy is not None and accuracy.ours is not None:
        told = against(accuracy, at=accuracy.epoch != verdict.epoch)
        parts.append(told if accuracy.kind == verdict.kind else f"{told}: {WORDS[accuracy.kind]}")
    limits = [verdict.limit, accuracy.limit if accuracy is not None else ""]
    return "; ".join([*parts, *dict.fromkeys(limit for limit in limits if limit)])


def against(verdict: Verdict, *, at: bool = True) -> str:
    """Such as `val_acc 91.2 % against 88.9 % at epoch 20 (medians of 5), noise ±1.1 %, since epoch 7`; the epoch where
    `at`. The figures are medians of the last epochs, which a table of single epochs does not show.
    """
    metric = verdict.metric
    figures = f"{metric} {figure(verdict.ours, metric)} against {figure(verdict.theirs, metric)}"
    over = min(SMOOTHED, verdict.epoch)
    parts = [f"{figures} at epoch {verdict.epoch} (medians of {over})" if at else figures]
    if told := noise_of(verdict):
        parts.append(told)
    if verdict.since is not None:
        parts.append(f"since epoch {verdict.since}")
    return ", ".join(parts)


def noise_of(verdict: Verdict) -> str:
    """Such as `noise ±1.1 %`; empty where a figure is not finite: nothing is measured then."""
    means = [side.mean for side in (verdict.ours, verdict.theirs) if side is not None]
    if len(means) < 2 or not all(map(math.isfinite, means)):
        return ""
    return f"noise {plus_minus(verdict.noise, verdict.metric, beside=max(means, key=abs))}"


def figure(found: Spread | None, metric: str) -> str:
    """`91.2 %`; of several seeds `91.2 ± 0.4 % (5)`."""
    if found is None:
        return "–"
    if found.std is None:
        return shown(found.mean, metric)
    if in_percent(metric, found.mean):
        return f"{100 * found.mean:.1f} ± {100 * found.std:.1f} % ({found.n})"
    return f"{loss(found.mean)} ± {loss_step(found.std)} ({found.n})"


def plus_minus(noise: float, metric: str, *, beside: float = 0.0) -> str:
    """A standard deviation of a metric, `beside` a value of it."""
    return f"±{percent(noise)}" if in_percent(metric, beside) else f"±{loss_step(noise)}"


def shown(value: float | None, metric: str) -> str:
    """A metric as a person reads it; `–` for none."""
    if value is None:
        return "–"
    return percent(value) if in_percent(metric, value) else loss(value)


def loss_step(value: float) -> str:
    """A difference of losses: two digits say enough."""
    return f"{value:.2g}"

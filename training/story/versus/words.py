"""A verdict in one sentence, with its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.figures import loss, percent
from training.runs.seeds import Spread
from training.story.versus.measured import is_share

if TYPE_CHECKING:
    from training.story.versus.verdict import Verdict

WORDS = {
    "better": "better",
    "worse": "worse",
    "same": "no measurable difference",
    "early": "too early to tell",
    "incomparable": "not comparable",
}
SIGNS = {"better": "↑", "worse": "↓", "same": "≈", "early": "…", "incomparable": "≠"}


def sentence(verdict: Verdict) -> str:
    """The word, the figures, the noise, since when, and what limits it."""
    word = WORDS[verdict.kind]
    if verdict.kind in ("early", "incomparable"):
        return f"{word}: {verdict.why}" if verdict.why else word
    parts = [f"{word}: {against(verdict)}"]
    if verdict.why:
        parts.append(f"by {verdict.metric} since {verdict.why}")
    if verdict.accuracy is not None and verdict.accuracy.ours is not None:
        parts.append(f"{against(verdict.accuracy)}: {WORDS[verdict.accuracy.kind]}")
    return "; ".join(parts)


def against(verdict: Verdict) -> str:
    """Such as `val_acc 91.2 % against 88.9 % at epoch 20, noise ±1.1 %, since epoch 7`."""
    metric = verdict.metric
    figures = f"{metric} {figure(verdict.ours, metric)} against {figure(verdict.theirs, metric)}"
    parts = [f"{figures} at epoch {verdict.epoch}", f"noise {plus_minus(verdict.noise, metric)}"]
    if verdict.since is not None:
        parts.append(f"since epoch {verdict.since}")
    return ", ".join(parts)


def figure(found: Spread | None, metric: str) -> str:
    """`91.2 %`; of several seeds `91.2 ± 0.4 % (5)`."""
    if found is None:
        return "–"
    if found.std is None:
        return shown(found.mean, metric)
    if is_share(metric):
        return f"{100 * found.mean:.1f} ± {100 * found.std:.1f} % ({found.n})"
    return f"{loss(found.mean)} ± {loss_step(found.std)} ({found.n})"


def plus_minus(noise: float, metric: str) -> str:
    return f"±{percent(noise)}" if is_share(metric) else f"±{loss_step(noise)}"


def shown(value: float | None, metric: str) -> str:
    """A metric as a person reads it; `–` for none."""
    if value is None:
        return "–"
    return percent(value) if is_share(metric) else loss(value)


def loss_step(value: float) -> str:
    """A difference of losses: two digits say enough."""
    return f"{value:.2g}"

"""`unnormalised_inputs`: pixels reach the net as they lie in the file, and it shows."""

from __future__ import annotations

from training.diagnosis.history import History
from training.diagnosis.rules.rule import Evidence, Rule, figure
from training.diagnosis.rules.stories import BORNE

LARGE = 10.0
START = 2.0
BLAST = 1.5

CAUSES = (
    "the inputs are not brought to a mean of 0 and a deviation of 1",
    "images of 0 to 255 are not divided by 255",
)
WHY = (
    "A layer's first outputs, and so its first gradients, are as large as its inputs. Initialisations are made for "
    "inputs around 0 with a deviation of 1; on pixels of 0 to 255 the first steps are a hundred times too large, and "
    "the units that they kill stay dead. A net with batch norm after its first layer can bear it, others cannot."
)


def check(history: History, _: bool) -> Evidence | None:
    """Statistic: mean and deviation of the inputs as the net sees them; the loss of the untrained net over chance.

    Threshold: a root mean square of LARGE, where normalised inputs have 1 and inputs of 0 to 1 less than that. Batch
    norm after the first layer makes the scale of the inputs immaterial: such a net is warned of only once it shows, by
    an untrained net whose loss is START × chance, or a first epoch of BLAST × chance. Needs: the facts. Source: LeCun
    et al. (1998), "Efficient BackProp"; curves README.
    """
    mean, deviation = history.facts.input_mean or 0.0, history.facts.input_std
    if deviation is None or mean * mean + deviation * deviation < LARGE * LARGE:
        return None
    shows, level, start = _shows(history), history.facts.chance_loss, history.start_loss
    first = f"; the loss began at {figure(start)}" if start is not None else ""
    against = f", chance is {figure(level)}" if first and level is not None else ""
    return Evidence(
        0,
        f"The net sees inputs with a mean of {figure(mean)} and a deviation of {figure(deviation)}{first}{against}.",
        1.0,
        CAUSES,
        "warning" if shows or not history.facts.batch_norm else "info",
        variant=BORNE if history.facts.batch_norm and not shows else "",
        confidence=0.95 if shows else 0.5 if history.facts.batch_norm else 0.8,
    )


def _shows(history: History) -> bool:
    level, start, first = history.facts.chance_loss, history.start_loss, history.train_loss.first
    if level is None:
        return False
    return (start is not None and start >= START * level) or (first is not None and first.y >= BLAST * level)


RULE = Rule(
    "unnormalised_inputs",
    "loss_not_decreasing",
    "The inputs are not normalised",
    check,
    why=WHY,
    from_facts=True,
    guide="11",
)

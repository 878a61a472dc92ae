"""How well the diagnosis recognises the labelled curves, beside the checks that people write and published ones.

python -m tests.bench.bench_diagnosis [-v] [--label X] [--ablations] [--data DIR] [--json]
python -m tests.bench.bench_diagnosis --cross-validate | --sensitivity | --search MODULE.CONSTANT=V1,V2
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from tests.bench import diagnosis_runs as runs_of
from tests.bench.diagnosis_naive import CONTENDERS, Findings, traindeck
from tests.bench.diagnosis_refit import ROUNDS, SEED, START
from tests.bench.diagnosis_report import cross_validate, search_values, sensitivity
from tests.bench.diagnosis_runs import Change, LabelledRun
from tests.bench.diagnosis_scoring import Score, labels_at_fault, score, summary, table, verdicts, wrong
from training.errors import InvalidInput

OURS, NAIVE = "traindeck", "naive"


def diagnosed(runs: Sequence[LabelledRun]) -> dict[str, Findings]:
    """Our findings by file name."""
    return {run.name: traindeck(run) for run in runs}


def contest(runs: Sequence[LabelledRun], found: dict[str, Findings]) -> dict[str, Score]:
    """Every contender's score; ours by its findings."""
    scores = {OURS: score(runs, found)}
    for name, contender in CONTENDERS.items():
        if name != OURS:
            scores[name] = score(runs, {run.name: contender(run) for run in runs})
    return scores


def ablated(runs: Sequence[LabelledRun]) -> dict[str, Score]:
    """Our score with columns taken away."""
    scores = {}
    for name, change in runs_of.ABLATIONS.items():
        changed = [change(run) for run in runs]
        scores[name] = score(changed, diagnosed(changed))
    return scores


def wrong_runs(runs: Sequence[LabelledRun], found: dict[str, Findings], label: str | None) -> list[str]:
    """The runs that were judged wrongly, all or those that are about a label."""
    told = []
    for run in runs:
        findings = found.get(run.name, [])
        if label is None or label in labels_at_fault(run, findings):
            told.append(wrong(run, findings))
    return [text for text in told if text]


def changes_of(arguments: argparse.Namespace) -> list[Change]:
    """What the command line takes away."""
    chosen: list[Change] = []
    for wanted, change in (
        (arguments.no_config, runs_of.without_config),
        (arguments.no_facts, runs_of.without_facts),
        (arguments.no_steps, runs_of.without_steps),
        (arguments.loss_and_accuracy, runs_of.loss_and_accuracy),
        (arguments.losses_only, runs_of.losses_only),
        (arguments.percent, runs_of.in_percent),
    ):
        if wanted:
            chosen.append(change)
    if arguments.every > 1:
        chosen.append(runs_of.validated_every(arguments.every))
    return chosen


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    made.add_argument("--data", type=Path, default=runs_of.DEV, help="folder of curves with its labels.csv")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.add_argument("-v", "--verbose", action="store_true", help="list the runs that we judge wrongly")
    made.add_argument("--label", help="with -v: only runs that are about this label")
    made.add_argument("--ours", action="store_true", help="leave the other contenders out")
    made.add_argument("--ablations", action="store_true", help="also score with columns taken away")
    about = made.add_argument_group("about the thresholds, instead of the tables")
    about.add_argument("--cross-validate", action="store_true", help="refit them all on other bases and score the rest")
    about.add_argument("--sensitivity", action="store_true", help="move each by a fifth")
    about.add_argument("--search", metavar="MODULE.CONSTANT=V1,V2", help="score these values of one threshold")
    about.add_argument("--folds", type=int, default=10, help="parts that the bases are divided into (default: 10)")
    about.add_argument("--rounds", type=int, default=ROUNDS, help="over all thresholds (default: %(default)s)")
    about.add_argument("--start", type=float, default=START, help="a refit starts this far off (default: %(default)s)")
    about.add_argument("--seed", type=int, default=SEED, help="of folds and starting points (default: %(default)s)")
    about.add_argument("--jobs", type=int, default=2, help="processes (default: %(default)s)")
    take = made.add_argument_group("take away from every run")
    take.add_argument("--no-config", action="store_true", help="the config")
    take.add_argument("--no-facts", action="store_true", help="what is known of the data before training")
    take.add_argument("--no-steps", action="store_true", help="the steps")
    take.add_argument("--loss-and-accuracy", action="store_true", help="all but the four curves")
    take.add_argument("--losses-only", action="store_true", help="all but the two losses")
    take.add_argument("--every", type=int, default=1, metavar="N", help="all validations but every N-th epoch's")
    take.add_argument("--percent", action="store_true", help="write accuracies in percent")
    return made


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    try:
        answer(arguments)
    except (InvalidInput, OSError) as error:
        raise SystemExit(f"bench_diagnosis: {error}") from error


def answer(arguments: argparse.Namespace) -> None:
    """Print what the command line asks for. Raises InvalidInput or OSError for what cannot be read."""
    runs = runs_of.load(arguments.data)
    for change in changes_of(arguments):
        runs = [change(run) for run in runs]
    if arguments.search:
        search_values(runs, arguments.search)
    elif arguments.sensitivity:
        sensitivity(runs, arguments.jobs, arguments.verbose, arguments.json)
    elif arguments.cross_validate:
        cross_validate(runs, arguments)
    else:
        tables(runs, arguments)


def tables(runs: Sequence[LabelledRun], arguments: argparse.Namespace) -> None:
    """Score all contenders and print what the command line asks for."""
    found = diagnosed(runs)
    scores = {OURS: score(runs, found)} if arguments.ours else contest(runs, found)
    without = ablated(runs) if arguments.ablations else {}
    mistakes = wrong_runs(runs, found, arguments.label) if arguments.verbose else []
    if arguments.json:
        told = {"contenders": scores, "ablations": without}
        print(json.dumps({key: {name: s.as_dict() for name, s in some.items()} for key, some in told.items()}))
        return
    for name in (OURS, NAIVE):
        if name in scores:
            print(table(name, scores[name]), end="\n\n")
    print(summary(scores, NAIVE if NAIVE in scores else ""))
    if without:
        print("\n" + summary({"whole": scores[OURS], **without}))
    print("\n" + verdicts(scores[OURS]))
    for text in mistakes:
        print("\n" + text)


if __name__ == "__main__":
    main()

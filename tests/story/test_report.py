"""The Markdown report."""

from __future__ import annotations

import msgspec
import pytest

from tests.tui.fakes import FLAT, OVERFIT
from training.curves import Curves
from training.diagnosis.findings import Finding
from training.runs.events import Epoch
from training.story.report import Report, markdown
from training.story.telling import Moment


def curves(epochs: int) -> Curves:
    found = Curves()
    found.extend(
        Epoch(epoch=n, step=n, metrics={"train_loss": 1 / n, "val_loss": 0.1 * n}) for n in range(1, epochs + 1)
    )
    return found


def report(finding: Finding, *, is_open: bool, **header: str) -> str:
    moments = [Moment(14, "opened", finding), *([] if is_open else [Moment(20, "resolved", finding)])]
    standing = [finding] if is_open else []
    return markdown([Report("a_b", header, "Bad.", curves(44), [finding], standing, moments)])


def test_settings_are_code_and_names_of_settings_too_but_paths_are_not() -> None:
    evidence = "learning_rate is 1, in /tmp/a_b/c.csv, with `odd_name` and <b>"
    told = report(
        msgspec.structs.replace(OVERFIT, evidence=evidence),
        is_open=True,
        Settings="optimizer=Adam, lr_strategy=Cosine Annealing, model.blocks=[1, 2], odd=a`b_c",
    )
    assert (
        "- Settings: `optimizer=Adam`, `lr_strategy=Cosine Annealing`, `model.blocks=[1, 2]`, odd=a\\`b\\_c\n" in told
    )
    assert "**Evidence.** `learning_rate` is 1, in /tmp/a\\_b/c.csv, with \\``odd_name`\\` and \\<b\\>" in told
    assert told.splitlines()[2] == "# a\\_b"


@pytest.mark.parametrize(("is_open", "last"), [(True, "44"), (False, "14")])
def test_the_stretch_of_an_open_finding_reaches_up_to_now(is_open: bool, last: str) -> None:
    told = report(msgspec.structs.replace(OVERFIT, stretch=(9, 14)), is_open=is_open).splitlines()
    axis = next(number for number, line in enumerate(told) if "┥" in line)
    end = told[axis].index("┥")
    assert last in told[axis + 1][end - 2 : end + 3]


def test_what_no_setting_does_is_to_be_done_by_hand() -> None:
    told = report(FLAT, is_open=True)
    assert "3. **Check that the inputs are normalised.** " in told
    assert "Change this by hand: no setting does it." in told

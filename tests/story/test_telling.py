"""The story of a finding."""

from __future__ import annotations

import msgspec
import pytest

from tests.tui.fakes import FLAT, LR_FIX, OVERFIT
from training.config.schema import TrainingConfig
from training.diagnosis.rules import RULES, rule_of
from training.guide.labels import LABELS
from training.guide.sections import cited
from training.story.telling import Moment, confidence_in_words, curves_of, rank, since, tell, when


def test_a_story_tells_what_since_when_how_sure_why_and_where_the_guide_says_so() -> None:
    story = tell(msgspec.structs.replace(FLAT, confidence=0.75, since_step=40, guide="3, 11"))
    assert (story.title, story.severity, story.evidence) == (FLAT.title, "critical", FLAT.evidence)
    assert story.confidence == "good confidence"
    assert story.when == "Since epoch 1, step 40; first shown after epoch 3"
    rule = rule_of(FLAT.label)
    assert rule is not None
    assert story.why == " ".join(rule.why.split())
    assert story.guide == ("3 Learning rate", "11 Common issues")
    assert story.causes == FLAT.causes


def test_a_label_of_another_version_of_the_rules_has_a_story_without_a_why() -> None:
    story = tell(msgspec.structs.replace(FLAT, label="was_renamed", curves=()))
    assert story.why == ""
    assert curves_of(story.finding) == ()


def test_a_fix_says_what_it_changes_where_it_starts_and_whether_live() -> None:
    live = msgspec.structs.replace(LR_FIX, start_from="last", live=True)
    story = tell(msgspec.structs.replace(FLAT, fixes=(live, FLAT.fixes[2])), (), TrainingConfig(learning_rate=1.0))
    first, words = story.remedies
    assert [line.text for line in first.lines] == ["learning_rate: 1.0 → 0.001"]
    assert first.start == "can start from the last weights; can be done live, in the running job"
    assert (words.lines, words.start) == ((), "")


def test_only_its_own_moments_are_its_history() -> None:
    moments = [
        Moment(3, "opened", FLAT),
        Moment(5, "opened", OVERFIT),
        Moment(8, "resolved", FLAT),
    ]
    story = tell(FLAT, moments)
    assert [(moment.epoch, moment.change) for moment in story.moments] == [(3, "opened"), (8, "resolved")]
    assert story.resolved == 8
    assert tell(OVERFIT, moments).resolved is None
    assert story.moments[0].text == f"opened, critical: {FLAT.evidence}"


def test_a_finding_that_gave_way_says_to_what() -> None:
    finding = msgspec.structs.replace(FLAT, evidence="Flat. Now told as: The loss is not a number.")
    assert Moment(8, "resolved", finding).text == "Now told as: The loss is not a number."
    assert Moment(8, "resolved", finding).gave_way
    assert not Moment(8, "resolved", FLAT).gave_way


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "high"), (0.9, "high"), (0.7, "good"), (0.5, "moderate"), (0, "low")]
)
def test_a_confidence_is_a_word(confidence: float, word: str) -> None:
    assert confidence_in_words(confidence) == word


def test_what_the_facts_alone_show_was_so_from_the_start() -> None:
    finding = msgspec.structs.replace(FLAT, since_epoch=0, shown_epoch=0)
    assert since(finding) == "from the start"
    assert when(finding) == "From the start; shown before the first step"


def test_severity_ranks_before_confidence_and_confidence_before_age() -> None:
    critical = msgspec.structs.replace(FLAT, confidence=0.1)
    late = msgspec.structs.replace(OVERFIT, confidence=0.8, shown_epoch=20)
    early = msgspec.structs.replace(late, shown_epoch=2)
    assert sorted([early, late, OVERFIT, critical], key=rank) == [critical, OVERFIT, late, early]


def test_text_from_a_log_is_safe_to_print() -> None:
    evil = "\x1b[2Jx\n[red]y"
    fix = msgspec.structs.replace(LR_FIX, title=evil, effect=evil)
    story = tell(msgspec.structs.replace(FLAT, title=evil, evidence=evil, causes=(evil,), fixes=(fix,)))
    for text in (story.title, story.evidence, *story.causes, story.remedies[0].title, story.remedies[0].effect):
        assert text == "x [red]y"


def test_every_rule_has_a_label_that_can_be_silenced() -> None:
    assert {rule.label for rule in RULES} <= set(LABELS)


@pytest.mark.parametrize(("sections", "titles"), [("11", ("11 Common issues",)), ("", ()), ("99", ("99",))])
def test_sections_are_cited_with_their_titles(sections: str, titles: tuple[str, ...]) -> None:
    assert cited(sections) == titles

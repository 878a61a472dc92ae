"""Steps in a row are added to the curves at once: no reader sees a difference."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curve_reading import read, seen
from training.curves import Curves
from training.runs.events import AnyEvent, Attempt, Epoch, Metrics, Step

metrics_of_a_step: st.SearchStrategy[Metrics] = st.dictionaries(
    st.sampled_from(["train_loss", "lr", "images_per_s"]), st.sampled_from([0.5, 2.0, "inf", "n/a"]), max_size=3
)
runs_of_steps = st.lists(
    st.one_of(
        st.builds(Step, attempt=st.integers(0, 2), step=st.integers(0, 9), epoch=st.just(1), metrics=metrics_of_a_step),
        st.lists(metrics_of_a_step, max_size=9).map(
            lambda rows: [Step(attempt=2, step=place, epoch=1, metrics=row) for place, row in enumerate(rows, 10)]
        ),
        st.builds(Attempt, attempt=st.integers(1, 2), from_step=st.integers(0, 9)),
        st.builds(Epoch, attempt=st.just(2), step=st.integers(0, 9), epoch=st.integers(1, 3)),
    ),
    max_size=9,
)


@settings(max_examples=200, deadline=None)
@given(runs_of_steps)
def test_steps_in_a_row_make_the_curves_that_they_make_one_by_one(rows: list[AnyEvent | list[Step]]) -> None:
    events: list[AnyEvent] = [event for row in rows for event in (row if isinstance(row, list) else [row])]
    for place, event in enumerate(events):
        event.seq = place
    bulk, single = read(events), Curves()
    for event in events:
        single.extend([event])
    assert seen(bulk) == seen(single)
    assert {name: one.rewinds for name, one in bulk.steps.items()} == {
        name: one.rewinds for name, one in single.steps.items()
    }
    assert (list(bulk.steps), bulk.revision) == (list(single.steps), single.revision)
    assert bulk.interruptions == single.interruptions

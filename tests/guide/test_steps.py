"""Steps of an epoch, counted as the engine makes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.config.schema import Optimization, TrainingConfig
from training.engine.data.batches import step_parts
from training.guide.steps import steps_an_epoch


@given(images=st.integers(1, 200), batch=st.integers(1, 40), accumulate=st.integers(1, 4))
def test_there_are_as_many_steps_as_the_engine_makes(images: int, batch: int, accumulate: int) -> None:
    config = TrainingConfig(batch_size=batch, optimization=Optimization(accumulate=accumulate))
    assert steps_an_epoch(config, images) == len(step_parts(images, batch, accumulate))

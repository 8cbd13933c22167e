import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.domain.job import PROGRESS_RANGE, Stage
from clipzy_server.usecases.progress_scale import progress_percent

stages = st.sampled_from(list(Stage))
percents = st.floats(-1e6, 1e6)


@given(stages, percents)
def test_progress_stays_in_the_published_range(stage: Stage, percent: float) -> None:
    first, last = PROGRESS_RANGE[stage]
    assert first <= progress_percent(stage, percent) <= last


@given(stages, percents, percents)
def test_progress_grows_with_the_stage(stage: Stage, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert progress_percent(stage, low) <= progress_percent(stage, high)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_stage_runs_over_the_whole_of_its_range(stage: Stage) -> None:
    assert (progress_percent(stage, 0), progress_percent(stage, 100)) == PROGRESS_RANGE[stage]

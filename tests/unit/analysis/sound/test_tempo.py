import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.analysis.sound.onsets import FRAME_RATE
from clipzy_server.analysis.sound.tempo import tempo_of


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_beats_have_no_tempo(count):
    assert tempo_of(np.arange(count) * 50.0) is None


def test_beats_between_two_speeds_have_the_tempo_in_the_middle():
    assert tempo_of(np.array([0.0, 30, 90, 120, 180])) == pytest.approx(60 * FRAME_RATE / 45)


@given(st.lists(st.floats(1, 500), min_size=4, max_size=40))
def test_any_beats_have_a_tempo_between_their_slowest_and_fastest(intervals):
    tempo = tempo_of(np.concatenate([[0.0], np.cumsum(intervals)]))
    assert tempo is not None
    low, high = 60 * FRAME_RATE / max(intervals), 60 * FRAME_RATE / min(intervals)
    assert low * (1 - 1e-6) <= tempo <= high * (1 + 1e-6)

import numpy as np
import pytest

from clipzy_server.analysis.sound.bars import find_bars


def heard(count, per_bar, first, period=50):
    """Beats every `period` frames, of which every `per_bar`-th from `first` on is heard as a downbeat."""
    beats = 20 + period * np.arange(count)
    downbeats = np.full(beats[-1] + 60, 0.01, np.float32)
    downbeats[beats[first::per_bar]] = 0.8
    return beats.astype(float), downbeats


@pytest.mark.parametrize(("per_bar", "first"), [(4, 0), (4, 3), (3, 1), (2, 1)])
def test_bars_begin_where_they_are_heard(per_bar, first):
    beats, downbeats = heard(32, per_bar, first)
    np.testing.assert_array_equal(find_bars(beats, downbeats).downbeats, beats[first::per_bar])


def test_bars_of_four_make_their_beats_likelier_than_twice_as_many():
    beats, downbeats = heard(32, 4, 0)
    doubled = np.sort(np.concatenate([beats, beats + 25]))
    assert find_bars(beats, downbeats).evidence > find_bars(doubled, downbeats).evidence + 1


def test_where_all_beats_sound_alike_no_bar_is_told():
    beats, downbeats = heard(32, 1, 0)
    assert not len(find_bars(beats, downbeats).downbeats)

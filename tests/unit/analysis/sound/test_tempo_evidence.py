"""Which of several levels of the metre the evidence speaks for."""

import numpy as np
import pytest

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.onsets import Onsets
from clipzy_server.analysis.sound.repetition import Repetition
from clipzy_server.analysis.sound.tempo_evidence import Witness, tempos_of_loops

FRAMES = 1600


def heard(period, *, bass_every=1, per_bar=None):
    """Beats every `period` frames, bass on every n-th, first of bars heard as such."""
    beats = np.arange(20, FRAMES - 20, period)
    rng = np.random.default_rng(period)
    activation, bands = np.zeros(FRAMES, np.float32), rng.random((FRAMES, 3)).astype(np.float32) * 1e-3
    activation[beats] = 0.8
    bands[beats[::bass_every], 0] = 1.0
    downbeats = None
    if per_bar:
        downbeats = np.full(FRAMES, 0.01, np.float32)
        downbeats[beats[::per_bar]] = 0.8
    return beats.astype(float), Activation(activation, downbeats), Onsets(bands.sum(axis=1), bands)


@pytest.mark.parametrize("per_bar", [None, 4])
def test_beats_that_are_heard_are_likelier_than_half_twice_or_one_and_a_half_times_as_many(per_bar):
    beats, activation, onsets = heard(50, per_bar=per_bar)
    witness = Witness(activation, onsets)
    merit = witness.weigh(beats, 120.0).merit
    twice = np.sort(np.concatenate([beats, beats + 25]))
    assert merit > witness.weigh(twice, 240.0).merit
    assert merit > witness.weigh(beats[::2], 60.0).merit
    assert merit > witness.weigh(np.arange(20, FRAMES - 20, 100 / 3), 180.0).merit


def test_bass_on_every_second_beat_speaks_for_half_as_many():
    beats, activation, onsets = heard(32)
    sparse, activation_2, onsets_2 = heard(32, bass_every=2)
    gap = (
        Witness(activation, onsets).weigh(beats[::2], 93.75).merit
        - Witness(activation, onsets).weigh(beats, 187.5).merit
    )
    witness = Witness(activation_2, onsets_2)
    assert witness.weigh(sparse[::2], 93.75).merit - witness.weigh(sparse, 187.5).merit > gap + 1


def test_off_beats_are_less_likely_than_beats_by_themselves():
    beats, activation, onsets = heard(50)
    witness = Witness(activation, onsets)
    assert witness.weigh(beats, 120.0).merit > witness.weigh(beats, 120.0, shifted=True).merit


def test_bars_are_told_where_they_are_heard():
    beats, activation, onsets = heard(50, per_bar=4)
    np.testing.assert_array_equal(Witness(activation, onsets).weigh(beats, 120.0).downbeats, beats[::4])


def test_loops_have_round_numbers_of_beats():
    tempos = tempos_of_loops(Repetition(4.0, 0.95, 0.1), 58, 205)
    assert tempos == pytest.approx([60, 90, 120, 180])
    assert tempos_of_loops(None, 58, 205) == []

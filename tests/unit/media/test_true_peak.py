import numpy as np
import pytest
import scipy.signal

from clipzy_server.media.true_peak import TAPS_A_SIDE, PeakMeter, true_peaks


@pytest.mark.parametrize("count", [1, 24, 1024, 3000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_levels_are_those_of_the_fourfold_oversampled_sound(channels, count):
    sound = np.random.default_rng(count).normal(size=(channels, count)).astype(np.float32)
    taps = scipy.signal.firwin(8 * TAPS_A_SIDE + 1, 1 / 4, window=("kaiser", 7.0)) * 4
    finer = np.abs(scipy.signal.upfirdn(taps, sound, 4, axis=1)).max(axis=0)[4 * TAPS_A_SIDE :][: 4 * count]
    expected = np.maximum(finer.reshape(-1, 4).max(axis=1), np.abs(sound).max(axis=0))
    assert true_peaks(sound) == pytest.approx(expected, abs=2e-6)


def test_a_peak_is_the_same_however_the_sound_is_cut_into_blocks():
    sound = np.random.default_rng(1).normal(size=(2, 5000)).astype(np.float32)
    whole, pieces = PeakMeter(), PeakMeter()
    whole.push(sound)
    for first, end in ((0, 10), (10, 30), (30, 1500), (1500, 5000)):
        pieces.push(sound[:, first:end])
    assert pieces.peak == whole.peak


@pytest.mark.parametrize("loudest_first", [True, False])
def test_the_peak_is_the_highest_of_all_levels_wherever_it_lies(loudest_first):
    fade = np.linspace(1, 0.01, 9000) if loudest_first else np.linspace(0.01, 1, 9000)
    sound = (np.random.default_rng(2).normal(size=(3, 9000)) * fade).astype(np.float32)
    meter = PeakMeter()
    for first in range(0, 9000, 700):
        meter.push(sound[:, first : first + 700])
    inside = true_peaks(sound)[TAPS_A_SIDE : -TAPS_A_SIDE - 1]
    assert meter.peak == pytest.approx(max(inside.max(), np.abs(sound).max()), rel=1e-6)

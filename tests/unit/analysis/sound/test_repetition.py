import numpy as np
import pytest

from clipzy_server.analysis.sound.onsets import OnsetMeter, Onsets
from clipzy_server.analysis.sound.repetition import find_repetition

RATE_HZ = 44_100


def onsets_of(wave):
    meter = OnsetMeter()
    meter.push(wave.astype(np.float32))
    return meter.finish()


def drone(seconds, period_s, hz=110):
    """A loop of a tone that drifts, and breath: nothing in it marks a beat."""
    rng = np.random.default_rng(0)
    t = np.arange(round(period_s * RATE_HZ)) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * hz * n * t + 3 * np.sin(2 * np.pi * t / period_s + n)) / n for n in range(1, 8))
    return 0.1 * np.resize(tone + 0.1 * rng.standard_normal(len(t)), round(seconds * RATE_HZ))


@pytest.mark.parametrize("period_s", [2.3, 4.95])
def test_a_loop_repeats_itself_after_its_length_and_not_before(period_s):
    found = find_repetition(onsets_of(drone(14, period_s)))
    assert found.period_s == pytest.approx(period_s, rel=0.002)
    assert found.likeness > 0.85
    assert found.inner_likeness < 0.5


def test_noise_does_not_repeat_itself():
    found = find_repetition(onsets_of(np.random.default_rng(1).standard_normal(10 * RATE_HZ)))
    assert found is None or found.likeness < 0.4


def test_a_click_that_comes_sooner_than_the_shortest_period_is_as_like_itself_before(band):
    found = find_repetition(onsets_of(band(150, 12, parts=("kick",))[0]))
    assert found.inner_likeness > 0.9 * found.likeness


@pytest.mark.parametrize("frames", [0, 150])
def test_what_is_short_or_silent_repeats_nothing(frames):
    assert find_repetition(Onsets(np.zeros(frames, np.float32), np.zeros((frames, 3), np.float32))) is None
    assert find_repetition(Onsets(np.zeros(900, np.float32), np.zeros((900, 3), np.float32))) is None

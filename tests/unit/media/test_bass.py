import numpy as np
import pytest

from clipzy_server.media.bass import BassMeter


def index_db(wave):
    meter = BassMeter(48000)
    for first in range(0, len(wave), 9999):
        meter.push(wave[first : first + 9999])
    return meter.finish()


def tone(hz, amplitude):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(5 * 48000) / 48000)).astype(np.float32)


def test_index_is_the_level_of_the_bass_over_the_level_of_the_body():
    assert index_db(tone(60, 0.4) + tone(1000, 0.2)) == pytest.approx(6.02, abs=0.2)


def test_loudness_does_not_change_the_index():
    wave = tone(60, 0.1) + tone(700, 0.3)
    assert index_db(wave * 0.1) == pytest.approx(index_db(wave), abs=0.01)


def test_silence_has_no_index():
    assert index_db(np.zeros(48000, np.float32)) is None

import numpy as np
import pytest

from clipzy_server.analysis.sound.beats_madmom import madmom_activation
from clipzy_server.analysis.sound.onsets import OnsetMeter
from clipzy_server.analysis.sound.rhythm import find_rhythm
from clipzy_server.domain.analysis import Stretch


def test_networks_hear_the_beats_of_a_band_in_chunks(band, f_measure):
    wave, beats = band(126, 24)
    meter = OnsetMeter()
    meter.push(wave)
    onsets = meter.finish()
    music = (Stretch(0.0, 24.0),)
    blocks = [wave[first : first + 20000] for first in range(0, len(wave), 20000)]
    rhythm = find_rhythm(madmom_activation(blocks, music, len(onsets.flux)), onsets, music)
    assert rhythm.tempo_bpm == pytest.approx(126, rel=0.01)
    assert f_measure(np.array([beat.timestamp_ms / 1000 for beat in rhythm.beats]), beats) >= 0.95


def test_sound_outside_the_music_is_not_looked_at():
    activation = madmom_activation([np.zeros(44100, np.float32)], (), 100)
    assert activation.shape == (100,)
    assert not activation.any()

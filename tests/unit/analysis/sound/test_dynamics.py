import numpy as np
import pytest

from clipzy_server.analysis.sound.dynamics import RATIOS, LevelMeter, ratio_class


def measured(wave):
    meter = LevelMeter(44100)
    for first in range(0, len(wave), 10007):
        meter.push(wave[first : first + 10007])
    return meter.finish()


def compressed(wave, ratio, threshold_db=-32.0):
    """Ideal compressor on 20 ms levels."""
    blocks = np.sqrt((wave.reshape(-1, 441) ** 2).mean(axis=1)) + 1e-9
    over_db = np.maximum(0, 20 * np.log10(blocks) - threshold_db)
    return (wave.reshape(-1, 441) * 10 ** (-over_db * (1 - 1 / ratio) / 20)[:, None]).reshape(-1)


def test_classes_follow_the_ratio(band):
    wave, _ = band(104, 12)
    wave = wave[: len(wave) // 441 * 441]
    classes = [measured(compressed(wave, ratio).astype(np.float32)).compression_ratio for ratio in (1, 2, 4, 8)]
    assert classes == sorted(classes)
    assert len(set(classes)) >= 3
    assert set(classes) <= set(RATIOS)


def test_crest_of_a_sine_is_3_db():
    wave = np.sin(2 * np.pi * 441 * np.arange(44100 * 3) / 44100).astype(np.float32)
    assert measured(wave).crest_db == pytest.approx(3.01, abs=0.05)


def test_silence_is_neutral():
    found = measured(np.zeros(44100, np.float32))
    assert (found.compression_ratio, found.crest_db) == (1.0, None)


def test_class_is_the_nearest_in_proportion():
    assert [ratio_class(ratio) for ratio in (0.3, 1.05, 3.6, 100)] == [1.0, 1.0, 4.0, 20.0]

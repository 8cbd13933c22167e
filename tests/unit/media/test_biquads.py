"""Filters of second-order sections against SciPy's."""

import numpy as np
import pytest
import scipy.signal

from clipzy_server.media.biquads import SectionFilter, band_pass


@pytest.mark.parametrize("edges_hz", [(30.0, 120.0), (200.0, 3600.0)])
@pytest.mark.parametrize("rate_hz", [8000, 44100, 48000])
def test_band_pass_answers_as_butterworths(edges_hz: tuple[float, float], rate_hz: int) -> None:
    frequencies_hz = np.geomspace(10, 0.49 * rate_hz, 200)
    wanted = scipy.signal.butter(6, edges_hz, "band", fs=rate_hz, output="sos")
    answers = [
        np.abs(scipy.signal.sosfreqz(sections, frequencies_hz, fs=rate_hz)[1])
        for sections in (wanted, band_pass(6, *edges_hz, rate_hz))
    ]
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-6, atol=1e-9)


def test_blocks_are_filtered_as_the_whole() -> None:
    sections = band_pass(2, 100.0, 1000.0, 48000)
    sound = np.random.default_rng(1).normal(size=(5000, 2)).astype(np.float32)
    one = SectionFilter(sections, 2)
    made = np.concatenate([one.push(block) for block in np.array_split(sound, 7)])
    np.testing.assert_allclose(made, scipy.signal.sosfilt(sections, sound, axis=0), rtol=1e-9, atol=1e-12)

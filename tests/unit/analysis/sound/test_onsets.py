import numpy as np

from clipzy_server.analysis.sound.onsets import OnsetMeter


def measured(wave, step):
    meter = OnsetMeter()
    for first in range(0, len(wave), step):
        meter.push(wave[first : first + step])
    return meter.finish()


def test_flux_peaks_where_clicks_are(band):
    wave = np.zeros(3 * 44100, np.float32)
    clicks_s = np.array([0.5, 1.25, 2.0])
    wave[np.round(clicks_s * 44100).astype(int)] = 0.9
    flux = measured(wave, 44100).flux
    for click in clicks_s:
        near = slice(round(click * 100) - 10, round(click * 100) + 11)
        assert abs(near.start + int(np.argmax(flux[near])) - click * 100) <= 1


def test_the_size_of_blocks_does_not_matter(band):
    wave, _ = band(120, 3)
    one, other = measured(wave, 100000), measured(wave, 777)
    assert len(one.flux) in (300, 301)
    np.testing.assert_allclose(one.flux, other.flux, atol=1e-5)
    np.testing.assert_allclose(one.bands, other.bands, rtol=1e-3, atol=1e-3)


def test_nothing_begins_in_silence():
    assert not measured(np.zeros(44100, np.float32), 4410).flux.any()

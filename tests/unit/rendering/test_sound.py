"""Rendered sound against plans whose every sample is known."""

from fractions import Fraction

import av
import numpy as np
import pytest

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import EditPlan, OutputFormat, PlannedTransition, Segment, SoundPlan
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.loudness import LoudnessMeter
from clipzy_server.rendering.sound import render_sound, sound_for

RATE_HZ = 48_000
ALONE = SoundPlan(None, -1.0, None, 0.0, False)


def write_sound(path, samples, rate_hz=RATE_HZ):
    """`samples` [2, n] as float PCM."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=rate_hz)
        stream.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T, np.float32).reshape(1, -1), "flt", "stereo")
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def plan_of(*segments, sound=ALONE, rate=Fraction(30)):
    """Segments as (source second, first frame, frames, frames of transition)."""
    made = tuple(
        Segment(
            Fraction(source),
            first,
            count,
            PlannedTransition(TransitionType.DISSOLVE, overlap, Easing.LINEAR) if overlap else None,
            (),
            None,
            None,
        )
        for source, first, count, overlap in segments
    )
    return EditPlan(OutputFormat(64, 64, rate, Quality.LOW), made, sound, ())


def noise(seconds, seed=1):
    return np.random.default_rng(seed).uniform(-0.3, 0.3, (2, round(seconds * RATE_HZ))).astype(np.float32)


def tone(hz, seconds, amplitude):
    wave = amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return np.stack([wave, wave]).astype(np.float32)


def drums(seconds):
    """Kicks twice a second: far more peak than loudness."""
    t = np.arange(RATE_HZ // 2) / RATE_HZ
    hit = np.sin(2 * np.pi * np.cumsum(50 + 130 * np.exp(-t / 0.03)) / RATE_HZ) * np.exp(-t / 0.06)
    hit += 0.1 * np.random.default_rng(5).standard_normal(len(t)) * np.exp(-t / 0.1)
    wave = np.tile(0.4 * hit, round(seconds * 2))
    return np.stack([wave, wave]).astype(np.float32)


def rendered(tmp_path, samples, plan):
    result = render_sound(sound_for(plan, write_sound(tmp_path / "footage.mkv", samples)), plan, tmp_path)
    return result, np.concatenate(list(result.blocks()), axis=1)


def loudness_of(samples):
    meter = LoudnessMeter(RATE_HZ, "stereo")
    meter.push(samples)
    return meter.finish()


def test_a_plan_that_changes_nothing_gives_every_sample_back(tmp_path):
    samples = noise(2)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 60, 0)))
    np.testing.assert_array_equal(found, samples)


def test_footage_that_goes_on_over_a_cut_is_not_touched_there(tmp_path):
    samples = noise(2)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 20, 0), (Fraction(20, 30), 20, 40, 0)))
    np.testing.assert_array_equal(found, samples)


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(24), Fraction(30000, 1001)])
def test_cuts_lie_on_the_sample_grid_of_the_frames(tmp_path, rate):
    samples = noise(8)
    plan = plan_of((Fraction(1, 7), 0, 50, 0), (Fraction(10, 3), 50, 70, 0), rate=rate)
    _, found = rendered(tmp_path, samples, plan)
    assert found.shape[1] == round(120 / rate * RATE_HZ)
    cut, fade = round(50 / rate * RATE_HZ), RATE_HZ // 100
    first, second = round(Fraction(1, 7) * RATE_HZ), round(Fraction(10, 3) * RATE_HZ)
    np.testing.assert_array_equal(found[:, fade : cut - fade], samples[:, first + fade : first + cut - fade])
    rest = found.shape[1] - cut
    np.testing.assert_array_equal(found[:, cut + fade : -fade], samples[:, second + fade : second + rest - fade])


def test_a_seam_has_no_click(tmp_path):
    samples = tone(100, 4, 0.5)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 30, 0), (Fraction(2005, 1000), 30, 30, 0)))
    steps = np.abs(np.diff(found[0]))
    assert steps[47000:49000].max() < 1.5 * steps[:40000].max()


def test_transitions_cross_fade_at_equal_power_over_their_frames(tmp_path):
    samples = np.concatenate([np.full((2, 2 * RATE_HZ), 0.4), np.full((2, 2 * RATE_HZ), -0.2)], axis=1)
    _, found = rendered(tmp_path, samples.astype(np.float32), plan_of((0, 0, 40, 0), (2, 25, 35, 15)))
    start, end = 25 * 1600, 40 * 1600
    way = (np.arange(end - start) + 0.5) / (end - start)
    expected = 0.4 * np.cos(np.pi / 2 * way) - 0.2 * np.sin(np.pi / 2 * way)
    np.testing.assert_allclose(found[0, start:end], expected, atol=1e-5)
    np.testing.assert_allclose(found[0, 400:start], 0.4)
    np.testing.assert_allclose(found[0, end : end + 20000], -0.2)


def test_sound_that_ends_early_is_followed_by_silence(tmp_path):
    samples = noise(1)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 60, 0)))
    np.testing.assert_array_equal(found[:, :RATE_HZ], samples)
    assert found.shape[1] == 2 * RATE_HZ
    assert not found[:, RATE_HZ:].any()


@pytest.mark.parametrize("target_lufs", [-30.0, -20.0, -12.0])
def test_loudness_is_reached_below_the_ceiling(tmp_path, target_lufs):
    sound = SoundPlan(target_lufs, -1.0, None, 0.0, False)
    result, found = rendered(tmp_path, drums(6), plan_of((0, 0, 180, 0), sound=sound))
    measured = loudness_of(found)
    assert measured.integrated_lufs == pytest.approx(target_lufs, abs=0.3)
    assert measured.true_peak_dbtp <= -1.0
    assert result.loudness.integrated_lufs == pytest.approx(measured.integrated_lufs, abs=0.05)


def test_the_bass_moves_as_far_as_planned(tmp_path):
    samples = tone(60, 6, 0.1) + tone(800, 6, 0.1)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 180, 0), sound=SoundPlan(-23.0, -1.0, None, 8.0, False)))
    spectrum = np.abs(np.fft.rfft(found[0, : 5 * RATE_HZ]))
    assert 20 * np.log10(spectrum[60 * 5] / spectrum[800 * 5]) == pytest.approx(8, abs=1.2)


def test_compression_brings_loud_and_quiet_nearer(tmp_path):
    samples = np.concatenate([tone(500, 3, 0.5), tone(500, 3, 0.1)], axis=1)
    _, found = rendered(tmp_path, samples, plan_of((0, 0, 180, 0), sound=SoundPlan(None, -1.0, 4.0, 0.0, False)))
    loud, quiet = np.abs(found[0, RATE_HZ : 2 * RATE_HZ]).max(), np.abs(found[0, 4 * RATE_HZ : 5 * RATE_HZ]).max()
    assert 1.1 < loud / quiet < 3.5


def test_silence_stays_silence(tmp_path):
    sound = SoundPlan(-14.0, -1.0, 2.0, 3.0, True)
    result, found = rendered(tmp_path, np.zeros((2, RATE_HZ), np.float32), plan_of((0, 0, 30, 0), sound=sound))
    assert not found.any()
    assert result.loudness.integrated_lufs is None


def test_a_plan_without_sound_gives_none(tmp_path):
    footage = write_sound(tmp_path / "footage.mkv", noise(1))
    assert sound_for(plan_of((0, 0, 30, 0), sound=None), footage) is None


def test_other_rates_are_brought_to_48_khz(tmp_path):
    wave = 0.4 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
    footage = write_sound(tmp_path / "footage.mkv", np.stack([wave, wave]), 44100)
    plan = plan_of((0, 0, 30, 0))
    result = render_sound(sound_for(plan, footage), plan, tmp_path)
    found = np.concatenate(list(result.blocks()), axis=1)
    np.testing.assert_allclose(found[:, 2000:-2000], tone(440, 1, 0.4)[:, 2000:-2000], atol=1e-3)

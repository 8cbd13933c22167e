"""Sound on the picture's clock, from files that the tests write."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from clipzy_server.media.samples import Resampling, find_sound, mono, resampled, sound_blocks, stereo


def write_sound(path, samples, rate_hz, layout="stereo", *, codec="pcm_s16le", start_s=0.0, holes=()):
    """`samples` [channels, n] in Matroska from `start_s` on, with a 1 s picture from 0 on; `holes` are frames left
    out.
    """
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        sound = container.add_stream(codec, rate=rate_hz)
        sound.layout = layout
        for n in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        size = rate_hz // 10
        for n in range(samples.shape[1] // size):
            if n in holes:
                continue
            part = np.round(samples[:, n * size : (n + 1) * size].T * 32767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, "s16", layout)
            frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
            frame.pts = round(start_s * rate_hz) + n * size
            container.mux(sound.encode(frame))
        container.mux(sound.encode())


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(sound_blocks(find_sound(str(path)))), axis=1)


def noise(channels, count):
    return np.random.default_rng(7).uniform(-0.5, 0.5, (channels, count)).astype(np.float32)


@pytest.mark.parametrize(
    ("rate_hz", "layout", "channels"),
    [(8000, "mono", 1), (44100, "stereo", 2), (48000, "5.1", 6), (192000, "stereo", 2)],
)
def test_every_rate_and_layout_comes_out_as_it_went_in(tmp_path, rate_hz, layout, channels):
    samples = noise(channels, rate_hz)
    write_sound(tmp_path / "a.mkv", samples, rate_hz, layout)
    track = find_sound(str(tmp_path / "a.mkv"))
    assert (track.rate_hz, track.channels) == (rate_hz, channels)
    np.testing.assert_allclose(heard(tmp_path / "a.mkv"), samples, atol=1e-4)


def test_sound_that_starts_late_begins_with_silence(tmp_path):
    samples = noise(1, 8000)
    write_sound(tmp_path / "a.mkv", samples, 8000, "mono", start_s=0.35)
    found = heard(tmp_path / "a.mkv")
    assert not found[:, :2800].any()
    np.testing.assert_allclose(found[:, 2800:], samples, atol=1e-4)


@pytest.mark.parametrize("seconds", [0.3, 2.5])
def test_sound_shorter_or_longer_than_the_picture_keeps_its_own_length(tmp_path, seconds):
    samples = noise(1, round(seconds * 8000))
    write_sound(tmp_path / "a.mkv", samples, 8000, "mono")
    np.testing.assert_allclose(heard(tmp_path / "a.mkv"), samples, atol=1e-4)


def test_holes_are_silence_of_their_length(tmp_path):
    samples = noise(1, 8000)
    write_sound(tmp_path / "a.mkv", samples, 8000, "mono", holes=(3, 4))
    found = heard(tmp_path / "a.mkv")
    samples[:, 2400:4000] = 0
    np.testing.assert_allclose(found, samples, atol=1e-4)


def test_a_broken_packet_costs_only_itself(tmp_path):
    samples = noise(1, 48000)
    write_sound(tmp_path / "a.mkv", samples, 48000, "mono", codec="flac")
    content = bytearray((tmp_path / "a.mkv").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    (tmp_path / "a.mkv").write_bytes(content)
    found = heard(tmp_path / "a.mkv")
    assert abs(found.shape[1] - 48000) < 6000
    np.testing.assert_allclose(found[:, -4000:], samples[:, found.shape[1] - 4000 : found.shape[1]], atol=1e-3)


def test_without_a_sound_stream_there_is_no_track(tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        container.mux(picture.encode())
    assert find_sound(str(tmp_path / "a.mkv")) is None


def test_surround_folds_down_by_bs775(tmp_path):
    samples = np.zeros((6, 4800), np.float32)
    samples[2] = 0.4
    samples[3] = 0.9
    samples[4] = 0.2
    write_sound(tmp_path / "a.mkv", samples, 48000, "5.1")
    track = find_sound(str(tmp_path / "a.mkv"))
    folded = np.concatenate(list(stereo(track, sound_blocks(track))), axis=1)
    np.testing.assert_allclose(folded[0], (0.4 + 0.2) * np.sqrt(0.5), atol=1e-3)
    np.testing.assert_allclose(folded[1], 0.4 * np.sqrt(0.5), atol=1e-3)


def test_one_channel_keeps_its_power_on_two_sides(tmp_path):
    write_sound(tmp_path / "a.mkv", np.full((1, 4800), 0.5, np.float32), 48000, "mono")
    track = find_sound(str(tmp_path / "a.mkv"))
    folded = np.concatenate(list(stereo(track, sound_blocks(track))), axis=1)
    np.testing.assert_allclose((folded**2).sum(axis=0), 0.25, atol=1e-3)


def test_resampling_in_blocks_is_resampling_of_the_whole():
    wave = np.sin(2 * np.pi * 440 * np.arange(48000) / 48000).astype(np.float32)[None]
    blocks = [wave[:, n : n + 5000] for n in range(0, 48000, 5000)]
    found = np.concatenate(list(resampled(blocks, 48000, 16000)), axis=1)
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert found.shape == (1, 16000)
    np.testing.assert_allclose(found[0, 200:-200], expected[200:-200], atol=1e-3)


def test_equal_rates_pass_samples_untouched():
    block = noise(2, 100)
    conversion = Resampling(48000, 48000, 2)
    assert conversion.push(block) is block
    assert conversion.finish().shape == (2, 0)


def test_mono_is_the_mean_of_the_channels():
    np.testing.assert_allclose(mono(np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)), [0.5, 0.25])

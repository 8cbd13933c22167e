"""The whole analysis of files that the tests write."""

from pathlib import Path

import av
import numpy as np
import pytest
import soxr

from clipzy_server.analysis.sound.listen import analyse_sound
from clipzy_server.domain.analysis import SoundAnalysis, Source
from clipzy_server.domain.codec import to_plain
from clipzy_server.domain.style import AudioStyle, Loudness
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.stages import audio_analysis


def write_wave(path: Path, wave, rate_hz=44100):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate_hz)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.round(wave * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return str(path)


def test_music_is_described(tmp_path, band):
    wave, beats = band(118, 10)
    done = []
    found = analyse_sound(write_wave(tmp_path / "a.mkv", wave), "flux", done.append)
    assert found.tempo_bpm == pytest.approx(118, rel=0.01)
    assert len(found.beats) == pytest.approx(len(beats), abs=1)
    assert found.has_sound
    assert not found.style.enhance_speech
    assert 0 < found.style.normalization_level < 1
    assert 0 < found.style.bass_boost < 100
    assert done == sorted(done)
    assert done[-1] == 1


@pytest.mark.parametrize("rate_hz", [8000, 48000, 192000])
def test_the_rate_of_the_sound_does_not_matter(tmp_path, band, rate_hz):
    wave = soxr.resample(band(118, 10)[0], 44100, rate_hz)
    found = analyse_sound(write_wave(tmp_path / "a.mkv", wave, rate_hz), "flux", lambda done: None)
    assert found.tempo_bpm == pytest.approx(118, rel=0.01)
    assert found.music


def test_silence_is_neutral_and_has_no_loudness(tmp_path):
    found = analyse_sound(write_wave(tmp_path / "a.mkv", np.zeros(88200)), "flux", lambda done: None)
    assert found.has_sound
    assert (found.style, found.loudness) == (AudioStyle(), Loudness())
    assert (found.beats, found.tempo_bpm, found.music_genre) == ((), None, None)


def test_without_a_sound_track_everything_is_neutral(tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        container.mux(picture.encode())
    assert analyse_sound(str(tmp_path / "a.mkv"), "madmom", lambda done: None) == SoundAnalysis()


def test_the_stage_analyses_each_file_once_and_answers_by_role(tmp_path):
    wave = 0.1 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
    metadata = VideoMetadata(32, 32, 1.0, 10.0, "mpeg4", 1, "mkv", True, "pcm", False, False, 0)
    source = Source(write_wave(tmp_path / "a.mkv", wave), metadata)
    inputs = audio_analysis.Inputs({"template": source, "footage": source}, "flux")
    done = []
    plain = audio_analysis.task({"inputs": to_plain(inputs), "folder": str(tmp_path)}, done.append)
    assert plain["sounds"]["template"] == plain["sounds"]["footage"]
    assert plain["sounds"]["template"]["loudness"]["integrated_lufs"] < -20
    assert done[-1] == 1

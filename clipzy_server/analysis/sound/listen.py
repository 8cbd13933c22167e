"""The whole analysis of one video's sound, in one pass over its samples."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.beats_flux import flux_activation
from clipzy_server.analysis.sound.beats_madmom import NetworkListener
from clipzy_server.analysis.sound.dynamics import Dynamics, LevelMeter
from clipzy_server.analysis.sound.gate import GATE_REACH_S, Gate, find_music, may_hold_music, with_loop
from clipzy_server.analysis.sound.genre import Genre, find_genre
from clipzy_server.analysis.sound.loops import is_musical_loop
from clipzy_server.analysis.sound.onsets import RATE_HZ as ONSET_RATE_HZ
from clipzy_server.analysis.sound.onsets import OnsetMeter, Onsets
from clipzy_server.analysis.sound.rhythm import Rhythm, find_rhythm
from clipzy_server.analysis.sound.speech import speech_is_enhanced
from clipzy_server.analysis.sound.words import find_words
from clipzy_server.analysis.sound.yamnet import HOP_S, SoundClasses
from clipzy_server.analysis.sound.yamnet import RATE_HZ as CLASSES_RATE_HZ
from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.sound_scale import bass_boost, normalization_level
from clipzy_server.domain.style import AudioStyle, Loudness
from clipzy_server.media.bass import BassMeter
from clipzy_server.media.loudness import LoudnessMeter
from clipzy_server.media.samples import Resampling, Samples, SoundTrack, find_sound, mono, sound_blocks

BeatTracker = Literal["madmom", "flux"]
Report = Callable[[float], None]

# Decoding and measuring are nearly all of the work.
_LISTENED = 0.95
# Confidence in numbers that need some time to settle.
_SETTLED_S = 10.0


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one pass over the samples tells."""

    duration_s: float
    loudness: Loudness
    dynamics: Dynamics
    levels_db: npt.NDArray[np.float64]
    bass_index_db: float | None
    onsets: Onsets
    classes: npt.NDArray[np.float16]
    activation: Activation


def analyse_sound(path: str, beat_tracker: BeatTracker, report: Report) -> SoundAnalysis:
    """Everything about the sound of the video at `path`; neutral when it has none. `report` takes 0…1."""
    track = find_sound(path)
    if track is None:
        report(1.0)
        return SoundAnalysis()
    heard = _listen(track, beat_tracker, report)
    gate = find_music(heard.classes, heard.duration_s)
    if not gate.music and is_musical_loop(heard.classes, heard.onsets):
        gate = with_loop(gate, heard.duration_s)
        # The networks may not have listened, and were not made for drones.
        both = (heard.activation, Activation(flux_activation(heard.onsets)))
        rhythms = [find_rhythm(activation, heard.onsets, gate.music) for activation in both]
        rhythm = max(rhythms, key=lambda one: one.confidence or 0.0)
    else:
        rhythm = find_rhythm(heard.activation, heard.onsets, gate.music)
    report(1.0)
    return _analysis(heard, gate, rhythm, find_genre(_musical(heard.classes, gate)))


def _listen(track: SoundTrack, beat_tracker: BeatTracker, report: Report) -> _Heard:
    loudness = LoudnessMeter(track.rate_hz, track.layout)
    levels, bass = LevelMeter(track.rate_hz), BassMeter(track.rate_hz)
    onsets, classes = OnsetMeter(), SoundClasses()
    networks = _networks(classes) if beat_tracker == "madmom" else None
    to_onsets = Resampling(track.rate_hz, ONSET_RATE_HZ, 1)
    to_classes = Resampling(track.rate_hz, CLASSES_RATE_HZ, 1)

    def beats_from(block: Samples) -> None:
        onsets.push(block)
        if networks is not None:
            networks.push(block)

    count = 0
    for block in sound_blocks(track):
        loudness.push(block)
        single = mono(block)
        levels.push(single)
        bass.push(single)
        classes.push(to_classes.push(single[None])[0])
        beats_from(to_onsets.push(single[None])[0])
        count += len(single)
        report(min(_LISTENED, count / track.rate_hz / (track.duration_s or np.inf)))
    classes.push(to_classes.finish()[0])
    beats_from(to_onsets.finish()[0])
    begun, classed = onsets.finish(), classes.finish()
    activation = Activation(flux_activation(begun)) if networks is None else networks.finish(len(begun.flux))
    return _Heard(
        count / track.rate_hz,
        loudness.finish(),
        levels.finish(),
        levels.levels_db(),
        bass.finish(),
        begun,
        classed,
        activation,
    )


def _networks(classes: SoundClasses) -> NetworkListener:
    """Networks that listen only where the classes so far leave room for music."""
    return NetworkListener(
        lambda start_s, end_s: may_hold_music(classes.between(start_s - GATE_REACH_S, end_s + GATE_REACH_S))
    )


def _musical(classes: npt.NDArray[np.float16], gate: Gate) -> npt.NDArray[np.float16]:
    """The windows that begin inside the music."""
    starts_s = np.arange(len(classes)) * HOP_S
    inside = np.zeros(len(classes), bool)
    for stretch in gate.music:
        inside |= (starts_s >= stretch.start_s) & (starts_s < stretch.end_s)
    return classes[inside]


def _analysis(heard: _Heard, gate: Gate, rhythm: Rhythm, genre: Genre) -> SoundAnalysis:
    if heard.loudness.integrated_lufs is None:
        return SoundAnalysis(has_sound=heard.duration_s > 0, duration_s=heard.duration_s)
    style = AudioStyle(
        round(normalization_level(heard.loudness.integrated_lufs), 4),
        heard.dynamics.compression_ratio,
        round(bass_boost(heard.bass_index_db), 2),
        speech_is_enhanced(gate, heard.dynamics),
    )
    return SoundAnalysis(
        has_sound=True,
        duration_s=heard.duration_s,
        music_share=gate.music_share,
        speech_share=gate.speech_share,
        music=gate.music,
        speech=gate.speech,
        words=find_words(heard.levels_db, gate.speech_probability),
        tempo_bpm=rhythm.tempo_bpm,
        beats=rhythm.beats,
        downbeats_s=rhythm.downbeats_s,
        music_genre=genre.name,
        style=style,
        loudness=_rounded(heard.loudness),
        bass_index_db=heard.bass_index_db,
        crest_db=heard.dynamics.crest_db,
        confidence=_confidence(heard, gate, rhythm, genre),
    )


def _rounded(loudness: Loudness) -> Loudness:
    values = (loudness.integrated_lufs, loudness.range_lu, loudness.true_peak_dbtp)
    return Loudness(*(None if value is None else round(value, 2) for value in values))


def _confidence(heard: _Heard, gate: Gate, rhythm: Rhythm, genre: Genre) -> dict[str, float | None]:
    """Per field 0…1: grows with the length that was heard; None where there is no value to be sure of."""
    settled = min(1.0, heard.duration_s / _SETTLED_S)
    clear = float(np.mean(np.abs(gate.music_probability - 0.5)) * 2) if len(gate.music_probability) else 0.0
    beats = float(np.mean([beat.confidence for beat in rhythm.beats])) if rhythm.beats else None
    steady = min(1.0, len(rhythm.beats) / 16)
    return {
        "audio_style.normalization_level": round(0.5 + 0.5 * settled, 3),
        "audio_style.compression_ratio": round(0.6 * settled, 3),
        "audio_style.bass_boost": round(0.4 + 0.5 * settled, 3),
        "audio_style.enhance_speech": round(0.8 * settled, 3),
        "detected_beats": None if beats is None else round(beats, 3),
        "tempo_bpm": None if rhythm.confidence is None else round(rhythm.confidence * steady * (0.5 + 0.5 * clear), 3),
        "music_genre": None if genre.confidence is None else round(genre.confidence, 3),
    }

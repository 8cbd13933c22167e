"""Beats and tempo of the musical stretches of a sound."""

from dataclasses import dataclass

import numpy as np

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.bands import beat_bands
from clipzy_server.analysis.sound.loops import LEAST_FLUX
from clipzy_server.analysis.sound.onsets import FRAME_RATE, Onsets
from clipzy_server.analysis.sound.tempo import Alternative, Frames, Pulse, find_pulse, tempo_of
from clipzy_server.domain.analysis import Stretch
from clipzy_server.domain.style import Beat

_NEAR_FRAMES = 3
_HEARD = 0.05
# Longer music is decoded in pieces that overlap, so that memory and the time of one search stay bounded.
_PIECE_S = 300
_OVERLAP_S = 20


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All beats, the tempo of most of them, and how sure its metrical level is (None without beats); the beats that
    begin bars, where bars are clear; the next likely tempo of the longest stretch.
    """

    beats: tuple[Beat, ...]
    tempo_bpm: float | None
    confidence: float | None
    downbeats_s: tuple[float, ...] = ()
    alternative: Alternative | None = None


def find_rhythm(activation: Activation, onsets: Onsets, music: tuple[Stretch, ...]) -> Rhythm:
    """Decode each musical stretch for itself; its beats' confidences come from the activation within 30 ms."""
    beats: list[Beat] = []
    pulses: list[Pulse] = []
    downbeats_s: list[float] = []
    for stretch in music:
        first = round(stretch.start_s * FRAME_RATE)
        last = min(len(activation.beats), round(stretch.end_s * FRAME_RATE))
        if last - first < FRAME_RATE:
            continue
        part = Onsets(onsets.flux[first:last], onsets.bands[first:last])
        if np.quantile(part.flux, 0.95) < LEAST_FLUX:
            continue
        pulse = _whole(activation.part(first, last), part)
        found = _told(pulse.beats, activation.part(first, last), part, first)
        if found:
            beats += found
            pulses.append(pulse)
            downbeats_s += ((first + pulse.downbeats) / FRAME_RATE).round(3).tolist()
    if not beats:
        return Rhythm((), None, None)
    sizes = np.array([len(pulse.beats) for pulse in pulses])
    intervals = np.concatenate([np.diff(pulse.beats) for pulse in pulses])
    tempo_bpm = tempo_of(np.concatenate([[0.0], np.cumsum(intervals)]))
    confidence = float(np.average([pulse.confidence for pulse in pulses], weights=sizes))
    return Rhythm(
        tuple(beats),
        None if tempo_bpm is None else round(tempo_bpm, 2),
        confidence,
        tuple(downbeats_s),
        pulses[int(sizes.argmax())].alternative,
    )


def _whole(activation: Activation, onsets: Onsets) -> Pulse:
    """One stretch, in pieces where it is long; pieces meet in the middle of their overlap."""
    count = len(activation.beats)
    size, step = _PIECE_S * FRAME_RATE, (_PIECE_S - _OVERLAP_S) * FRAME_RATE
    if count <= size:
        return find_pulse(activation, onsets)
    half = _OVERLAP_S * FRAME_RATE // 2
    kept: list[tuple[Frames, Frames]] = []
    pulses: list[Pulse] = []
    for start in range(0, count - _OVERLAP_S * FRAME_RATE, step):
        end = min(count, start + size)
        pulse = find_pulse(activation.part(start, end), Onsets(onsets.flux[start:end], onsets.bands[start:end]))
        low = 0 if start == 0 else start + half
        high = count if end == count else end - half
        kept.append((_between(pulse.beats + start, low, high), _between(pulse.downbeats + start, low, high)))
        pulses.append(pulse)
    beats, downbeats = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    sure = float(np.mean([pulse.confidence for pulse in pulses]))
    return Pulse(beats, tempo_of(beats), sure, downbeats, pulses[0].alternative)


def _between(frames: Frames, low: int, high: int) -> Frames:
    return frames[(frames >= low) & (frames < high)]


def _told(beats: Frames, activation: Activation, onsets: Onsets, first: int) -> list[Beat]:
    """Beats as told to callers; the ones before the first and after the last that can be heard are the decoder's
    guess.
    """
    reach = np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    places = np.clip(np.round(beats).astype(int)[:, None] + reach, 0, len(activation.beats) - 1)
    strength = activation.beats[places].max(axis=1)
    heard = np.flatnonzero(strength >= _HEARD)
    if not len(heard):
        return []
    inside = slice(int(heard[0]), int(heard[-1]) + 1)
    bands = beat_bands(beats[inside], onsets)
    return [
        Beat(max(0, round((first + beat) * 1000 / FRAME_RATE)), round(float(sure), 3), band)
        for beat, sure, band in zip(beats[inside], activation.confidence(strength[inside]), bands, strict=True)
    ]

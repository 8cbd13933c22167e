"""Beats from an activation: hidden Markov model over period and phase, most probable path.

Krebs, Böck and Widmer, An Efficient State-Space Model for Joint Tempo and Meter Tracking, ISMIR 2015: the period may
change only at beats, with probability exp(−λ |new / old − 1|).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from clipzy_server.analysis.sound.kernels.beat_path import backward, forward
from clipzy_server.analysis.sound.onsets import FRAME_RATE
from clipzy_server.media.samples import Samples

SLOWEST_BPM = 50.0
FASTEST_BPM = 220.0
_TEMPO_RIGIDITY = 100.0
_BEAT_SHARE = 1 / 16
# Exact zeros would forbid whole paths.
_LEAST, _MOST = 0.02, 0.95
_NEARBY_FRAMES = 4


@dataclass(frozen=True, slots=True)
class TempoRange:
    """Beats per minute between which the decoder may walk."""

    slowest_bpm: float = SLOWEST_BPM
    fastest_bpm: float = FASTEST_BPM


def decode_beats(activation: Samples, tempo: TempoRange) -> npt.NDArray[np.float64]:
    """Beat times in frames (fractional) of an activation [n] 0…1 at 100 frames a second."""
    if len(activation) < FRAME_RATE:
        return np.zeros(0)
    periods = np.arange(
        max(2, int(np.floor(60 * FRAME_RATE / tempo.fastest_bpm))),
        int(np.ceil(60 * FRAME_RATE / tempo.slowest_bpm)) + 1,
    )
    steps = -_TEMPO_RIGIDITY * np.abs(periods[None, :] / periods[:, None] - 1)
    change = steps - np.log(np.exp(steps).sum(axis=1, keepdims=True))
    clipped = np.clip(activation.astype(np.float64), _LEAST, _MOST)
    log_rest = np.log((1 - clipped) / (1 / _BEAT_SHARE - 1))
    came_from, kind, position = forward(np.log(clipped), log_rest, periods, change, _BEAT_SHARE)
    return sharpened(activation, backward(came_from, periods, kind, position).astype(np.float64))


def sharpened(activation: Samples, beats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Beats moved to the activation's peak within 40 ms, where it has one, at parabolic precision."""
    smooth = gaussian_filter1d(activation.astype(np.float64), 1.0)
    moved = beats.copy()
    for k, beat in enumerate(np.round(beats).astype(int)):
        low, high = max(1, beat - _NEARBY_FRAMES), min(len(smooth) - 1, beat + _NEARBY_FRAMES + 1)
        if high <= low:
            continue
        top = low + int(np.argmax(smooth[low:high]))
        left, middle, right = smooth[top - 1 : top + 2] if top + 1 < len(smooth) else (0.0, 0.0, 0.0)
        bend = left - 2 * middle + right
        if middle > _LEAST and middle >= left and middle >= right and bend < 0:
            moved[k] = top + 0.5 * (left - right) / bend
    return moved

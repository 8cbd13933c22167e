"""Where there is music and where there is speech; every beat tracker finds beats in noise, so only music may have
some.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from clipzy_server.analysis.sound.stretches import runs
from clipzy_server.analysis.sound.yamnet import HOP_S, WINDOW_S
from clipzy_server.domain.analysis import Stretch

_SPEECH = 0
_MUSIC = 132

_SMOOTH_WINDOWS = 5
_SURE_PROBABILITY = 0.25
_LIKELY_PROBABILITY = 0.06
SPEECH_PROBABILITY = 0.4
_LEAST_MUSIC_S = 2.0
_JOINED_GAP_S = 4.0
_JOINED_SPEECH_GAP_S = 0.5
_MARGIN_S = 1.0
# A window this far away can still make music of a moment.
GATE_REACH_S = _JOINED_GAP_S + _MARGIN_S


@dataclass(frozen=True, slots=True)
class Gate:
    """Musical and spoken stretches, and per 0.48 s window the probabilities of music and of speech, each [windows]."""

    music: tuple[Stretch, ...]
    speech: tuple[Stretch, ...]
    music_share: float
    speech_share: float
    music_probability: npt.NDArray[np.float64]
    speech_probability: npt.NDArray[np.float64]


def find_music(classes: npt.NDArray[np.float16], duration_s: float) -> Gate:
    """Stretches of a sound of `duration_s` by its class probabilities [windows, 521].

    Music: the mean over 2.4 s of the class Music reaches 0.25 and stays above 0.06, as it does under noise or speech;
    gaps up to 4 s are closed, what is shorter than 2 s is dropped (unless it is all there is), and each end moves out
    by 1 s, since a window tells only that music is in it.
    """
    if not len(classes):
        return Gate((), (), 0.0, 0.0, np.zeros(0), np.zeros(0))
    music = _smooth_music(classes)
    speech = classes[:, _SPEECH].astype(np.float64)
    likely = [(a, b) for a, b in runs(music >= _LIKELY_PROBABILITY) if music[a:b].max() >= _SURE_PROBABILITY]
    found = _joined(_spans(likely), _JOINED_GAP_S)
    least_s = min(_LEAST_MUSIC_S, 0.5 * duration_s)
    stretches = tuple(_widened(start, end, duration_s) for start, end in found if end - start >= least_s)
    covered = sum(stretch.end_s - stretch.start_s for stretch in stretches)
    spoken = _joined(_spans(runs(speech >= SPEECH_PROBABILITY)), _JOINED_SPEECH_GAP_S)
    return Gate(
        stretches,
        tuple(Stretch(start, min(end, duration_s)) for start, end in spoken),
        min(1.0, covered / max(duration_s, 1e-9)),
        float(np.mean(speech >= SPEECH_PROBABILITY)),
        music,
        speech,
    )


def with_loop(gate: Gate, duration_s: float) -> Gate:
    """The same with music from end to end: a sound that is one loop going round (`loops`)."""
    return replace(gate, music=(Stretch(0.0, duration_s),), music_share=1.0)


def may_hold_music(classes: npt.NDArray[np.float16]) -> bool:
    """False when `find_music` finds none in windows [windows, 521] that reach `GATE_REACH_S` further on both sides."""
    return bool(len(classes)) and bool(_smooth_music(classes).max() >= _LIKELY_PROBABILITY)


def _smooth_music(classes: npt.NDArray[np.float16]) -> npt.NDArray[np.float64]:
    smooth = uniform_filter1d(classes[:, _MUSIC].astype(np.float64), _SMOOTH_WINDOWS, mode="nearest")
    return np.asarray(smooth)


def _spans(windows: list[tuple[int, int]]) -> list[tuple[float, float]]:
    return [(first * HOP_S, (end - 1) * HOP_S + WINDOW_S) for first, end in windows]


def _joined(found: list[tuple[float, float]], gap_s: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in found:
        if joined and start - joined[-1][1] <= gap_s:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _widened(start_s: float, end_s: float, duration_s: float) -> Stretch:
    """A stretch with its margins; one that comes near an end of the sound reaches it."""
    first = 0.0 if start_s <= _JOINED_GAP_S / 2 else start_s - _MARGIN_S
    last = duration_s if end_s >= duration_s - _JOINED_GAP_S / 2 else end_s + _MARGIN_S
    return Stretch(first, last)

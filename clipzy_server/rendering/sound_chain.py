"""The sound chain before the level: bass, speech, compression; each only where the plan asks for it."""

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.plan import SoundPlan
from clipzy_server.media.biquads import SectionFilter
from clipzy_server.media.mapped import passing
from clipzy_server.rendering.kernels.compression import compress
from clipzy_server.rendering.sound_edit import RATE_HZ

_BLOCK = 10 * RATE_HZ
_SHELF_HZ = 140.0
_RUMBLE_HZ = 75.0
_PRESENCE_HZ, _PRESENCE_DB, _PRESENCE_Q = 3000.0, 3.0, 0.8
_ATTACK_S, _RELEASE_S = 0.005, 0.08
# The compressor works on nearly everything that is heard: from this much below the integrated loudness on.
_THRESHOLD_LU = -12.0

Sections = npt.NDArray[np.float64]


def shape_sound(
    source: npt.NDArray[np.float32], output: npt.NDArray[np.float32], sound: SoundPlan, integrated_lufs: float
) -> None:
    """Fill `output` with the changed `source`, both [n, 2], block by block. `integrated_lufs` is the source's
    loudness.
    """
    sections = _sections(sound)
    section_filter = None if sections is None else SectionFilter(sections, source.shape[1])
    ratio = sound.compression_ratio or 1.0
    reduction_db = 0.0
    for place in passing(len(source), _BLOCK, source, output):
        block = np.array(source[place])
        if section_filter is not None:
            block = section_filter.push(block).astype(np.float32)
        if ratio > 1:
            reduction_db = compress(
                block,
                integrated_lufs + _THRESHOLD_LU,
                1 - 1 / ratio,
                _share(_ATTACK_S),
                _share(_RELEASE_S),
                reduction_db,
            )
        output[place] = block


def changes_sound(sound: SoundPlan) -> bool:
    """Whether the chain has anything to do."""
    return _sections(sound) is not None or (sound.compression_ratio or 1.0) > 1


def _share(time_s: float) -> float:
    """The share of the way gone in one sample by what takes `time_s` for 63 % of it."""
    return float(1 - np.exp(-1 / (RATE_HZ * time_s)))


def _sections(sound: SoundPlan) -> Sections | None:
    sections = []
    if sound.bass_gain_db:
        sections.append(low_shelf(sound.bass_gain_db))
    if sound.enhance_speech:
        if sound.bass_gain_db <= 0:
            sections.append(_without_rumble())
        sections.append(_presence())
    return np.array(sections) if sections else None


def low_shelf(gain_db: float) -> Sections:
    """One second-order section [6], slope 1: Bristow-Johnson, Audio EQ Cookbook."""
    a = 10 ** (gain_db / 40)
    w = 2 * np.pi * _SHELF_HZ / RATE_HZ
    c, root = np.cos(w), 2 * np.sqrt(a) * np.sin(w) / np.sqrt(2)
    b = a * np.array([(a + 1) - (a - 1) * c + root, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - root])
    d = np.array([(a + 1) + (a - 1) * c + root, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - root])
    return np.concatenate([b / d[0], d / d[0]])


def _without_rumble() -> Sections:
    """The cookbook's high-pass; with this quality Butterworth's."""
    w = 2 * np.pi * _RUMBLE_HZ / RATE_HZ
    c, alpha = np.cos(w), np.sin(w) / np.sqrt(2)
    b, d = np.array([(1 + c) / 2, -(1 + c), (1 + c) / 2]), np.array([1 + alpha, -2 * c, 1 - alpha])
    return np.concatenate([b / d[0], d / d[0]])


def _presence() -> Sections:
    """A gentle bell where consonants lie, from the same cookbook."""
    a = 10 ** (_PRESENCE_DB / 40)
    w = 2 * np.pi * _PRESENCE_HZ / RATE_HZ
    alpha = np.sin(w) / (2 * _PRESENCE_Q)
    b = np.array([1 + alpha * a, -2 * np.cos(w), 1 - alpha * a])
    d = np.array([1 + alpha / a, -2 * np.cos(w), 1 - alpha / a])
    return np.concatenate([b / d[0], d / d[0]])

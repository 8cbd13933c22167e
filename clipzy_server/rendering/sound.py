"""The sound of an output: the footage's sound cut by the plan, then changed by its sound chain.

Everything longer than a block lies in files of the given folder, so that memory does not grow with the length.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clipzy_server.domain.plan import EditPlan, SoundPlan
from clipzy_server.domain.style import Loudness
from clipzy_server.media.bass import BassMeter
from clipzy_server.media.mapped import passing
from clipzy_server.media.samples import Samples, SoundTrack, find_sound, mono, resampled, sound_blocks, stereo
from clipzy_server.rendering.sound_chain import changes_sound, shape_sound
from clipzy_server.rendering.sound_edit import RATE_HZ, cut_sound, sample_count
from clipzy_server.rendering.sound_level import Buffers, Stereo, bring_to_loudness, measure_loudness

_BLOCK = RATE_HZ // 2
_MOST_BASS_CORRECTIONS = 2
_CLOSE_BASS_DB = 1.0


@dataclass(frozen=True, slots=True)
class RenderedSound:
    """Raw float32 [sample_count, 2] at 48 kHz in a file, full scale ±1, and its loudness."""

    path: Path
    sample_count: int
    loudness: Loudness

    def blocks(self) -> Iterator[Samples]:
        """All samples in order, as blocks [2, n] of half a second."""
        samples = np.memmap(self.path, np.float32, "r", shape=(self.sample_count, 2))
        for block in passing(self.sample_count, _BLOCK, samples):
            yield np.ascontiguousarray(samples[block].T)


def sound_for(plan: EditPlan, footage: Path) -> SoundTrack | None:
    """What of the footage is to be heard in the output; None where the plan wants no sound or the footage has none."""
    track = find_sound(str(footage))
    is_heard = plan.sound is not None and track is not None and next(sound_blocks(track), None) is not None
    return track if is_heard else None


def render_sound(track: SoundTrack, plan: EditPlan, folder: Path) -> RenderedSound:
    """The output's sound, of a track that `sound_for` gave."""
    if plan.sound is None:
        raise ValueError("a plan without sound")
    whole = _spooled(track, folder / "sound-footage.f32")
    cut_path = folder / "sound-cut.f32"
    cut = _opened(cut_path, sample_count(plan))
    cut_sound(whole, plan, cut)
    path, loudness = _finished(cut, cut_path, plan.sound, folder)
    return RenderedSound(path, len(cut), loudness)


def _finished(cut: Stereo, cut_path: Path, sound: SoundPlan, folder: Path) -> tuple[Path, Loudness]:
    before = measure_loudness(cut)
    is_shaped = changes_sound(sound)
    if before.integrated_lufs is None or not (is_shaped or sound.target_lufs is not None):
        return cut_path, before
    path = folder / "sound.f32"
    output = _opened(path, len(cut))
    if sound.target_lufs is None:
        shape_sound(cut, output, sound, before.integrated_lufs)
        return path, measure_loudness(output)
    shaped = _opened(folder / "sound-shaped.f32", len(cut)) if is_shaped else cut
    room = Buffers(output, _mapped(folder / "sound-peaks.f32", (len(cut),)))
    tried = sound
    for _ in range(1 + _MOST_BASS_CORRECTIONS):
        if is_shaped:
            shape_sound(cut, shaped, tried, before.integrated_lufs)
        loudness = bring_to_loudness(shaped, room, sound.target_lufs, sound.true_peak_ceiling_dbtp)
        missing_db = _missing_bass_db(cut, output, sound)
        if abs(missing_db) <= _CLOSE_BASS_DB:
            break
        tried = replace(tried, bass_gain_db=min(tried.bass_gain_db + missing_db, max(0.0, sound.bass_gain_db)))
    return path, loudness


def _missing_bass_db(cut: Stereo, output: Stereo, sound: SoundPlan) -> float:
    """How far the bass index is from where the plan wants it: a limiter at work takes bass away, a kick drum's
    above all.
    """
    if not sound.bass_gain_db:
        return 0.0
    own_db, made_db = _bass_index_db(cut), _bass_index_db(output)
    return 0.0 if own_db is None or made_db is None else sound.bass_gain_db - (made_db - own_db)


def _bass_index_db(samples: Stereo) -> float | None:
    meter = BassMeter(RATE_HZ)
    for block in passing(len(samples), RATE_HZ, samples):
        meter.push(mono(samples[block].T))
    return meter.finish()


def _opened(path: Path, count: int) -> Stereo:
    """A new file of zeros as samples [count, 2]."""
    return _mapped(path, (count, 2))


def _mapped(path: Path, shape: tuple[int, ...]) -> Samples:
    """A new file of zeros as float32 of that shape, its room taken at once: writing on where the disk is full would
    be the end of the process (SIGBUS). Raises OSError (ENOSPC).
    """
    with path.open("xb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, 4 * math.prod(shape)))
    return np.memmap(path, np.float32, "r+", shape=shape)


def _spooled(track: SoundTrack, path: Path) -> Stereo:
    """The whole of a sound track in a file, [n, 2] at 48 kHz."""
    with path.open("wb") as file:
        for block in resampled(stereo(track, sound_blocks(track)), track.rate_hz, RATE_HZ):
            file.write(np.ascontiguousarray(block.T).tobytes())
    count = path.stat().st_size // 8
    return np.memmap(path, np.float32, "r", shape=(count, 2)) if count else np.zeros((1, 2), np.float32)

"""The sound of an output: the footage's sound cut by the plan, then changed by its sound chain.

Everything longer than a block lies in files of the given folder, so that memory does not grow with the length.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.plan import EditPlan, SoundPlan
from clipzy_server.domain.style import Loudness
from clipzy_server.media.samples import Samples, SoundTrack, find_sound, resampled, sound_blocks, stereo
from clipzy_server.rendering.sound_chain import changes_sound, shape_sound
from clipzy_server.rendering.sound_edit import RATE_HZ, cut_sound, sample_count
from clipzy_server.rendering.sound_level import bring_to_loudness, measure_loudness

_BLOCK = RATE_HZ // 2


@dataclass(frozen=True, slots=True)
class RenderedSound:
    """Raw float32 [sample_count, 2] at 48 kHz in a file, full scale ±1, and its loudness."""

    path: Path
    sample_count: int
    loudness: Loudness

    def blocks(self) -> Iterator[Samples]:
        """All samples in order, as blocks [2, n] of half a second."""
        samples = np.memmap(self.path, np.float32, "r", shape=(self.sample_count, 2))
        for first in range(0, self.sample_count, _BLOCK):
            yield np.ascontiguousarray(samples[first : first + _BLOCK].T)


def render_sound(
    footage: Path, plan: EditPlan, folder: Path, report: Callable[[float], None] = lambda done: None
) -> RenderedSound | None:
    """The output's sound; None where the plan wants none or the footage has none. `report` takes 0…1."""
    track = find_sound(str(footage))
    if plan.sound is None or track is None:
        return None
    whole = _spooled(track, folder / "sound-footage.f32")
    if not len(whole):
        return None
    report(0.3)
    cut_path = folder / "sound-cut.f32"
    cut = _opened(cut_path, sample_count(plan))
    cut_sound(whole, plan, cut)
    report(0.5)
    path, loudness = _finished(cut, cut_path, plan.sound, folder)
    report(1.0)
    return RenderedSound(path, len(cut), loudness)


def _finished(cut: npt.NDArray[np.float32], cut_path: Path, sound: SoundPlan, folder: Path) -> tuple[Path, Loudness]:
    before = measure_loudness(cut)
    if before.integrated_lufs is None:
        return cut_path, before
    if changes_sound(sound):
        shape_sound(cut, sound, before.integrated_lufs)
    if sound.target_lufs is None:
        return cut_path, measure_loudness(cut) if changes_sound(sound) else before
    path = folder / "sound.f32"
    loudness = bring_to_loudness(cut, _opened(path, len(cut)), sound.target_lufs, sound.true_peak_ceiling_dbtp)
    return path, loudness


def _opened(path: Path, count: int) -> npt.NDArray[np.float32]:
    """A new file of zeros as samples [count, 2]."""
    return np.memmap(path, np.float32, "w+", shape=(count, 2))


def _spooled(track: SoundTrack, path: Path) -> npt.NDArray[np.float32]:
    """The whole of a sound track in a file, [n, 2] at 48 kHz."""
    with path.open("wb") as file:
        for block in resampled(stereo(track, sound_blocks(track)), track.rate_hz, RATE_HZ):
            file.write(np.ascontiguousarray(block.T).tobytes())
    count = path.stat().st_size // 8
    return np.memmap(path, np.float32, "r", shape=(count, 2)) if count else np.zeros((0, 2), np.float32)

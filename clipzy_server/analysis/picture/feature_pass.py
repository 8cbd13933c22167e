"""One decode of a video, every measurement of every frame: planes in, feature files out."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.motion.estimate import MotionEstimator
from clipzy_server.analysis.picture.features import Features, FeatureWriter
from clipzy_server.analysis.picture.kernels.reduce import average_area, average_blocks, gradient_energy, recode
from clipzy_server.media.frames import Frame

THUMB_LONG_SIDE_PX = 96
SMALL_LONG_SIDE_PX = 240
REPORT_EVERY_FRAMES = 16


def measure_features(
    frames: Iterable[Frame], folder: str | Path, duration_s: float, report: Callable[[float], None]
) -> Features:
    """Measure all frames, write the files of `Features` into the folder and open them.

    `duration_s` only scales the progress, reported as 0…1.
    """
    reducer = None
    with FeatureWriter(folder) as writer:
        for number, frame in enumerate(frames):
            if reducer is None:
                reducer = Reducer(*frame.y.shape)
            writer.append(reducer.measure(frame))
            if number % REPORT_EVERY_FRAMES == 0:
                report(min(1.0, float(frame.time_s) / max(duration_s, 1e-6)))
    report(1.0)
    return Features.open(folder)


class Reducer:
    """Shrinks and measures frames of one size (height, width in px); holds the frame before for motion."""

    def __init__(self, height: int, width: int) -> None:
        long_side = max(height, width)
        self._factor = max(1, round(long_side / SMALL_LONG_SIDE_PX))
        small = max(1, height // self._factor), max(1, width // self._factor)
        self._small, self._small_before = np.empty((2, *small), np.float32)
        chroma = ((height + 1) // 2, (width + 1) // 2)
        self._chroma_factor = min(self._factor, *chroma)
        self._small_u, self._small_v = np.empty((2, *(side // self._chroma_factor for side in chroma)), np.float32)
        self._thumb_size = thumb_size(height, width)
        self._motion = MotionEstimator(*self._small.shape)

    def measure(self, frame: Frame) -> dict[str, NDArray[np.generic]]:
        """One row of every feature file."""
        self._small, self._small_before = self._small_before, self._small
        average_blocks(frame.y, self._factor, self._small)
        average_blocks(frame.u, self._chroma_factor, self._small_u)
        average_blocks(frame.v, self._chroma_factor, self._small_v)
        if frame.step is not None:
            recode(self._small, self._small_u, self._small_v, frame.step)
        height, width = self._thumb_size
        return {
            "times": np.array(frame.time_s, np.float64),
            "thumb_y": _shrunk(self._small, height, width),
            "thumb_u": _shrunk(self._small_u, height // 2, width // 2),
            "thumb_v": _shrunk(self._small_v, height // 2, width // 2),
            "motion": self._motion.next(self._small),
            "sharpness": np.array(gradient_energy(self._small), np.float32),
        }


def thumb_size(height: int, width: int) -> tuple[int, int]:
    """(height, width) of the thumbnail: even, the long side 96 px or what a smaller picture has."""
    scale = min(1.0, THUMB_LONG_SIDE_PX / max(height, width))
    return max(2, round(height * scale / 2) * 2), max(2, round(width * scale / 2) * 2)


def _shrunk(picture: NDArray[np.float32], height: int, width: int) -> NDArray[np.uint8]:
    out = np.empty((height, width), np.uint8)
    average_area(picture, out)
    return out

"""What the plan maker is told of the footage."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.analysis import MotionAnalysis, PictureAnalysis, SoundAnalysis
from clipzy_server.domain.video import VideoMetadata


@dataclass(frozen=True, slots=True)
class Thumbs:
    """Small pictures of every frame, 8-bit BT.709 limited range.

    `times_s` float64[N] in seconds, `y` uint8[N, h, w], `u` and `v` uint8[N, h/2, w/2]; memory maps are fine.
    `motion` float32[N, ≥ 4]: the camera from the frame before to this one: shift right and down as shares of the
    diagonal, growth as log scale, rotation in radians. None: it stands.
    `sharpness` float32[N], any unit. None: not known.
    """

    times_s: npt.NDArray[np.float64]
    y: npt.NDArray[np.uint8]
    u: npt.NDArray[np.uint8]
    v: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float32] | None = None
    sharpness: npt.NDArray[np.float32] | None = None

    def index_at(self, time_s: float) -> int:
        """The frame shown at a time."""
        place = int(np.searchsorted(self.times_s, time_s + 1e-4, side="right")) - 1
        return min(max(place, 0), len(self.times_s) - 1)


@dataclass(frozen=True, slots=True)
class FootageAnalysis:
    """Everything measured of the footage. Without `thumbs` crops stay centred and jumps are not judged by eye."""

    picture: PictureAnalysis
    sound: SoundAnalysis
    motion: MotionAnalysis | None
    metadata: VideoMetadata | None = None
    thumbs: Thumbs | None = None

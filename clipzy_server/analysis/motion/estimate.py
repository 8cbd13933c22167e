"""Which similarity carries one frame to the next: the motion of the camera, whatever moves in front of it."""

import numpy as np
from numpy.typing import NDArray


class MotionEstimator:
    """Estimates frame by frame; keeps the frame before. Pictures are float32[height, width] of luma."""

    def __init__(self, height: int, width: int) -> None:
        self._size = height, width

    def next(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """The row of `Features.motion` for this frame."""
        return np.zeros(6, np.float32)

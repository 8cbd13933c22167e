"""Which similarity carries one frame to the next: the motion of the camera, whatever moves in front of it."""

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.motion.kernels.similarity import halve, judge, refine, search_shift

Picture = NDArray[np.float32]

COARSEST_PX = 40
SEARCH_SHARE = 0.4
# (points of every nth row and column, steps) from the finest level up.
EFFORT = ((3, 2), (2, 3), (1, 3), (1, 4))
JUDGE_STRIDE = 3
LARGEST_LOG_SCALE = 0.3
LARGEST_ROTATION = 0.5
INLIER_LEVELS = 8.0
# A gain that wipes the picture out would "explain" a cut to black.
LARGEST_GAIN_STEP = 0.6
STILL = np.array([1.0, 0, 0, 0, 0, 0])


class MotionEstimator:
    """Estimates frame by frame; keeps the frame before. Pictures are float32[height, width] of luma, 0…255.

    Coarse to fine: an exhaustive search of the shift on about 40 px, then Gauss–Newton on each level of a pyramid.
    """

    def __init__(self, height: int, width: int) -> None:
        self._diagonal_px = float(np.hypot(height, width))
        self._sizes = [(height, width)]
        while max(self._sizes[-1]) > COARSEST_PX and min(self._sizes[-1]) >= 16:
            self._sizes.append((self._sizes[-1][0] // 2, self._sizes[-1][1] // 2))
        self._now = [np.empty(size, np.float32) for size in self._sizes]
        self._before: list[Picture] | None = None

    def next(self, picture: Picture) -> NDArray[np.float32]:
        """The row of `Features.motion` for this frame: float32[6]. The picture is kept until the next one is done."""
        self._now[0] = picture
        for fine, coarse in zip(self._now, self._now[1:], strict=False):
            halve(fine, coarse)
        row = np.zeros(6, np.float32)
        if self._before is None:
            self._before = [np.empty(size, np.float32) for size in self._sizes]
        elif min(self._sizes[0]) >= 8:
            row = self._estimate(self._before, self._now)
        self._before, self._now = self._now, self._before
        return row

    def _estimate(self, before: list[Picture], now: list[Picture]) -> NDArray[np.float32]:
        height, width = self._sizes[-1]
        state = np.zeros(6)
        search_shift(before[-1], now[-1], int(width * SEARCH_SHARE), int(height * SEARCH_SHARE), state)
        found = True
        for level in range(len(self._sizes) - 1, -1, -1):
            stride, steps = EFFORT[min(level, len(EFFORT) - 1)]
            found = found and refine(before[level], now[level], state, stride, steps)
            if level > 0:
                state[2:4] *= 2
        return self._row(before[0], now[0], state if found else None)

    def _row(self, before: Picture, now: Picture, found: NDArray[np.float64] | None) -> NDArray[np.float32]:
        measure = _judged(before, now, STILL)
        state = STILL.tolist()
        if found is None or not _is_plausible(found.tolist(), self._diagonal_px):
            return _as_row(state, 0.0, measure[1], self._diagonal_px)
        moved = _judged(before, now, found)
        if moved[0] <= measure[0] * 1.05 or math.hypot(found[2], found[3]) <= 1:
            state, measure = found.tolist(), moved
        inliers = measure[2] * min(max(2 - measure[0] / INLIER_LEVELS, 0.0), 1.0)
        return _as_row(state, inliers, measure[1], self._diagonal_px)


def _judged(before: Picture, now: Picture, state: NDArray[np.float64]) -> list[float]:
    """Median and mean |residual|, levels, and the share of points in view."""
    measure = np.empty(3)
    judge(before, now, state, JUDGE_STRIDE, measure)
    return measure.tolist()


def _is_plausible(state: list[float], diagonal_px: float) -> bool:
    a = complex(state[0], state[1])
    return (
        all(map(math.isfinite, state))
        and abs(math.log(max(abs(a), 1e-6))) < LARGEST_LOG_SCALE
        and abs(cmath.phase(a)) < LARGEST_ROTATION
        and math.hypot(state[2], state[3]) < 0.6 * diagonal_px
        and abs(state[4]) < LARGEST_GAIN_STEP
    )


def _as_row(state: list[float], inliers: float, residual: float, diagonal_px: float) -> NDArray[np.float32]:
    a = complex(state[0], state[1])
    shift = state[2] / diagonal_px, state[3] / diagonal_px
    return np.array([*shift, math.log(abs(a)), cmath.phase(a), residual, inliers], np.float32)

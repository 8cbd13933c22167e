"""Whether the whole picture grows or shrinks, or only something in it: blocks from all over it are asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.motion.kernels.blocks import follow_blocks
from clipzy_server.analysis.picture.compare import chained_warp
from clipzy_server.analysis.picture.features import Features

PAIRS = 5
# Pairs of frames lie as far apart as gives about this growth (natural logarithm): a few pixels at the edges.
WANTED_GROWTH = 0.06
# A block tells something where a zoom moves it by at least this much.
LEAST_MOVE_PX = 0.3
LEAST_BLOCKS = 6
LEAST_SUPPORT = 0.7
LEAST_HALF_SUPPORT = 0.5
SEARCH_PX = 3
ROOM = 512


@dataclass(frozen=True, slots=True)
class Growth:
    """Between two frames: log scale said by the camera's motion, the share of blocks that agree, in the whole picture
    and in the half that agrees least, and how many blocks tell.
    """

    share: float
    support: float
    least_half: float
    blocks: int


def whole_picture_grows(features: Features, first: int, end: int, rate: float) -> bool:
    """Whether growth at `rate` (natural logarithm per second) over frames first … end − 1 is seen all over the picture.

    What moves in front of the camera makes its own blocks grow; a zoom makes all of them.
    """
    seen = [growth for growth in growths(features, first, end, rate) if growth.blocks >= LEAST_BLOCKS]
    if not seen:
        return False
    support = float(np.median([growth.support for growth in seen]))
    least_half = float(np.median([growth.least_half for growth in seen]))
    return support >= LEAST_SUPPORT and least_half >= LEAST_HALF_SUPPORT


def growths(features: Features, first: int, end: int, rate: float) -> list[Growth]:
    """The growth between pairs of frames spread over a shot."""
    frames = end - 1 - first
    if frames < 1:
        return []
    apart = round(WANTED_GROWTH / max(abs(rate), 1e-6) / features.usual_step_s)
    apart = max(1, min(frames, apart))
    starts = np.unique(np.linspace(first, end - 1 - apart, PAIRS).round().astype(int))
    return [_growth(features, int(start), int(start) + apart, rate) for start in starts]


def _growth(features: Features, first: int, last: int, rate: float) -> Growth:
    log_scale = rate * float(features.times[last] - features.times[first])
    before, now = features.thumb_y[first], features.thumb_y[last]
    warp = chained_warp(features, first, last)
    reach = SEARCH_PX + int(np.ceil(abs(np.expm1(log_scale)) * max(before.shape) / 2))
    rows = np.empty((ROOM, 4))
    count = follow_blocks(np.asarray(before), np.asarray(now), np.ascontiguousarray(warp[2:]), reach, rows)
    return judge_blocks(rows[:count], log_scale)


def judge_blocks(blocks: NDArray[np.float64], log_scale: float) -> Growth:
    """How many of the blocks (x, y, dx, dy in px, from the centre) a zoom moves rather than a shift of the picture."""
    if len(blocks) == 0:
        return Growth(log_scale, 0.0, 0.0, 0)
    places, moves = blocks[:, :2], blocks[:, 2:]
    zoomed = np.expm1(log_scale) * places
    with_zoom = moves - zoomed
    off = np.hypot(*(with_zoom - np.median(with_zoom, axis=0)).T)
    off_shifted = np.hypot(*(moves - np.median(moves, axis=0)).T)
    telling = np.hypot(*zoomed.T) >= LEAST_MOVE_PX
    agrees = off < off_shifted
    if not telling.any():
        return Growth(log_scale, 0.0, 0.0, 0)
    halves = [telling & half for axis in (0, 1) for half in (places[:, axis] < 0, places[:, axis] > 0)]
    least = min(float(agrees[half].mean()) if half.any() else 0.0 for half in halves)
    return Growth(log_scale, float(agrees[telling].mean()), least, int(telling.sum()))

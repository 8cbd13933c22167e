"""Shape and rate of a picture."""

import math

from clipzy_server.domain.style import AspectRatio


def nearest_aspect(width: int, height: int) -> AspectRatio:
    """The published ratio nearest to that of the whole displayed frame, by the logarithm of the ratio."""
    return min(AspectRatio, key=lambda aspect: abs(math.log(aspect.ratio * height / width)))


def aspect_confidence(width: int, height: int) -> float:
    """1 where the ratio is met, falling to 0.5 half way (in logarithm) between 4:3 and 16:9."""
    gap = abs(math.log(nearest_aspect(width, height).ratio * height / width))
    return max(0.0, 1 - 0.5 * gap / (0.5 * math.log((16 / 9) / (4 / 3))))


def mean_frame_rate(frame_count: int, first_s: float, last_s: float, fallback: float) -> float:
    """Frames per second between the first frame and the last; a single frame has the fallback's rate."""
    return (frame_count - 1) / (last_s - first_s) if frame_count > 1 and last_s > first_s else fallback

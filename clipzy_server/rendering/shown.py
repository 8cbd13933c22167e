"""What a plan will show, in small: the frames it keeps, each inside its window, before any grade."""

from fractions import Fraction

import numpy as np

from clipzy_server.domain.plan import EditPlan, Segment
from clipzy_server.rendering.footage import Thumbs
from clipzy_server.rendering.framing import Framing
from clipzy_server.rendering.resample import Picture, Window, cut_out

MOST_FRAMES = 64


def shown_thumbs(plan: EditPlan, thumbs: Thumbs, width_px: int, height_px: int) -> Thumbs:
    """At most 64 frames evenly spread over the output, by output time; of two blended shots the later one.

    `width_px` and `height_px`: the footage as displayed. The small pictures have the output's shape and an even size.
    """
    rate = plan.output.frame_rate
    numbers = np.unique(np.linspace(0, plan.frame_count - 1, min(MOST_FRAMES, plan.frame_count)).round().astype(int))
    framings = [Framing(segment, plan.output, width_px, height_px) for segment in plan.segments]
    scale = (thumbs.y.shape[2] / width_px, thumbs.y.shape[1] / height_px)
    size = _small_size(plan, scale, (width_px, height_px))
    shown = []
    for number in numbers.tolist():
        place = max(k for k, segment in enumerate(plan.segments) if segment.first_frame <= number)
        time_s = _footage_time_s(plan.segments[place], number, rate)
        window = framings[place].window(float(time_s), number)
        picture = Picture.empty(*size)
        index = thumbs.index_at(float(time_s))
        small = Window(window.x * scale[0], window.y * scale[1], window.width * scale[0], window.height * scale[1])
        cut_out((thumbs.y[index], thumbs.u[index], thumbs.v[index]), small, picture)
        shown.append(picture)
    times_s = np.array([float(number / rate) for number in numbers.tolist()])
    y, u, v = (np.stack([picture.planes[plane] for picture in shown]) for plane in range(3))
    return Thumbs(times_s, y, u, v)


def _footage_time_s(segment: Segment, number: int, rate: Fraction) -> Fraction:
    time_s = segment.source_start_s + (number - segment.first_frame) / rate
    return time_s if segment.scene_start_s is None else max(time_s, segment.scene_start_s)


def _small_size(plan: EditPlan, scale: tuple[float, float], picture_px: tuple[int, int]) -> tuple[int, int]:
    """Even (width, height) at which the plan's widest window has the scale of the small pictures."""
    keys = [key for segment in plan.segments for key in segment.crop]
    widest = [max(key.width for key in keys), max(key.height for key in keys)]
    sizes = [min(widest[axis], picture_px[axis]) * scale[axis] for axis in (0, 1)]
    return 2 * max(1, round(sizes[0] / 2)), 2 * max(1, round(sizes[1] / 2))

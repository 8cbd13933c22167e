"""Everything that is measured of a video's colours."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.colour.confidence import grade_confidence
from clipzy_server.analysis.colour.look import look_of
from clipzy_server.analysis.colour.palette import palette_of
from clipzy_server.analysis.colour.thumbs import FrameColors, Thumbs, read_colors
from clipzy_server.domain.color_scale import color_statistics, grade_of
from clipzy_server.domain.oklab import Floats
from clipzy_server.domain.style import ColorGrade, Look, PaletteColor

SAMPLE_COUNT = 8192


@dataclass(frozen=True, slots=True)
class ColourMeasure:
    """The look of a video. `confidence` has one entry 0…1 for each field of the grade."""

    grade: ColorGrade
    palette: tuple[PaletteColor, ...]
    look: Look
    confidence: dict[str, float]


def measure_colour(thumbs: Thumbs, frames: npt.ArrayLike | None = None) -> ColourMeasure:
    """Measures the frames given by number, default all; at least one. Raises ValueError when there is none."""
    colors = read_colors(thumbs, frames)
    statistics = color_statistics(colors.lab)
    look = look_of(_sample(colors))
    confidence = grade_confidence(colors, statistics, _duration_s(thumbs, frames))
    return ColourMeasure(grade_of(statistics), palette_of(look), look, confidence)


def sample_colours(thumbs: Thumbs) -> Floats:
    """Float32 [n, 3]: at most 8192 pixels of all frames in OkLab, spread evenly over picture and time."""
    return _sample(read_colors(thumbs))


def _sample(colors: FrameColors) -> Floats:
    pixels = colors.lab.reshape(-1, 3)
    return pixels[spread_indices(len(pixels), SAMPLE_COUNT)]


def spread_indices(size: int, count: int) -> npt.NDArray[np.int64]:
    """`count` indices below `size`, evenly spread by steps of the golden ratio so that no period of rows is met."""
    if size <= count:
        return np.arange(size)
    return np.asarray((np.arange(count) * 0.6180339887498949 % 1.0) * size, np.int64)


def _duration_s(thumbs: Thumbs, frames: npt.ArrayLike | None) -> float:
    times = np.asarray(thumbs.times if frames is None else thumbs.times[np.asarray(frames)])
    return float((times[-1] - times[0]) * len(times) / (len(times) - 1)) if len(times) > 1 else 0.0

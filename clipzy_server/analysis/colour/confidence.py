"""How far the six numbers can be trusted, from the evidence alone."""

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.colour.thumbs import FrameColors
from clipzy_server.domain.color_scale import GRADE_FIELDS, ColorStatistics, color_statistics, numbers_of

_HALF_SECOND = 0.5
_DISUNITY_POINTS = 55.0
_NOISE_CODES = 5.0
_LITTLE_CHROMA = 0.006
_LITTLE_SPREAD = 0.02
_COLOUR_FIELDS = ("temperature", "tint", "saturation")


def grade_confidence(colors: FrameColors, whole: ColorStatistics, duration_s: float) -> dict[str, float]:
    """A confidence 0…1 for each of the six numbers; the product of

    - length: d / (d + 0.5 s);
    - unity: exp(−½ (difference of the number between the two halves of the time / 55)²);
    - signal: 1 / (1 + (noise / 5 codes)²), the share of frames that show something, 1 − share of clipped pixels (for
      shadows and highlights twice the pixels clipped at their own end);
    - colour, for temperature, tint and saturation: mean chroma / (mean chroma + 0.006), where there is hardly any
      colour nothing can be said of it; for the others the same with the spread of lightness and 0.02.
    """
    length = duration_s / (duration_s + _HALF_SECOND)
    signal = colors.usable_share / (1 + (colors.noise_codes / _NOISE_CODES) ** 2)
    clipped = min(1.0, colors.dark_clip + colors.bright_clip)
    own_clip = {"highlights": colors.bright_clip, "shadows": colors.dark_clip}
    spread = float(colors.lab[..., 0].std())
    unity = _unity(colors)
    found = {}
    for index, name in enumerate(GRADE_FIELDS):
        seen, little = (whole.mean_chroma, _LITTLE_CHROMA) if name in _COLOUR_FIELDS else (spread, _LITTLE_SPREAD)
        open_share = max(0.0, 1 - clipped - own_clip.get(name, 0.0))
        found[name] = round(length * signal * float(unity[index]) * open_share * seen / (seen + little), 3)
    return found


def _unity(colors: FrameColors) -> npt.NDArray[np.float64]:
    half = len(colors.lab) // 2
    if half == 0:
        return np.ones(len(GRADE_FIELDS))
    first, second = (numbers_of(color_statistics(part)) for part in (colors.lab[:half], colors.lab[half:]))
    return np.asarray(np.exp(-0.5 * ((first - second) / _DISUNITY_POINTS) ** 2))

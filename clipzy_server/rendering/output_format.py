"""Which size and rate has the output?

Size: the largest window of the wanted aspect inside the footage as displayed, rounded down to even numbers; the
footage's own pixels are never enlarged unless a resolution is asked for. Rate: exactly 24, 30 or 60 when the style's is
applied, else the footage's own mean rate as a constant rational.
"""

import re
from fractions import Fraction

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.plan import OutputFormat
from clipzy_server.domain.style import StyleDna
from clipzy_server.rendering.footage import FootageAnalysis

_STANDARD_RATES = (
    Fraction(24000, 1001),
    *(Fraction(rate) for rate in (12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120)),
    Fraction(30000, 1001),
    Fraction(60000, 1001),
    Fraction(120000, 1001),
)
# Means of whole files stay within this share of the rate they were recorded at.
_SAME_RATE_SHARE = 4e-4
_LONGEST_SIDE_PX = 8192


def choose_format(
    style: StyleDna, footage: FootageAnalysis, config: JobConfig, applied: tuple[Dimension, ...]
) -> OutputFormat:
    """The output's format from style, footage and the caller's overrides. Raises Invalid for a senseless resolution."""
    width, height = footage.picture.width, footage.picture.height
    if config.resolution is not None:
        size = parse_resolution(config.resolution)
    elif config.aspect_ratio is not None:
        size = window_of_aspect(width, height, config.aspect_ratio.ratio)
    elif Dimension.FRAMING in applied and style.aspect_ratio != footage.picture.aspect_ratio:
        size = window_of_aspect(width, height, style.aspect_ratio.ratio)
    else:
        size = (_even(width), _even(height))
    if config.frame_rate is not None:
        rate = Fraction(config.frame_rate)
    elif Dimension.FRAME_RATE in applied:
        rate = Fraction(style.frame_rate)
    else:
        rate = own_rate(footage.picture.frame_rate)
    return OutputFormat(size[0], size[1], rate, config.quality)


def own_rate(mean_hz: float) -> Fraction:
    """A measured mean rate as an exact one: the standard rate it means, else the nearest with a small denominator."""
    if mean_hz <= 0:
        return Fraction(30)
    nearest = min(_STANDARD_RATES, key=lambda rate: abs(float(rate) - mean_hz))
    if abs(float(nearest) - mean_hz) <= _SAME_RATE_SHARE * mean_hz:
        return nearest
    return max(Fraction(mean_hz).limit_denominator(100), Fraction(1, 100))


def window_of_aspect(width_px: int, height_px: int, ratio: float) -> tuple[int, int]:
    """The largest even size of a ratio (width / height) inside width × height pixels."""
    if width_px / height_px > ratio:
        return _even(height_px * ratio), _even(height_px)
    return _even(width_px), _even(width_px / ratio)


def parse_resolution(text: str) -> tuple[int, int]:
    """`1280x720` → an even size in pixels. Raises Invalid."""
    found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
    if found is None or not all(16 <= int(side) <= _LONGEST_SIDE_PX for side in found.groups()):
        raise Invalid(ErrorCode.VALIDATION_ERROR, "The resolution is not understood", f"resolution: {text!r}")
    return _even(int(found[1])), _even(int(found[2]))


def _even(pixels: float) -> int:
    return max(2, int(pixels + 1e-6) // 2 * 2)

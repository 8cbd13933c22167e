"""Display-referred BT.709 pictures in OkLab, and back.

OkLab: Björn Ottosson, "A perceptual color space for image processing" (2020). `L` 0 (black) … 1 (white), `a` green to
red and `b` blue to yellow, both 0 for grey and about −0.4 … 0.4 at the edge of the gamut. Code values are decoded with
the sRGB curve (IEC 61966-2-1), as a viewer's display shows them. Planes are 8-bit BT.709 of limited range: luma 16 …
235, chroma 16 … 240 around 128.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_LMS_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_ROOTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_RGB_FROM_LMS = np.linalg.inv(_LMS_FROM_RGB).T.astype(np.float32)
_ROOTS_FROM_LAB = np.linalg.inv(_LAB_FROM_ROOTS).T.astype(np.float32)
_TO_LMS = _LMS_FROM_RGB.T.astype(np.float32)
_TO_LAB = _LAB_FROM_ROOTS.T.astype(np.float32)

_RED, _BLUE = 0.2126, 0.0722
_GREEN = 1 - _RED - _BLUE
_RED_SPAN, _BLUE_SPAN = 2 * (1 - _RED), 2 * (1 - _BLUE)


def rgb_from_planes(y: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike) -> Floats:
    """Planes of one shape, code values 0…255 → RGB [..., 3], 0…1 where the colour exists, beyond where it does not."""
    luma = (np.asarray(y, np.float32) - 16) / 219
    blue_difference = (np.asarray(u, np.float32) - 128) / 224
    red_difference = (np.asarray(v, np.float32) - 128) / 224
    red = luma + _RED_SPAN * red_difference
    blue = luma + _BLUE_SPAN * blue_difference
    green = (luma - _RED * red - _BLUE * blue) / _GREEN
    return np.stack([red, green, blue], axis=-1)


def planes_from_rgb(rgb: Floats) -> Floats:
    """The opposite of `rgb_from_planes`: RGB [..., 3] → Y, U, V [..., 3] in code values, not rounded, not clipped."""
    luma = _RED * rgb[..., 0] + _GREEN * rgb[..., 1] + _BLUE * rgb[..., 2]
    blue_difference = (rgb[..., 2] - luma) / _BLUE_SPAN
    red_difference = (rgb[..., 0] - luma) / _RED_SPAN
    return np.stack([16 + 219 * luma, 128 + 224 * blue_difference, 128 + 224 * red_difference], axis=-1)


def linear_from_display(rgb: Floats) -> Floats:
    """Code values 0…1 → linear light 0…1."""
    shown = np.clip(rgb, 0, 1)
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4).astype(np.float32)


def display_from_linear(linear: Floats) -> Floats:
    """Linear light → code values; negative light stays negative in proportion, so that the gamut's edge is no kink."""
    light = np.maximum(linear, 0)
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.where(linear < 0, 12.92 * linear, shown).astype(np.float32)


def oklab_from_rgb(rgb: Floats) -> Floats:
    """RGB [..., 3], clipped to 0…1 → OkLab [..., 3]."""
    lms = linear_from_display(rgb) @ _TO_LMS
    return np.asarray(np.cbrt(lms) @ _TO_LAB, np.float32)


def rgb_from_oklab(lab: Floats) -> Floats:
    """OkLab [..., 3] → RGB [..., 3]; colours outside the gamut come out below 0 or above 1."""
    roots = lab @ _ROOTS_FROM_LAB
    return display_from_linear(np.asarray((roots**3) @ _RGB_FROM_LMS, np.float32))

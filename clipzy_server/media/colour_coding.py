"""How the samples of a frame stand for colours, and what turns them into 8-bit BT.709 of limited range.

Sources: ITU-R BT.601-7, BT.709-6, BT.2020-2, BT.2100-2 (PQ and HLG), BT.2408 (reference white 203 cd/m²),
ITU-T H.273 (code points).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

REFERENCE_WHITE_NITS = 203.0
DISPLAY_GAMMA = 2.4
# Below the knee HDR light passes as it is; what lies above is rolled off up to PEAK_NITS.
KNEE = 0.8
PEAK_NITS = 1000.0


class Matrix(StrEnum):
    """Luma weights."""

    BT601 = "bt601"
    BT709 = "bt709"
    BT2020 = "bt2020"


class Transfer(StrEnum):
    """What code values mean as light. SDR stands for every conventional gamma."""

    SDR = "sdr"
    PQ = "pq"
    HLG = "hlg"


@dataclass(frozen=True, slots=True)
class Signal:
    """The coding of a frame's samples. `bits` per sample 8…16."""

    matrix: Matrix = Matrix.BT709
    transfer: Transfer = Transfer.SDR
    wide_gamut: bool = False
    full_range: bool = False
    bits: int = 8

    @property
    def is_linear_step(self) -> bool:
        """True where a matrix on Y, U, V does all; otherwise light has to be computed."""
        return self.transfer is Transfer.SDR and not self.wide_gamut


PLAIN = Signal()

_LUMA_WEIGHTS = {Matrix.BT601: (0.299, 0.114), Matrix.BT709: (0.2126, 0.0722), Matrix.BT2020: (0.2627, 0.0593)}
_MATRIX_CODES = {
    1: Matrix.BT709,
    5: Matrix.BT601,
    6: Matrix.BT601,
    4: Matrix.BT601,
    9: Matrix.BT2020,
    10: Matrix.BT2020,
}
_PRIMARIES_MATRICES = {1: Matrix.BT709, 9: Matrix.BT2020}
_TRANSFER_CODES = {16: Transfer.PQ, 18: Transfer.HLG}
_BT2020_PRIMARIES = 9
_FULL_RANGE = 2
_BT2020_TO_BT709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
)


@dataclass(frozen=True, slots=True)
class ColourTags:
    """The code points of ITU-T H.273 that a frame carries; 2 is `unspecified`. `color_range` 2 is full."""

    matrix: int
    transfer: int
    primaries: int
    color_range: int


def interpret(tags: ColourTags, bits: int) -> Signal:
    """A frame's coding from its tags. Untagged: the matrix of its primaries, without those BT.601; limited range."""
    matrix = _MATRIX_CODES.get(tags.matrix, _PRIMARIES_MATRICES.get(tags.primaries, Matrix.BT601))
    transfer = _TRANSFER_CODES.get(tags.transfer, Transfer.SDR)
    wide = tags.primaries == _BT2020_PRIMARIES or (tags.primaries == 2 and matrix is Matrix.BT2020)
    return Signal(matrix, transfer, wide, tags.color_range == _FULL_RANGE, bits)


def to_rgb_matrix(matrix: Matrix) -> NDArray[np.float64]:
    """float64[3, 3]: (Y, U, V) with Y 0…1 and U, V −0.5…0.5 → R'G'B' 0…1."""
    red, blue = _LUMA_WEIGHTS[matrix]
    green = 1 - red - blue
    v_red, u_blue = 2 * (1 - red), 2 * (1 - blue)
    return np.array([[1, 0, v_red], [1, -blue * u_blue / green, -red * v_red / green], [1, u_blue, 0]])


@lru_cache(maxsize=16)
def linear_step(signal: Signal) -> NDArray[np.float64]:
    """float64[8] of an SDR signal: what makes 8-bit limited BT.709 of its samples.

    y' = k0·Y + k1·u + k2·v + k3, u' = 128 + k4·u + k5·v, v' = 128 + k6·u + k7·v, where u, v are U, V without their
    offset (half of full scale). Grey stays grey: chroma does not depend on Y.
    """
    black, y_span, c_span = _spans(signal)
    step = np.linalg.inv(to_rgb_matrix(Matrix.BT709)) @ to_rgb_matrix(signal.matrix)
    y_gain = 219 / y_span
    return np.array(
        [
            y_gain,
            219 * step[0, 1] / c_span,
            219 * step[0, 2] / c_span,
            16 - black * y_gain,
            224 * step[1, 1] / c_span,
            224 * step[1, 2] / c_span,
            224 * step[2, 1] / c_span,
            224 * step[2, 2] / c_span,
        ]
    )


@lru_cache(maxsize=4)
def light_table(signal: Signal, y_knots: int = 129, c_knots: int = 33) -> NDArray[np.float32]:
    """float32[y_knots, c_knots, c_knots, 3]: 8-bit limited BT.709 Y, U, V for evenly spaced samples of full scale.

    Axes: Y, U, V code values from 0 to 2^bits − 1. Light above reference white is rolled off, never clipped hard.
    """
    top = 2**signal.bits - 1
    black, y_span, c_span = _spans(signal)
    y = (np.linspace(0, top, y_knots) - black) / y_span
    c = (np.linspace(0, top, c_knots) - 2 ** (signal.bits - 1)) / c_span
    yuv = np.stack(np.meshgrid(y, c, c, indexing="ij"), axis=-1)
    coded = np.clip(yuv @ to_rgb_matrix(signal.matrix).T, 0, 1)
    light = roll_off(_to_light(coded, signal.transfer))
    if signal.wide_gamut:
        light = light @ _BT2020_TO_BT709.T
    shown = np.clip(light, 0, 1) ** (1 / DISPLAY_GAMMA)
    out = shown @ np.linalg.inv(to_rgb_matrix(Matrix.BT709)).T
    out = out * (219, 224, 224) + (16, 128, 128)
    return np.ascontiguousarray(np.clip(out, 1, 254), dtype=np.float32)


def roll_off(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring light (1.0: reference white) into 0…1: as it is below the knee, smoothly compressed above, hue kept."""
    peak = PEAK_NITS / REFERENCE_WHITE_NITS
    strongest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    above = np.maximum(strongest - KNEE, 0)
    room, span = 1 - KNEE, peak - KNEE
    bend = 1 / room - 1 / span
    rolled = np.minimum(KNEE + above / (1 + above * bend), 1)
    return light * np.where(strongest > KNEE, rolled / strongest, 1)


def _spans(signal: Signal) -> tuple[float, float, float]:
    """Code value of black, and the spans of luma and chroma, in code values."""
    scale = 2.0 ** (signal.bits - 8)
    if signal.full_range:
        return 0.0, 2.0**signal.bits - 1, 2.0**signal.bits - 1
    return 16 * scale, 219 * scale, 224 * scale


def _to_light(coded: NDArray[np.float64], transfer: Transfer) -> NDArray[np.float64]:
    """R'G'B' 0…1 → display light with reference white at 1.0."""
    if transfer is Transfer.PQ:
        power = coded ** (32 / 2523)
        nits = 10000 * (np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
        return nits / REFERENCE_WHITE_NITS
    if transfer is Transfer.HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
        luma = scene @ np.array([0.2627, 0.6780, 0.0593])
        system_gain = np.asarray(np.maximum(luma, 1e-9) ** 0.2, np.float64)[..., None]
        return np.asarray(scene * system_gain * (PEAK_NITS / REFERENCE_WHITE_NITS), np.float64)
    return np.asarray(coded**DISPLAY_GAMMA, np.float64)

"""The six numbers of a colour grade: how they follow from the colours of a picture.

`docs/style-dna.md` explains them. With lightness L and chroma (a, b) of OkLab over all pixels:

- The balance point is the chroma per lightness of near-neutral pixels: Σ w (a, b) / Σ w L, where w falls as
  1 / (1 + (C / 0.1 L)²). A gain of the red, green or blue light moves it alike whatever the picture shows.
- temperature, tint: its coordinates along the axis on which daylight moves grey (blue to orange) and across it.
- saturation: octaves of the mean chroma around the balance point, per mean lightness.
- contrast: standard deviation of the log-odds ln(L / (1 − L)) of the lightness quantiles from 6 to 94 %.
- highlights, shadows: mean of the upper and of the lower tenth of the lightness quantiles.

Each is put on −100…100 as 100 tanh((x − reference) / span). The references are grey for the balance and the medians of
ungraded natural footage for the rest, the spans what strong looks move; `docs/style-dna.md` says where from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.oklab import Floats
from clipzy_server.domain.style import ColorGrade

QUANTILE_COUNT = 33
GRADE_FIELDS = ("temperature", "tint", "saturation", "contrast", "highlights", "shadows")

# How a change of daylight moves grey in (a, b), and across it towards magenta; unit vectors.
WARM_AXIS = np.array([0.3846, 0.9231])
MAGENTA_AXIS = np.array([0.9231, -0.3846])

_NEUTRAL_CHROMA_PER_LIGHTNESS = 0.1
_DARKEST_LIGHTNESS = 0.1
_CHROMA_FLOOR = 0.005
_LIGHTNESS_MARGIN = 0.02
_TENTH = 3
_PIXELS_AT_ONCE = 16384

REFERENCE = np.array([0.0, 0.0, -4.5, 0.65, 0.87, 0.24])
SPAN = np.array([0.085, 0.085, 1.6, 0.6, 0.2, 0.25])


@dataclass(frozen=True, slots=True)
class ColorStatistics:
    """What the six numbers are made of, in their own units; `values` float64 [6] in the order of `GRADE_FIELDS`.

    `balance` is the balance point (a, b) per lightness, `mean_chroma` the mean distance from grey.
    """

    values: npt.NDArray[np.float64]
    balance: npt.NDArray[np.float64]
    mean_chroma: float


def lightness_quantiles(lightness: npt.ArrayLike, count: int = QUANTILE_COUNT) -> npt.NDArray[np.float64]:
    """Quantiles at the middles of `count` equal shares, OkLab L 0…1."""
    return np.quantile(np.array(lightness, np.float64), (np.arange(count) + 0.5) / count, overwrite_input=True)


def color_statistics(lab: Floats) -> ColorStatistics:
    """Pixels [n, 3] in OkLab, n ≥ 1, all of the same weight."""
    pixels = np.reshape(lab, (-1, 3))
    totals = np.sum([_totals(*part) for part in _parts(pixels)], axis=0)
    balance = totals[:2] / max(float(totals[2]), 1e-6 * len(pixels))
    mean_chroma, mean_lightness = totals[3:] / len(pixels)
    around = sum(
        float(np.hypot(a - lightness * balance[0], b - lightness * balance[1]).sum())
        for lightness, a, b in _parts(pixels)
    )
    colourfulness = around / len(pixels) / max(mean_lightness, _DARKEST_LIGHTNESS)
    quantiles = lightness_quantiles(pixels[:, 0])
    values = np.array(
        [
            balance @ WARM_AXIS,
            balance @ MAGENTA_AXIS,
            np.log2(colourfulness + _CHROMA_FLOOR),
            _contrast(quantiles),
            quantiles[-_TENTH:].mean(),
            quantiles[:_TENTH].mean(),
        ]
    )
    return ColorStatistics(values, balance, float(mean_chroma))


def _parts(pixels: Floats) -> Iterator[npt.NDArray[np.float64]]:
    """float64 [3, n]: L, a, b of some pixels after the others. What is made of so few needs no new memory each time."""
    for first in range(0, len(pixels), _PIXELS_AT_ONCE):
        yield pixels[first : first + _PIXELS_AT_ONCE].T.astype(np.float64, order="C")


def _totals(
    lightness: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Σ w a, Σ w b, Σ w L, Σ √(a² + b²), Σ L."""
    distance = np.hypot(a, b)
    relative = distance / (_NEUTRAL_CHROMA_PER_LIGHTNESS * np.maximum(lightness, _DARKEST_LIGHTNESS))
    weight = 1 / (1 + relative**2)
    return np.array([weight @ a, weight @ b, weight @ lightness, distance.sum(), lightness.sum()])


def _contrast(quantiles: npt.NDArray[np.float64]) -> float:
    inner = np.clip(quantiles[2:-2], _LIGHTNESS_MARGIN, 1 - _LIGHTNESS_MARGIN)
    return float(np.std(np.log(inner / (1 - inner))))


def numbers_of(statistics: ColorStatistics) -> npt.NDArray[np.float64]:
    """The six numbers, −100…100, float64 [6] in the order of `GRADE_FIELDS`, not rounded."""
    return np.asarray(100 * np.tanh((statistics.values - REFERENCE) / SPAN))


def grade_of(statistics: ColorStatistics) -> ColorGrade:
    """The six numbers to a hundredth."""
    return ColorGrade(*(round(float(number), 2) + 0.0 for number in numbers_of(statistics)))


def values_of(grade: ColorGrade) -> npt.NDArray[np.float64]:
    """Statistics that give these numbers; ±100 itself, which no picture reaches, counts as ±99.5."""
    numbers = np.array([getattr(grade, name) for name in GRADE_FIELDS], np.float64)
    return np.asarray(REFERENCE + SPAN * np.arctanh(np.clip(numbers, -99.5, 99.5) / 100))

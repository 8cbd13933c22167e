"""A video's colours in a few thousand bytes: lightness quantiles and representative colours."""

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.color_scale import lightness_quantiles
from clipzy_server.domain.oklab import Floats
from clipzy_server.domain.style import Look, LookColor

COLOR_COUNT = 192
_DECIMALS = 4
# Lightness spreads over 0…1, chroma over about a third of that.
_AXIS_WEIGHT = np.array([1.0, 2.5, 2.5])


def look_of(lab: Floats) -> Look:
    """Pixels [n, 3] in OkLab → their look. The same pixels give the same look."""
    pixels = np.asarray(lab, np.float64).reshape(-1, 3)
    centres, weights = representatives(pixels, COLOR_COUNT)
    centres = _spread_as(centres, weights, pixels)
    quantiles = tuple(round(float(value), _DECIMALS) for value in lightness_quantiles(pixels[:, 0]))
    colors = tuple(
        LookColor(*(round(float(value), _DECIMALS) + 0.0 for value in (*centre, weight)))
        for centre, weight in zip(centres, weights, strict=True)
    )
    return Look(quantiles, colors)


def representatives(
    pixels: npt.NDArray[np.float64], count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """At most `count` cell means [m, 3] and their weights [m], summing to 1.

    Cells are split at their mean along the axis of largest variance, the one that holds most variance first
    (Wu, "Color quantization by dynamic programming and principal analysis", 1992, in its simple axis-aligned form).
    """
    cells, errors = [pixels], [_error(pixels)]
    totals = [errors[0].sum()]
    while len(cells) < count:
        worst = int(np.argmax(totals))
        if totals[worst] < 1e-9:
            break
        cell, axis = cells[worst], int(np.argmax(errors[worst]))
        low = cell[:, axis] <= cell[:, axis].mean()
        if low.all():
            break
        halves = [cell[low], cell[~low]]
        cells[worst : worst + 1] = halves
        errors[worst : worst + 1] = [_error(half) for half in halves]
        totals[worst : worst + 1] = [error.sum() for error in errors[worst : worst + 2]]
    centres = np.array([cell.mean(axis=0) for cell in cells])
    return centres, np.array([len(cell) for cell in cells]) / len(pixels)


def _error(cell: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # Twice as fast for small cells as `var`.
    apart = cell - np.add.reduce(cell) / len(cell)
    return np.asarray(np.einsum("ij,ij->j", apart, apart) * _AXIS_WEIGHT**2)


def _spread_as(
    centres: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], pixels: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Means of cells lie closer together than their pixels: put the lost standard deviation back."""
    mean = weights @ centres
    lost = pixels.std(axis=0) / np.maximum(np.sqrt(weights @ (centres - mean) ** 2), 1e-6)
    return np.asarray(mean + (centres - mean) * np.clip(lost, 1.0, 1.2))

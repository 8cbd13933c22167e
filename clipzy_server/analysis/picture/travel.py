"""Whether the measured motion is the one that a slide or a zoom itself makes."""

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.kernels.fit_progress import ease
from clipzy_server.analysis.picture.reading import Reading

# A change of scale is felt at about a quarter of the diagonal from the centre.
FELT_AT = 0.25
# Shifts (diagonals) and log scale from frame to frame that the estimator can find.
MOST_SEEN = 0.3
# So many frames on either side of a slide must not move by so much of its mean speed.
BESIDE = 2
GOING_ON = 0.7


def agreement(features: Features, reading: Reading) -> float:
    """0…1: how much of the way that the transition should move its pictures is seen in the motion between its frames.

    Half way another picture fills most of the frame; a pair of frames on both sides of that says nothing, nor does a
    step too large to be found. 1 where nothing can be seen, as of kinds that move nothing.
    """
    foretold = foretold_steps(features, reading)
    if foretold is None:
        return 1.0
    seen = features.motion[reading.first + 1 : reading.last + 1, :3]
    way, off = _length(foretold), _length(seen - foretold)
    told = ~np.isnan(way) & (np.abs(foretold) <= MOST_SEEN).all(axis=1)
    whole = float(way[told].sum())
    return 1 - float(np.minimum(off, way)[told].sum()) / whole if whole > 0 else 1.0


def goes_on(features: Features, reading: Reading) -> bool:
    """Whether the picture moves on just before or after in the way of a slide: a camera that is torn round does."""
    travel = reading.fit.table.travel
    if travel is None:
        return False
    way = (travel.new[-1] - travel.new[0])[:2] * _units(features)[:2]
    length = float(np.hypot(*way))
    beside = (
        features.motion[max(1, reading.first - BESIDE + 1) : reading.first + 1, :2],
        features.motion[reading.last + 1 : reading.last + 1 + BESIDE, :2],
    )
    fastest = max(float((steps @ way).mean()) if len(steps) else 0.0 for steps in beside)
    return fastest >= GOING_ON * length**2 / (reading.last - reading.first)


def foretold_steps(features: Features, reading: Reading) -> NDArray[np.float64] | None:
    """float64[n, 3] in units of `Features.motion`: shift and log scale that every frame but the first should add."""
    travel = reading.fit.table.travel
    if travel is None:
        return None
    times = features.times[reading.first : reading.last + 1]
    progress = np.array([ease(reading.fit.curve, float(t)) for t in (times - times[0]) / (times[-1] - times[0])])
    steps = [np.diff(_at(path, progress), axis=0) for path in (travel.old, travel.new)]
    early, late = (progress[1:] <= 0.5)[:, None], (progress[:-1] >= 0.5)[:, None]
    told = np.where(early, steps[0], np.where(late, steps[1], np.nan))
    return np.asarray(told * _units(features), np.float64)


def _units(features: Features) -> NDArray[np.float64]:
    """Width and height in diagonals, and 1: what turns a `Travel` into `Features.motion`."""
    height, width = features.thumb_y.shape[1:]
    diagonal = float(np.hypot(height, width))
    return np.array([width / diagonal, height / diagonal, 1.0])


def _at(path: NDArray[np.float64], progress: NDArray[np.float64]) -> NDArray[np.float64]:
    grid = np.linspace(0, 1, len(path))
    return np.stack([np.interp(progress, grid, column) for column in path.T], axis=1)


def _length(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.hypot(steps[:, 0], steps[:, 1]) + FELT_AT * np.abs(steps[:, 2]), np.float64)

"""Hard cuts: frames that break with the one before far more than their neighbours do, and for good."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.compare import is_lasting, scene_difference, share_kept
from clipzy_server.analysis.picture.features import Features

LEAST_STRENGTH = 2.5
LEAST_RATIO = 2.2
NEIGHBOURS = 2
LEAST_SCENE_DIFFERENCE = 0.2
# More of the picture stays as it is: words or a panel came or went.
MOST_KEPT = 0.55


@dataclass(frozen=True, slots=True)
class Cut:
    """The first frame of the new shot; `confidence` 0…1 grows with how far the break stands out."""

    frame: int
    confidence: float


def find_cuts(features: Features, strengths: NDArray[np.float64]) -> list[Cut]:
    """All hard cuts in order; `strengths` from `compare.step_strengths`."""
    cuts = []
    for frame in np.flatnonzero(strengths >= LEAST_STRENGTH):
        ratio = _stands_out(strengths, int(frame))
        if ratio >= LEAST_RATIO and _is_cut(features, int(frame)):
            cuts.append(Cut(int(frame), float(np.clip(1 - 0.9 * (LEAST_RATIO / ratio) ** 2, 0.1, 0.99))))
        features.let_go()
    return cuts


def _is_cut(features: Features, frame: int) -> bool:
    """Whether another scene begins with this frame, and stays."""
    changes = scene_difference(features, frame - 1, frame) >= LEAST_SCENE_DIFFERENCE
    goes = changes and share_kept(features, frame - 1, frame) < MOST_KEPT
    return goes and is_lasting(features, frame - 1, frame)


def _stands_out(strengths: NDArray[np.float64], frame: int) -> float:
    around = [strengths[k] for k in range(frame - NEIGHBOURS, frame + NEIGHBOURS + 1) if 0 < k < len(strengths)]
    around.remove(strengths[frame])
    return float(strengths[frame] / (max(around, default=0.0) + 0.5))

"""Hard cuts: frames that break with the one before far more than their neighbours do, and for good."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.compare import is_lasting, scene_difference, share_kept, unmixed_share
from clipzy_server.analysis.picture.features import Features

LEAST_STRENGTH = 2.5
LEAST_RATIO = 2.2
NEIGHBOURS = 2
LEAST_SCENE_DIFFERENCE = 0.2
# Two steps in a row are more often something that moves than one are.
LEAST_DIFFERENCE_WHERE_MIXED = 0.55
MOST_UNMIXED = 0.75
# More of the picture stays as it is: words or a panel came or went.
MOST_KEPT = 0.55


@dataclass(frozen=True, slots=True)
class Cut:
    """The first frame of the new shot; `confidence` 0…1 grows with how far the break stands out."""

    frame: int
    confidence: float


def find_cuts(features: Features, strengths: NDArray[np.float64]) -> list[Cut]:
    """All hard cuts in order; `strengths` from `compare.step_strengths`.

    A frame between the scenes may be a mixture of both, as a conversion of the frame rate leaves it.
    """
    cuts: list[Cut] = []
    for frame in np.flatnonzero(strengths >= LEAST_STRENGTH).tolist():
        clean, mixed = _stands_out(strengths, frame, frame), _stands_out(strengths, frame - 1, frame)
        if clean >= LEAST_RATIO and _is_cut(features, frame - 1, frame, LEAST_SCENE_DIFFERENCE):
            cuts.append(Cut(frame, _confidence(clean)))
        elif mixed >= LEAST_RATIO and _is_mixed_cut(features, frame) and not (cuts and cuts[-1].frame == frame - 1):
            cuts.append(Cut(frame, _confidence(mixed)))
        features.let_go()
    return cuts


def _confidence(ratio: float) -> float:
    return float(np.clip(1 - 0.9 * (LEAST_RATIO / ratio) ** 2, 0.1, 0.99))


def _is_cut(features: Features, last: int, first: int, least: float) -> bool:
    """Whether after frame `last` another scene, at least so different, begins with frame `first`, and stays."""
    changes = scene_difference(features, last, first) >= least
    goes = changes and share_kept(features, last, first) < MOST_KEPT
    return goes and is_lasting(features, last, first)


def _is_mixed_cut(features: Features, frame: int) -> bool:
    """Whether the frame before is a mixture of two scenes, of which the new one begins with this frame."""
    mixed = unmixed_share(features, frame - 2, frame - 1, frame) <= MOST_UNMIXED
    return mixed and _is_cut(features, frame - 2, frame, LEAST_DIFFERENCE_WHERE_MIXED)


def _stands_out(strengths: NDArray[np.float64], first: int, last: int) -> float:
    """The least strength of frames `first` … `last` over the largest of their neighbours; 0 before the video."""
    if first < 1:
        return 0.0
    around = strengths[max(1, first - NEIGHBOURS) : first], strengths[last + 1 : last + NEIGHBOURS + 1]
    return float(strengths[first : last + 1].min() / (max(side.max(initial=0.0) for side in around) + 0.5))

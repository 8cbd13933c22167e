"""When a transition starts and ends and how it is eased, from the progress of each frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.kernels.fit_progress import fit_progress
from clipzy_server.domain.style import Easing

# In the order of the kernel's curves.
EASINGS = (Easing.LINEAR, Easing.EASE_IN, Easing.EASE_OUT, Easing.EASE_IN_OUT)


@dataclass(frozen=True, slots=True)
class Progress:
    """`first` is the last frame of the old shot alone, `last` the first frame of the new one alone (indices).

    `error` is the root mean square distance of the frames' progress from the curve.
    """

    first: int
    last: int
    easing: Easing
    error: float


def fit_curve(times_s: NDArray[np.float64], progress: NDArray[np.float64]) -> Progress:
    """The best of all ranges of frames and the four standard cubics. Both arrays float64[n], n ≥ 2."""
    first, last, curve, error = fit_progress(times_s, progress)
    easing = EASINGS[int(curve)] if last - first > 1 else Easing.LINEAR
    return Progress(int(first), int(last), easing, float(error))

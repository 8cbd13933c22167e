"""When a transition starts and ends and how it is eased: the curve under which its frames cost least."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.blends import Table
from clipzy_server.analysis.picture.kernels.fit_progress import FIRST_GENTLE, fit_progress, frame_costs
from clipzy_server.domain.style import Easing, TransitionType

_EASED = (Easing.EASE_IN, Easing.EASE_OUT, Easing.EASE_IN_OUT)
# In the order of the kernel's curves: what moves as a cubic, and what moves more gently, has one name.
EASINGS = (Easing.LINEAR, *_EASED, *_EASED)
# What a kind with more freedom than a mixture costs, nats.
HANDICAP = {TransitionType.DISSOLVE: 0.0, TransitionType.FADE: 0.0}
OTHER_HANDICAP = 0.3


@dataclass(frozen=True, slots=True)
class Fit:
    """A table and the curve that fits it best.

    `first` is the last frame of the old shot alone, `last` the first frame of the new one alone (indices); `curve` is
    the kernel's; `costs` float64[n] (levels²) of each frame, `misfit` the sum of log(1 + cost / expected cost),
    handicap included.
    """

    table: Table
    first: int
    last: int
    curve: int
    costs: NDArray[np.float64]
    misfit: float

    @property
    def easing(self) -> Easing:
        """The name of the curve."""
        return EASINGS[self.curve]

    @property
    def gentle(self) -> bool:
        """Whether it moves more gently than the cubic of its name."""
        return self.curve >= FIRST_GENTLE


def best_fit(
    tables: Iterable[Table], times_s: NDArray[np.float64], expected: NDArray[np.float64], most: float = np.inf
) -> Fit | None:
    """The table and curve with the least misfit below `most`; None where there is none. Arrays float64[n], n ≥ 2."""
    times = np.ascontiguousarray(times_s, np.float64)
    best = None
    for table in tables:
        handicap = HANDICAP.get(table.type, OTHER_HANDICAP)
        if np.log1p(table.costs.min(axis=1) / expected).sum() >= most - handicap:
            continue
        misfits = np.ascontiguousarray(np.log1p(table.costs / expected[:, None]))
        first, last, curve, misfit = fit_progress(times, misfits, most - handicap)
        if first < 0:
            continue
        most = misfit + handicap
        costs = frame_costs(times, np.ascontiguousarray(table.costs), first, last, curve)
        best = Fit(table, int(first), int(last), int(curve), costs, most)
    return best


def cut_fit(dissolve: Table, expected: NDArray[np.float64]) -> Fit:
    """The best place for a cut between the pictures of a dissolve, as if that were the whole explanation."""
    misfits = np.log1p(dissolve.costs[:, [0, -1]] / expected[:, None])
    before, after = np.cumsum(misfits[:, 0]), np.cumsum(misfits[::-1, 1])[::-1]
    totals = before[:-1] + after[1:]
    first = int(totals.argmin())
    costs = np.concatenate([dissolve.costs[: first + 1, 0], dissolve.costs[first + 1 :, -1]])
    return Fit(Table(TransitionType.CUT, dissolve.costs), first, first + 1, 0, costs, float(totals[first]))

"""The most probable walk through beat periods: the loop of the bar-pointer model's Viterbi search.

State (period i, position p): p frames have passed since the last beat, of a beat `periods[i]` frames long. Only at a
beat may the period change.
"""

import numpy as np
import numpy.typing as npt
from numba import njit, types

_LEVELS = types.float64[::1]
_INDICES = types.int64[::1]
_PATHS = types.int16[:, ::1]
_FOUND = types.Tuple((_PATHS, types.int64, types.int64))  # type: ignore[no-untyped-call]


@njit(
    _FOUND(_LEVELS, _LEVELS, _INDICES, types.float64[:, ::1], types.float64),
    cache=True,
    nogil=True,
)
def forward(  # noqa: C901 - one search, whose state stays in registers
    log_beat: npt.NDArray[np.float64],
    log_rest: npt.NDArray[np.float64],
    periods: npt.NDArray[np.int64],
    change: npt.NDArray[np.float64],
    beat_share: float,
) -> tuple[npt.NDArray[np.int16], int, int]:
    """Fill the search.

    `log_beat`, `log_rest` [n]: log-likelihoods of a frame near a beat and away from one; `change` [from, to]: log-
    probability of the next period; `beat_share`: the first part of a beat that counts as near. Returns the period
    index before every possible beat [n, periods], and period index and position of the best state of the last frame.
    """
    count, kinds = len(log_beat), len(periods)
    longest = periods.max()
    score = np.zeros((kinds, longest))
    came_from = np.zeros((count, kinds), np.int16)
    arriving, leaving = np.zeros(kinds), np.zeros(kinds, np.int32)
    heads = np.zeros(kinds, np.int64)
    near = np.zeros(kinds, np.int64)
    for i in range(kinds):
        near[i] = max(1, int(np.ceil(periods[i] * beat_share)))
    for n in range(count):
        bonus = log_beat[n] - log_rest[n]
        arriving[:], leaving[:] = -np.inf, 0
        for i in range(kinds):
            last = score[i, (heads[i] + periods[i] - 1) % periods[i]]
            # All periods to come at once, so that the loop is taken in lanes.
            for j in range(kinds):
                value = last + change[i, j]
                is_better = value > arriving[j]
                arriving[j] = value if is_better else arriving[j]
                leaving[j] = np.int32(i) if is_better else leaving[j]
        came_from[n] = leaving
        for j in range(kinds):
            heads[j] = (heads[j] + periods[j] - 1) % periods[j]
            score[j, heads[j]] = arriving[j]
            for p in range(near[j]):
                score[j, (heads[j] + p) % periods[j]] += bonus
        if n % 1024 == 1023:
            # Only differences matter; subtracting keeps the numbers small over hours.
            score -= score[0, heads[0]]
    best, kind, position = -np.inf, 0, 0
    for j in range(kinds):
        for p in range(periods[j]):
            value = score[j, (heads[j] + p) % periods[j]]
            if value > best:
                best, kind, position = value, j, p
    return came_from, kind, position


@njit(_INDICES(_PATHS, _INDICES, types.int64, types.int64), cache=True, nogil=True)
def backward(
    came_from: npt.NDArray[np.int16], periods: npt.NDArray[np.int64], kind: int, position: int
) -> npt.NDArray[np.int64]:
    """Frames [beats] at which the best walk passes position 0, in order."""
    beats = np.zeros(len(came_from), np.int64)
    found = 0
    n = len(came_from) - 1 - position
    while n >= 0:
        beats[found] = n
        found += 1
        kind = came_from[n, kind]
        n -= periods[kind]
    return beats[:found][::-1].copy()

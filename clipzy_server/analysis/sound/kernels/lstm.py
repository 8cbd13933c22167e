"""The loop of a recurrent layer: long short-term memory with peepholes, one direction."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

Weights = npt.NDArray[np.float32]

_WEIGHTS = types.float32[:, ::1]


@njit(_WEIGHTS(_WEIGHTS, _WEIGHTS, _WEIGHTS, types.int64), cache=True, nogil=True, fastmath=True)
def walk(driven: Weights, recurrent: Weights, peepholes: Weights, step: int) -> Weights:
    """Outputs [n, units] of a layer whose input is weighted and biased already.

    `driven` [n, 4 · units], `recurrent` [units, 4 · units]: input gate, forget gate, cell, output gate side by side;
    `peepholes` [3, units]: from the state to the input, forget and output gate; `step`: 1 forwards in time, −1 back.
    """
    count, units = len(driven), recurrent.shape[0]
    outputs = np.zeros((count, units), np.float32)
    sums = np.zeros(4 * units, np.float32)
    state = np.zeros(units, np.float32)
    output = np.zeros(units, np.float32)
    one = np.float32(1)
    at = 0 if step > 0 else count - 1
    for _ in range(count):
        sums[:] = driven[at]
        for k in range(units):
            weight = output[k]
            for j in range(4 * units):
                sums[j] += weight * recurrent[k, j]
        for k in range(units):
            let_in = one / (one + np.exp(-(sums[k] + state[k] * peepholes[0, k])))
            kept = one / (one + np.exp(-(sums[units + k] + state[k] * peepholes[1, k])))
            state[k] = np.tanh(sums[2 * units + k]) * let_in + state[k] * kept
            let_out = one / (one + np.exp(-(sums[3 * units + k] + state[k] * peepholes[2, k])))
            output[k] = np.tanh(state[k]) * let_out
            outputs[at, k] = output[k]
        at += step
    return outputs

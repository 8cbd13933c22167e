"""The loop of a recurrent layer: long short-term memory with peepholes, forwards and backwards in time.

The logistic function and the hyperbolic tangent are made of an exponential of this file, right to a few units of the
last place, because loops with calls into a library of functions are not vectorised.
"""

import numpy as np
import numpy.typing as npt
from numba import njit, types

Array = npt.NDArray[np.float32]

_MATRIX = types.float32[:, ::1]
_MATRICES = types.float32[:, :, ::1]

_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)
_LARGEST = np.float32(87)
_LOG2_E = np.float32(np.log2(np.e))
# ln 2 in two parts, of which the first times a small whole number is exact (Cody and Waite 1980).
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(np.log(2) - 0.693359375)
_THIRD, _FOURTH, _FIFTH, _SIXTH = (np.float32(1 / factorial) for factorial in (6, 24, 120, 720))
_EXPONENT_OF_1, _EXPONENT_SHIFT = np.int32(127), np.int32(23)


@njit(inline="always")
def _exp(x):  # type: ignore[no-untyped-def]
    """A power of two, whose exponent is written into the bits of a float32, times Taylor's series within ±ln 2 / 2."""
    inside = min(max(x, -_LARGEST), _LARGEST)
    whole = np.floor(inside * _LOG2_E + _HALF)
    rest = inside - whole * _LN_2_HIGH - whole * _LN_2_LOW
    series = _HALF + rest * (_THIRD + rest * (_FOURTH + rest * (_FIFTH + rest * _SIXTH)))
    power = np.int32((np.int32(whole) + _EXPONENT_OF_1) << _EXPONENT_SHIFT)
    return (_ONE + rest * (_ONE + rest * series)) * power.view(np.float32)


@njit(inline="always")
def _logistic(x):  # type: ignore[no-untyped-def]
    return _ONE / (_ONE + _exp(-x))


@njit(inline="always")
def _tanh(x):  # type: ignore[no-untyped-def]
    return _ONE - _TWO / (_ONE + _exp(x + x))


@njit(
    _MATRIX(_MATRICES, _MATRIX, _MATRICES, _MATRICES),
    cache=True,
    nogil=True,
    fastmath={"contract"},
    # Python's model would look for a division by 0 in each step.
    error_model="numpy",
)
def walk_both_ways(driven: Array, bias: Array, recurrent: Array, peepholes: Array) -> Array:
    """Outputs [n, 2 · units] of a layer: those of the walk forwards beside those of the walk back.

    `driven` [n, 2, 4 · units]: the weighted input; `bias` [2, 4 · units]; `recurrent` [2, units, 4 · units]: input
    gate, forget gate, cell, output gate side by side; `peepholes` [2, 3, units]: from the state to the input, forget
    and output gate.
    """
    count, units = len(driven), recurrent.shape[1]
    outputs = np.zeros((count, 2 * units), np.float32)
    sums = np.zeros(4 * units, np.float32)
    state = np.zeros(units, np.float32)
    output = np.zeros(units, np.float32)
    for way in range(2):
        state[:] = 0
        output[:] = 0
        for moment in range(count):
            at = moment if way == 0 else count - 1 - moment
            for j in range(4 * units):
                sums[j] = driven[at, way, j] + bias[way, j]
            for k in range(units):
                weight = output[k]
                for j in range(4 * units):
                    sums[j] += weight * recurrent[way, k, j]
            for k in range(units):
                let_in = _logistic(sums[k] + state[k] * peepholes[way, 0, k])
                kept = _logistic(sums[units + k] + state[k] * peepholes[way, 1, k])
                state[k] = _tanh(sums[2 * units + k]) * let_in + state[k] * kept
                let_out = _logistic(sums[3 * units + k] + state[k] * peepholes[way, 2, k])
                output[k] = _tanh(state[k]) * let_out
            for k in range(units):
                outputs[at, way * units + k] = output[k]
    return outputs

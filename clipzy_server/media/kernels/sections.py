"""The loop of a filter made of second-order sections."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

Doubles = npt.NDArray[np.float64]

_SIGNATURE = types.float64[:, ::1](types.float32[:, ::1], types.float64[:, ::1], types.float64[:, :, ::1])


@njit(_SIGNATURE, cache=True, nogil=True)
def filter_sections(block: npt.NDArray[np.float32], sections: Doubles, states: Doubles) -> Doubles:
    """`block` [n, channels] through `sections` [s, 6] (b0, b1, b2, 1, a1, a2), in transposed direct form II.

    `states` [s, channels, 2] is what the sections remember, and is left as the next block needs it.
    """
    filtered = np.empty(block.shape, np.float64)
    for n in range(len(block)):
        for channel in range(block.shape[1]):
            value = float(block[n, channel])
            for s in range(len(sections)):
                state, section = states[s, channel], sections[s]
                passed = section[0] * value + state[0]
                state[0] = section[1] * value - section[4] * passed + state[1]
                state[1] = section[2] * value - section[5] * passed
                value = passed
            filtered[n, channel] = value
    return filtered

"""Where denormal numbers are taken for zero, and where they are not."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import numpy as np
import pytest

from clipzy_server.media.denormals import are_flushed, flush_denormals


def test_a_thread_flushes_and_those_that_begin_in_it():
    told = {}

    def inner():
        told["inner"] = are_flushed()

    def outer():
        told["before"] = are_flushed()
        flush_denormals()
        told["after"] = are_flushed()
        one = Thread(target=inner)
        one.start()
        one.join()

    one = Thread(target=outer)
    one.start()
    one.join()
    assert told == {"before": False, "after": True, "inner": True}
    assert not are_flushed()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_only_what_is_no_normal_number_becomes_zero(kind):
    tiny = np.finfo(kind).tiny
    numbers = np.array([tiny, -tiny, tiny / 2, 1e-5, 3e7], kind)

    def doubled():
        flush_denormals()
        return numbers * kind(2)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(doubled).result().tolist() == [2 * tiny, -2 * tiny, 0.0, kind(2e-5), kind(6e7)]

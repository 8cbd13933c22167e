"""The planes that shots are compared by."""

import numpy as np

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.shot_ends import planes_of


def test_planes_are_luma_at_half_its_size_and_chroma_as_it_is():
    random = np.random.default_rng(5)
    luma, blue, red = (random.integers(0, 256, (4, *size), np.uint8) for size in ((54, 96), (27, 48), (27, 48)))
    luma[3] = 255
    features = Features(np.arange(4) / 25, luma, blue, red, np.zeros((4, 6), np.float32), np.zeros(4, np.float32))
    planes = planes_of(features, np.array([3, 1]))
    halved = luma[[3, 1]].reshape(2, 27, 2, 48, 2).mean(axis=(2, 4))
    assert planes.dtype == np.float32
    assert np.array_equal(planes, np.stack([halved, blue[[3, 1]], red[[3, 1]]], axis=1))
